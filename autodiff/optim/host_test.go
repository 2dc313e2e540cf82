package optim

import (
	"math"
	"slices"
	"testing"

	"oneiro/internal/parallel"
)

// lengths are around the boundaries of pieces.
var lengths = []int{1, 7, pieceLen - 1, pieceLen, pieceLen + 1, 3*pieceLen + 17}

func filled(n int, f func(i int) float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(f(i))
	}
	return x
}

// TestHost compares every operation with a loop, so that no element of any piece is missed.
func TestHost(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	for _, n := range lengths {
		for _, p := range []*parallel.Pool{nil, pool} {
			v := NewHost(nil, p)
			a := filled(n, func(i int) float64 { return math.Sin(float64(i)) })
			b := filled(n, func(i int) float64 { return math.Cos(3*float64(i)) - 0.5 })

			number := func(what string, got, magnitude float64, term func(i int) float64) {
				t.Helper()
				var want float64
				for i := range n {
					want += term(i)
				}
				if !(math.Abs(got-want) <= 1e-7*magnitude) {
					t.Errorf("n %d: %s = %v, want %v", n, what, got, want)
				}
			}
			size := float64(n)
			number("sum", v.Sum(a), size, func(i int) float64 { return float64(a[i]) })
			number("absSum", v.AbsSum(a), size, func(i int) float64 { return math.Abs(float64(a[i])) })
			number("dot", v.Dot(a, b), size, func(i int) float64 { return float64(a[i]) * float64(b[i]) })

			vector := func(what string, got []float32, want func(i int) float64) {
				t.Helper()
				for i := range got {
					if !(math.Abs(float64(got[i])-want(i)) <= 3e-7) {
						t.Fatalf("n %d: %s, element %d: %v, want %v", n, what, i, got[i], want(i))
					}
				}
			}
			dst := make([]float32, n)
			v.Scale(dst, a, -2)
			vector("scale", dst, func(i int) float64 { return -2 * float64(a[i]) })
			v.Sub(dst, a, b)
			vector("sub", dst, func(i int) float64 { return float64(a[i]) - float64(b[i]) })
			v.Copy(dst, a)
			vector("copy", dst, func(i int) float64 { return float64(a[i]) })
			v.Axpy(dst, b, 0.5)
			updated := func(i int) float64 { return float64(a[i]) + 0.5*float64(b[i]) }
			vector("axpy", dst, updated)
			v.Copy(dst, a)
			product := v.AxpyDot(dst, b, 0.5, b)
			number("axpyDot", product, size, func(i int) float64 { return updated(i) * float64(b[i]) })
			vector("axpyDot", dst, updated)
			v.Clamp(dst, -0.25, 0.75)
			vector("clamp", dst, func(i int) float64 { return min(max(updated(i), -0.25), 0.75) })

			for _, i := range []int{0, n / 2, n - 1} {
				c := slices.Clone(a)
				if !v.Equal(a, c) {
					t.Errorf("n %d: a copy is not equal", n)
				}
				c[i] = -5
				if v.Equal(a, c) {
					t.Errorf("n %d: equal but for element %d", n, i)
				}
				if m := v.MaxAbs(c); m != 5 {
					t.Errorf("n %d: maxAbs = %v with -5 at %d", n, m, i)
				}
			}
		}
	}
}
