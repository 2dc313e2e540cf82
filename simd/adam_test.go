package simd

import (
	"math"
	"slices"
	"testing"
)

func testAdam(t *testing.T, k *Kernels) {
	r := newRand()
	step := AdamStep{
		Beta1: 0.9, Beta2: 0.999, LearningRate: 0.02, Epsilon: 1e-8,
		BiasCorrection1: 1 / (1 - 0.81), BiasCorrection2: 1 / (1 - 0.998001),
	}
	check := func(n, offset int) {
		var vs [4]*guarded
		for i := range vs {
			vs[i] = guard(n, (offset+5*i)%17).fill(normals(r, false))
		}
		x, m, v, g := vs[0].v, vs[1].v, vs[2].v, vs[3].v
		for i := range v {
			v[i] *= v[i]
		}
		if n > 3 {
			v[n-1], g[n-1] = 0, 0 // no step, but for m
			m[n-2], v[n-2], g[n-2] = 0, 0, 0
			g[n-3] = float32(math.NaN())
		}
		x0, m0, v0 := slices.Clone(x), slices.Clone(m), slices.Clone(v)
		k.Adam(x, m, v, g, step)
		for _, vec := range vs {
			vec.check(t, "adam")
		}
		// Beta, LearningRate and the others as the kernel has them, in float32, and 1-Beta rounded.
		b1, b2 := float64(step.Beta1), float64(step.Beta2)
		rest1, rest2 := float64(1-step.Beta1), float64(1-step.Beta2)
		for i := range x {
			gi := float64(g[i])
			mean := b1*float64(m0[i]) + rest1*gi
			meanTol := 2 * ulp * (math.Abs(b1*float64(m0[i])) + math.Abs(rest1*gi))
			if !near(m[i], mean, meanTol) {
				t.Fatalf("n=%d: m[%d] = %v, want %v within %v", n, i, m[i], mean, meanTol)
			}
			square := b2*float64(v0[i]) + rest2*gi*gi
			if !near(v[i], square, 4*ulp*square) {
				t.Fatalf("n=%d: v[%d] = %v, want %v", n, i, v[i], square)
			}
			// From the moments as they were stored: eight roundings in the step, one in the difference.
			by := float64(step.LearningRate) * float64(m[i]) * float64(step.BiasCorrection1) /
				(math.Sqrt(float64(v[i])*float64(step.BiasCorrection2)) + float64(step.Epsilon))
			want := float64(x0[i]) - by
			if tol := 8*ulp*math.Abs(by) + ulp*math.Abs(want); !near(x[i], want, tol) {
				t.Fatalf("n=%d: x[%d] = %v, want %v within %v", n, i, x[i], want, tol)
			}
		}
	}
	for _, n := range lengths() {
		for offset := range 17 {
			check(n, offset)
		}
	}
	check(chunked, 3)
}
