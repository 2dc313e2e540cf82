package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"oneiro/internal/imageio"
	"oneiro/internal/noise"
)

// Painting draws a night sky in whorls over hills, a cornfield and a cypress, in thick strokes of
// complementary blues and oranges after van Gogh, at w x h pixels. It panics if a side is less
// than 1.
func Painting(w, h int, seed uint64) *imageio.Image {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("sample: a picture of %dx%d", w, h))
	}
	m := newMotif(w, h, seed)
	c := newCanvas(w, h, m.seed)
	// Wide strokes first, as a ground that shows between the later ones.
	for pass, size := range []float64{0.030, 0.017, 0.0115} {
		m.paint(c, pass, size)
	}
	c.light()
	return c.image(func(v float64) float64 { return v })
}

// motif is what is painted: at every place a colour and the direction of the brush. Places are in
// heights of the picture, x to the right from the middle, y down from the top.
type motif struct {
	w, h   int
	aspect float64
	seed   noise.Relief
	rng    *rand.Rand
	whorls []whorl
	stars  []star
}

// whorl turns the sky around it, one way or the other.
type whorl struct{ x, y, size, turn float64 }

// star is a light with rings around it.
type star struct {
	x, y, size float64
	core, ring colour
}

func newMotif(w, h int, seed uint64) *motif {
	m := &motif{w: w, h: h, aspect: float64(w) / float64(h), seed: noise.Relief(seed*0x9e3779b97f4a7c15>>40) << 8}
	m.rng = rand.New(rand.NewPCG(seed, 2))
	r := m.rng
	half := m.aspect / 2
	m.whorls = []whorl{
		{-0.10 * half, 0.27 + 0.04*r.Float64(), 0.16, 1},
		{0.30 * half, 0.36 + 0.03*r.Float64(), 0.10, -1},
		{-0.75 * half, 0.38, 0.09, -1},
	}
	m.stars = append(m.stars, star{0.72 * half, 0.15, 0.060, rgb(0xffd84a), rgb(0xf6b830)})
	for range 60 {
		next := star{
			(2*r.Float64() - 1) * half, 0.06 + 0.42*r.Float64(), 0.011 + 0.016*r.Float64(),
			rgb(0xfff6d0), rgb(0xf2d878),
		}
		if len(m.stars) < 10 && m.free(next) {
			m.stars = append(m.stars, next)
		}
	}
	return m
}

// free reports whether a star is clear of the others and of the whorls.
func (m *motif) free(next star) bool {
	for i, s := range m.stars {
		apart := 0.16
		if i == 0 {
			apart = 0.27
		}
		if math.Hypot(next.x-s.x, next.y-s.y) < apart {
			return false
		}
	}
	for _, w := range m.whorls {
		if math.Hypot(next.x-w.x, next.y-w.y) < 1.15*w.size {
			return false
		}
	}
	return true
}

// The grounds of the motif, from the back to the front.
const (
	inSky = iota
	inHills
	inField
	inCypress
)

func (m *motif) where(x, y float64) int {
	switch {
	case m.cypress(x, y) > 0:
		return inCypress
	case y > m.fieldTop(x):
		return inField
	case y > m.hillTop(x):
		return inHills
	}
	return inSky
}

func (m *motif) hillTop(x float64) float64 {
	return 0.66 - 0.07*math.Sin(2.6*x+1.1+0.8*m.seed.Grid(9, 9)) -
		0.05*(m.seed.Fractal(3*x+5, 1.7, 2)-0.5) - 0.06*x
}

func (m *motif) fieldTop(x float64) float64 { return 0.785 + 0.03*math.Sin(2.1*x+4) + 0.02*x }

// cypress is positive inside the tree: a flame of two tongues, left of the middle.
func (m *motif) cypress(x, y float64) float64 {
	inside := -1.0
	for _, tongue := range [2][3]float64{{-0.58, 0.13, 0.085}, {-0.44, 0.40, 0.055}} {
		up := (1.02 - y) / (1.02 - tongue[1]) // 0 at the foot to 1 at the tip
		if up < 0 || up > 1 {
			continue
		}
		centre := tongue[0]*m.aspect/2*1.1 + 0.016*math.Sin(9*y+2)
		wide := tongue[2] * math.Pow(1-up, 0.62) * (0.85 + 0.3*m.seed.At(14*y, 3)) * (0.75 + 0.6*min(up*2, 1))
		inside = max(inside, wide-math.Abs(x-centre))
	}
	return inside
}

