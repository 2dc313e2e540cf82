package optim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/internal/parallel"
)

// equalised is the definition of Bands in float64, with the matrices of halved and doubled.
func equalised(x []float64, g Grid, count int) []float64 {
	unit := func(v []float64) []float64 {
		var square float64
		for _, a := range v {
			square += a * a
		}
		out := make([]float64, len(v))
		for i, a := range v {
			out[i] = a / math.Sqrt(square/float64(len(v)))
		}
		return out
	}
	if count == 0 || min(g.H, g.W) < 2*smallestLevel {
		return unit(x)
	}
	low := halved(x, g)
	band := make([]float64, len(x))
	for i, v := range doubled(low, g) {
		band[i] = x[i] - v
	}
	band = unit(band)
	for i, v := range doubled(equalised(low, g.Half(), count-1), g) {
		band[i] += v
	}
	return band
}

func TestBands(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	for _, g := range []Grid{{1, 1, 3}, {5, 4, 3}, {19, 26, 3}, {32, 17, 1}} {
		for count := range 5 {
			wide, x := normal(rand.New(rand.NewPCG(uint64(count), 1)), g.Len())
			want := equalised(wide, g, count)
			for _, p := range []*parallel.Pool{nil, pool} {
				got := append([]float32(nil), x...)
				NewBands(g, count, NewHost(nil, p), make([]float32, BandsLen(g, count))).Equalise(got)
				near(t, fmt.Sprintf("%d bands of %v", count, g), got, want)
			}
		}
	}
}

// A gradient of zeros stays one.
func TestBandsOfNothing(t *testing.T) {
	g := Grid{16, 16, 3}
	x := make([]float32, g.Len())
	NewBands(g, 2, NewHost(nil, nil), make([]float32, BandsLen(g, 2))).Equalise(x)
	near(t, "zeros", x, make([]float64, g.Len()))
}

// TestBandsEqualise checks what it is for: two waves, one 20 times as strong, come out alike.
func TestBandsEqualise(t *testing.T) {
	g := Grid{64, 64, 1}
	x := make([]float32, g.Len())
	wave := func(i int, period float64) float64 { return math.Sin(2 * math.Pi * float64(i%g.W) / period) }
	for i := range x {
		x[i] = float32(20*wave(i, 4) + wave(i, 32))
	}
	NewBands(g, 3, NewHost(nil, nil), make([]float32, BandsLen(g, 3))).Equalise(x)
	along := func(period float64) (sum float64) {
		for i, v := range x {
			sum += float64(v) * wave(i, period)
		}
		return sum
	}
	if ratio := along(4) / along(32); !(ratio > 0.5 && ratio < 2) {
		t.Errorf("the strong wave is %v times the weak one", ratio)
	}
}
