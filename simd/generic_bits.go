package simd

import "math"

// The loops below have no branches that depend on the numbers: signs and maxima are hard to predict.

func genericPositive(bits []uint32, words int, src []float32, stride, rows, n int) {
	if !checkBits(bits, words, src, stride, rows, n) {
		return
	}
	for r := range rows {
		from, to := src[r*stride:][:n], bits[r*words:]
		for i := 0; i < n; i += 32 {
			to[i/32] = positive(from[i:min(i+32, n)])
		}
	}
}

// positive returns the bits of up to 32 numbers.
func positive(v []float32) (word uint32) {
	for i, x := range v {
		word |= bit(x > 0) << (i % 32)
	}
	return word
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func genericMask(dst, src []float32, stride int, bits []uint32, words, rows, n int) {
	if !checkBits(bits, words, src, stride, rows, n) {
		return
	}
	mustHave(dst, (rows-1)*stride+n)
	for r := range rows {
		from, to, of := src[r*stride:][:n], dst[r*stride:][:n], bits[r*words:]
		for i, v := range from {
			to[i] = only(v, of[i/32]>>(i%32))
		}
	}
}

// only returns v if the lowest bit is set, else 0.
func only(v float32, bit uint32) float32 {
	return math.Float32frombits(math.Float32bits(v) & -(bit & 1))
}

func genericMaxPoolArgMax(dst []float32, right, low []uint32, src []float32, p Windows) {
	if !p.check(src, dst, right, low, p.Down) {
		return
	}
	for x := range p.Windows {
		at := src[x*p.Step:]
		a, b, c, d := at, at[p.Right:], at[p.Down:], at[p.Right+p.Down:]
		out, r, l := dst[x*p.Pixel:], right[x*p.Words:], low[x*p.Words:]
		for i := range p.Channels {
			top, column, row := argMax(a[i], b[i], c[i], d[i])
			out[i] = top
			if i%32 == 0 {
				r[i/32], l[i/32] = 0, 0
			}
			r[i/32] |= column << (i % 32)
			l[i/32] |= row << (i % 32)
		}
	}
}

// argMax returns the largest element of a window and where it is.
func argMax(a, b, c, d float32) (top float32, column, row uint32) {
	top = max(a, b, c, d) // NaN if one is, and nothing is less than NaN
	isBCD := bit(a < top)
	isCD := isBCD & bit(b < top)
	isD := isCD & bit(c < top)
	return top, isBCD ^ isCD ^ isD, isCD
}

func genericMaxUnpool(dst, src []float32, right, low []uint32, lower bool, p Windows) {
	if !p.check(dst, src, right, low, 0) {
		return
	}
	upper := bit(!lower)
	for x := range p.Windows {
		r, l := right[x*p.Words:], low[x*p.Words:]
		first := dst[x*p.Step:]
		second := first[p.Right:]
		for i, v := range src[x*p.Pixel:][:p.Channels] {
			column, hit := r[i/32]>>(i%32), l[i/32]>>(i%32)^upper
			second[i] = only(v, hit&column)
			first[i] = only(v, hit&^column) // the last to be written, as p.Right may be 0
		}
	}
}
