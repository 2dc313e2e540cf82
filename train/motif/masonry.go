package motif

import (
	"math"

	"oneiro/internal/noise"
)

// brick is a wall of bricks with joints; each row is shifted by half a brick.
func brick(r *rng) shader {
	long, joint := r.between(1.6, 2.4), r.between(0.05, 0.14)
	spread, rough := r.between(0.2, 0.9), r.between(0, 0.25)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		row := math.Floor(y)
		u := x/long + 0.5*parity(row)
		edge := min((0.5-math.Abs(frac(u)-0.5))*long, 0.5-math.Abs(y-row-0.5))
		g := rough * grain.Fractal(4*x, 4*y, 2)
		if edge < joint {
			return point{solid: true, ink: 1, tone: 0.5 + g, height: -0.05}
		}
		return point{solid: true, tone: 0.5 + spread*(one.Grid(int(math.Floor(u)), int(row))-0.5) + g,
			height: 0.04*noise.Step(joint, joint+0.1, edge) + 0.1*g}
	}
}

// tiles are a tiled roof: overlapping rows of round tiles in straight columns.
func tiles(r *rng) shader {
	tall, bulge := r.between(1.1, 1.7), r.between(0.1, 0.35)
	rolled, shade := r.chance(0.5), r.between(0.2, 0.45)
	spread, rough, lap := r.between(0.1, 0.5), r.between(0, 0.15), r.between(0.18, 0.35)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		column := math.Floor(x)
		u := x - column - 0.5
		hump := 0.5 + 0.5*math.Cos(2*math.Pi*u)
		if rolled { // half pipes with a gutter between them
			hump = dome(u / 0.38)
		}
		v := (y - bulge*hump) / tall
		row := math.Floor(v)
		v -= row
		tone := 0.45 + spread*(one.Grid(int(column),
			int(row))-0.5) + shade*(hump-0.5-0.6*u) + rough*grain.At(6*x, 6*y)
		return point{solid: true, tone: tone * noise.Step(-0.2*lap, lap, v), height: 0.35*hump + 0.2*v}
	}
}

// mosaic has small square stones in bent rows, whose colours form patches and bands.
func mosaic(r *rng) shader {
	joint, bend, bands := r.between(0.06, 0.14), r.between(0.2, 0.7), r.between(1, 2.2)
	spread, crooked := r.between(0.2, 0.5), r.between(0.05, 0.2)
	sideways, upwards, one, picture := r.noise(), r.noise(), r.noise(), r.noise()
	return func(x, y float64) point {
		u, v := x+bend*sideways.At(0.35*x, 0.35*y), y+bend*upwards.At(0.35*x, 0.35*y)
		row := math.Floor(v)
		u += one.Grid(int(row), 7777) + crooked*sideways.At(2*u, row)
		column := math.Floor(u)
		edge := min(0.5-math.Abs(u-column-0.5), 0.5-math.Abs(v-row-0.5))
		if edge < joint*(1+crooked*upwards.At(5*x, 5*y)*4) {
			return point{solid: true, ink: 3, tone: 0.7, height: -0.06}
		}
		random := one.Grid(int(column), int(row))
		// one colour per stone, that at its centre
		c := bands*picture.At(0.28*(column-one.Grid(int(row), 7777)), 0.28*row) + 0.35*random
		return point{solid: true, ink: int(3 * frac(c)), tone: 0.5 + spread*(random-0.5)*2,
			height: 0.05*random + 0.05*noise.Step(joint, joint+0.15, edge)}
	}
}

// stainedGlass has irregular panes of clear colours between dark leads.
func stainedGlass(r *rng) shader {
	lead, jitter, glow := r.between(0.07, 0.15), r.between(0.55, 1), r.between(0.1, 0.5)
	long, streaks := r.between(0.6, 1), r.between(0, 0.25)
	panes, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		c := panes.Cells(x, y*long, jitter)
		if c.Next-c.Near < lead {
			return point{solid: true, ink: 5, height: 0.06}
		}
		tone := 0.35 + 0.4*frac(c.Random*31) + glow*(0.5-c.Near) + streaks*grain.At(2*x+9*c.Random, 6*y)
		return point{solid: true, ink: int(5 * c.Random), tone: tone}
	}
}

// windows are a facade: rows of windows with panes and frames, straight or arched, with sills or shutters;
// some are lit.
func windows(r *rng) shader {
	tall, arched, shutters := r.between(1.1, 1.7), r.chance(0.35), r.chance(0.35)
	w, h := r.between(0.24, 0.37), tall*r.between(0.25, 0.36)
	if shutters {
		w *= 0.64
	}
	if arched {
		h *= 0.8
	}
	frame, sill, ledge := r.between(0.03, 0.06), r.chance(0.6), r.chance(0.4)
	across, down := float64(r.whole(1, 3)), float64(r.whole(1, 3))
	lit, rough := r.between(0, 0.6), r.between(0, 0.15)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		i, j := math.Floor(x), math.Floor(y/tall)
		u, v := x-i-0.5, y-(j+0.5)*tall
		top := h
		if arched {
			top += w * dome(u/w)
		}
		switch inside := min(w-math.Abs(u), h-v, v+top); {
		case inside > frame:
			if offGrid(u/(2*w)*across+across/2)*2*w/across < frame/2 ||
				offGrid((v-h)/(2*h)*down)*2*h/down < frame/2 {
				return point{solid: true, ink: 1, tone: 0.9, height: -0.04}
			}
			random, ink := one.Grid(int(i), int(j)), 2
			if random < lit {
				ink = 3
			}
			return point{solid: true, ink: ink, tone: 0.6*frac(9*random) + 0.4*(u-v), height: -0.1}
		case inside > 0, sill && v > h && v < h+0.08 && math.Abs(u) < w+0.07:
			return point{solid: true, ink: 1, tone: 0.8, height: 0.05}
		case shutters && math.Abs(u) > w+0.01 && math.Abs(u) < 2*w && math.Abs(v) < h:
			return point{solid: true, ink: 4, tone: 0.3 + 0.5*frac(v*9), height: 0.03}
		case ledge && math.Abs(v) > tall/2-0.05:
			return point{solid: true, ink: 1, tone: 0.6, height: 0.1}
		}
		return point{solid: true, tone: 0.5 + rough*grain.Fractal(5*x, 5*y, 2)}
	}
}

// maze has walls along a grid: each square has one on its left or upper side.
func maze(r *rng) shader {
	thick, rough, odds := r.between(0.1, 0.24), r.between(0, 0.3), r.between(0.4, 0.6)
	round := r.chance(0.4)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		// the nearest corner of the grid, and the nearer of the two lines that meet there
		i, j := math.Round(x), math.Round(y)
		u, v := x-i, y-j
		left := func(i, j float64) bool { return one.Grid(int(i), int(j)) < odds }
		d := math.Hypot(u, v)
		if !round {
			d = max(math.Abs(u), math.Abs(v))
		}
		if v > 0 && left(i, j) || v <= 0 && left(i, j-1) {
			d = min(d, math.Abs(u))
		}
		if u > 0 && !left(i, j) || u <= 0 && !left(i-1, j) {
			d = min(d, math.Abs(v))
		}
		g := rough * grain.Fractal(4*x, 4*y, 2)
		if d < thick {
			return point{solid: true, ink: 1, tone: 0.3 + g, height: 0.3 * noise.Step(thick, thick-0.08, d)}
		}
		return point{solid: true, tone: 0.75 + g/2}
	}
}
