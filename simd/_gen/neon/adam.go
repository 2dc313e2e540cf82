package main

func adam(a *asm) {
	a.function("adamNEON", "(x, m, v, grad *float32, n int, "+
		"beta1, rest1, beta2, rest2, rate, epsilon, biasCorrection1, biasCorrection2 float32)", 0,
		`adamNEON does in assembly, rest1 being 1-beta1 and rest2 1-beta2:

	for i := range n {
		m[i] = beta1*m[i] + rest1*grad[i]
		v[i] = beta2*v[i] + rest2*grad[i]*grad[i]
		x[i] -= rate * (m[i] * biasCorrection1) / (sqrt(v[i]*biasCorrection2) + epsilon)
	}`)
	// The gradient is not called g, which is a register to the Go assembler. The others have two
	// pointers each: one reads, one writes.
	x, m, v := stream{0, 0}, stream{1, 4}, stream{2, 8}
	oldX, oldM, oldV, g := stream{3, 0}, stream{4, 4}, stream{5, 8}, stream{6, 12}
	for _, p := range []struct {
		name string
		at   reg
	}{{"x", x.at}, {"m", m.at}, {"v", v.at}, {"x", oldX.at}, {"m", oldM.at}, {"v", oldV.at}, {"grad", g.at}} {
		a.argument(p.name, p.at)
	}
	const beta1, rest1, beta2, rest2 = 20, 21, 22, 23
	const rate, epsilon, biasCorrection1, biasCorrection2 = 24, 25, 26, 27
	for i, name := range []string{
		"beta1", "rest1", "beta2", "rest2", "rate", "epsilon", "biasCorrection1", "biasCorrection2",
	} {
		a.broadcast(name, beta1+vec(i))
	}
	a.elementwise([]stream{oldX, oldM, oldV, g}, []stream{x, m, v}, func(i vec) {
		x, m, v, g, t := x.vec+i, m.vec+i, v.vec+i, g.vec+i, vec(16)+i
		a.fmul(m, m, beta1)
		a.fmla(m, g, rest1)
		a.fmul(t, g, rest2)
		a.fmul(v, v, beta2)
		a.fmla(v, t, g)
		a.fmul(t, v, biasCorrection2)
		a.fsqrt(t, t)
		a.fadd(t, t, epsilon)
		a.fmul(g, m, biasCorrection1)
		a.fmul(g, g, rate)
		a.fdiv(g, g, t)
		a.fsub(x, x, g)
	})
}
