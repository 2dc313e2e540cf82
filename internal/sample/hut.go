package sample

import (
	"math"

	"oneiro/internal/noise"
)

var (
	wood    = rgb(0x6e5238)
	shingle = rgb(0x7d5346)
	stone   = rgb(0x8d8880)
	window  = colour{3.2, 1.9, 0.7} // a lamp is lit
)

// hut draws a wooden house with its left corner at a place: a long wall in the shade that faces us,
// a gable to the right in the sun, a roof and a chimney.
func (s *scene) hut(e, v float64) {
	const size = 0.105
	point := func(x, y float64) [2]float64 {
		px, py := s.spot(e+size*x, v+size*y)
		return [2]float64{px, py}
	}
	h := float64(s.h) * size
	lit := sunlight.scale(0.62).add(skylight, 0.6)
	shade := skylight.scale(1.25).add(sunlight, 0.06)
	x0, y0 := s.spot(e, v)
	planks := func(light colour, across bool) func(x, y float64) colour {
		return func(x, y float64) colour {
			a, b := (y-y0)/h, (x-x0)/h
			if across {
				a, b = b, a
			}
			line := noise.Step(0, 0.25, math.Abs(math.Mod(a*14+100, 1)-0.5))
			grain := 0.8 + 0.4*s.seed.At(30*a, 6*b)
			return wood.times(light).scale(grain * noise.Lerp(0.55, 1, line))
		}
	}
	rows := func(x, y float64) colour {
		a := (y - y0) / h * 11
		n := s.seed.Grid(int32((x-x0)/h*16+math.Floor(a)*7.5), int32(math.Floor(a)))
		return shingle.times(lit.scale(0.62)).scale((0.75 + 0.5*n) * (0.75 + 0.35*math.Mod(a+100, 1)))
	}
	plain := func(c colour) func(x, y float64) colour {
		return func(x, y float64) colour { return c }
	}

	s.fill([][2]float64{point(0.22, 1.22), point(0.34, 1.22), point(0.34, 0.85), point(0.22, 0.85)},
		plain(stone.times(shade.add(sunlight, 0.15))))
	s.fill([][2]float64{point(0, 0.5), point(0.82, 0.5), point(0.82, -0.05), point(0, -0.05)},
		planks(shade, false))
	s.fill([][2]float64{
		point(0.82, 0.5), point(1.06, 1.02), point(1.32, 0.54), point(1.32, 0.0), point(0.82, -0.05),
	}, planks(lit, true))
	s.fill([][2]float64{point(0.17, 1.06), point(1.08, 1.10), point(0.80, 0.42), point(-0.10, 0.42)}, rows)
	s.fill([][2]float64{point(1.04, 1.10), point(1.10, 1.10), point(1.40, 0.48), point(1.34, 0.46)},
		plain(shingle.times(lit).scale(0.5)))
	for _, x := range []float64{0.14, 0.52} {
		s.fill([][2]float64{point(x-0.02, 0.36), point(x+0.18, 0.36), point(x+0.18, 0.13), point(x-0.02, 0.13)},
			plain(wood.scale(0.12)))
		for _, dx := range []float64{0, 0.085} {
			s.fill([][2]float64{
				point(x+dx, 0.34), point(x+dx+0.075, 0.34), point(x+dx+0.075, 0.15), point(x+dx, 0.15),
			}, plain(window))
		}
	}
	s.fill([][2]float64{point(0.99, 0.42), point(1.15, 0.43), point(1.15, -0.02), point(0.99, -0.03)},
		plain(wood.times(lit).scale(0.35)))
}
