package main

import "fmt"

const count reg = 9 // floats still to be done

// stream is memory that a kernel walks through: a block of it is in the registers from vec on.
type stream struct {
	at  reg
	vec vec
}

// elementwise writes the rest of a function that reads a block of each input, runs body for each of
// its registers, and writes a block of each output.
func (a *asm) elementwise(inputs, outputs []stream, body func(i vec)) {
	a.argument("n", count)
	a.strip(count, widest, func(floats int) {
		for _, s := range inputs {
			a.load(s.at, s.vec, floats)
		}
		each(floats, body)
		for _, s := range outputs {
			a.store(s.vec, s.at, floats)
		}
	})
	a.i("RET")
}

func vectorKernels(a *asm) {
	relu(a)
	reluGrad(a)
	binary(a, "addNEON", "+", a.fadd)
	binary(a, "subNEON", "-", a.fsub)
	binary(a, "mulNEON", "*", a.fmul)
	scale(a)
	axpy(a)
	scaledDiff(a)
}

func relu(a *asm) {
	a.function("reluNEON", "(dst, src *float32, n int)", 0, `reluNEON does in assembly:

	for i := range n {
		dst[i] = max(src[i], 0) // NaN if src[i] is
	}`)
	dst, src := stream{0, 0}, stream{1, 0}
	a.argument("dst", dst.at)
	a.argument("src", src.at)
	zero := vec(16)
	a.zero(zero)
	a.elementwise([]stream{src}, []stream{dst}, func(i vec) { a.fmax(i, i, zero) })
}

func reluGrad(a *asm) {
	a.function("reluGradNEON", "(dst, dy, y *float32, n int)", 0, `reluGradNEON does in assembly:

	for i := range n {
		if y[i] > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = 0
		}
	}`)
	dst, dy, y := stream{0, 0}, stream{1, 0}, stream{2, 4}
	a.argument("dst", dst.at)
	a.argument("dy", dy.at)
	a.argument("y", y.at)
	a.elementwise([]stream{dy, y}, []stream{dst}, func(i vec) {
		a.positive(y.vec+i, y.vec+i)
		a.and(i, i, y.vec+i)
	})
}

func binary(a *asm, name, op string, instruction func(d, n, m vec)) {
	a.function(name, "(dst, x, y *float32, n int)", 0, fmt.Sprintf(`%s does in assembly:

	for i := range n {
		dst[i] = x[i] %s y[i]
	}`, name, op))
	dst, x, y := stream{0, 0}, stream{1, 0}, stream{2, 4}
	a.argument("dst", dst.at)
	a.argument("x", x.at)
	a.argument("y", y.at)
	a.elementwise([]stream{x, y}, []stream{dst}, func(i vec) { instruction(i, i, y.vec+i) })
}

func scale(a *asm) {
	a.function("scaleNEON", "(dst, x *float32, n int, s float32)", 0, `scaleNEON does in assembly:

	for i := range n {
		dst[i] = s * x[i]
	}`)
	dst, x, s := stream{0, 0}, stream{1, 0}, vec(16)
	a.argument("dst", dst.at)
	a.argument("x", x.at)
	a.broadcast("s", s)
	a.elementwise([]stream{x}, []stream{dst}, func(i vec) { a.fmul(i, i, s) })
}

func axpy(a *asm) {
	a.function("axpyNEON", "(dst, x *float32, n int, s float32)", 0, `axpyNEON does in assembly, rounding once:

	for i := range n {
		dst[i] += s * x[i]
	}`)
	dst, old, x, s := stream{0, 0}, stream{1, 0}, stream{2, 4}, vec(16)
	a.argument("dst", dst.at)
	a.argument("dst", old.at)
	a.argument("x", x.at)
	a.broadcast("s", s)
	a.elementwise([]stream{old, x}, []stream{dst}, func(i vec) { a.fmla(i, x.vec+i, s) })
}

func scaledDiff(a *asm) {
	a.function("scaledDiffNEON", "(dst, x, y *float32, n int, s float32)", 0, `scaledDiffNEON does in assembly:

	for i := range n {
		dst[i] = s * (x[i] - y[i])
	}`)
	dst, x, y, s := stream{0, 0}, stream{1, 0}, stream{2, 4}, vec(16)
	a.argument("dst", dst.at)
	a.argument("x", x.at)
	a.argument("y", y.at)
	a.broadcast("s", s)
	a.elementwise([]stream{x, y}, []stream{dst}, func(i vec) {
		a.fsub(i, i, y.vec+i)
		a.fmul(i, i, s)
	})
}
