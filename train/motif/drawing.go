package motif

import (
	"math"

	"oneiro/internal/noise"
)

// hatch reports whether a pen stroke covers (x, y): strokes by hand along x at whole numbers of y, thick
// where it is dark and broken where it is light.
func hatch(n noise.Field, x, y, dark float64) bool {
	y += 0.12 * n.At(0.3*x, 0.5*y)
	line := math.Round(y)
	gap := n.At(0.3*x+31*line, 0.5*line)
	return math.Abs(y-line) < min(0.38*dark, 0.26)*(1+0.4*gap) && gap < 0.3+dark
}

// hatching is shading with pen strokes in one direction.
func hatching(r *rng) shader {
	dense, contrast, dark := r.between(3, 4.2), r.between(0.2, 0.6), r.between(0.35, 0.5)
	pen, shade := r.noise(), r.noise()
	return func(x, y float64) point {
		if hatch(pen, dense*x, dense*y, dark+contrast*shade.At(0.5*x, 0.5*y)) {
			return point{solid: true, ink: 1, tone: 0.1}
		}
		return point{solid: true, tone: 0.85}
	}
}

// crosshatch is shading with pen strokes in two or three directions, more of them where it is dark.
func crosshatch(r *rng) shader {
	dense, contrast, dark := r.between(2.6, 3.6), r.between(0.2, 0.5), r.between(0.4, 0.5)
	cross, third := r.between(1.1, 1.6), r.between(0.6, 0.9)
	pen, shade := r.noise(), r.noise()
	return func(x, y float64) point {
		x, y = dense*x, dense*y
		d := dark + contrast*shade.At(0.5*x/dense, 0.5*y/dense)
		u, v := turn(x, y, cross)
		p, q := turn(x, y, cross/2)
		if hatch(pen, x, y, d) || hatch(pen+1, u, v, d-0.1) || d > third && hatch(pen+2, p, q, d-third) {
			return point{solid: true, ink: 1, tone: 0.1}
		}
		return point{solid: true, tone: 0.85}
	}
}

// strokes are short thick brush strokes in oil that follow a flow and overlap.
func strokes(r *rng) shader {
	dense, long, wide := r.between(1.1, 1.5), r.between(0.75, 0.95), r.between(0.2, 0.32)
	curve, swirl, angle := r.between(-0.3, 0.3), r.between(0.5, 2.2), r.angle()
	bristles, thick, spread := r.between(0.15, 0.4), r.between(0.05, 0.2), r.between(0.3, 0.7)
	over, flow, hair, field := r.noise(), r.noise(), r.noise(), r.noise()
	return func(x, y float64) point {
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
				return point{solid: true, ink: int(2.99 * noise.Clamp(colour+spread*(id-0.5))),
					tone:   0.25 + 0.5*frac(13*id) + bristles*bristle,
					height: thick*(top.Random+1-float64(layer)) + 0.3*thick*bristle}
			}
		}
		return point{solid: true, ink: int(2.99 * noise.Clamp(colour)), tone: 0.2}
	}
}

// points are dense round dots of mixed colours, which form patches from afar (pointillism).
func points(r *rng) shader {
	radius, spread := r.between(0.36, 0.52), r.between(0.4, 0.9)
	vary, relief, ground := r.between(0, 0.4), r.between(0, 0.1), r.between(0.6, 1)
	over, field := r.noise(), r.noise()
	return func(x, y float64) point {
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
				return point{solid: true, ink: int(3.99 * noise.Clamp(colour+spread*(id-0.5))),
					tone: 0.2 + 0.7*frac(13*id), height: relief}
			}
		}
		return point{solid: true, ink: 4, tone: ground}
	}
}
