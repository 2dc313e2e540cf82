package sample

import (
	"math"

	"oneiro/internal/noise"
)

// canvas holds the paint and its thickness.
type canvas struct {
	*picture
	thick []float64
	grain noise.Relief
	along []float64 // scratch: distance of a pixel along the stroke, from its start
	cross []float64 // scratch: distance from the middle of the stroke, -1 to 1; 2 off the stroke
}

func newCanvas(w, h int, seed noise.Relief) *canvas {
	n := w * h
	c := &canvas{newPicture(w, h), make([]float64, n), seed, make([]float64, n), make([]float64, n)}
	ground := rgb(0x6b5a3e)
	for i := range c.pix {
		c.pix[i] = ground
		c.cross[i] = 2
	}
	return c
}

// stroke is a path of a brush of half width r, in pixels.
type stroke struct {
	x, y   []float64
	r      float64
	paint  colour
	load   float64 // how much paint there is on the brush
	number int
}

// paint covers the canvas once with strokes of half width size, in heights of the picture. They start
// on a jittered grid, in random order.
func (m *motif) paint(c *canvas, pass int, size float64) {
	h := float64(m.h)
	step := size * []float64{1.5, 1.45, 1.75}[pass]
	cols, rows := int(m.aspect/step)+2, int(1/step)+2
	for number, cell := range m.rng.Perm(cols * rows) {
		x := (float64(cell%cols)+m.rng.Float64()-0.5)*step - m.aspect/2
		y := (float64(cell/cols) + m.rng.Float64() - 0.5) * step
		s := m.trace(x, y, size, 5+6*m.rng.Float64())
		s.number = number + pass<<20
		paint := m.colour(x, y)
		// The paint of each stroke is mixed anew: lighter or darker, warmer or colder.
		light, warm := 1+0.17*m.rng.NormFloat64(), 0.09*m.rng.NormFloat64()
		s.paint = paint.times(colour{light + warm, light, light - warm})
		if m.rng.Float64() < 0.03 && pass > 0 {
			s.paint = m.accent(x, y)
		}
		s.r = size * h * (0.75 + 0.4*m.rng.Float64())
		s.load = 0.7 + 0.6*m.rng.Float64()
		c.draw(s)
	}
}

// accent returns a colour opposite to its surroundings on the colour wheel.
func (m *motif) accent(x, y float64) colour {
	switch m.where(x, y) {
	case inField:
		return rgb(0x3f6fae)
	case inHills:
		return rgb(0xc98a3a)
	case inCypress:
		return rgb(0x8a3f1c)
	}
	return rgb(0xe6d08a)
}

// trace follows the direction of the brush both ways from a place, length half widths in all, and stops
// where another ground begins.
func (m *motif) trace(x, y, size, length float64) *stroke {
	s := &stroke{}
	h := float64(m.h)
	put := func(x, y float64) {
		s.x = append(s.x, (x+m.aspect/2)*h)
		s.y = append(s.y, y*h)
	}
	ground := m.where(x, y)
	half := length / 2
	walk := func(sign float64, each func(x, y float64)) {
		px, py := x, y
		for d := 0.0; d < half; d++ {
			a := m.angle(px, py)
			px, py = px+sign*size*math.Cos(a), py+sign*size*math.Sin(a)
			if m.where(px, py) != ground {
				return
			}
			each(px, py)
		}
	}
	walk(-1, put)
	for i, j := 0, len(s.x)-1; i < j; i, j = i+1, j-1 {
		s.x[i], s.x[j], s.y[i], s.y[j] = s.x[j], s.x[i], s.y[j], s.y[i]
	}
	put(x, y)
	walk(1, put)
	return s
}

