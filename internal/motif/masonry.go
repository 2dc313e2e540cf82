package motif

import "math"

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
		return Point{Solid: true, Tone: 0.5 + spread*(one.Grid(int(math.Floor(u)), int(row))-0.5) + g, Height: 0.04*step(joint, joint+0.1, edge) + 0.1*g}
	}
}
