package flow

import (
	"math"
	"testing"

	"oneiro/internal/parallel"
)

// TestOcclusion compares with the formula, by hand: a flow back that agrees, one that does not, and ways out.
func TestOcclusion(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	there, back := NewField(5, 2), NewField(5, 2)
	ratio := make([]float32, 10)
	nan := float32(math.NaN())
	for _, c := range []struct {
		u, v, bu, bv float32 // of the first pixel, and of the one two to the right and one down
		want         float64
	}{
		{2, 1, -2, -1, 0},
		{2, 1, -1, -1, 1 / (0.01*(5+2) + 0.5)},
		{2, 1, 1, 2, 18 / (0.01*(5+5) + 0.5)},
		{2, 1, nan, 0, math.Inf(1)},
		{nan, 0, 0, 0, math.Inf(1)},
		{-0.4, -0.4, 0, 0, 0.32 / (0.01*0.32 + 0.5)}, // still on the pixel
		{-0.6, 0, 0, 0, math.Inf(1)},
		{4.6, 0, 0, 0, math.Inf(1)},
		{0, 1.6, 0, 0, math.Inf(1)},
		{1e12, 0, 0, 0, math.Inf(1)},
	} {
		there.U[0], there.V[0], back.U[7], back.V[7] = c.u, c.v, c.bu, c.bv
		if Occlusion(ratio, there, back, pool); !(float64(ratio[0]) == c.want || math.Abs(float64(ratio[0])-c.want) < 1e-5) {
			t.Errorf("%+v: %g", c, ratio[0])
		}
	}
	// Between pixels that move in different ways the one that agrees counts.
	there.U[0], there.V[0] = 1.5, 0
	back.U[1], back.U[2] = -1.5, 8
	if Occlusion(ratio, there, back, pool); ratio[0] != 0 {
		t.Errorf("beside an edge: %g", ratio[0])
	}
}

func TestBoundary(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	f := NewField(5, 3)
	for i := range f.U { // u = 0.1 x + 0.2 y, v = x²
		x, y := float32(i%5), float32(i/5)
		f.U[i], f.V[i] = 0.1*x+0.2*y, x*x
	}
	ratio := make([]float32, 15)
	Boundary(ratio, f, pool)
	u := 0.1*2 + 0.2
	if want := (0.1*0.1 + 0.2*0.2 + 4*4) / (0.01*(u*u+4*4) + 0.002); !(math.Abs(float64(ratio[7])-want) < 1e-4*want) {
		t.Errorf("in the middle: %g, want %g", ratio[7], want)
	}
	// At a corner the pixels beyond are those of the corner.
	if want := (0.05*0.05 + 0.5*0.5 + 0.1*0.1) / 0.002; !(math.Abs(float64(ratio[0])-want) < 1e-4*want) {
		t.Errorf("at the corner: %g, want %g", ratio[0], want)
	}
	f.V[8] = float32(math.Inf(1))
	if Boundary(ratio, f, pool); !math.IsInf(float64(ratio[7]), 1) {
		t.Errorf("beside an unknown flow: %g", ratio[7])
	}
}

// Reliability is 1 well within both limits, ½ at one of them, and 0 well beyond or where nothing is known.
func TestReliability(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	there, back := NewField(9, 9), NewField(9, 9)
	middle, got := 4*9+4, make([]float32, 81)
	for i := range there.U {
		there.U[i], back.U[i] = 1, -1
	}
	set := func(u float32) float32 {
		for i := range back.U {
			back.U[i] = u
		}
		Reliability(got, there, back, pool)
		return got[middle]
	}
	limit := func(u float64) float64 { return (1 + u) * (1 + u) / (0.01*(1+u*u) + 0.5) }
	half := -0.28 // from where on it is solved for a ratio of 1
	for range 50 {
		half -= (limit(half) - 1) / (limit(half+1e-4) - limit(half-1e-4)) * 2e-4
	}
	for u, want := range map[float32]float32{-1: 1, -0.8: 1, float32(half): 0.5, 0: 0, 5: 0, float32(math.NaN()): 0} {
		if r := set(u); !(math.Abs(float64(r-want)) < 1e-3) {
			t.Errorf("back by %g: %g, want %g", u, r, want)
		}
	}
	last := float32(1)
	for u := float32(-1); u < 0.5; u += 0.01 {
		if r := set(u); !(r <= last) {
			t.Fatalf("back by %g the reliability rises to %g", u, r)
		} else {
			last = r
		}
	}
	set(-1)
	there.U[middle+1] += 2
	if Reliability(got, there, back, pool); got[middle] != 0 {
		t.Errorf("at a boundary: %g", got[middle])
	}
	if Visibility(got, there, back, pool); got[middle] != 1 || got[middle+1] != 0 {
		t.Errorf("at a boundary %g is seen, and beside it %g", got[middle], got[middle+1])
	}
}
