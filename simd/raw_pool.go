//go:build amd64 || arm64

package simd

// chunks calls f for runs of windows that are small enough for one call to assembly. A run begins at
// input float in and output float out.
func (p Pool) chunks(f func(windows, in, out int)) {
	most := max(1, poolChunk/(p.WinH*p.WinW*p.Channels))
	for x := 0; x < p.Out; x += most {
		f(min(most, p.Out-x), x*p.Step*p.Stride, x*p.DstStride)
	}
}

// bytes returns distances in bytes, as the assembly takes them.
func (p Pool) bytes() (step, pixel, row, dstPixel int) {
	return floatBytes * p.Step * p.Stride, floatBytes * p.Stride, floatBytes * p.Row, floatBytes * p.DstStride
}

func (r rawKernels) wrapMaxPool(dst, src []float32, p Pool) {
	if !p.check(src, dst) {
		return
	}
	p.raceInput(raceRead, src)
	p.raceOutput(raceWrite, dst)
	step, pixel, row, dstPixel := p.bytes()
	p.chunks(func(n, in, out int) {
		r.maxPool(&dst[out], &src[in], n, p.WinH, p.WinW, p.Channels, step, pixel, row, dstPixel)
	})
}

func (r rawKernels) wrapMaxPoolGrad(dx, src, dy []float32, p Pool) {
	if !p.check(dx, dy) {
		return
	}
	mustHave(src, p.inputs())
	p.raceInput(raceWrite, dx)
	p.raceInput(raceRead, src)
	p.raceOutput(raceRead, dy)
	step, pixel, row, dstPixel := p.bytes()
	p.chunks(func(n, in, out int) {
		r.maxPoolGrad(&dx[in], &src[in], &dy[out], n, p.WinH, p.WinW, p.Channels, step, pixel, row, dstPixel)
	})
}

func (r rawKernels) wrapAvgPool(dst, src []float32, p Pool, s float32) {
	if !p.check(src, dst) {
		return
	}
	p.raceInput(raceRead, src)
	p.raceOutput(raceWrite, dst)
	step, pixel, row, dstPixel := p.bytes()
	p.chunks(func(n, in, out int) {
		r.avgPool(&dst[out], &src[in], n, p.WinH, p.WinW, p.Channels, step, pixel, row, dstPixel, s)
	})
}

func (r rawKernels) wrapAvgPoolGrad(dx, dy []float32, p Pool, s float32) {
	if !p.check(dx, dy) {
		return
	}
	p.raceInput(raceWrite, dx)
	p.raceOutput(raceRead, dy)
	step, pixel, row, dstPixel := p.bytes()
	p.chunks(func(n, in, out int) {
		r.avgPoolGrad(&dx[in], &dy[out], n, p.WinH, p.WinW, p.Channels, step, pixel, row, dstPixel, s)
	})
}

// raceInput and raceOutput mark the pixels of a row of windows one by one: channels beyond p.Channels may
// belong to somebody else.
func (p Pool) raceInput(mark func(...[]float32), v []float32) {
	if raceEnabled {
		for x := range p.Out {
			p.window(x, func(at int) { mark(v[at : at+p.Channels]) })
		}
	}
}

func (p Pool) raceOutput(mark func(...[]float32), v []float32) {
	raceRows(mark, v, p.DstStride, p.Out, p.Channels)
}
