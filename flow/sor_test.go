package flow

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/internal/parallel"
)

// TestSolve compares the solver with successive over-relaxation pixel by pixel, in float64, and lets it solve
// the equations. Sizes have several pieces, pieces of one row, and no neighbours.
func TestSolve(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	preset, _ := PresetOf(DefaultPreset)
	for _, size := range [][2]int{{1, 1}, {2, 1}, {1, 9}, {7, 6}, {30, 59}, {31, 60}, {65, 271}, {9001, 3}} {
		w, h := size[0], size[1]
		e := New(8, 8, preset, pool)
		r := rand.New(rand.NewPCG(1, uint64(w)))
		s := &e.refine.system
		s.reset(w, h)
		n := w * h
		right, down, a, c, b := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		d, b2, u, v := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			if right[i] = float64(r.Float32()); i%w == w-1 {
				right[i] = 0
			}
			if down[i] = float64(r.Float32()); i/w == h-1 {
				down[i] = 0
			}
			x, y := r.Float64(), r.Float64()
			a[i], c[i], d[i], b[i], b2[i] = x*x+0.3, x*y, y*y+0.3, r.NormFloat64(), r.NormFloat64()
		}
		weight := func(s []float64, x, y int) float64 {
			if x < 0 || y < 0 || x >= w || y >= h {
				return 0
			}
			return s[y*w+x]
		}
		around := func(x, y int) float64 {
			return weight(right, x, y) + weight(right, x-1, y) + weight(down, x, y) + weight(down, x, y-1)
		}
		flows := func(f []float64, x, y int) float64 {
			return weight(right, x, y)*weight(f, x+1, y) + weight(right, x-1, y)*weight(f, x-1, y) +
				weight(down, x, y)*weight(f, x, y+1) + weight(down, x, y-1)*weight(f, x, y-1)
		}
		for i := range n {
			x, y := i%w, i/w
			k := s.at(x, y)
			s.right[k], s.down[k] = float32(right[i]), float32(down[i])
			s.inverse1[k], s.inverse2[k] = float32(1/(a[i]+around(x, y))), float32(1/(d[i]+around(x, y)))
			s.a12[k], s.b1[k], s.b2[k] = float32(c[i]), float32(b[i]), float32(b2[i])
		}
		e.solve(s)
		for range relaxations {
			for colour := range 2 {
				for i := range n {
					if x, y := i%w, i/w; (x+y)%2 == colour {
						u[i] += relaxation * ((b[i]+flows(u, x, y)-c[i]*v[i])/(a[i]+around(x, y)) - u[i])
						v[i] += relaxation * ((b2[i]+flows(v, x, y)-c[i]*u[i])/(d[i]+around(x, y)) - v[i])
					}
				}
			}
		}
		for i := range n {
			k := s.at(i%w, i/w)
			if !(math.Abs(float64(s.u[k])-u[i]) < 1e-4) || !(math.Abs(float64(s.v[k])-v[i]) < 1e-4) {
				t.Fatalf("%dx%d: pixel %d is %g, %g, want %g, %g", w, h, i, s.u[k], s.v[k], u[i], v[i])
			}
		}
		for range 30 {
			e.solve(s)
		}
		for i := range n {
			x, y := i%w, i/w
			u[i], v[i] = float64(s.u[s.at(x, y)]), float64(s.v[s.at(x, y)])
		}
		for i := range n {
			x, y := i%w, i/w
			r1 := (a[i]+around(x, y))*u[i] + c[i]*v[i] - b[i] - flows(u, x, y)
			r2 := (d[i]+around(x, y))*v[i] + c[i]*u[i] - b2[i] - flows(v, x, y)
			if !(math.Hypot(r1, r2) < 1e-4) {
				t.Fatalf("%dx%d: pixel %d has a residual of %g, %g", w, h, i, r1, r2)
			}
		}
	}
}
