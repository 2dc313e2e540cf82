package motif

import (
	"math"

	"oneiro/internal/noise"
)

// wheel has a tyre, a rim, spokes and a hub: of a bicycle, a cart or a car.
func wheel(r *rng) shader {
	tyre, rim, hub := r.between(0.78, 0.93), r.between(0.04, 0.1), r.between(0.1, 0.22)
	var n int
	var root, tip float64 // half the width of a spoke at the hub and at the rim
	switch r.whole(0, 2) {
	case 0:
		n, root, tip = r.whole(14, 24), 0.016, 0.016
	case 1:
		n, root, tip = r.whole(6, 12), r.between(0.04, 0.06), r.between(0.03, 0.06)
	default:
		n, root, tip = r.whole(3, 7), r.between(0.05, 0.1), r.between(0.1, 0.2)
	}
	lean, bolts, tread := r.between(-0.3, 0.3), r.whole(4, 8), float64(r.whole(0, 40))
	disc := r.chance(0.25)
	if r.chance(0.6) {
		lean = 0
	}
	return func(x, y float64) point {
		q, a := polar(x, y)
		switch {
		case q > 1:
			return point{}
		case q > tyre:
			p := point{solid: true, ink: 1, tone: 0.5, height: 0.15 * dome((2*q-1-tyre)/(1-tyre))}
			if frac(tread*a/(2*math.Pi)) > 0.7 && q > (1+tyre)/2 {
				p.tone = 0
			}
			return p
		case q > tyre-rim:
			return point{solid: true, tone: 0.2 + 0.7*zigzag((tyre-q)/rim), height: 0.08}
		case q < hub:
			bx, by, _ := sector(x, y, bolts)
			if q < 0.3*hub || math.Hypot(bx-0.65*hub, by) < 0.15*hub {
				return point{solid: true, ink: 1, tone: 0.2, height: 0.2}
			}
			return point{solid: true, tone: 0.8 - 2*q, height: 0.25 * dome(q/hub)}
		}
		s, c := math.Sincos(lean * q)
		fx, fy, _ := sector(c*x-s*y, s*x+c*y, n)
		if half := noise.Lerp(root, tip, fx/tyre); math.Abs(fy) < half {
			return point{solid: true, tone: 0.75 - 0.5*math.Abs(fy)/half, height: 0.1 * dome(fy/half)}
		}
		if disc {
			return point{solid: true, ink: 1, tone: 0.15 + 0.2*zigzag(4*q)}
		}
		return point{}
	}
}

// gear is a toothed disc with a bore, and spokes or holes.
func gear(r *rng) shader {
	n := float64(r.whole(7, 22))
	root := 1 - r.between(0.35, 0.5)*math.Sqrt(2.5/n)
	flank, fat := r.between(0.1, 0.4), r.between(0.4, 0.6)
	bore, boss := r.between(0.08, 0.2), r.between(0.08, 0.16)
	holes, spoked, band := r.whole(3, 7), r.chance(0.4), r.between(0.1, 0.2)
	web, at := r.between(0.07, 0.13), (root-band+bore+boss)/2
	plain, keyed, brushed := r.chance(0.25), r.chance(0.5), r.noise()
	size := min(at-bore-boss, at*math.Sin(math.Pi/float64(holes))) * r.between(0.6, 0.85)
	return func(x, y float64) point {
		q, a := polar(x, y)
		tooth := noise.Clamp((zigzag(n*a/(2*math.Pi))-1+fat)/flank + 0.5)
		edge := noise.Lerp(root, 1, tooth) - q
		if edge < 0 || q < bore || keyed && math.Abs(x) < 0.4*bore && y < 0 && y > -1.45*bore {
			return point{}
		}
		p := point{solid: true, tone: 0.5 + 0.12*brushed.At(12*q, 2*a),
			height: 0.15 * noise.Step(0, 0.05, min(edge, q-bore))}
		if edge < 0.035 || q < bore+0.03 {
			p.tone = 0.95
		}
		if q < bore+boss || q > root-band {
			return p
		}
		fx, fy, _ := sector(x, y, holes)
		switch {
		case plain:
			p.tone, p.height = p.tone-0.3, 0.08
		case spoked && math.Abs(fy) > web, !spoked && math.Hypot(fx-at, fy) < size:
			return point{}
		}
		return p
	}
}
