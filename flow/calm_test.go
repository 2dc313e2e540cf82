package flow

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/internal/parallel"
)

// TestCalm calms flows of a picture that moves by 2 pixels to the right: an even left half with noise, whose
// flows are random, and a right half with waves, in which a disc moves in another way. Flows of the even half
// become those of the waves, and the disc keeps its own.
func TestCalm(t *testing.T) {
	const w, h = 96, 64
	pool := parallel.New(2)
	defer pool.Close()
	r := rand.New(rand.NewPCG(1, 0))
	a, b, f := make([]float32, w*h), make([]float32, w*h), NewField(w, h)
	disc := func(i int) float64 { return math.Hypot(float64(i%w-72), float64(i/w-32)) }
	wave := func(x, y int) float32 { return 0.5 + 0.3*float32(math.Sin(0.7*float64(x))*math.Cos(0.5*float64(y))) }
	for i := range a {
		x, y := i%w, i/w
		f.U[i] = 2
		switch {
		case x < 48:
			f.U[i], f.V[i] = 2+2*float32(r.NormFloat64()), 2*float32(r.NormFloat64())
			a[i], b[i] = 0.5, 0.5
		case disc(i) < 8:
			a[i], b[i], f.U[i], f.V[i] = wave(y, x), wave(y-2, x), 0, 2
		default:
			a[i], b[i] = wave(x, y), wave(x-2, y)
		}
		a[i] += 0.01 * float32(r.NormFloat64())
		b[i] += 0.01 * float32(r.NormFloat64())
	}
	Calm(f, a, b, pool)
	var even, moving, n, m float64
	for i := range a {
		x, y := i%w, i/w
		if x < 8 || y < 8 || y > h-8 || x > w-8 {
			continue
		}
		if x < 40 {
			even += math.Hypot(float64(f.U[i]-2), float64(f.V[i]))
			n++
		} else if disc(i) < 5 {
			moving += math.Hypot(float64(f.U[i]), float64(f.V[i]-2))
			m++
		}
	}
	if !(even/n < 0.5) {
		t.Errorf("flows of the even half are off by %v", even/n)
	}
	if !(moving/m < 0.2) {
		t.Errorf("flows of the disc are off by %v", moving/m)
	}
}
