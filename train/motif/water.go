package motif

import (
	"math"

	"oneiro/internal/noise"
)

// ripples are overlapping rings on water.
func ripples(r *rng) shader {
	apart, length := r.between(3, 4.5), r.between(0.35, 0.6)
	high, tint := r.between(0.04, 0.12), r.between(0.25, 0.45)
	drops, calm := r.noise(), r.noise()
	return func(x, y float64) point {
		sum := 0.0
		for _, s := range drops.Spots(x/apart, y/apart) {
			if d := math.Hypot(s.X, s.Y); d < 1 {
				fade := 1 - d
				sum += fade * (1.3 + s.Random) * math.Sin(2*math.Pi*(d*apart/length-s.Random))
			}
		}
		return point{solid: true, tone: 0.5 + tint*sum + 0.15*calm.At(0.5*x, 0.5*y), height: high * sum}
	}
}

// waves lie in overlapping rows: the fans of rings of Japanese prints, or leaning crests with parallel lines.
func waves(r *rng) shader {
	crests, pitch := r.chance(0.5), r.between(0.25, 0.34)
	rings, line, foam := float64(r.whole(2, 4)), r.between(0.35, 0.6), r.between(0.08, 0.16)
	high, lean := r.between(0.25, 0.4), r.between(0.3, 0.8)
	if crests {
		pitch = r.between(0.4, 0.6)
	}
	shift := r.noise()
	return func(x, y float64) point {
		// the foremost row whose crest is above y
		for row := math.Floor((y+high+0.1)/pitch) + 1; ; row-- {
			down, depth := y-row*pitch, 0.0
			if crests {
				u := 2*frac(x+shift.Grid(int(row), 0)+lean*down) - 1
				depth = down + high*(1-u*u)*(1+0.7*u)
			} else {
				depth = 1 - 2*math.Hypot(frac(x+parity(row)/2)-0.5, down)
			}
			switch {
			case depth < 0:
				continue
			case depth < foam:
				return point{solid: true, ink: 1, tone: 0.95, height: 0.15}
			case frac((depth-foam)*rings/(1-foam)) < line:
				return point{solid: true, tone: 0.1 + 0.4*depth}
			}
			return point{solid: true, ink: 1, tone: 0.75 - 0.3*depth, height: 0.05}
		}
	}
}

// bubbles are transparent balls with bright rims and glints, large and small.
func bubbles(r *rng) shader {
	radius, least := r.between(0.4, 0.55), r.between(0.3, 0.6)
	rim, glint, film := r.between(0.08, 0.2), r.between(0.1, 0.18), r.between(0.1, 0.5)
	side := r.angle()
	large, small, deep := r.noise(), r.noise(), r.noise()
	lx, ly := turn(0.5, 0, side)
	return func(x, y float64) point {
		for layer, n := range [2]noise.Field{large, small} {
			scale := 1 + 1.3*float64(layer)
			top, size := noise.Spot{Random: -1}, 0.0
			for _, s := range n.Spots(scale*x, scale*y) {
				a := radius * (least + (1-least)*s.Random)
				if s.X*s.X+s.Y*s.Y < a*a && s.Random > top.Random {
					top, size = s, a
				}
			}
			if top.Random < 0 {
				continue
			}
			u, v := top.X/size, top.Y/size
			d := math.Hypot(u, v)
			switch {
			case math.Hypot(u-lx, v-ly) < glint*2 || math.Hypot(u+lx, v+ly) < glint:
				return point{solid: true, ink: 1, tone: 1}
			case d > 1-rim:
				return point{solid: true, ink: 1, tone: 0.75 + 0.25*u}
			}
			return point{solid: true, tone: 0.3 + film*(d*d-0.4*u) + 0.3*frac(9*top.Random),
				height: 0.1 * dome(d)}
		}
		return point{solid: true, tone: 0.1 + 0.1*deep.At(x, y)}
	}
}
