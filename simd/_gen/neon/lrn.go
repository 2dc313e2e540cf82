package main

// lrn writes the kernel twice, as the slope costs a division more.
func lrn(a *asm) {
	a.function("lrnNEON", "(scale, sums *float32, n int, alpha, k float32)", 0,
		`lrnNEON does in assembly:

	for i := range n {
		root := sqrt(fma(alpha, sums[i], k))
		scale[i] = 1 / (root * sqrt(root))
	}`)
	a.lrn(false)
	a.function("lrnSlopeNEON", "(scale, slope, sums *float32, n int, alpha, k float32)", 0,
		`lrnSlopeNEON does in assembly:

	for i := range n {
		x := fma(alpha, sums[i], k)
		root := sqrt(x)
		scale[i] = 1 / (root * sqrt(root))
		slope[i] = scale[i] / x
	}`)
	a.lrn(true)
}

func (a *asm) lrn(withSlope bool) {
	scale, slope, sums := stream{0, 0}, stream{1, 4}, stream{2, 8}
	a.argument("scale", scale.at)
	a.argument("sums", sums.at)
	outputs := []stream{scale}
	if withSlope {
		a.argument("slope", slope.at)
		outputs = append(outputs, slope)
	}
	const alpha, k, one vec = 20, 21, 22
	a.broadcast("alpha", alpha)
	a.broadcast("k", k)
	a.i("FMOVS $(1.0), %s", one.f())
	a.i("VDUP %v.S[0], %v.S4", one, one)
	a.elementwise([]stream{sums}, outputs, func(i vec) {
		out, x, root := scale.vec+i, slope.vec+i, sums.vec+i
		a.i("VMOV %v.B16, %v.B16", k, x)
		a.fmla(x, root, alpha)
		a.fsqrt(root, x)
		a.fsqrt(out, root)
		a.fmul(out, out, root)
		a.fdiv(out, one, out)
		if withSlope {
			a.fdiv(x, out, x)
		}
	})
}
