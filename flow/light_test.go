package flow

import (
	"math"
	"testing"

	"oneiro/internal/parallel"
)

// TestLight lets the left half of a picture become brighter by 12 levels and the right one by 3, with
// something in it that changes by more than light does, and an edge of the flow where differences do not
// count.
func TestLight(t *testing.T) {
	const w, h = 400, 200 // the finest level has half of that
	pool := parallel.New(2)
	defer pool.Close()
	preset, _ := PresetOf("medium")
	e := New(w, h, preset, pool)
	g := &e.flow[e.finest]
	e.refine.reset(g)
	for y := range g.h {
		for x := range g.w {
			d := float32(3)
			if x < g.w/2 {
				d = 12
			}
			switch {
			case x%7 == 0:
				e.edges[y*g.w+x] = nearEdge
				d = 30
			case (x+y)%5 == 0:
				d = -90
			}
			e.refine.change[y*g.w+x] = d
		}
	}
	e.measureLight(g)
	for x, want := range map[int]float64{0: 12, 50: 12, g.w/2 + 32: 3, g.w - 1: 3} {
		for _, y := range []int{0, g.h / 2, g.h - 1} {
			if got := e.lightAt(g, x, y); !(math.Abs(float64(got)-want) < 1e-3) {
				t.Errorf("at %d,%d: %g, want %g", x, y, got, want)
			}
		}
	}
	for i := range e.edges {
		e.edges[i] = nearEdge
	}
	if e.measureLight(g); e.lightAt(g, 9, 9) != 0 {
		t.Error("edges alone have light")
	}
}

// TestWindow compares with the sum of squares by hand, for a flow of whole pixels: a pixel of the same luma
// counts all, and one that differs by √(1/0.03) half.
func TestWindow(t *testing.T) {
	a, b := newPlane(9, 9), newPlane(9, 9)
	for y := range 9 {
		for x := range 9 {
			a.pix[a.at(x, y)], b.pix[b.at(x, y)] = 100, 100
		}
	}
	other := float32(math.Sqrt(1 / 0.03))
	a.pix[a.at(3, 3)] = 100 + other
	b.pix[b.at(6, 4)] = 107 // what (4, 3) becomes by a flow of 2, 1, with 5 levels of light
	w := newWindow(&a, 4, 4, 5)
	// Seven pixels differ by 5, one by 107-100-5, and one that counts half by more.
	more := float64(other) + 5
	want := rounding + (7*25+2*2+0.5*more*more)/8.5
	if got := w.misfit(&b, 2, 1, math.MaxFloat32); !(math.Abs(float64(got)-want) < 1e-3*want) {
		t.Errorf("%g, want %g", got, want)
	}
	if got := w.misfit(&b, 2, 1, 3); !(got > 3) {
		t.Errorf("%g, which is not above a limit of 3", got)
	}
}
