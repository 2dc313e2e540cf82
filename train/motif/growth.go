package motif

import (
	"math"

	"oneiro/internal/noise"
)

// Textures that grow: on fish and beasts, on trees and on the ground.

// scales lie in rows, each over the upper ends of the row below it, round or pointed, with a rim and
// perhaps a ridge.
func scales(r *Rand) Shader {
	pitch, pointed := r.Between(0.42, 0.6), r.Between(0, 0.8)
	tip := pitch * r.Between(1, 1.5)
	rim, keel, spread := r.Between(0.05, 0.12), r.Between(0, 0.4), r.Between(0, 0.4)
	relief := r.Between(0.1, 0.4)
	one := r.Noise()
	return func(x, y float64) Point {
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
				return Point{Solid: true, Ink: 1, Tone: 0.8, Height: relief}
			}
			tone := 0.1 + 0.7*out - keel*u + spread*(one.Grid(int(column), int(row))-0.5)
			return Point{Solid: true, Tone: tone, Height: relief * (out - keel*u)}
		}
	}
}

// fur lies in tufts, each over the next, and every tuft ends in points.
func fur(r *Rand) Shader {
	pitch, long, hairs := r.Between(0.35, 0.6), r.Between(0.6, 1.1), r.Between(10, 15)
	wind, patches, contrast := r.Between(0.2, 0.8), r.Between(0, 0.5), r.Between(0.2, 0.4)
	flow, ends, coat := r.Noise(), r.Noise(), r.Noise()
	return func(x, y float64) Point {
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
			return Point{Solid: true, Tone: 0.05 + 0.6*out + contrast*streak + patches*coat.At(0.5*x, 0.5*y), Height: 0.04*out + 0.03*streak}
		}
	}
}

// grass is of blades, those in front over those behind, green or dry.
func grass(r *Rand) Shader {
	pitch, tall, wide := r.Between(0.5, 0.8), r.Between(1.2, 1.9), r.Between(0.05, 0.1)
	lean, bend := r.Between(-0.3, 0.3), r.Between(0.3, 0.6)
	const apart = 0.3
	one := r.Noise()
	return func(x, y float64) Point {
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
					return Point{Solid: true, Tone: 0.1 + 0.5*t + 0.3*frac(97*h) + 0.12*u, Height: 0.1 * (t + dome(u))}
				}
			}
		}
		return Point{Solid: true, Tone: 0}
	}
}

// bark has long plates with deep dark furrows between them, which part and meet again; the plates are
// cracked across.
func bark(r *Rand) Shader {
	long, furrow, ragged := r.Between(0.28, 0.42), r.Between(0.1, 0.22), r.Between(0.2, 0.4)
	rough, deep, flakes := r.Between(0.15, 0.35), r.Between(0.2, 0.4), r.Between(0.8, 2)
	plates, bend, grain := r.Noise(), r.Noise(), r.Noise()
	return func(x, y float64) Point {
		b, g := bend.At(2*x, 1.2*y), grain.At(9*x, 3*y)
		c := plates.Cells(1.2*x+ragged*b, long*y, 0.95)
		edge := c.Next - c.Near + 0.1*g
		if edge < furrow {
			return Point{Solid: true, Tone: 0.15*edge/furrow + 0.05*g, Height: deep * (edge/furrow - 1) / 2}
		}
		flake := frac(flakes*y + 0.6*b + 9*c.Random)
		if flake < 0.1 {
			return Point{Solid: true, Tone: 0.2, Height: -0.1}
		}
		return Point{Solid: true, Tone: 0.45 + 0.2*c.Random + 0.15*flake + rough*g, Height: 0.06*flake + 0.04*g}
	}
}

// wood is a board: the grain runs along x and bends about knots.
func wood(r *Rand) Shader {
	fine, wavy, knots := r.Between(3, 6), r.Between(0.2, 0.7), r.Between(0.2, 0.4)
	contrast, board := r.Between(0.3, 0.6), 0.0
	if r.Chance(0.4) {
		board = r.Between(1.2, 2.2)
	}
	one, bend, fibre := r.Noise(), r.Noise(), r.Noise()
	return func(x, y float64) Point {
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
			return Point{Solid: true, Tone: 0, Height: -0.1}
		}
		if d < 1 { // the knot has rings of its own
			return Point{Solid: true, Tone: 0.05 + 0.25*zigzag(2.5*d) + fibres, Height: 0.02}
		}
		line := y*fine - fine*v*noise.Step(5, 1, d)/(d*d) + wavy*bend.Fractal(0.3*x, 0.8*y, 2)*fine + 3*id
		ring := frac(line)
		return Point{Solid: true, Tone: 0.75 - contrast*ring*ring*(1+0.3*noise.Step(2, 1, d)) + fibres + 0.15*(one.Grid(int(id), 3)-0.5), Height: 0.01 * ring}
	}
}
