package motif

import (
	"math"

	"oneiro/internal/noise"
)

// Textures of animals and plants.

// scales lie in overlapping rows, round or pointed, with a rim and sometimes a ridge.
func scales(r *rng) shader {
	pitch, pointed := r.between(0.42, 0.6), r.between(0, 0.8)
	tip := pitch * r.between(1, 1.5)
	rim, keel, spread := r.between(0.05, 0.12), r.between(0, 0.4), r.between(0, 0.4)
	relief := r.between(0.1, 0.4)
	one := r.noise()
	return func(x, y float64) point {
		// the uppermost row that reaches down to y
		for row := math.Floor((y-tip)/pitch) + 1; ; row++ {
			u := x + parity(row)/2
			column := math.Floor(u)
			u = math.Abs(u - column - 0.5)
			edge := tip*noise.Lerp(dome(2*u), 1-2*u, pointed) - y + row*pitch // upwards from the free edge
			if edge < 0 {
				continue
			}
			out := 1 - edge/(pitch+tip) // of the upper row
			if edge < rim {
				return point{solid: true, ink: 1, tone: 0.8, height: relief}
			}
			tone := 0.1 + 0.7*out - keel*u + spread*(one.Grid(int(column), int(row))-0.5)
			return point{solid: true, tone: tone, height: relief * (out - keel*u)}
		}
	}
}

// fur lies in overlapping tufts, each ending in points.
func fur(r *rng) shader {
	pitch, long, hairs := r.between(0.35, 0.6), r.between(0.6, 1.1), r.between(10, 15)
	wind, patches, contrast := r.between(0.2, 0.8), r.between(0, 0.5), r.between(0.2, 0.4)
	flow, ends, coat := r.noise(), r.noise(), r.noise()
	return func(x, y float64) point {
		f := flow.At(0.4*x, 0.4*y)
		x += wind * f
		for row := math.Floor((y-long)/pitch) + 1; ; row++ {
			at := x + 7.3*row
			edge := row*pitch + long*(0.4+0.3*ends.At(hairs*at, row)+0.3*ends.At(1.3*at, row+0.5)) - y
			if edge < 0 {
				continue
			}
			streak := ends.At(1.3*hairs*at, 1.2*y+3*row)
			out := noise.Step(pitch+long, 0, edge)
			return point{solid: true, tone: 0.05 + 0.6*out + contrast*streak + patches*coat.At(0.5*x, 0.5*y),
				height: 0.04*out + 0.03*streak}
		}
	}
}

// grass has overlapping blades, green or dry.
func grass(r *rng) shader {
	pitch, tall, wide := r.between(0.5, 0.8), r.between(1.2, 1.9), r.between(0.05, 0.1)
	lean, bend := r.between(-0.3, 0.3), r.between(0.3, 0.6)
	const apart = 0.3
	one := r.noise()
	return func(x, y float64) point {
		for row := math.Floor((y + tall) / pitch); row*pitch > y; row-- {
			up := row*pitch - y
			column := math.Round(x / apart)
			for k := -2.0; k <= 2; k++ {
				h := one.Grid(int(column+k), int(row))
				t := up / (tall * (0.6 + 0.4*frac(31*h)))
				if t > 1 {
					continue
				}
				middle := (column+k+frac(7*h)-0.5)*apart + (lean+bend*(2*h-1))*t*t
				if u := (x - middle) / wide; math.Abs(u) < 1-t*t {
					return point{solid: true, tone: 0.1 + 0.5*t + 0.3*frac(97*h) + 0.12*u,
						height: 0.1 * (t + dome(u))}
				}
			}
		}
		return point{solid: true, tone: 0}
	}
}

// bark has long plates, cracked across, between deep dark furrows that part and meet again.
func bark(r *rng) shader {
	long, furrow, ragged := r.between(0.28, 0.42), r.between(0.1, 0.22), r.between(0.2, 0.4)
	rough, deep, flakes := r.between(0.15, 0.35), r.between(0.2, 0.4), r.between(0.8, 2)
	plates, bend, grain := r.noise(), r.noise(), r.noise()
	return func(x, y float64) point {
		b, g := bend.At(2*x, 1.2*y), grain.At(9*x, 3*y)
		c := plates.Cells(1.2*x+ragged*b, long*y, 0.95)
		edge := c.Next - c.Near + 0.1*g
		if edge < furrow {
			return point{solid: true, tone: 0.15*edge/furrow + 0.05*g, height: deep * (edge/furrow - 1) / 2}
		}
		flake := frac(flakes*y + 0.6*b + 9*c.Random)
		if flake < 0.1 {
			return point{solid: true, tone: 0.2, height: -0.1}
		}
		return point{solid: true, tone: 0.45 + 0.2*c.Random + 0.15*flake + rough*g,
			height: 0.06*flake + 0.04*g}
	}
}

// wood is a board: the grain runs along x and bends around knots.
func wood(r *rng) shader {
	fine, wavy, knots := r.between(3, 6), r.between(0.2, 0.7), r.between(0.2, 0.4)
	contrast, board := r.between(0.3, 0.6), 0.0
	if r.chance(0.4) {
		board = r.between(1.2, 2.2)
	}
	one, bend, fibre := r.noise(), r.noise(), r.noise()
	return func(x, y float64) point {
		id, seam := 0.0, 1.0
		if board > 0 {
			id = math.Floor(y / board)
			seam = (0.5 - math.Abs(y/board-id-0.5)) * board
			x += 17 * id
		}
		c := one.Cells(0.25*x, 0.6*y, 0.8)
		u, v := x-4*c.X, y-c.Y/0.6
		size := knots * (0.4 + 0.6*c.Random)
		d := math.Hypot(0.6*u, v) / size
		fibres := 0.12 * fibre.At(1.2*x, 14*y)
		if seam < 0.03 {
			return point{solid: true, tone: 0, height: -0.1}
		}
		if d < 1 { // the knot has rings of its own
			return point{solid: true, tone: 0.05 + 0.25*zigzag(2.5*d) + fibres, height: 0.02}
		}
		line := y*fine - fine*v*noise.Step(5, 1, d)/(d*d) + wavy*bend.Fractal(0.3*x, 0.8*y, 2)*fine + 3*id
		ring := frac(line)
		return point{solid: true, tone: 0.75 - contrast*ring*ring*(1+0.3*noise.Step(2, 1, d)) + fibres +
			0.15*(one.Grid(int(id), 3)-0.5), height: 0.01 * ring}
	}
}
