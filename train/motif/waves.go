package motif

import "math"

// planeWaves is a sum of plane waves of about one length in many directions: spots and stripes of one width,
// as on the skins of animals.
type planeWaves [12]struct{ kx, ky, phase float64 }

// newPlaneWaves draws waves of length 1.
func newPlaneWaves(r *rng) *planeWaves {
	w := new(planeWaves)
	for i := range w {
		a := math.Pi * (float64(i) + r.between(0, 1)) / float64(len(w))
		k := 2 * math.Pi * r.between(0.85, 1.15)
		w[i].kx, w[i].ky, w[i].phase = k*math.Cos(a), k*math.Sin(a), r.angle()
	}
	return w
}

// at returns the field, of mean 0 and standard deviation 1.
func (w *planeWaves) at(x, y float64) float64 {
	sum := 0.0
	for _, p := range w {
		sum += math.Cos(p.kx*x + p.ky*y + p.phase)
	}
	return sum * math.Sqrt(2/float64(len(w)))
}
