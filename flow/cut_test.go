package flow

import (
	"math"
	"testing"

	"oneiro/internal/parallel"
)

// A cut is found between other pictures, and not where the same ones move or become darker.
func TestCut(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	change := func(a, b []float32, w, h int) Change {
		p := &pair{w: w, h: h, a: a, b: b}
		there, back := p.estimate(Presets[1], pool)
		r := make([]float32, w*h)
		Reliability(r, there, back, pool)
		return ChangeOf(a, b, w, h, r)
	}
	others := []texture{collage(210, 170, 60, 3), collage(210, 170, 60, 4)}
	one, other := scenes[0].draw(160, 120, others), scenes[0].draw(160, 120, others[1:])
	if c := change(one.a, other.a, 160, 120); !c.Cut() {
		t.Errorf("%+v is no cut", c)
	}
	for _, s := range scenes {
		p := s.draw(320, 240, testTextures())
		if c := change(p.a, p.b, p.w, p.h); c.Cut() || !(c.Reliable > 0.6) {
			t.Errorf("%s: %+v", s.name, c)
		}
	}
	dark := make([]float32, len(one.a))
	for i, v := range one.a {
		dark[i] = v * 0.5
	}
	if c := change(one.a, dark, 160, 120); c.Cut() {
		t.Errorf("a light that goes out: %+v", c)
	}
}

// TestChangeOf compares with numbers by hand: halves of the picture change by 0.2 and 0.4, also in one that is
// smaller than a thumbnail.
func TestChangeOf(t *testing.T) {
	for _, size := range [][2]int{{128, 64}, {2, 1}, {640, 30}} {
		w, h := size[0], size[1]
		a, b, r := make([]float32, w*h), make([]float32, w*h), make([]float32, w*h)
		for i := range a {
			if a[i] = 0.5; i%w < w/2 {
				b[i], r[i] = 0.3, 0.5
			} else {
				b[i], r[i] = 0.9, 0.49
			}
		}
		if c := ChangeOf(a, b, w, h, r); !(math.Abs(c.Luma-0.3) < 1e-6) || c.Reliable != 0.5 {
			t.Errorf("%dx%d: %+v", w, h, c)
		}
	}
}
