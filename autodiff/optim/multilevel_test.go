package optim

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/internal/parallel"
)

// grids have even and odd sides, some too small for a second level, and one has several pieces.
var grids = []Grid{{1, 1, 3}, {2, 5, 1}, {7, 4, 3}, {19, 26, 3}, {8, 32, 2}, {301, 257, 3}}

// halved is the definition of Halve in float64.
func halved(x []float64, g Grid) []float64 {
	half := g.Half()
	out := make([]float64, half.Len())
	taps := []float64{1. / 8, 3. / 8, 3. / 8, 1. / 8}
	for y := range half.H {
		for x0 := range half.W {
			for i, u := range taps {
				for j, v := range taps {
					sy, sx := 2*y-1+i, 2*x0-1+j
					if sy < 0 || sy >= g.H || sx < 0 || sx >= g.W {
						continue
					}
					for c := range g.C {
						out[(y*half.W+x0)*g.C+c] += u * v * x[(sy*g.W+sx)*g.C+c]
					}
				}
			}
		}
	}
	return out
}

// doubled is U in float64, 4 times the transpose of halved.
func doubled(x []float64, g Grid) []float64 {
	out := make([]float64, g.Len())
	for i := range out {
		e := make([]float64, g.Len())
		e[i] = 1
		for k, v := range halved(e, g) {
			out[i] += 4 * v * x[k]
		}
	}
	return out
}

func normal(r *rand.Rand, n int) (wide []float64, v []float32) {
	wide, v = make([]float64, n), make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
		wide[i] = float64(v[i])
	}
	return wide, v
}

func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= 1e-6*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s, element %d: %v, want %v", what, i, v, want[i])
		}
	}
}

func TestHalveAndDouble(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	for _, g := range grids {
		r := rand.New(rand.NewPCG(uint64(g.H), 1))
		wide, x := normal(r, g.Len())
		smallWide, small := normal(r, g.Half().Len())
		for _, p := range []*parallel.Pool{nil, pool} {
			on := NewHost(nil, p)
			dst := make([]float32, g.Half().Len())
			on.Halve(dst, x, g)
			near(t, "Halve", dst, halved(wide, g))
			if g.Len() > 10_000 { // which the definition of U takes too long for: y·Ux = 4 Dy·x
				to := make([]float32, g.Len())
				on.Double(to, 0, small, 1, g)
				left, right := on.Dot(x, to), 4*on.Dot(dst, small)
				if !(math.Abs(left-right) <= 1e-5*math.Abs(right)) {
					t.Errorf("%v: y·Ux is %v, 4 Dy·x is %v", g, left, right)
				}
				continue
			}
			to := append([]float32{}, x...)
			on.Double(to, 0.5, small, -2, g)
			want := doubled(smallWide, g)
			for i := range want {
				want[i] = 0.5*wide[i] - 2*want[i]
			}
			near(t, "Double", to, want)
		}
	}
}

// TestMultilevel compares the matrix with its definition: I + Σ (Gainᵏ - Gainᵏ⁻¹) Uᵏ Dᵏ.
func TestMultilevel(t *testing.T) {
	for _, g := range grids[:5] {
		p := Multilevel{g, 1.7}
		on := NewHost(nil, nil)
		r := rand.New(rand.NewPCG(uint64(g.W), 2))
		wide, x := normal(r, g.Len())
		made := newMultilevel(p, g.Len(), on)
		square := made.square(x, on.Dot(x, x))
		made.apply(x)

		want := append([]float64{}, wide...)
		sizes := append([]Grid{g}, p.grids()...)
		low := wide
		for k := 1; k < len(sizes); k++ {
			low = halved(low, sizes[k-1])
			up := low
			for i := k; i > 0; i-- {
				up = doubled(up, sizes[i-1])
			}
			for i, v := range up {
				want[i] += (math.Pow(1.7, float64(k)) - math.Pow(1.7, float64(k-1))) * v
			}
		}
		near(t, "Hx", x, want)
		var product float64
		for i, v := range wide {
			product += v * want[i]
		}
		if !(math.Abs(square-product) <= 1e-5*product) || !(product > 0) {
			t.Errorf("%v: x·Hx is %v, want %v", g, square, product)
		}
	}
}

// slopes is half the sum of the squares of the differences between neighbours on a grid, the curvature of which
// is the square of the frequency.
func slopes(g Grid) Evaluate {
	return func(x, grad []float32) (loss float64, err error) {
		clear(grad)
		pair := func(i, k int) {
			d := x[i] - x[k]
			grad[i] += d
			grad[k] -= d
			loss += 0.5 * float64(d) * float64(d)
		}
		for i := range x {
			if i/g.C%g.W > 0 {
				pair(i, i-g.C)
			}
			if i >= g.W*g.C {
				pair(i, i-g.W*g.C)
			}
		}
		return loss, nil
	}
}

// TestMultilevelInLowFrequencies checks that with levels low frequencies converge sooner, to the same bits on
// any number of threads, without allocations, and after a restart from the state too.
func TestMultilevelInLowFrequencies(t *testing.T) {
	g := Grid{150, 180, 3}
	o := LBFGSOptions{History: 5, TrustRadius: 0.5}
	pool := parallel.New(3)
	defer pool.Close()
	start := func() []float32 {
		return filled(g.Len(), func(i int) float64 {
			return math.Sin(0.04*float64(i/g.C%g.W)) + math.Cos(0.05*float64(i/g.C/g.W)) + 0.1*math.Sin(float64(i))
		})
	}
	run := func(o LBFGSOptions, on Backend) ([]float32, float64) {
		x := start()
		return x, steps(t, o.New(g.Len(), on), x, slopes(g), 20)
	}
	_, plain := run(o, NewHost(nil, nil))
	o.Precondition = Multilevel{g, 2}
	x, loss := run(o, NewHost(nil, nil))
	t.Logf("a loss of %v with levels, %v without", loss, plain)
	if !(loss < 0.2*plain) {
		t.Errorf("a loss of %v with levels, %v without", loss, plain)
	}

	threaded, _ := run(o, NewHost(nil, pool))
	resumed := start()
	first := o.New(g.Len(), NewHost(nil, pool))
	steps(t, first, resumed, slopes(g), 12)
	second := o.New(g.Len(), NewHost(nil, pool))
	was := first.State()
	now, err := second.Restore(was.Numbers)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range was.Vectors {
		copy(now.Vectors[i], v)
	}
	steps(t, second, resumed, slopes(g), 8)
	for i, v := range x {
		if v != threaded[i] || v != resumed[i] {
			t.Fatalf("element %d is %v, %v on threads, %v resumed", i, v, threaded[i], resumed[i])
		}
	}
	eval := slopes(g)
	if allocs := testing.AllocsPerRun(3, func() { second.Step(resumed, eval) }); allocs > 0 {
		t.Errorf("%v allocations a step", allocs)
	}
}
