package motif

import "math"

// eye is an open eye: lids, white, iris with its spokes, pupil, glint.
func eye(r *Rand) Shader {
	wide, open := r.Between(0.75, 0.98), r.Between(0.32, 0.75)
	iris := min(r.Between(0.34, 0.55), open*1.05)
	pupil := iris * r.Between(0.3, 0.6)
	lookX, lookY := r.Between(-0.2, 0.2), r.Between(-0.08, 0.08)
	spokes, phase := float64(r.Int(12, 30)), r.Angle()
	glint, glintX, glintY := iris*r.Between(0.12, 0.25), lookX-iris*r.Between(-0.4, 0.4), lookY-iris*r.Between(0.2, 0.45)
	lid, lashes := r.Between(0.05, 0.12), r.Chance(0.5)
	return func(x, y float64) Point {
		edge := open * (1 - x*x/(wide*wide)) // of the lids, above and below
		if y > 0 {
			edge *= 0.8
		}
		switch gap := edge - math.Abs(y); {
		case gap < -lid-0.16:
			if lashes && y < 0 && gap > -0.45 && frac(x*7+y*x*2) < 0.25 && math.Abs(x) < wide*0.8 {
				return Point{Solid: true, Ink: 3}
			}
			return Point{}
		case gap < -lid:
			return Point{Solid: true, Ink: 0, Tone: 0.7 + gap, Height: 0.1}
		case gap < 0:
			return Point{Solid: true, Ink: 3, Tone: 0.3}
		}
		q, a := polar(x-lookX, y-lookY)
		switch {
		case math.Hypot(x-glintX, y-glintY) < glint:
			return Point{Solid: true, Ink: 2, Tone: 1, Height: 0.1}
		case q < pupil:
			return Point{Solid: true, Ink: 3, Height: 0.1}
		case q < iris*0.9:
			return Point{Solid: true, Ink: 1, Tone: 0.35 + 0.3*math.Sin(spokes*a+phase)*step(pupil, iris, q) + 0.5*(q-pupil)/(iris-pupil), Height: 0.1}
		case q < iris:
			return Point{Solid: true, Ink: 1, Tone: 0}
		}
		return Point{Solid: true, Ink: 2, Tone: 0.9 - 0.5*x*x}
	}
}
