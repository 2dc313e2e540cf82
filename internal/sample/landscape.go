// Package sample draws pictures by arithmetic, so that the program works without files: a landscape for
// content and a painting for style.
//
// A picture depends only on its size and seed. Processors that round differently may draw a few pixels
// differently.
package sample

import (
	"fmt"
	"math"

	"oneiro/internal/imageio"
	"oneiro/internal/noise"
)

// Landscape draws a lake between wooded hills below snowy mountains in the evening, at w x h
// pixels. It panics if a side is less than 1.
func Landscape(w, h int, seed uint64) *imageio.Image {
	s := newScene(w, h, seed)
	s.drawSky()
	s.drawTerrain()
	s.drawWater()
	s.drawShore()
	return s.image(func(v float64) float64 { return filmic(0.62 * v) })
}

// scene is a landscape being drawn. The camera is at height eye over the lake, which is at height
// 0, and looks along z; a point (x, y, z) is seen lens·(x, y-eye)/z away from the middle of the
// horizon, in heights of the picture.
type scene struct {
	*picture
	seed    noise.Relief
	horizon float64   // in pixels from the top
	open    []float64 // the part of each pixel that no ground covers yet
}

const (
	eye  = 0.11
	lens = 1.15
)

// sun is the direction of the light. The sun itself glows at sunX heights beside the middle of the picture, a
// little off its true place, so that its light also falls on what is in view.
var sun = [3]float64{0.86, 0.42, -0.12}

const (
	sunX = 0.42
	sunY = 0.17 // over the horizon
)

var (
	sunlight = colour{4.6, 2.75, 1.35}
	skylight = colour{0.22, 0.33, 0.56}
)

func newScene(w, h int, seed uint64) *scene {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("sample: a picture of %dx%d", w, h))
	}
	s := &scene{
		picture: newPicture(w, h), seed: noise.Relief(seed*0x9e3779b97f4a7c15>>40) << 8,
		horizon: 0.60 * float64(h),
	}
	s.open = make([]float64, w*h)
	for i := range s.open {
		s.open[i] = 1
	}
	return s
}

// ray returns the direction of a pixel, in heights of the picture beside the middle and above the horizon.
func (s *scene) ray(x, y int) (u, v float64) {
	h := float64(s.h)
	return (float64(x) + 0.5 - 0.5*float64(s.w)) / h, (s.horizon - float64(y) - 0.5) / h
}

// cover lays c over a part of what is still open of pixel i.
func (s *scene) cover(i int, c colour, part float64) {
	part = min(part, s.open[i])
	s.pix[i] = s.pix[i].add(c, part)
	s.open[i] -= part
}

// drawSky fills the picture with the sky, below the horizon with the colour at the horizon.
func (s *scene) drawSky() {
	for y := range s.h {
		for x := range s.w {
			u, v := s.ray(x, y)
			s.pix[y*s.w+x] = s.sky(u, max(v, 0))
		}
	}
}

var (
	zenith = rgb(0x1f55a8)
	middle = rgb(0x7fb0de)
	low    = rgb(0xffcf9a)
	glow   = colour{1.0, 0.50, 0.16}
)

// sky returns the light from a direction.
func (s *scene) sky(u, v float64) colour {
	c := low.mix(middle, noise.Step(0, 0.28, v)).mix(zenith, noise.Step(0.15, 0.62, v))
	du, dv := u-sunX, v-sunY
	d := math.Sqrt(du*du + dv*dv)
	warm := 0.85 * math.Exp(-d*2.6) * noise.Step(0.6, 0, v)
	c = c.mix(colour{1.9, 1.05, 0.45}, warm).add(glow, 0.5*math.Exp(-d*9)).
		add(colour{1, 0.9, 0.7}, 3*noise.Step(0.036, 0.024, d))
	return s.clouds(c, u, v, d)
}

// clouds lays cumulus clouds over the sky c: fractal noise above a level, brighter where it falls off
// towards the sun and at the top.
func (s *scene) clouds(c colour, u, v, d float64) colour {
	x, y := 2.3*u, 5.2*v/(0.55+v) // flatter towards the horizon
	wx := s.seed.Fractal(1.3*x+3, 1.3*y, 3) - 0.5
	wy := (s.seed+31).Fractal(1.3*x, 1.3*y+5, 3) - 0.5
	x, y = x+0.35*wx, y+0.25*wy
	density := func(x, y float64, octaves int) float64 { return (s.seed + 77).Fractal(1.5*x, 2.1*y, octaves) }
	n := density(x, y, 7)
	level := 0.47 + 0.10*math.Sin(1.7*u+2)
	cover := noise.Step(level, level+0.13, n) * noise.Step(0.02, 0.10, v)
	if cover > 0 {
		toward := density(x+0.16, y-0.10, 5)
		lit := min(max(0.62+2.9*(n-toward)+0.3*(v-0.2), 0), 1)
		thick := noise.Step(level+0.05, level+0.28, n)
		bright := colour{1.08, 0.98, 0.86}.add(glow, 0.55*math.Exp(-d*3))
		dark := rgb(0x8d93b4).mix(rgb(0xc79c98), math.Exp(-d*2.4))
		c = c.mix(dark.mix(bright, lit*(1-0.35*thick)), 0.96*cover)
	}
	// High thin streaks.
	streak := (s.seed+5).Fractal(1.2*u+4*v, 14*v-1.5*u, 5) * (s.seed+9).Fractal(1.1*u, 2*v, 2)
	return c.mix(colour{1, 0.93, 0.86}, 0.4*noise.Step(0.28, 0.5, streak)*noise.Step(0.08, 0.3, v)*(1-cover))
}