// draw lays a stroke on the canvas. Bristles leave ridges along it, the rims are raised, and towards the
// end the brush runs dry, so that the paint below shows.
func (c *canvas) draw(s *stroke) {
	left, top, right, bottom := c.place(s)
	total := 0.0
	for i := 1; i < len(s.x); i++ {
		total += math.Hypot(s.x[i]-s.x[i-1], s.y[i]-s.y[i-1])
	}
	bristles := c.grain + noise.Relief(s.number)*7
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			i := y*c.w + x
			t := c.cross[i]
			if t > 1 || t < -1 {
				c.cross[i] = 2
				continue
			}
			c.cross[i] = 2
			at := c.along[i] / s.r
			hair := bristles.At(4.5*t+40, 0.35*at)
			fine := bristles.At(11*t+90, 0.8*at) - 0.5
			end := noise.Step(0.55, 1, c.along[i]/(total+s.r)) // dry
			edge := min((1-math.Abs(t))*s.r, 1)
			alpha := edge * noise.Step(0.1, 0.5, 1.15*s.load+0.6*(hair-0.5)-0.95*end*hair)
			rim := noise.Step(0.45, 0.85, math.Abs(t)) * (1 - noise.Step(0.85, 1, math.Abs(t)))
			height := s.r * s.load * (0.28*(1-t*t) + 0.26*(hair-0.5) + 0.12*fine + 0.10*rim)
			tint := s.paint.scale(1 + 0.42*(hair-0.5) + 0.16*fine)
			c.pix[i] = c.pix[i].mix(tint, alpha)
			c.thick[i] = noise.Lerp(c.thick[i], 0.45*c.thick[i]+height, alpha)
		}
	}
}

// place finds the nearest point of the path for every pixel under the stroke.
func (c *canvas) place(s *stroke) (left, top, right, bottom int) {
	left, top, right, bottom = c.w, c.h, -1, -1
	start := 0.0
	for i := 0; i < max(len(s.x)-1, 1); i++ {
		j := min(i+1, len(s.x)-1)
		dx, dy := s.x[j]-s.x[i], s.y[j]-s.y[i]
		long := math.Hypot(dx, dy)
		if long < 1e-6 { // a single point: a short stroke to the right
			dx, dy, long = 1e-3, 0, 1e-3
		}
		x0, x1 := max(int(min(s.x[i], s.x[j])-s.r), 0), min(int(max(s.x[i], s.x[j])+s.r), c.w-1)
		y0, y1 := max(int(min(s.y[i], s.y[j])-s.r), 0), min(int(max(s.y[i], s.y[j])+s.r), c.h-1)
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				px, py := float64(x)+0.5-s.x[i], float64(y)+0.5-s.y[i]
				t := min(max((px*dx+py*dy)/(long*long), 0), 1)
				side := (dx*py - dy*px) / long
				px, py = px-t*dx, py-t*dy
				d := math.Sqrt(px*px+py*py) / s.r
				at := y*c.w + x
				if d < math.Abs(c.cross[at]) {
					c.cross[at] = math.Copysign(d, side)
					c.along[at] = start + t*long
				}
			}
		}
		start += long
		left, top, right, bottom = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
	}
	return left, top, right, bottom
}

// light lights the paint from the upper left, so that ridges show.
func (c *canvas) light() {
	scale := 2.2 * min(math.Sqrt(384/float64(c.h)), 1) // thick paint on a large canvas is not steeper
	lit := make([]colour, len(c.pix))
	for y := range c.h {
		for x := range c.w {
			i := y*c.w + x
			dx := c.thick[y*c.w+min(x+1, c.w-1)] - c.thick[y*c.w+max(x-1, 0)]
			dy := c.thick[min(y+1, c.h-1)*c.w+x] - c.thick[max(y-1, 0)*c.w+x]
			nx, ny := -dx*scale/2, -dy*scale/2
			inv := 1 / math.Sqrt(nx*nx+ny*ny+1)
			diffuse := (-0.45*nx - 0.55*ny + 0.70) * inv
			shine := math.Pow(max((-0.25*nx-0.32*ny+0.91)*inv, 0), 40)
			gloss := 0.10 * max(shine-0.05, 0) * noise.Step(0.2, 1, diffuse)
			lit[i] = c.pix[i].scale(0.42+0.82*max(diffuse, 0)).add(colour{1, 0.98, 0.92}, gloss)
		}
	}
	c.pix = lit
}
