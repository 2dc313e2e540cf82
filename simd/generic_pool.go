package simd

func genericMaxPool(dst, src []float32, p Pool) {
	if p.empty() {
		return
	}
	mustHave(src, p.inputs())
	mustHave(dst, p.outputs())
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
	if p.empty() {
		return
	}
	mustHave(dx, p.inputs())
	mustHave(src, p.inputs())
	mustHave(dy, p.outputs())
	for x := range p.Out {
		for ch, g := range dy[x*p.DstStride:][:p.Channels] {
			top := src[x*p.Step*p.Stride+ch]
			p.window(x, func(at int) { top = max(top, src[at+ch]) })
			found := false
			p.window(x, func(at int) {
				if !found && !(src[at+ch] < top) {
					dx[at+ch] += g
					found = true
				}
			})
		}
	}
}

func genericAvgPool(dst, src []float32, p Pool, s float32) {
	if p.empty() {
		return
	}
	mustHave(src, p.inputs())
	mustHave(dst, p.outputs())
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
	if p.empty() {
		return
	}
	mustHave(dx, p.inputs())
	mustHave(dy, p.outputs())
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
