package motif

import "math"

// plaid is a tartan: the same stripes across and down, in a twill that makes crossings of two colours ribbed.
func plaid(r *rng) shader {
	b, length := newBands(r, r.whole(4, 8)), r.between(2, 3)
	twill, even := r.between(5, 9), r.chance(0.6)
	down := b
	if !even {
		down = newBands(r, r.whole(4, 8))
	}
	return func(x, y float64) point {
		u, v := zigzag(x/length), zigzag(y/length)
		ink, tone := b.at(u / 1.0001)
		if frac(twill*(x+y)) < 0.5 {
			ink, tone = down.at(v / 1.0001)
		}
		return point{solid: true, ink: ink, tone: tone}
	}
}

// weave is a plain weave or a twill of bands or yarns.
func weave(r *rng) shader {
	wide, twill := r.between(0.36, 0.5), r.chance(0.4)
	high, fibres, fine := r.between(0.1, 0.3), r.between(0, 0.25), r.between(4, 8)
	spread := r.between(0, 0.3)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		i, j := math.Floor(x), math.Floor(y)
		u, v := x-i-0.5, y-j-0.5
		down := parity(i+j) == 0
		if twill {
			down = parity(math.Floor((i+j)/2)) == 0
		}
		// the band above, else the one below it, else the gap between bands
		for lift := 1.0; lift >= 0; lift-- {
			across, along, ink, id := u, v, 1, i
			if !down {
				across, along, ink, id = v, u, 0, j+1000
			}
			if t := math.Abs(across) / wide; t < 1 {
				g := fibres*grain.At(fine*across+17*id, 1.5*along) + spread*(one.Grid(int(id), 0)-0.5)
				arc := lift * math.Cos(math.Pi*along)
				return point{solid: true, ink: ink,
					tone:   (0.25+0.5*lift*(0.3+0.7*dome(t)))*(0.6+0.4*arc) + 0.15 + g,
					height: high * (dome(t) + arc)}
			}
			down = !down
		}
		return point{solid: true, ink: 2, tone: 0, height: -high}
	}
}

// knit has columns of V-shaped stitches, plain, striped or with figures.
func knit(r *rng) shader {
	rise, tall := r.between(0.5, 0.8), r.between(0.6, 0.85)
	kind, period, fuzz := r.whole(0, 2), float64(r.whole(3, 8)), r.between(0.05, 0.3)
	thick := r.between(0.75, 1)
	figure, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		column := math.Floor(x)
		u := math.Abs(x - column - 0.5) // from the middle of the V
		v := (y + rise*u*2) / tall
		row := math.Floor(v)
		// half a V is a slanted leaf
		along := (u - 0.25) / 0.27
		across := (v - row - 0.5) / (0.62 * thick * (1 - 0.35*along*along))
		if d := math.Hypot(along*along*along, across); d < 1 {
			p := point{solid: true, tone: 0.2 + 0.65*dome(d) + fuzz*grain.At(4*x+9*v, 9*v),
				height: 0.35 * dome(d)}
			switch {
			case kind == 1 && parity(math.Floor(row/period)) == 1,
				kind == 2 && figure.Grid(int(math.Abs(column-period*math.Round(column/period))),
					int(math.Abs(row-2*period*math.Round(row/2/period)))) < 0.45:
				p.ink = 1
			}
			return p
		}
		return point{solid: true, tone: 0}
	}
}

// rope lies in straight lengths side by side, each of twisted strands.
func rope(r *rng) shader {
	thick, slant, strands := r.between(0.36, 0.5), r.between(0.5, 1.1), r.between(0.9, 1.6)
	fibres, fine, spread := r.between(0.1, 0.35), r.between(5, 9), r.between(0, 0.3)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		length := math.Floor(x)
		u := (x - length - 0.5) / thick
		if math.Abs(u) > 1 {
			return point{solid: true, ink: 1, tone: 0, height: -0.3}
		}
		side := math.Asin(u) // around the rope
		along := strands*(y+17*one.Grid(int(length), 0)) + slant*side/math.Pi*2
		strand := 2*frac(along) - 1
		g := fibres * grain.At(fine*along, 2*side+0.6*y)
		tone := 0.1 + 0.75*dome(strand)*(0.35+0.65*dome(u)) + spread*(one.Grid(int(length), 1)-0.5) + g
		return point{solid: true, tone: tone, height: 0.3*dome(u) + 0.25*dome(strand)}
	}
}
