package motif

import "math"

// Waves is a sum of plane waves of one length in many directions: blots and stripes of one width, as
// on the skin of animals.
type Waves [12]struct{ kx, ky, phase float64 }

// NewWaves draws waves of length 1.
func NewWaves(r *Rand) *Waves {
	w := new(Waves)
	for i := range w {
		a := math.Pi * (float64(i) + r.Between(0, 1)) / float64(len(w))
		k := 2 * math.Pi * r.Between(0.85, 1.15)
		w[i].kx, w[i].ky, w[i].phase = k*math.Cos(a), k*math.Sin(a), r.Angle()
	}
	return w
}

// At returns the field, of mean 0 and standard deviation 1.
func (w *Waves) At(x, y float64) float64 {
	sum := 0.0
	for _, p := range w {
		sum += math.Cos(p.kx*x + p.ky*y + p.phase)
	}
	return sum * math.Sqrt(2/float64(len(w)))
}
