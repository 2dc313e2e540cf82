package motif

import (
	"math"

	"oneiro/internal/noise"
)

// wheel has a tyre, a rim, spokes with nothing between them, and a hub: of a bicycle, a cart or a car.
func wheel(r *Rand) Shader {
	tyre, rim, hub := r.Between(0.78, 0.93), r.Between(0.04, 0.1), r.Between(0.1, 0.22)
	var n int
	var root, tip float64 // half the breadth of a spoke at the hub and at the rim
	switch r.Int(0, 2) {
	case 0:
		n, root, tip = r.Int(14, 24), 0.016, 0.016
	case 1:
		n, root, tip = r.Int(6, 12), r.Between(0.04, 0.06), r.Between(0.03, 0.06)
	default:
		n, root, tip = r.Int(3, 7), r.Between(0.05, 0.1), r.Between(0.1, 0.2)
	}
	lean, bolts, tread := r.Between(-0.3, 0.3), r.Int(4, 8), float64(r.Int(0, 40))
	disc := r.Chance(0.25)
	if r.Chance(0.6) {
		lean = 0
	}
	return func(x, y float64) Point {
		q, a := polar(x, y)
		switch {
		case q > 1:
			return Point{}
		case q > tyre:
			p := Point{Solid: true, Ink: 1, Tone: 0.5, Height: 0.15 * dome((2*q-1-tyre)/(1-tyre))}
			if frac(tread*a/(2*math.Pi)) > 0.7 && q > (1+tyre)/2 {
				p.Tone = 0
			}
			return p
		case q > tyre-rim:
			return Point{Solid: true, Tone: 0.2 + 0.7*zigzag((tyre-q)/rim), Height: 0.08}
		case q < hub:
			bx, by, _ := sector(x, y, bolts)
			if q < 0.3*hub || math.Hypot(bx-0.65*hub, by) < 0.15*hub {
				return Point{Solid: true, Ink: 1, Tone: 0.2, Height: 0.2}
			}
			return Point{Solid: true, Tone: 0.8 - 2*q, Height: 0.25 * dome(q/hub)}
		}
		s, c := math.Sincos(lean * q)
		fx, fy, _ := sector(c*x-s*y, s*x+c*y, n)
		if half := noise.Lerp(root, tip, fx/tyre); math.Abs(fy) < half {
			return Point{Solid: true, Tone: 0.75 - 0.5*math.Abs(fy)/half, Height: 0.1 * dome(fy/half)}
		}
		if disc {
			return Point{Solid: true, Ink: 1, Tone: 0.15 + 0.2*zigzag(4*q)}
		}
		return Point{}
	}
}

// gear is a disc with teeth about it, a bore, and spokes or holes between.
func gear(r *Rand) Shader {
	n := float64(r.Int(7, 22))
	root := 1 - r.Between(0.35, 0.5)*math.Sqrt(2.5/n)
	flank, fat := r.Between(0.1, 0.4), r.Between(0.4, 0.6)
	bore, boss := r.Between(0.08, 0.2), r.Between(0.08, 0.16)
	holes, spoked, band := r.Int(3, 7), r.Chance(0.4), r.Between(0.1, 0.2)
	web, at := r.Between(0.07, 0.13), (root-band+bore+boss)/2
	plain, keyed, brushed := r.Chance(0.25), r.Chance(0.5), r.Noise()
	size := min(at-bore-boss, at*math.Sin(math.Pi/float64(holes))) * r.Between(0.6, 0.85)
	return func(x, y float64) Point {
		q, a := polar(x, y)
		tooth := noise.Clamp((zigzag(n*a/(2*math.Pi))-1+fat)/flank + 0.5)
		edge := noise.Lerp(root, 1, tooth) - q
		if edge < 0 || q < bore || keyed && math.Abs(x) < 0.4*bore && y < 0 && y > -1.45*bore {
			return Point{}
		}
		p := Point{Solid: true, Tone: 0.5 + 0.12*brushed.At(12*q, 2*a), Height: 0.15 * noise.Step(0, 0.05, min(edge, q-bore))}
		if edge < 0.035 || q < bore+0.03 {
			p.Tone = 0.95
		}
		if q < bore+boss || q > root-band {
			return p
		}
		fx, fy, _ := sector(x, y, holes)
		switch {
		case plain:
			p.Tone, p.Height = p.Tone-0.3, 0.08
		case spoked && math.Abs(fy) > web, !spoked && math.Hypot(fx-at, fy) < size:
			return Point{}
		}
		return p
	}
}
