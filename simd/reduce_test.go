package simd

import (
	"math"
	"testing"
)

// testReduce compares a sum over two vectors with one term after the other. termError is the
// relative error of a term, which may be computed in float32; the sum itself is in float64.
func testReduce(t *testing.T,
	run func(a, b []float32) float64, term func(a, b float64) float64, termError float64) {
	t.Helper()
	r := newRand()
	check := func(n, offset int) {
		a := guard(n, offset).fill(normals(r, false))
		b := guard(n, (5*offset+3)%17).fill(normals(r, false))
		if n > 0 && offset == 16 {
			a.v[r.IntN(n)] = specials[r.IntN(3)]
		}
		want, size := 0.0, 0.0
		for i := range a.v {
			x := term(float64(a.v[i]), float64(b.v[i]))
			want += x
			size += math.Abs(x)
		}
		tol := size * (termError + float64(n)/(1<<52))
		got := run(a.v, b.v)
		if !(math.Abs(got-want) <= tol) && got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("n=%d offset=%d: %v, want %v within %v", n, offset, got, want, tol)
		}
		a.check(t, "a")
		b.check(t, "b")
	}
	for _, n := range lengths() {
		for offset := range 17 {
			check(n, offset)
		}
	}
	check(chunked, 3)
}

func testSum(t *testing.T, k *Kernels) {
	testReduce(t, func(a, _ []float32) float64 { return k.Sum(a) },
		func(a, _ float64) float64 { return a }, 0)
}

func testDot(t *testing.T, k *Kernels) {
	testReduce(t, k.Dot, func(a, b float64) float64 { return a * b }, ulp)
}

func testSquaredDistance(t *testing.T, k *Kernels) {
	testReduce(t, k.SquaredDistance, func(a, b float64) float64 { return (a - b) * (a - b) }, 3*ulp)
}
