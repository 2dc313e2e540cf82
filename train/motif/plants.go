package motif

import (
	"math"

	"oneiro/internal/noise"
)

// flower is a blossom from above: one or two rings of petals around a disc.
func flower(r *rng) shader {
	n, front := r.whole(5, 14), 1.0
	double := r.chance(0.5)
	if double {
		front = r.between(0.6, 0.8)
	}
	belly, round := r.between(0.5, 0.75), r.between(0.2, 1)
	sin, cos := math.Sincos(math.Pi / float64(n))
	slope := sin / cos
	fat := r.between(0.8, 1.3) * belly * slope
	disc, ring, dots := r.between(0.14, 0.36), r.between(0.6, 0.9), r.noise()
	veins, streak, rim := r.between(2, 5), r.between(0, 0.3), r.chance(0.4)
	// the distance of (x, y) inside a petal of this length, and what is seen there
	petal := func(x, y, long float64) (inside float64, p point) {
		x, y, _ = sector(x, y, n)
		half, y := fat*long*blade(x/long, belly, round), math.Abs(y)
		if inside = min(half-y, x*slope-y); inside < 0 {
			return inside, point{}
		}
		p = point{solid: true, tone: 0.3 + 0.6*x/long + streak*math.Cos(veins*math.Pi*y/(fat*long)),
			height: 0.3 * math.Sqrt(inside)}
		if rim {
			p.tone = 1.2 - p.tone
		}
		p.tone *= noise.Step(0, 0.045, inside)
		return inside, p
	}
	return func(x, y float64) point {
		q := math.Hypot(x, y)
		if q > 1 {
			return point{}
		}
		if q < disc {
			c := dots.Cells(14*x, 14*y, 0.5)
			return point{solid: true, ink: 1, tone: (1.1 - c.Near) * noise.Step(0, 0.3, math.Abs(q/disc-ring)+0.1),
				height: 0.25 + 0.05*(1-c.Near)}
		}
		inside, p := petal(x, y, front)
		if inside < 0 && double {
			_, p = petal(cos*x-sin*y, sin*x+cos*y, 1)
			p.tone *= 0.75
		}
		return p
	}
}

// leaf has a midrib, side veins and a smooth, toothed or lobed margin; some are maple leaves.
func leaf(r *rng) shader {
	if r.chance(0.3) {
		return maple(r)
	}
	belly, round, wide := r.between(0.35, 0.6), r.between(0.1, 0.9), r.between(0.35, 0.68)
	bend, fold, vein := r.between(-0.25, 0.25), r.between(-0.15, 0.15), r.between(0.1, 0.25)
	count, slant := r.between(5, 9), r.between(0.4, 0.9)
	margin, deep, teeth := r.whole(0, 2), r.between(0.1, 0.28), float64(r.whole(5, 9))
	light := r.chance(0.7)
	return func(x, y float64) point {
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
			return point{}
		}
		v := zigzag((t - slant*m) * count)
		p := point{solid: true, tone: 0.45 + math.Copysign(fold, x) - 0.15*m/wide, height: 0.06 * (1 - v*v)}
		if rib || v > 1-vein {
			p.tone = 0.95
		}
		if !light {
			p.tone = 1 - p.tone
		}
		return p
	}
}

// maple is a leaf of five or seven pointed lobes with a vein in each.
func maple(r *rng) shader {
	side := float64(r.whole(2, 3))
	fan, shrink := r.between(2.1, 2.5)/side, r.between(0.08, 0.2)
	fat, heart := r.between(0.18, 0.28), r.between(0.3, 0.45)
	teeth, deep, light := r.between(4, 8), r.between(0.1, 0.5), r.chance(0.7)
	return func(x, y float64) point {
		y -= 0.25
		if math.Abs(x) < 0.03 && y > 0 && y < 0.7 {
			return point{solid: true, tone: 0.9}
		}
		q, a := polar(-y, x)
		k := max(-side, min(side, math.Round(a/fan)))
		s, c := math.Sincos(a - k*fan)
		long := 1.2 * (1 - shrink*math.Abs(k))
		along, across := q*c, q*math.Abs(s)
		t := along / long
		half := fat * blade(t, 0.45, 0.3) * (1 - deep*frac(teeth*t))
		if across > half && q > heart*long {
			return point{}
		}
		p := point{solid: true, tone: 0.5 - 0.8*across, height: 0.3 * across}
		if across < 0.025*(1.2-t) || zigzag(6*(t-across)) > 0.88 {
			p.tone = 0.95
		}
		if !light {
			p.tone = 1 - p.tone
		}
		return p
	}
}

// mushroom has a cap, often with spots, on a stem, and gills below.
func mushroom(r *rng) shader {
	wide, tall, brim := r.between(0.6, 0.95), r.between(0.5, 1), r.between(-0.15, 0.25)
	pointed, under := r.between(0, 0.7), r.between(0.06, 0.2)
	stem, bulb, skirt := r.between(0.1, 0.24), r.between(0, 0.14), r.chance(0.5)
	spots, size, dense := r.noise(), r.between(0.22, 0.4), r.between(3.5, 5.5)
	spotted, gills := r.chance(0.7), r.between(10, 18)
	return func(x, y float64) point {
		m := math.Abs(x) / wide
		rise := (brim - y) / tall // 0 at the brim, 1 at the top
		curl := 0.12 * (m*m - 0.5)
		switch half := noise.Lerp(dome(rise), 1-rise, pointed); {
		case rise > curl && rise < 1 && m < half:
			p := point{solid: true, tone: 0.35 + 0.4*rise - 0.3*x,
				height: 0.4 * tall * dome(math.Hypot(m, rise))}
			if spotted {
				if c := spots.Cells(dense*x*(1+0.5*m*m), dense*y, 0.6); c.Near < size*(0.7+0.6*c.Random) {
					p.ink, p.tone, p.height = 1, 1, p.height+0.03
				}
			}
			return p
		case math.Abs(x) < stem*(0.8+0.2*noise.Step(0.3, 0, y-brim))+bulb*noise.Step(0.5, 1, y) &&
			y > brim+under*0.6 && y < 0.97:
			return point{solid: true, ink: 1, tone: 0.75 - 1.5*x - 0.4*noise.Step(brim+0.3, brim, y),
				height: 0.2 * dome(x/(stem+bulb))}
		case skirt && y > brim+0.2 && y < brim+0.32 && math.Abs(x) < stem+0.5*(y-brim-0.2):
			return point{solid: true, ink: 1, tone: 0.3}
		case y > brim-0.1 && math.Hypot(m, (y-brim)/under) < 1:
			return point{solid: true, ink: 1, tone: 0.1 + 0.4*zigzag(gills*x/(1-0.8*(y-brim)))}
		}
		return point{}
	}
}
