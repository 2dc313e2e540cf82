package flow

import (
	"math"
	"testing"

	"oneiro/internal/parallel"
)

// Bicubic interpolation of Keys with a = -½ gives second-degree polynomials exactly, and pixels themselves
// where a flow is of whole pixels.
func TestWarp(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	const w, h = 13, 11
	poly := func(x, y float64, c int) float64 {
		return float64(c+1) + 0.3*x - 0.2*y + 0.05*x*x + 0.02*x*y - 0.04*y*y
	}
	src, dst, f := make([]float32, w*h*3), make([]float32, w*h*3), NewField(w, h)
	for i := range w * h {
		for c := range 3 {
			src[3*i+c] = float32(poly(float64(i%w), float64(i/w), c))
		}
		f.U[i], f.V[i] = float32(i%7)*0.4-1.2, float32(i%5)*0.37-0.8
	}
	Warp(dst, src, 3, f, pool)
	inside := 0
	for i := range w * h {
		x, y := float64(i%w)+float64(f.U[i]), float64(i/w)+float64(f.V[i])
		if x < 1 || y < 1 || x >= w-2 || y >= h-2 {
			continue
		}
		inside++
		for c := range 3 {
			if want := poly(x, y, c); !(math.Abs(float64(dst[3*i+c])-want) < 1e-4) {
				t.Fatalf("pixel %d, channel %d: %g, want %g", i, c, dst[3*i+c], want)
			}
		}
	}
	if inside < w*h/3 {
		t.Errorf("only %d pixels were looked at", inside)
	}
	nan := float32(math.NaN())
	for _, move := range [][4]float32{ // a flow, and what it comes to at pixel (4, 3)
		{0, 0, 4, 3}, {2, -1, 6, 2}, {-9, 1, 0, 4}, {100, 100, w - 1, h - 1}, {-1e8, 0, 0, 3}, {nan, 1, 4, 3}, {0, 1e10, 4, 3},
	} {
		for i := range f.U {
			f.U[i], f.V[i] = move[0], move[1]
		}
		Warp(dst, src, 3, f, pool)
		for c := range 3 {
			if got, want := dst[3*(3*w+4)+c], src[3*(int(move[3])*w+int(move[2]))+c]; got != want {
				t.Errorf("by %g, %g: %g, want %g", move[0], move[1], got, want)
			}
		}
	}
}

// The second picture, warped by the true flow, is the first one.
func TestWarpOfScene(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	for _, s := range scenes[1:9] {
		p := s.draw(160, 120, testTextures())
		warped := make([]float32, p.w*p.h)
		Warp(warped, p.b, 1, p.forward, pool)
		var apart, before float64
		n := 0
		for i := range warped {
			if !p.hidden[i] {
				apart += math.Abs(float64(warped[i] - p.a[i]))
				before += math.Abs(float64(p.b[i] - p.a[i]))
				n++
			}
		}
		if !(apart < before/3) || !(apart/float64(n) < 0.03) {
			t.Errorf("%s: apart by %.4f, and by %.4f without warping", s.name, apart/float64(n), before/float64(n))
		}
	}
}

// TestWarpError compares with numbers by hand: a picture that has moved by two pixels, of which one half has
// also changed, and a part that does not count.
func TestWarpError(t *testing.T) {
	const w, h = 8, 4
	now, before := make([]float32, w*h*3), make([]float32, w*h*3)
	f, c := NewField(w, h), make([]float32, w*h)
	for i := range c {
		f.U[i] = 2
		for k := range 3 {
			before[3*i+k] = float32(i%w*(k+1)) / 32
		}
	}
	for i := range c {
		for k := range 3 {
			now[3*i+k] = before[3*(i/w*w+min(i%w+2, w-1))+k]
		}
		switch {
		case i/w < h/2:
			c[i] = 1
		case i%w < w/2:
			c[i] = 0.5
			now[3*i] += 0.25
			now[3*i+1] -= 0.5
		default:
			now[3*i] = 100
		}
	}
	// 16 pixels are the same, 8 that count by half have an error of 0.0625+0.25.
	if e, want := WarpError(now, before, f, c), 8*0.5*0.3125/(16+8*0.5); !(math.Abs(e-want) < 1e-7) {
		t.Errorf("%g, want %g", e, want)
	}
	if e := WarpError(now, before, f, make([]float32, w*h)); !math.IsNaN(e) {
		t.Errorf("of nothing: %g", e)
	}
	light := make([]float32, w*h)
	if e := WarpError(light, light, f, c); e != 0 {
		t.Errorf("of one channel without a change: %g", e)
	}
}
