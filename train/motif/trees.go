package motif

import (
	"math"

	"oneiro/internal/noise"
)

// tree is a fir, or has a trunk that forks repeatedly, bare or with a crown.
func tree(r *rng) shader {
	if r.chance(0.3) {
		return fir(r)
	}
	const levels = 6
	type fork struct{ sinL, cosL, sinR, cosR float64 }
	var forks [levels]fork
	for i := range forks {
		forks[i].sinL, forks[i].cosL = math.Sincos(r.between(0.3, 0.75))
		forks[i].sinR, forks[i].cosR = math.Sincos(r.between(0.3, 0.75))
	}
	shrink, long, thick := r.between(0.68, 0.78), r.between(0.52, 0.62), r.between(0.07, 0.12)
	crooked, knots := r.between(0.05, 0.15), r.noise()
	var crown puffs
	if r.chance(0.6) {
		wide, tall := r.between(0.35, 0.6), r.between(0.2, 0.5)
		for i := range 10 {
			s, c := math.Sincos(2 * math.Pi * float64(i) / 9)
			if i == 9 {
				s, c = 0, 0
			}
			crown = append(crown, puff{wide * c, tall*s - 0.4, r.between(0.25, 0.4)})
		}
	}
	leaves, gaps := r.noise(), r.between(-0.2, 0.5)
	return func(x, y float64) point {
		if crown != nil {
			wave := leaves.At(9*x, 9*y)
			h, light := crown.at(x+0.07*wave, y+0.07*wave)
			if h > 0 && wave > gaps-1 {
				return point{solid: true, ink: 1, tone: 0.4 + 0.4*light + 0.3*wave, height: 0.4*h + 0.04*wave}
			}
		}
		x += crooked * knots.At(3*x, 3*y) * noise.Step(1, 0.5, y)
		y -= 0.97
		if y > -0.15 {
			x *= 1 - 2*(y+0.15) // roots
		}
		for i := range forks {
			if y < 0 && y > -long && math.Abs(x) < thick*(1+0.3*y/long) {
				return point{solid: true, tone: 0.5 - 4*x, height: 0.3 * dome(x/thick) * thick}
			}
			f := &forks[i]
			s, c := f.sinR, -f.cosR
			if x < 0 {
				x, s, c = -x, f.sinL, -f.cosL
			}
			y += 0.95 * long
			x, y = (-c*x+s*y)/shrink, (-s*x-c*y)/shrink
		}
		return point{}
	}
}

// fir is a tree of drooping tiers.
func fir(r *rng) shader {
	tiers, wide := float64(r.whole(3, 7)), r.between(0.4, 0.7)
	deep, foot := r.between(0.25, 0.55), r.between(0.6, 0.8)
	needles, rough, snow := r.noise(), r.between(0.05, 0.15), r.chance(0.3)
	return func(x, y float64) point {
		n := needles.At(16*x, 5*y)
		m := math.Abs(x)
		t := (y+1-0.2*m*m)/(foot+1) + rough*0.3*n
		saw := frac(t * tiers)
		switch {
		case t > 0 && t < 1 && m < wide*t*(1-deep*(1-saw)):
			p := point{solid: true, ink: 1, tone: 0.15 + 0.5*saw + 0.2*n, height: 0.2 * saw}
			if snow && saw < 0.3 {
				p.tone = 1
			}
			return p
		case m < 0.08 && y > 0 && y < 1:
			return point{solid: true, tone: 0.5 - 3*x}
		}
		return point{}
	}
}
