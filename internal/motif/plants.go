package motif

import "math"

// flower is a blossom from above: one or two rings of petals about a disc.
func flower(r *Rand) Shader {
	n, front := r.Int(5, 14), 1.0
	double := r.Chance(0.5)
	if double {
		front = r.Between(0.6, 0.8)
	}
	belly, round := r.Between(0.5, 0.75), r.Between(0.2, 1)
	slope := math.Tan(math.Pi / float64(n))
	fat := r.Between(0.8, 1.3) * belly * slope
	disc, ring, dots := r.Between(0.14, 0.36), r.Between(0.6, 0.9), r.Noise()
	veins, streak, rim := r.Between(2, 5), r.Between(0, 0.3), r.Chance(0.4)
	// how far (x, y) is within a petal of this length, and what is seen there
	petal := func(x, y, long float64) (inside float64, p Point) {
		x, y, _ = sector(x, y, n)
		half, y := fat*long*blade(x/long, belly, round), math.Abs(y)
		inside = min(half-y, x*slope-y)
		p = Point{Solid: true, Tone: 0.3 + 0.6*x/long + streak*math.Cos(veins*math.Pi*y/(fat*long)), Height: 0.3 * math.Sqrt(max(0, inside))}
		if rim {
			p.Tone = 1.2 - p.Tone
		}
		p.Tone *= step(0, 0.045, inside)
		return inside, p
	}
	return func(x, y float64) Point {
		if q := math.Hypot(x, y); q < disc {
			c := dots.Cells(14*x, 14*y, 0.5)
			return Point{Solid: true, Ink: 1, Tone: (1.1 - c.Near) * step(0, 0.3, math.Abs(q/disc-ring)+0.1), Height: 0.25 + 0.05*(1-c.Near)}
		}
		inside, p := petal(x, y, front)
		if inside < 0 && double {
			s, c := math.Sincos(math.Pi / float64(n))
			inside, p = petal(c*x-s*y, s*x+c*y, 1)
			p.Tone *= 0.75
		}
		if inside < 0 {
			return Point{}
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

// tree has a trunk that forks again and again, bare or under a crown, or is a fir.
func tree(r *Rand) Shader {
	if r.Chance(0.3) {
		return fir(r)
	}
	const levels = 6
	type fork struct{ sinL, cosL, sinR, cosR float64 }
	var forks [levels]fork
	for i := range forks {
		forks[i].sinL, forks[i].cosL = math.Sincos(r.Between(0.3, 0.75))
		forks[i].sinR, forks[i].cosR = math.Sincos(r.Between(0.3, 0.75))
	}
	shrink, long, thick := r.Between(0.68, 0.78), r.Between(0.52, 0.62), r.Between(0.07, 0.12)
	crooked, knots := r.Between(0.05, 0.15), r.Noise()
	var crown puffs
	if r.Chance(0.6) {
		wide, tall := r.Between(0.35, 0.6), r.Between(0.2, 0.5)
		for i := range 10 {
			s, c := math.Sincos(2 * math.Pi * float64(i) / 9)
			if i == 9 {
				s, c = 0, 0
			}
			crown = append(crown, puff{wide * c, tall*s - 0.4, r.Between(0.25, 0.4)})
		}
	}
	leaves, gaps := r.Noise(), r.Between(-0.2, 0.5)
	return func(x, y float64) Point {
		if crown != nil {
			wave := leaves.At(9*x, 9*y)
			h, light := crown.at(x+0.07*wave, y+0.07*wave)
			if h > 0 && wave > gaps-1 {
				return Point{Solid: true, Ink: 1, Tone: 0.4 + 0.4*light + 0.3*wave, Height: 0.4*h + 0.04*wave}
			}
		}
		x += crooked * knots.At(3*x, 3*y) * step(1, 0.5, y)
		y -= 0.97
		if y > -0.15 {
			x *= 1 - 2*(y+0.15) // roots
		}
		for i := range forks {
			if y < 0 && y > -long && math.Abs(x) < thick*(1+0.3*y/long) {
				return Point{Solid: true, Tone: 0.5 - 4*x, Height: 0.3 * dome(x/thick) * thick}
			}
			f := &forks[i]
			s, c := f.sinR, -f.cosR
			if x < 0 {
				x, s, c = -x, f.sinL, -f.cosL
			}
			y += 0.95 * long
			x, y = (-c*x+s*y)/shrink, (-s*x-c*y)/shrink
		}
		return Point{}
	}
}

// fir is a tree of drooping tiers.
func fir(r *Rand) Shader {
	tiers, wide := float64(r.Int(3, 7)), r.Between(0.4, 0.7)
	deep, foot := r.Between(0.25, 0.55), r.Between(0.6, 0.8)
	needles, rough, snow := r.Noise(), r.Between(0.05, 0.15), r.Chance(0.3)
	return func(x, y float64) Point {
		n := needles.At(16*x, 5*y)
		m := math.Abs(x)
		t := (y+1-0.2*m*m)/(foot+1) + rough*0.3*n
		saw := frac(t * tiers)
		switch {
		case t > 0 && t < 1 && m < wide*t*(1-deep*(1-saw)):
			p := Point{Solid: true, Ink: 1, Tone: 0.15 + 0.5*saw + 0.2*n, Height: 0.2 * saw}
			if snow && saw < 0.3 {
				p.Tone = 1
			}
			return p
		case m < 0.08 && y > 0 && y < 1:
			return Point{Solid: true, Tone: 0.5 - 3*x}
		}
		return Point{}
	}
}
