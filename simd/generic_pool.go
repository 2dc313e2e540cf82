package simd

func genericMaxPool(dst, src []float32, p Pool) {
	if !p.check(src, dst) {
		return
	}
	for x := range p.Out {
		out := dst[x*p.DstStride:][:p.Channels]
		copy(out, src[x*p.Step*p.Stride:])
		p.window(x, func(at int) {
			for ch, v := range src[at : at+p.Channels] {
				out[ch] = max(out[ch], v) // NaN if either is
			}
		})
	}
}

func genericMaxPoolGrad(dx, src, dy []float32, p Pool) {
	if !p.check(dx, dy) {
		return
	}
	mustHave(src, p.inputs())
	for x := range p.Out {
		start := x * p.Step * p.Stride
		for ch, g := range dy[x*p.DstStride:][:p.Channels] {
			dx[p.argmax(src, start+ch)] += g
		}
	}
}

// argmax returns where in src the window that starts at first has its maximum; first if it holds NaN.
func (p Pool) argmax(src []float32, first int) int {
	best, at := src[first], first
	for wy := range p.WinH {
		i := first + wy*p.Row
		for range p.WinW {
			v := src[i]
			if v != v {
				return first
			}
			if v > best {
				best, at = v, i
			}
			i += p.Stride
		}
	}
	return at
}

func genericAvgPool(dst, src []float32, p Pool, s float32) {
	if !p.check(src, dst) {
		return
	}
	for x := range p.Out {
		out := dst[x*p.DstStride:][:p.Channels]
		clear(out)
		p.window(x, func(at int) {
			for ch, v := range src[at : at+p.Channels] {
				out[ch] += v
			}
		})
		for ch := range out {
			out[ch] *= s
		}
	}
}

func genericAvgPoolGrad(dx, dy []float32, p Pool, s float32) {
	if !p.check(dx, dy) {
		return
	}
	for x := range p.Out {
		in := dy[x*p.DstStride:][:p.Channels]
		p.window(x, func(at int) {
			for ch, g := range in {
				dx[at+ch] += s * g
			}
		})
	}
}

// window calls f with the offset of each pixel of window x, in reading order.
func (p Pool) window(x int, f func(at int)) {
	for wy := range p.WinH {
		for wx := range p.WinW {
			f(wy*p.Row + (x*p.Step+wx)*p.Stride)
		}
	}
}
