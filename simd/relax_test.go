package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func testRelax(t *testing.T, k *Kernels) {
	next := normals(newRand(), false)
	check := func(n, offset int, omega float32) {
		what := fmt.Sprintf("n=%d offset=%d omega=%v", n, offset, omega)
		x, beside := guard(n, offset).fill(next), guard(n+1, (5*offset+3)%17).fill(next)
		r := Relaxation{Beside: beside.v, Omega: omega}
		all := []*guarded{x, beside}
		for i, v := range r.vectors() {
			g := guard(n, (3*offset+7*i)%17).fill(next)
			*v, all = g.v, append(all, g)
		}
		if n > 3 {
			r.Cross[n-2] = float32(math.NaN())
		}
		before := make([][]float32, len(all))
		for i, g := range all {
			before[i] = slices.Clone(g.v)
		}
		k.Relax(x.v, r)
		for i, g := range all {
			if g.check(t, what); i > 0 && !slices.EqualFunc(g.v, before[i], same) {
				t.Fatalf("%s: vector %d was written", what, i)
			}
		}
		for i, got := range x.v {
			product := func(a, b []float32, j int) float64 { return float64(a[i]) * float64(b[j]) }
			products := [...]float64{product(r.Left, r.Beside, i), product(r.Right, r.Beside, i+1), product(r.Up, r.Above, i),
				product(r.Down, r.Below, i), -product(r.Cross, r.Other, i)}
			sum := float64(r.B[i])
			size := math.Abs(sum)
			for _, p := range products {
				sum, size = sum+p, size+math.Abs(p)
			}
			old, inverse, w := float64(before[0][i]), float64(r.Inverse[i]), float64(omega)
			want := old + w*(sum*inverse-old)
			// The sum has ten roundings, each of no more than size, and what is made of it four.
			tol := ulp * (14*math.Abs(w*size*inverse) + 4*math.Abs(w*old) + 2*math.Abs(old))
			if !near(got, want, tol) {
				t.Fatalf("%s: x[%d] = %v, want %v within %v", what, i, got, want, tol)
			}
		}
	}
	for _, n := range lengths() {
		for offset := range 17 {
			check(n, offset, 1.6)
		}
	}
	check(chunked, 3, 0.7)
}
