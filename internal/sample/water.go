package sample

import (
	"math"

	"oneiro/internal/noise"
)

var deep = rgb(0x1d4a58)

// drawWater fills what is still open with the lake: what is above the horizon, mirrored, shaken by
// ripples, and mixed with the colour of the water where it is seen from steeply above.
func (s *scene) drawWater() {
	scale := lens * float64(s.h)
	mirror := &picture{s.w, s.h, append([]colour(nil), s.pix...)}
	for i, open := range s.open {
		if open <= 0 {
			continue
		}
		x, y := i%s.w, i/s.w
		u, v := s.ray(x, y)
		down := max(-v, 0.5/float64(s.h))
		z := lens * eye / down
		px := u / lens * z
		// Ripples are long across the view and fade where they are finer than a pixel.
		far := min(1, 30*down)
		a := (s.seed+400).Fractal(5*px, 11*z, 4) - 0.5
		b := (s.seed+410).Fractal(22*px, 60*z, 3) - 0.5
		calm := noise.Step(0.42, 0.62, (s.seed+420).Fractal(0.8*px, 2.5*z, 3))
		shake := (0.9*a + 0.5*b) * far * noise.Lerp(1, 0.35, calm)
		ry := s.horizon - down*float64(s.h)*(1+0.55*shake) - 0.012*scale*shake
		rx := float64(x) + 0.02*scale*shake*far
		ry = min(ry, s.horizon-1)
		c := mirror.sample(rx, ry-0.5)
		c = c.mix(mirror.sample(rx, ry-2.5-0.01*float64(s.h)*far), 0.4)
		steep := down / math.Sqrt(down*down+lens*lens)
		keep := 0.94 - 1.25*steep - 0.25*max(shake, 0)*far
		c = deep.scale(0.55+0.5*shake).mix(c.times(colour{0.90, 0.95, 0.97}), max(keep, 0.25))
		s.cover(i, c, 1)
	}
}
