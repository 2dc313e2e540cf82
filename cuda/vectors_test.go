//go:build cuda

package cuda

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/autodiff/optim"
)

// lengths are around the boundaries of blocks and pieces.
var lengths = []int{1, 255, vectorPiece - 1, vectorPiece, vectorPiece + 1, 3*vectorPiece + 1029}

// TestVectors compares every operation with a loop in float64, so that no element of any piece is missed.
func TestVectors(t *testing.T) {
	gpu(t)
	d := open(t)
	for _, n := range lengths {
		on := d.Vectors()
		random := rand.New(rand.NewPCG(uint64(n), 0))
		filled := func() (wide []float64, v []float32) {
			host := make([]float32, n)
			for i := range host {
				host[i] = float32(random.NormFloat64())
				wide = append(wide, float64(host[i]))
			}
			v = on.Vector(n)
			if err := on.Err(); err != nil || !slices.Equal(v, make([]float32, n)) {
				t.Fatalf("n %d: a vector is not 0, or %v", n, err)
			}
			on.Copy(v, host)
			return wide, v
		}
		a, av := filled()
		b, bv := filled()
		dst := on.Vector(n)

		number := func(what string, got float64, term func(i int) float64) {
			t.Helper()
			var want, size float64
			for i := range n {
				want += term(i)
				size += math.Abs(term(i))
			}
			if !(math.Abs(got-want) <= 2e-7*size) {
				t.Errorf("n %d: %s is %v, want %v", n, what, got, want)
			}
		}
		vector := func(what string, v []float32, want func(i int) float64) {
			t.Helper()
			host := make([]float32, n)
			on.Copy(host, v)
			for i, got := range host {
				if !(math.Abs(float64(got)-want(i)) <= 2e-7*max(1, math.Abs(want(i)))) {
					t.Fatalf("n %d: %s, element %d: %v, want %v", n, what, i, got, want(i))
				}
			}
		}
		number("Sum", on.Sum(av), func(i int) float64 { return a[i] })
		number("AbsSum", on.AbsSum(av), func(i int) float64 { return math.Abs(a[i]) })
		number("Dot", on.Dot(av, bv), func(i int) float64 { return a[i] * b[i] })
		on.Scale(dst, av, -2)
		vector("Scale", dst, func(i int) float64 { return -2 * a[i] })
		on.Sub(dst, av, bv)
		vector("Sub", dst, func(i int) float64 { return a[i] - b[i] })
		on.Copy(dst, av)
		vector("Copy", dst, func(i int) float64 { return a[i] })
		on.Axpy(dst, bv, 0.5)
		updated := func(i int) float64 { return a[i] + 0.5*b[i] }
		vector("Axpy", dst, updated)
		on.Copy(dst, av)
		number("AxpyDot", on.AxpyDot(dst, bv, 0.5, bv), func(i int) float64 { return updated(i) * b[i] })
		vector("AxpyDot", dst, updated)
		on.Clamp(dst, -0.25, 0.75)
		vector("Clamp", dst, func(i int) float64 { return min(max(updated(i), -0.25), 0.75) })

		for _, i := range []int{0, n / 2, n - 1} {
			on.Copy(dst, av)
			if !on.Equal(av, dst) {
				t.Errorf("n %d: a copy is not equal", n)
			}
			on.Copy(dst[i:i+1], []float32{-9})
			if on.Equal(av, dst) {
				t.Errorf("n %d: equal but for element %d", n, i)
			}
			if most := on.MaxAbs(dst); most != 9 {
				t.Errorf("n %d: MaxAbs is %v with -9 at %d", n, most, i)
			}
		}
		if again := on.Dot(av, bv); again != on.Dot(av, bv) {
			t.Errorf("n %d: a product has other bits the second time", n)
		}
		if err := on.Err(); err != nil {
			t.Fatal(err)
		}
		on.Close()
	}
	if len(d.shared) != 0 {
		t.Errorf("%d vectors are left", len(d.shared))
	}
}

