package simd

func genericPositive(bits []uint32, words int, src []float32, stride, rows, n int) {
	if !checkBits(bits, words, src, stride, rows, n) {
		return
	}
	for r := range rows {
		row, to := src[r*stride:][:n], bits[r*words:]
		for i, v := range row {
			if i%32 == 0 {
				to[i/32] = 0
			}
			if v > 0 {
				to[i/32] |= 1 << (i % 32)
			}
		}
	}
}

func genericKeep(dst, src []float32, stride int, bits []uint32, words, rows, n int) {
	if !checkBits(bits, words, src, stride, rows, n) {
		return
	}
	mustHave(dst, (rows-1)*stride+n)
	for r := range rows {
		from, to, of := src[r*stride:][:n], dst[r*stride:][:n], bits[r*words:]
		for i, v := range from {
			if !bit(of, i) {
				v = 0
			}
			to[i] = v
		}
	}
}

func bit(bits []uint32, i int) bool { return bits[i/32]>>(i%32)&1 != 0 }

func genericMaxPoolPicks(dst []float32, right, low []uint32, src []float32, p Windows) {
	if !p.check(src, dst, right, low, p.Down) {
		return
	}
	for x := range p.Windows {
		r, l := right[x*p.Words:], low[x*p.Words:]
		for i := range p.Channels {
			at := src[x*p.Step+i:]
			top, column, row := pick(at[0], at[p.Right], at[p.Down], at[p.Down+p.Right])
			dst[x*p.Pixel+i] = top
			if i%32 == 0 {
				r[i/32], l[i/32] = 0, 0
			}
			r[i/32] |= column << (i % 32)
			l[i/32] |= row << (i % 32)
		}
	}
}

// pick returns the largest of a window, and where it is.
func pick(a, b, c, d float32) (top float32, column, row uint32) {
	top = max(a, b, c, d) // NaN if one is, than which nothing is less
	switch {
	case !(a < top):
		return top, 0, 0
	case !(b < top):
		return top, 1, 0
	case !(c < top):
		return top, 0, 1
	}
	return top, 1, 1
}

func genericUnpool(dst []float32, src []float32, right, low []uint32, lower bool, p Windows) {
	if !p.check(dst, src, right, low, 0) {
		return
	}
	for x := range p.Windows {
		r, l := right[x*p.Words:], low[x*p.Words:]
		for i, v := range src[x*p.Pixel:][:p.Channels] {
			var first, second float32
			if bit(l, i) == lower {
				if bit(r, i) {
					second = v
				} else {
					first = v
				}
			}
			dst[x*p.Step+i] = first
			if p.Right > 0 {
				dst[x*p.Step+p.Right+i] = second
			}
		}
	}
}
