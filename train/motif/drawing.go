package motif

import (
	"math"

	"oneiro/internal/noise"
)

// hatch says whether a pen drew at (x, y): lines along x at whole numbers of y, drawn by hand, thick
// where it is dark and broken where it is light.
func hatch(n noise.Field, x, y, dark float64) bool {
	y += 0.12 * n.At(0.3*x, 0.5*y)
	line := math.Round(y)
	gap := n.At(0.3*x+31*line, 0.5*line)
	return math.Abs(y-line) < min(0.38*dark, 0.26)*(1+0.4*gap) && gap < 0.3+dark
}

// hatching is shading by pen lines in one direction.
func hatching(r *Rand) Shader {
	dense, contrast, dark := r.Between(3, 4.2), r.Between(0.2, 0.6), r.Between(0.35, 0.5)
	pen, shade := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		if hatch(pen, dense*x, dense*y, dark+contrast*shade.At(0.5*x, 0.5*y)) {
			return Point{Solid: true, Ink: 1, Tone: 0.1}
		}
		return Point{Solid: true, Tone: 0.85}
	}
}

// crosshatch is shading by pen lines in two or three directions, more where it is dark.
func crosshatch(r *Rand) Shader {
	dense, contrast, dark := r.Between(2.6, 3.6), r.Between(0.2, 0.5), r.Between(0.4, 0.5)
	cross, third := r.Between(1.1, 1.6), r.Between(0.6, 0.9)
	pen, shade := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		x, y = dense*x, dense*y
		d := dark + contrast*shade.At(0.5*x/dense, 0.5*y/dense)
		u, v := turn(x, y, cross)
		p, q := turn(x, y, cross/2)
		if hatch(pen, x, y, d) || hatch(pen+1, u, v, d-0.1) || d > third && hatch(pen+2, p, q, d-third) {
			return Point{Solid: true, Ink: 1, Tone: 0.1}
		}
		return Point{Solid: true, Tone: 0.85}
	}
}

// strokes are the short thick dabs of an oil brush, bent along a flow, one over the other.
func strokes(r *Rand) Shader {
	dense, long, wide := r.Between(1.1, 1.5), r.Between(0.75, 0.95), r.Between(0.2, 0.32)
	curve, swirl, angle := r.Between(-0.3, 0.3), r.Between(0.5, 2.2), r.Angle()
	bristles, thick, spread := r.Between(0.15, 0.4), r.Between(0.05, 0.2), r.Between(0.3, 0.7)
	over, flow, hair, field := r.Noise(), r.Noise(), r.Noise(), r.Noise()
	return func(x, y float64) Point {
		sin, cos := math.Sincos(angle + swirl*flow.At(0.3*x, 0.3*y))
		colour := 0.5 + field.Fractal(0.4*x, 0.4*y, 2)
		for layer := range noise.Field(2) {
			top, at := noise.Spot{Random: -1}, 0.0
			for _, s := range (over + layer).Spots(dense*x, dense*y) {
				u, v := cos*s.X+sin*s.Y, cos*s.Y-sin*s.X
				v += curve * u * u
				if u, w := u/long, v/wide; u*u*u*u+w*w < 1 && s.Random > top.Random {
					top, at = s, v
				}
			}
			if top.Random >= 0 {
				id := frac(97 * top.Random)
				bristle := hair.At(30*at+50*id, 1.5*(cos*top.X+sin*top.Y))
				return Point{Solid: true, Ink: int(2.99 * noise.Clamp(colour+spread*(id-0.5))), Tone: 0.25 + 0.5*frac(13*id) + bristles*bristle, Height: thick*(top.Random+1-float64(layer)) + 0.3*thick*bristle}
			}
		}
		return Point{Solid: true, Ink: int(2.99 * noise.Clamp(colour)), Tone: 0.2}
	}
}

// points are many round dots of mixed colours that lie close and make patches from afar.
func points(r *Rand) Shader {
	radius, spread := r.Between(0.36, 0.52), r.Between(0.4, 0.9)
	vary, relief, ground := r.Between(0, 0.4), r.Between(0, 0.1), r.Between(0.6, 1)
	over, field := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		colour := 0.5 + 1.2*field.At(0.25*x, 0.25*y)
		for layer := range noise.Field(2) {
			top := -1.0
			for _, s := range (over + layer).Spots(x, y) {
				size := radius * (1 - vary*s.Random)
				if s.X*s.X+s.Y*s.Y < size*size {
					top = max(top, s.Random)
				}
			}
			if top >= 0 {
				id := frac(97 * top)
				return Point{Solid: true, Ink: int(3.99 * noise.Clamp(colour+spread*(id-0.5))), Tone: 0.2 + 0.7*frac(13*id), Height: relief}
			}
		}
		return Point{Solid: true, Ink: 4, Tone: ground}
	}
}
