package motif

import (
	"math"

	"oneiro/internal/noise"
)

// brick is a wall of bricks, each row shifted by half a brick, with joints.
func brick(r *Rand) Shader {
	long, joint := r.Between(1.6, 2.4), r.Between(0.05, 0.14)
	spread, rough := r.Between(0.2, 0.9), r.Between(0, 0.25)
	one, grain := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		row := math.Floor(y)
		u := x/long + 0.5*parity(row)
		edge := min((0.5-math.Abs(frac(u)-0.5))*long, 0.5-math.Abs(y-row-0.5))
		g := rough * grain.Fractal(4*x, 4*y, 2)
		if edge < joint {
			return Point{Solid: true, Ink: 1, Tone: 0.5 + g, Height: -0.05}
		}
		return Point{Solid: true, Tone: 0.5 + spread*(one.Grid(int(math.Floor(u)), int(row))-0.5) + g, Height: 0.04*noise.Step(joint, joint+0.1, edge) + 0.1*g}
	}
}

// tiles cover a roof: rows of round tiles in straight columns, each row over the next.
func tiles(r *Rand) Shader {
	tall, bulge := r.Between(1.1, 1.7), r.Between(0.1, 0.35)
	rolled, shade := r.Chance(0.5), r.Between(0.2, 0.45)
	spread, rough, lap := r.Between(0.1, 0.5), r.Between(0, 0.15), r.Between(0.18, 0.35)
	one, grain := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		column := math.Floor(x)
		u := x - column - 0.5
		hump := 0.5 + 0.5*math.Cos(2*math.Pi*u)
		if rolled { // half pipes with a gutter between them
			hump = dome(u / 0.38)
		}
		v := (y - bulge*hump) / tall
		row := math.Floor(v)
		v -= row
		tone := 0.45 + spread*(one.Grid(int(column), int(row))-0.5) + shade*(hump-0.5-0.6*u) + rough*grain.At(6*x, 6*y)
		return Point{Solid: true, Tone: tone * noise.Step(-0.2*lap, lap, v), Height: 0.35*hump + 0.2*v}
	}
}

// mosaic is of small square stones, set in bent rows, whose colours make patches and bands.
func mosaic(r *Rand) Shader {
	joint, bend, bands := r.Between(0.06, 0.14), r.Between(0.2, 0.7), r.Between(1, 2.2)
	spread, crooked := r.Between(0.2, 0.5), r.Between(0.05, 0.2)
	sideways, upwards, one, picture := r.Noise(), r.Noise(), r.Noise(), r.Noise()
	return func(x, y float64) Point {
		u, v := x+bend*sideways.At(0.35*x, 0.35*y), y+bend*upwards.At(0.35*x, 0.35*y)
		row := math.Floor(v)
		u += one.Grid(int(row), 7777) + crooked*sideways.At(2*u, row)
		column := math.Floor(u)
		edge := min(0.5-math.Abs(u-column-0.5), 0.5-math.Abs(v-row-0.5))
		if edge < joint*(1+crooked*upwards.At(5*x, 5*y)*4) {
			return Point{Solid: true, Ink: 3, Tone: 0.7, Height: -0.06}
		}
		random := one.Grid(int(column), int(row))
		// the colour is that of the middle of the stone
		c := bands*picture.At(0.28*(column-one.Grid(int(row), 7777)), 0.28*row) + 0.35*random
		return Point{Solid: true, Ink: int(3 * frac(c)), Tone: 0.5 + spread*(random-0.5)*2, Height: 0.05*random + 0.05*noise.Step(joint, joint+0.15, edge)}
	}
}

// stainedGlass is of irregular panes of clear colours between dark leads.
func stainedGlass(r *Rand) Shader {
	lead, jitter, glow := r.Between(0.07, 0.15), r.Between(0.55, 1), r.Between(0.1, 0.5)
	long, streaks := r.Between(0.6, 1), r.Between(0, 0.25)
	panes, grain := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		c := panes.Cells(x, y*long, jitter)
		if c.Next-c.Near < lead {
			return Point{Solid: true, Ink: 5, Height: 0.06}
		}
		tone := 0.35 + 0.4*frac(c.Random*31) + glow*(0.5-c.Near) + streaks*grain.At(2*x+9*c.Random, 6*y)
		return Point{Solid: true, Ink: int(5 * c.Random), Tone: tone}
	}
}

// windows are the front of a house: rows of windows with panes and frames, straight or arched, with
// sills or shutters; some are lit.
func windows(r *Rand) Shader {
	tall, arched, shutters := r.Between(1.1, 1.7), r.Chance(0.35), r.Chance(0.35)
	w, h := r.Between(0.24, 0.37), tall*r.Between(0.25, 0.36)
	if shutters {
		w *= 0.64
	}
	if arched {
		h *= 0.8
	}
	frame, sill, ledge := r.Between(0.03, 0.06), r.Chance(0.6), r.Chance(0.4)
	across, down := float64(r.Int(1, 3)), float64(r.Int(1, 3))
	lit, rough := r.Between(0, 0.6), r.Between(0, 0.15)
	one, grain := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		i, j := math.Floor(x), math.Floor(y/tall)
		u, v := x-i-0.5, y-(j+0.5)*tall
		top := h
		if arched {
			top += w * dome(u/w)
		}
		switch inside := min(w-math.Abs(u), h-v, v+top); {
		case inside > frame:
			if offGrid(u/(2*w)*across+across/2)*2*w/across < frame/2 || offGrid((v-h)/(2*h)*down)*2*h/down < frame/2 {
				return Point{Solid: true, Ink: 1, Tone: 0.9, Height: -0.04}
			}
			random, ink := one.Grid(int(i), int(j)), 2
			if random < lit {
				ink = 3
			}
			return Point{Solid: true, Ink: ink, Tone: 0.6*frac(9*random) + 0.4*(u-v), Height: -0.1}
		case inside > 0, sill && v > h && v < h+0.08 && math.Abs(u) < w+0.07:
			return Point{Solid: true, Ink: 1, Tone: 0.8, Height: 0.05}
		case shutters && math.Abs(u) > w+0.01 && math.Abs(u) < 2*w && math.Abs(v) < h:
			return Point{Solid: true, Ink: 4, Tone: 0.3 + 0.5*frac(v*9), Height: 0.03}
		case ledge && math.Abs(v) > tall/2-0.05:
			return Point{Solid: true, Ink: 1, Tone: 0.6, Height: 0.1}
		}
		return Point{Solid: true, Tone: 0.5 + rough*grain.Fractal(5*x, 5*y, 2)}
	}
}

// maze is of walls along a grid: each square has one on its left side or on its upper side.
func maze(r *Rand) Shader {
	thick, rough, odds := r.Between(0.1, 0.24), r.Between(0, 0.3), r.Between(0.4, 0.6)
	round := r.Chance(0.4)
	one, grain := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		// the nearest corner of the grid, and which of the two lines that meet there lies nearer
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
			return Point{Solid: true, Ink: 1, Tone: 0.3 + g, Height: 0.3 * noise.Step(thick, thick-0.08, d)}
		}
		return Point{Solid: true, Tone: 0.75 + g/2}
	}
}
