package motif

import (
	"math"

	"oneiro/internal/noise"
)

// marble has clouds and thin veins that wander and branch.
func marble(r *rng) shader {
	wild, thin, cloud := r.between(0.5, 1.3), r.between(0.06, 0.14), r.between(0.15, 0.35)
	angle, long := r.angle(), r.between(0.4, 1)
	warp, vein := r.noise(), r.noise()
	return func(x, y float64) point {
		w := warp.Fractal(0.7*x, 0.7*y, 4)
		u, v := turn(x, y, angle)
		main := math.Abs(vein.Fractal(0.7*u+wild*w, long*(0.9*v-wild*w), 2))
		tone := 0.75 + cloud*w - 0.65*noise.Step(thin, 0, main) - 0.15*noise.Step(0.3, 0, main) -
			0.4*noise.Step(thin, 0, math.Abs(w-0.15))
		return point{solid: true, tone: tone}
	}
}

// cracks divide dry mud into plates, whose edges may curl up.
func cracks(r *rng) shader {
	width, ragged, curl := r.between(0.06, 0.16), r.between(0.15, 0.4), r.between(0.02, 0.2)
	spread, rough, jitter := r.between(0, 0.2), r.between(0.05, 0.25), r.between(0.8, 1)
	plates, bend, grain := r.noise(), r.noise(), r.noise()
	return func(x, y float64) point {
		b, g := bend.Fractal(1.5*x, 1.5*y, 2), grain.At(5*x, 5*y)
		c := plates.Cells(x+ragged*b, y+ragged*g*0.4-ragged*b, jitter)
		edge := c.Next - c.Near
		if edge < width {
			return point{solid: true, tone: 0.1 * edge / width, height: -0.3}
		}
		return point{solid: true, tone: 0.6 + spread*(c.Random-0.5) + rough*(g+b)*0.6 +
			0.15*noise.Step(0.4, width, edge), height: curl*noise.Step(0.6, 0, edge) + 0.1*rough*g}
	}
}

// pebbles are round stones, large over small, smooth, speckled or banded.
func pebbles(r *rng) shader {
	radius, flat, vary := r.between(0.5, 0.62), r.between(0.62, 0.9), r.between(0.1, 0.45)
	speckle, band, light := r.between(0, 0.35), r.between(0, 0.3), r.between(-0.3, 0.3)
	stones, grain := r.noise(), r.noise()
	var turns [16]struct{ sin, cos float64 }
	for i := range turns {
		turns[i].sin, turns[i].cos = math.Sincos(r.angle())
	}
	return func(x, y float64) point {
		for layer, scale := range [3]float64{1, 1.2, 1.7} {
			top, u, v, d := -1.0, 0.0, 0.0, 1.0
			for _, s := range (stones + noise.Field(layer)).Spots(scale*x, scale*y) {
				t := turns[int(s.Random*4096)&15]
				size := radius * (1 - vary*s.Random)
				p, q := (t.cos*s.X+t.sin*s.Y)/size, (t.cos*s.Y-t.sin*s.X)/(size*flat)
				if e := p*p + q*q; e < 1 && s.Random > top {
					top, u, v, d = s.Random, p, q, e
				}
			}
			if top < 0 {
				continue
			}
			id := frac(97 * top)
			tone := 0.35 + 0.4*frac(17*id) - light*(u+v) + speckle*grain.At(9*x, 9*y)
			if frac(41*id) < 0.35 {
				tone += band * math.Sin(9*v+3*u)
			}
			return point{solid: true, ink: int(3 * id), tone: tone * (1.1 - 0.8*d*d),
				height: 0.3*math.Sqrt(1-d) - 0.15*float64(layer)}
		}
		return point{solid: true, ink: 3, tone: 0.1, height: -0.5}
	}
}

// ridges are rows of mountains, each with mist at its foot.
func ridges(r *rng) shader {
	apart, high, rough := r.between(0.8, 1.2), r.between(0.8, 1.3), r.between(0.12, 0.3)
	wide, snow, mist := r.between(0.5, 0.9), r.between(-0.3, 0.3), r.between(0.7, 1)
	land, rock := r.noise(), r.noise()
	return func(x, y float64) point {
		for row := math.Floor((y+1.5*high)/apart) + 1; ; row-- {
			at := wide*x + 5.7*row
			peak := 1 - 1.6*math.Abs(land.At(at, row+0.5))
			deep := y - row*apart + high*(peak+rough*land.At(5*at, row)) // below the ridge
			if deep < 0 {
				continue
			}
			if deep < snow+0.12*rock.At(9*at, 4*y) && peak > 0.4 {
				return point{solid: true, ink: 1, tone: 0.95}
			}
			return point{solid: true, tone: 0.05 + mist*noise.Step(0.1, 1.2*apart+high*0.4, deep)}
		}
	}
}