// TestGrids compares halving and doubling with the processor.
func TestGrids(t *testing.T) {
	gpu(t)
	on := open(t).Vectors()
	defer on.Close()
	host := optim.NewHost(nil, nil)
	for _, g := range []optim.Grid{{H: 1, W: 1, C: 3}, {H: 7, W: 4, C: 3}, {H: 33, W: 50, C: 3}, {H: 64, W: 101, C: 1}} {
		random := rand.New(rand.NewPCG(uint64(g.H), 0))
		filled := func(n int) (here, there []float32) {
			here, there = make([]float32, n), on.Vector(n)
			for i := range here {
				here[i] = float32(random.NormFloat64())
			}
			on.Copy(there, here)
			return here, there
		}
		same := func(what string, want, got []float32) {
			t.Helper()
			v := make([]float32, len(want))
			on.Copy(v, got)
			for i, w := range want {
				if !(math.Abs(float64(v[i]-w)) <= 1e-6) {
					t.Fatalf("%v: %s, element %d: %v, want %v", g, what, i, v[i], w)
				}
			}
		}
		large, largeThere := filled(g.Len())
		small, smallThere := filled(g.Half().Len())
		host.Double(large, 0.5, small, -2, g)
		on.Double(largeThere, 0.5, smallThere, -2, g)
		same("Double", large, largeThere)
		host.Halve(small, large, g)
		on.Halve(smallThere, largeThere, g)
		same("Halve", small, smallThere)
	}
	if err := on.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestOptimizers lets every optimiser follow a valley on the GPU and on the processor: points are the same
// but for rounding.
func TestOptimizers(t *testing.T) {
	const n, steps = vectorPiece + 76, 25
	line := optim.Grid{H: 7, W: n / 7, C: 1}
	valley := func(x, grad []float32) (loss float64, err error) {
		for i, v := range x {
			scale := 1 + float64(i%7)
			r := float64(v) - math.Sin(float64(i))
			loss += scale*r*r + 0.1*math.Cos(3*float64(v))
			grad[i] = float32(2*scale*r - 0.3*math.Sin(3*float64(v)))
		}
		return loss, nil
	}
	limits := optim.Range{Lo: -0.9, Hi: 0.9}
	for name, method := range map[string]optim.Method{
		"adam":         optim.AdamOptions{LearningRate: 0.05, Clamp: limits},
		"descent":      optim.SGDOptions{LearningRate: 0.02},
		"momentum":     optim.SGDOptions{LearningRate: 0.02, Momentum: 0.8, Normalize: true, Clamp: limits},
		"lbfgs":        optim.LBFGSOptions{History: 4},
		"wolfe":        optim.LBFGSOptions{History: 4, StrongWolfe: true},
		"trust":        optim.LBFGSOptions{History: 4, TrustRadius: 0.5},
		"precondition": optim.LBFGSOptions{History: 4, TrustRadius: 0.5, Precondition: optim.Multilevel{Grid: line, Gain: 1.2}},
	} {
		t.Run(name, func(t *testing.T) {
			gpu(t)
			on := open(t).Vectors()
			defer on.Close()
			here, there := method.New(n, optim.NewHost(nil, nil)), method.New(n, on)
			x, y := make([]float32, n), on.Vector(n)
			for step := range steps {
				want, err := here.Step(x, valley)
				if err != nil {
					t.Fatal(err)
				}
				got, err := there.Step(y, func(x, grad []float32) (float64, error) {
					if err := on.Err(); err != nil { // the GPU rests
						return 0, err
					}
					return valley(x, grad)
				})
				if err != nil {
					t.Fatal(err)
				}
				if !(math.Abs(got-want) <= 1e-5*math.Abs(want)) {
					t.Errorf("step %d: the loss is %v, on the processor %v", step, got, want)
				}
			}
			host := make([]float32, n)
			on.Copy(host, y)
			for i, v := range host {
				if !(math.Abs(float64(v-x[i])) <= 1e-4) {
					t.Fatalf("element %d is %v, on the processor %v", i, v, x[i])
				}
			}
			if err := on.Err(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
