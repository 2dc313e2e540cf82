package motif

import (
	"math"

	"oneiro/internal/noise"
)

// flower is a blossom from above: one or two rings of petals about a disc.
func flower(r *Rand) Shader {
	n, front := r.Int(5, 14), 1.0
	double := r.Chance(0.5)
	if double {
		front = r.Between(0.6, 0.8)
	}
	belly, round := r.Between(0.5, 0.75), r.Between(0.2, 1)
	sin, cos := math.Sincos(math.Pi / float64(n))
	slope := sin / cos
	fat := r.Between(0.8, 1.3) * belly * slope
	disc, ring, dots := r.Between(0.14, 0.36), r.Between(0.6, 0.9), r.Noise()
	veins, streak, rim := r.Between(2, 5), r.Between(0, 0.3), r.Chance(0.4)
	// how far (x, y) is within a petal of this length, and what is seen there
	petal := func(x, y, long float64) (inside float64, p Point) {
		x, y, _ = sector(x, y, n)
		half, y := fat*long*blade(x/long, belly, round), math.Abs(y)
		if inside = min(half-y, x*slope-y); inside < 0 {
			return inside, Point{}
		}
		p = Point{Solid: true, Tone: 0.3 + 0.6*x/long + streak*math.Cos(veins*math.Pi*y/(fat*long)), Height: 0.3 * math.Sqrt(inside)}
		if rim {
			p.Tone = 1.2 - p.Tone
		}
		p.Tone *= noise.Step(0, 0.045, inside)
		return inside, p
	}
	return func(x, y float64) Point {
		q := math.Hypot(x, y)
		if q > 1 {
			return Point{}
		}
		if q < disc {
			c := dots.Cells(14*x, 14*y, 0.5)
			return Point{Solid: true, Ink: 1, Tone: (1.1 - c.Near) * noise.Step(0, 0.3, math.Abs(q/disc-ring)+0.1), Height: 0.25 + 0.05*(1-c.Near)}
		}
		inside, p := petal(x, y, front)
		if inside < 0 && double {
			_, p = petal(cos*x-sin*y, sin*x+cos*y, 1)
			p.Tone *= 0.75
		}
		return p
	}
}

// leaf has a midrib and side veins, and an even, toothed or lobed margin; some are hands like a
// maple's.
func leaf(r *Rand) Shader {
	if r.Chance(0.3) {
		return maple(r)
	}
	belly, round, wide := r.Between(0.35, 0.6), r.Between(0.1, 0.9), r.Between(0.35, 0.68)
	bend, fold, vein := r.Between(-0.25, 0.25), r.Between(-0.15, 0.15), r.Between(0.1, 0.25)
	count, slant := r.Between(5, 9), r.Between(0.4, 0.9)
	margin, deep, teeth := r.Int(0, 2), r.Between(0.1, 0.28), float64(r.Int(5, 9))
	light := r.Chance(0.7)
	return func(x, y float64) Point {
		x -= bend * (y*y - 0.4)
		t, m := (0.65-y)/1.65, math.Abs(x)
		half := wide * blade(t, belly, round)
		switch margin {
		case 1:
			half *= 1 - 0.6*deep*frac(t*teeth*2)
		case 2:
			half *= 1 - deep*(1+math.Cos(2*math.Pi*t*teeth))
		}
		rib := m < 0.035*(1.1-t)
		if m > half && !(rib && t < 0.2 && y < 1) {
			return Point{}
		}
		v := zigzag((t - slant*m) * count)
		p := Point{Solid: true, Tone: 0.45 + math.Copysign(fold, x) - 0.15*m/wide, Height: 0.06 * (1 - v*v)}
		if rib || v > 1-vein {
			p.Tone = 0.95
		}
		if !light {
			p.Tone = 1 - p.Tone
		}
		return p
	}
}

// maple is a leaf of five or seven pointed lobes with a vein in each.
func maple(r *Rand) Shader {
	side := float64(r.Int(2, 3))
	fan, shrink := r.Between(2.1, 2.5)/side, r.Between(0.08, 0.2)
	fat, heart := r.Between(0.18, 0.28), r.Between(0.3, 0.45)
	teeth, deep, light := r.Between(4, 8), r.Between(0.1, 0.5), r.Chance(0.7)
	return func(x, y float64) Point {
		y -= 0.25
		if math.Abs(x) < 0.03 && y > 0 && y < 0.7 {
			return Point{Solid: true, Tone: 0.9}
		}
		q, a := polar(-y, x)
		k := max(-side, min(side, math.Round(a/fan)))
		s, c := math.Sincos(a - k*fan)
		long := 1.2 * (1 - shrink*math.Abs(k))
		along, across := q*c, q*math.Abs(s)
		t := along / long
		half := fat * blade(t, 0.45, 0.3) * (1 - deep*frac(teeth*t))
		if across > half && q > heart*long {
			return Point{}
		}
		p := Point{Solid: true, Tone: 0.5 - 0.8*across, Height: 0.3 * across}
		if across < 0.025*(1.2-t) || zigzag(6*(t-across)) > 0.88 {
			p.Tone = 0.95
		}
		if !light {
			p.Tone = 1 - p.Tone
		}
		return p
	}
}

// mushroom has a cap, often with spots, on a stem, and gills below.
func mushroom(r *Rand) Shader {
	wide, tall, brim := r.Between(0.6, 0.95), r.Between(0.5, 1), r.Between(-0.15, 0.25)
	pointed, under := r.Between(0, 0.7), r.Between(0.06, 0.2)
	stem, bulb, skirt := r.Between(0.1, 0.24), r.Between(0, 0.14), r.Chance(0.5)
	spots, size, dense := r.Noise(), r.Between(0.22, 0.4), r.Between(3.5, 5.5)
	spotted, gills := r.Chance(0.7), r.Between(10, 18)
	return func(x, y float64) Point {
		m := math.Abs(x) / wide
		rise := (brim - y) / tall // 0 at the brim, 1 at the top
		curl := 0.12 * (m*m - 0.5)
		switch half := noise.Lerp(dome(rise), 1-rise, pointed); {
		case rise > curl && rise < 1 && m < half:
			p := Point{Solid: true, Tone: 0.35 + 0.4*rise - 0.3*x, Height: 0.4 * tall * dome(math.Hypot(m, rise))}
			if spotted {
				if c := spots.Cells(dense*x*(1+0.5*m*m), dense*y, 0.6); c.Near < size*(0.7+0.6*c.Random) {
					p.Ink, p.Tone, p.Height = 1, 1, p.Height+0.03
				}
			}
			return p
		case math.Abs(x) < stem*(0.8+0.2*noise.Step(0.3, 0, y-brim))+bulb*noise.Step(0.5, 1, y) && y > brim+under*0.6 && y < 0.97:
			return Point{Solid: true, Ink: 1, Tone: 0.75 - 1.5*x - 0.4*noise.Step(brim+0.3, brim, y), Height: 0.2 * dome(x/(stem+bulb))}
		case skirt && y > brim+0.2 && y < brim+0.32 && math.Abs(x) < stem+0.5*(y-brim-0.2):
			return Point{Solid: true, Ink: 1, Tone: 0.3}
		case y > brim-0.1 && math.Hypot(m, (y-brim)/under) < 1:
			return Point{Solid: true, Ink: 1, Tone: 0.1 + 0.4*zigzag(gills*x/(1-0.8*(y-brim)))}
		}
		return Point{}
	}
}
