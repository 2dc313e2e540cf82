package motif

import "math"

// spiral has one to three arms, with even or growing distances between their turns.
func spiral(r *Rand) Shader {
	arms := float64(r.Int(1, 3))
	if r.Chance(0.5) {
		arms = -arms
	}
	growing, rate := r.Chance(0.5), r.Between(0.7, 1.5)
	turns := r.Between(2, 3.8)
	sharp, disc := r.Chance(0.5), r.Chance(0.6)
	return func(x, y float64) Point {
		q, a := polar(x, y)
		if disc && q > 1 {
			return Point{}
		}
		t := q * turns
		if growing {
			t = math.Log(q+0.01) * rate * 1.6
		}
		v := zigzag(arms*a/(2*math.Pi) + t)
		if sharp {
			v = step(0.3, 0.7, v)
		}
		return Point{Solid: true, Tone: v, Height: 0.12 * v}
	}
}
