package main

// The accumulators of a reduction: two for each register of a block.
const (
	sums     vec = 16
	sumCount     = 2 * widest / 4
)

// reduction writes the rest of a function that runs body for each register of each block of its
// inputs and returns the sum of the accumulators. Of a block of one float the other lanes are 0 in
// every input, and body must then add 0.
func (a *asm) reduction(inputs []stream, body func(i, low, high vec)) {
	a.argument("n", count)
	for i := range vec(sumCount) {
		a.zero(sums + i)
	}
	a.strip(count, widest, func(floats int) {
		for _, s := range inputs {
			a.load(s.at, s.vec, floats)
		}
		each(floats, func(i vec) { body(i, sums+2*i, sums+2*i+1) })
	})
	for half := vec(sumCount / 2); half > 0; half /= 2 {
		for i := range half {
			a.fadd2(sums+i, sums+i, sums+i+half)
		}
	}
	a.addPair(0, sums)
	a.result(0)
}

func reductions(a *asm) {
	sum(a)
	dot(a)
	squaredDistance(a)
}

func sum(a *asm) {
	a.function("sumNEON", "(x *float32, n int) float64", 0,
		`sumNEON does in assembly, in another order:

	sum := 0.0
	for i := range n {
		sum += float64(x[i])
	}
	return sum`)
	x := stream{0, 0}
	a.argument("x", x.at)
	a.reduction([]stream{x}, func(i, low, high vec) {
		a.widenHigh(8+i, i)
		a.widen(i, i)
		a.fadd2(low, low, i)
		a.fadd2(high, high, 8+i)
	})
}

func dot(a *asm) {
	a.function("dotNEON", "(x, y *float32, n int) float64", 0,
		`dotNEON does in assembly, in another order:

	sum := 0.0
	for i := range n {
		sum += float64(x[i]) * float64(y[i])
	}
	return sum`)
	x, y := stream{0, 0}, stream{1, 4}
	a.argument("x", x.at)
	a.argument("y", y.at)
	a.reduction([]stream{x, y}, func(i, low, high vec) {
		x, y, s, t := x.vec+i, y.vec+i, 8+i, 12+i
		a.widenHigh(s, x)
		a.widenHigh(t, y)
		a.widen(x, x)
		a.widen(y, y)
		a.fmla2(low, x, y)
		a.fmla2(high, s, t)
	})
}

func squaredDistance(a *asm) {
	a.function("squaredDistanceNEON", "(x, y *float32, n int) float64", 0,
		`squaredDistanceNEON does in assembly, in another order:

	sum := 0.0
	for i := range n {
		d := float64(x[i]) - float64(y[i])
		sum += d * d
	}
	return sum`)
	x, y := stream{0, 0}, stream{1, 4}
	a.argument("x", x.at)
	a.argument("y", y.at)
	a.reduction([]stream{x, y}, func(i, low, high vec) {
		x, y, s, t := x.vec+i, y.vec+i, 8+i, 12+i
		a.widenHigh(s, x)
		a.widenHigh(t, y)
		a.widen(x, x)
		a.widen(y, y)
		a.fsub2(x, x, y)
		a.fsub2(s, s, t)
		a.fmla2(low, x, x)
		a.fmla2(high, s, s)
	})
}
