package flow

import (
	"math/rand/v2"
	"testing"

	"oneiro/internal/parallel"
)

// TestMatch looks at an even picture with noise, of which a square changes and from which some flows lead out.
func TestMatch(t *testing.T) {
	const w, h = 48, 40
	pool := parallel.New(2)
	defer pool.Close()
	r := rand.New(rand.NewPCG(1, 0))
	a, b, f := make([]float32, w*h), make([]float32, w*h), NewField(w, h)
	square := func(i int) bool { return i%w >= 20 && i%w < 32 && i/w >= 10 && i/w < 25 }
	for i := range a {
		a[i], b[i] = 0.5+0.01*float32(r.NormFloat64()), 0.5+0.01*float32(r.NormFloat64())
		f.U[i], f.V[i] = float32(r.NormFloat64()), float32(r.NormFloat64()) // nobody can tell
		if square(i) {
			b[i] = 0.9
			f.U[i], f.V[i] = 0, 0
		}
	}
	f.U[0] = -9
	match := make([]float32, w*h)
	Match(match, a, b, f, pool)
	for i, m := range match {
		x, y := i%w, i/w
		near := x >= 13 && x < 39 && y >= 3 && y < 32
		switch inside := x >= 23 && x < 29 && y >= 13 && y < 22; {
		case i == 0 || inside:
			if m != 0 {
				t.Fatalf("%d, %d matches by %v", x, y, m)
			}
		case !near && x > 4 && y > 4 && x < w-5 && y < h-5 && !(m > 0.8):
			t.Fatalf("%d, %d matches by %v", x, y, m)
		}
	}
}
