package flow

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/internal/parallel"
)

// The flow that a pixel takes has no larger sum of distances than any other of its neighbours.
func TestMedian(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	f := NewField(3, 3)
	for range 200 {
		for i := range f.U {
			f.U[i], f.V[i] = float32(r.NormFloat64()), float32(math.Exp(3*r.NormFloat64()))
		}
		sum := func(u, v float32) (s float64) {
			for i := range f.U {
				s += math.Hypot(float64(f.U[i]-u), float64(f.V[i]-v))
			}
			return s
		}
		u, v := f.median(4)
		there := false
		for i := range f.U {
			there = there || f.U[i] == u && f.V[i] == v
			if least := sum(f.U[i], f.V[i]); !(sum(u, v) <= least*(1+1e-5)) {
				t.Fatalf("%v, %v: the sum of distances of %g, %g is %g, that of %d is %g", f.U, f.V, u, v, sum(u, v), i, least)
			}
		}
		if !there {
			t.Fatalf("%g, %g is not a flow of %v, %v", u, v, f.U, f.V)
		}
	}
}

// Near an edge a pixel that stands alone takes the flow around it; elsewhere it keeps its own, and so does an
// edge that is straight.
func TestSettle(t *testing.T) {
	const w, h = 64, 48
	pool := parallel.New(2)
	defer pool.Close()
	preset, _ := PresetOf("medium")
	e := New(w, h, preset, pool)
	g := &e.flow[e.finest]
	for y := range g.h {
		for x := range g.w {
			if x >= 10 {
				g.u[g.at(x, y)] = 4
			}
		}
	}
	e.findEdges(g)
	f, want := NewField(w, h), NewField(w, h)
	for i := range f.U {
		if i%w >= 20 {
			f.U[i], want.U[i] = 8, 8
		}
	}
	alone := []int{10*w + 17, 30*w + 22}
	for _, i := range alone {
		f.U[i] = 5
	}
	away := 20*w + 50
	f.U[away], want.U[away] = 5, 5
	e.settle(f, g)
	for i := range f.U {
		if f.U[i] != want.U[i] || f.V[i] != 0 {
			t.Errorf("pixel %d, %d moves by %g, %g, want %g, 0", i%w, i/w, f.U[i], f.V[i], want.U[i])
		}
	}
}
