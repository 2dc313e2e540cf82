package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors writes the element-wise kernels.
func (v isa) vectors() {
	v.relu()
	v.reluGrad()
	v.binary("add", "a[i] + b[i]", func(a, b reg.VecVirtual) { VADDPS(b, a, a) })
	v.binary("sub", "a[i] - b[i]", func(a, b reg.VecVirtual) { VSUBPS(b, a, a) })
	v.binary("mul", "a[i] * b[i]", func(a, b reg.VecVirtual) { VMULPS(b, a, a) })
	v.scale()
	v.axpy()
	v.scaledDiff()
}

const vectorUnroll = 4

func (v isa) relu() {
	v.function("relu", "(dst, src *float32, n int)", `for i := range n {
	dst[i] = src[i]
	if src[i] < 0 {
		dst[i] = 0
	}
}`)
	dst, src, n := loadInt("dst"), loadInt("src"), loadInt("n")
	zero := v.zero(v.vec())
	v.each(n, v.width, vectorUnroll, []reg.GPVirtual{dst, src}, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		r := l.load(at(src))
		VMAXPS(r, zero, r) // returns the second source, here r, if either is NaN
		l.store(r, at(dst))
	})
	ret()
}

func (v isa) reluGrad() {
	v.function("reluGrad", "(dst, dy, y *float32, n int)", `for i := range n {
	dst[i] = 0
	if y[i] > 0 {
		dst[i] = dy[i]
	}
}`)
	dst, dy, y, n := loadInt("dst"), loadInt("dy"), loadInt("y"), loadInt("n")
	zero := v.zero(v.vec())
	vectors := []reg.GPVirtual{dst, dy, y}
	v.each(n, v.width, vectorUnroll, vectors, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		out, y := l.load(at(dy)), l.load(at(y))
		l.store(v.where(v.less(zero, y), out), at(dst))
	})
	ret()
}

// Predicates of VCMPPS: a < b, false for NaN; not a < b, true for NaN.
const (
	lessThan    = U8(0x11)
	notLessThan = U8(0x15)
)

func (v isa) binary(name, expression string, op func(a, b reg.VecVirtual)) {
	v.function(name, "(dst, a, b *float32, n int)", "for i := range n {\n\tdst[i] = "+expression+"\n}")
	dst, a, b, n := loadInt("dst"), loadInt("a"), loadInt("b"), loadInt("n")
	vectors := []reg.GPVirtual{dst, a, b}
	v.each(n, v.width, vectorUnroll, vectors, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		x, y := l.load(at(a)), l.load(at(b))
		op(x, y)
		l.store(x, at(dst))
	})
	ret()
}

func (v isa) scale() {
	v.function("scale", "(dst, a *float32, n int, s float32)", `for i := range n {
	dst[i] = s * a[i]
}`)
	dst, a, n, s := loadInt("dst"), loadInt("a"), loadInt("n"), v.broadcast("s")
	v.each(n, v.width, vectorUnroll, []reg.GPVirtual{dst, a}, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		r := l.load(at(a))
		VMULPS(r, s, r)
		l.store(r, at(dst))
	})
	ret()
}

func (v isa) axpy() {
	v.function("axpy", "(dst, x *float32, n int, s float32)", `for i := range n {
	dst[i] = fma(s, x[i], dst[i])
}`)
	dst, x, n, s := loadInt("dst"), loadInt("x"), loadInt("n"), v.broadcast("s")
	v.each(n, v.width, vectorUnroll, []reg.GPVirtual{dst, x}, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		r := l.load(at(dst))
		VFMADD231PS(l.load(at(x)), s, r)
		l.store(r, at(dst))
	})
	ret()
}

func (v isa) scaledDiff() {
	v.function("scaledDiff", "(dst, a, b *float32, n int, s float32)", `for i := range n {
	dst[i] = s * (a[i] - b[i])
}`)
	dst, a, b, n, s := loadInt("dst"), loadInt("a"), loadInt("b"), loadInt("n"), v.broadcast("s")
	vectors := []reg.GPVirtual{dst, a, b}
	v.each(n, v.width, vectorUnroll, vectors, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		r := l.load(at(a))
		VSUBPS(l.load(at(b)), r, r)
		VMULPS(r, s, r)
		l.store(r, at(dst))
	})
	ret()
}

func (v isa) adam() {
	v.function("adam", "(x, m, v, dx *float32, n int, "+
		"beta1, rest1, beta2, rest2, rate, epsilon, biasCorrection1, biasCorrection2 float32)",
		`for i := range n {
	m[i] = fma(beta1, m[i], rest1*dx[i])
	v[i] = fma(beta2, v[i], rest2*dx[i]*dx[i])
	x[i] -= rate * (m[i] * biasCorrection1) / (sqrt(v[i]*biasCorrection2) + epsilon)
}`)
	x, m, sq, dx, n := loadInt("x"), loadInt("m"), loadInt("v"), loadInt("dx"), loadInt("n")
	beta1, rest1 := v.broadcast("beta1"), v.broadcast("rest1")
	beta2, rest2 := v.broadcast("beta2"), v.broadcast("rest2")
	rate, epsilon := v.broadcast("rate"), v.broadcast("epsilon")
	biasCorrection1, biasCorrection2 := v.broadcast("biasCorrection1"), v.broadcast("biasCorrection2")
	v.each(n, v.width, 1, []reg.GPVirtual{x, m, sq, dx}, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		grad, mean, square := l.load(at(dx)), l.load(at(m)), l.load(at(sq))
		step := v.vec()
		VMULPS(grad, rest1, step)
		VFMADD213PS(step, beta1, mean)
		l.store(mean, at(m))
		VMULPS(grad, rest2, step)
		VMULPS(grad, step, step)
		VFMADD213PS(step, beta2, square)
		l.store(square, at(sq))

		VMULPS(square, biasCorrection2, square)
		VSQRTPS(square, square)
		VADDPS(epsilon, square, square)
		VMULPS(mean, biasCorrection1, mean)
		VMULPS(mean, rate, mean)
		VDIVPS(square, mean, mean)
		pos := l.load(at(x))
		VSUBPS(mean, pos, pos)
		l.store(pos, at(x))
	})
	ret()
}