// angle returns the direction of the brush.
func (m *motif) angle(x, y float64) float64 {
	wobble := 0.5 * (m.seed.Fractal(5*x, 5*y, 2) - 0.5)
	switch m.where(x, y) {
	case inCypress:
		return -math.Pi/2 + 0.5*math.Sin(11*y+7*x) + wobble
	case inField:
		return math.Atan2(1.5*(y-0.55), 2.4*x+0.35) + 0.35*math.Sin(9*x) + wobble
	case inHills:
		slope := (m.hillTop(x+0.01) - m.hillTop(x-0.01)) / 0.02
		return math.Atan(slope) + 1.1*(m.seed.Fractal(4*x, 7*y, 2)-0.5)
	}
	// A wind from the left, bent around the whorls and the stars.
	dx, dy := 1.0, 0.55*math.Sin(4.5*x+1.3+5*(m.seed.At(2*x, 2*y)-0.5))
	for _, w := range m.whorls {
		ox, oy := x-w.x, y-w.y
		d := math.Hypot(ox, oy) + 1e-6
		pull := 3.2 * math.Exp(-d*d/(w.size*w.size)) * w.turn
		// The strokes spiral inwards a little.
		dx += pull * (-oy/d - 0.22*ox/d)
		dy += pull * (ox/d - 0.22*oy/d)
	}
	for _, s := range m.stars {
		ox, oy := x-s.x, y-s.y
		d := math.Hypot(ox, oy) + 1e-6
		pull := 6 * math.Exp(-d*d/(6*s.size*s.size))
		dx += pull * -oy / d
		dy += pull * ox / d
	}
	return math.Atan2(dy, dx) + 0.5*wobble
}

var (
	nightColours = []colour{
		rgb(0x14225e), rgb(0x1d3f93), rgb(0x2b62b8), rgb(0x4a8fd0), rgb(0x8fc0dc), rgb(0xd5e3cf),
	}
	hillColours  = []colour{rgb(0x14264a), rgb(0x1f4a6e), rgb(0x2f6f78), rgb(0x5a8f6a), rgb(0x8a93c0)}
	fieldColours = []colour{rgb(0x8a4a12), rgb(0xc77a1a), rgb(0xe9a820), rgb(0xf7cf4a), rgb(0xf9e79a)}
	treeColours  = []colour{rgb(0x0b1512), rgb(0x16301f), rgb(0x28502a), rgb(0x4d6a26), rgb(0x7a4a20)}
)

// ramp interpolates between a series of colours, t from 0 to 1.
func ramp(row []colour, t float64) colour {
	t = min(max(t, 0), 1) * float64(len(row)-1)
	i := min(int(t), len(row)-2)
	return row[i].mix(row[i+1], t-float64(i))
}

func (m *motif) colour(x, y float64) colour {
	n := (m.seed + 50).Fractal(4*x, 4*y, 3)
	switch m.where(x, y) {
	case inCypress:
		edge := m.cypress(x, y)
		return ramp(treeColours, 0.75*n+0.35*noise.Step(0.03, 0, edge)+0.15*math.Sin(40*x+9*y))
	case inField:
		furrow := math.Sin(30*(x/(0.35+1.6*(y-0.6))) + 5*n)
		return ramp(fieldColours, 0.15+0.7*n+0.22*furrow)
	case inHills:
		down := (y - m.hillTop(x)) / 0.12
		return ramp(hillColours, 0.05+0.6*n+0.30*math.Sin(70*y+9*x+6*n)-0.1*down+0.45*noise.Step(0.12, 0, down))
	}
	t := 0.02 + 0.46*n + 0.42*noise.Step(0.35, 0.66, y)*(0.5+n)
	for _, w := range m.whorls { // bright arms
		ox, oy := x-w.x, y-w.y
		d := math.Hypot(ox, oy)
		arm := math.Sin(2*math.Atan2(oy, ox)*w.turn + 1.7*d/w.size*3.1)
		t += (0.16 + 0.40*arm) * math.Exp(-d*d/(1.6*w.size*w.size))
	}
	c := ramp(nightColours, t)
	for i, s := range m.stars {
		d := math.Hypot(x-s.x, y-s.y) / s.size
		if i == 0 { // the moon is a crescent
			if d < 1 && math.Hypot(x-s.x+0.35*s.size, y-s.y+0.1*s.size) > 0.72*s.size {
				return rgb(0xffa21c)
			}
		}
		// Rings of light and of pale green, where a mix of blue and yellow would be grey.
		rings := 0.5 + 0.5*math.Cos(d*3.1)
		halo := s.ring.mix(rgb(0xb9d8a0), noise.Step(1.4, 2.6, d)).mix(nightColours[4], noise.Step(2.4, 3.6, d))
		c = c.mix(halo, (0.35+0.6*rings)*noise.Step(4.4, 1.6, d))
		c = c.mix(s.core, noise.Step(1.25, 0.7, d))
	}
	return c
}
