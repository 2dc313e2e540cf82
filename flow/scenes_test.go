package flow

import (
	"math"
	"slices"
	"sync"

	"oneiro/colour"
	"oneiro/internal/parallel"
	"oneiro/train/motif"
)

// texture is a picture that moves: luma at twice the resolution of the scenes.
type texture struct {
	w, h int
	pix  []float32
}

// collage draws motifs side by side, each tile pixels wide and high, until they cover w x h pixels of a scene.
func collage(w, h, tile int, seed uint64) texture {
	names := motif.Names()
	first := slices.Index(names, "brick") // textures follow
	side := 2 * tile
	cols, rows := (w+tile-1)/tile, (h+tile-1)/tile
	t := texture{cols * side, rows * side, make([]float32, cols*side*rows*side)}
	var group sync.WaitGroup
	for n := range cols * rows {
		group.Go(func() {
			pix := make([]float32, side*side*3)
			class := first + (int(seed)*7+n*5)%(len(names)-first)
			motif.Draw(pix, side, class, seed, uint64(n))
			for y := range side {
				for x := range side {
					p := pix[(y*side+x)*3:]
					v, _, _ := colour.YUV(p[0], p[1], p[2])
					t.pix[(n/cols*side+y)*t.w+n%cols*side+x] = v
				}
			}
		})
	}
	group.Wait()
	return t
}

// at returns the texture at a place, in pixels of a scene, by bilinear interpolation.
func (t *texture) at(x, y float64) float64 {
	x, y = min(max(2*x+0.5, 0), float64(t.w-1)), min(max(2*y+0.5, 0), float64(t.h-1))
	i, j := min(int(x), t.w-2), min(int(y), t.h-2)
	fx, fy := x-float64(i), y-float64(j)
	p := t.pix[j*t.w+i:]
	top := float64(p[0]) + fx*float64(p[1]-p[0])
	bottom := float64(p[t.w]) + fx*float64(p[t.w+1]-p[t.w])
	return top + fy*(bottom-top)
}

// motion is how a layer moves from the first picture to the second: turned by an angle and enlarged about the
// centre of the scene, and then shifted.
type motion struct{ angle, zoom, x, y float64 }

func (m motion) forward(x, y, cx, cy float64) (float64, float64) {
	sin, cos := math.Sincos(m.angle)
	x, y = x-cx, y-cy
	return cx + (1+m.zoom)*(cos*x-sin*y) + m.x, cy + (1+m.zoom)*(sin*x+cos*y) + m.y
}

func (m motion) backward(x, y, cx, cy float64) (float64, float64) {
	sin, cos := math.Sincos(m.angle)
	x, y = (x-cx-m.x)/(1+m.zoom), (y-cy-m.y)/(1+m.zoom)
	return cx + cos*x + sin*y, cy - sin*x + cos*y
}

// layer is a texture that moves, all over the scene or in a rectangle of the first picture.
type layer struct {
	motion
	x, y, w, h float64 // all over the scene if w is 0
	texture    int
}

// scene is a pair of pictures whose flow is known.
type scene struct {
	name   string
	layers []layer // the last one lies on top
	// ramp is how much brighter the second picture becomes from its left to its right side.
	ramp float64
}

// scenes are those that flows are measured on. Sizes are relative to a height of 240 pixels.
var scenes = []scene{
	{name: "shift 0.6", layers: []layer{{motion: motion{x: 0.5, y: -0.25}}}},
	{name: "shift 3.7", layers: []layer{{motion: motion{x: 3.3, y: 1.7}}}},
	{name: "shift 8.6", layers: []layer{{motion: motion{x: -7.25, y: 4.6}}}},
	{name: "shift 15.7", layers: []layer{{motion: motion{x: 12.4, y: -9.7}}}},
	{name: "shift 19.9", layers: []layer{{motion: motion{x: 19.6, y: 3.3}}}},
	{name: "rotate", layers: []layer{{motion: motion{angle: 0.03}}}},
	{name: "zoom in", layers: []layer{{motion: motion{zoom: 0.03}}}},
	{name: "zoom out", layers: []layer{{motion: motion{zoom: -0.03, x: 1.3}}}},
	{name: "occluder", layers: []layer{{}, {motion: motion{x: 11.5, y: 5.25}, x: 100, y: 70, w: 90, h: 80, texture: 1}}},
	{name: "lit occluder", ramp: 0.08,
		layers: []layer{{}, {motion: motion{x: 11.5, y: 5.25}, x: 100, y: 70, w: 90, h: 80, texture: 1}}},
	{name: "both move", layers: []layer{{motion: motion{x: -4.4, y: 1.6}},
		{motion: motion{x: 9.3, y: -6.75, angle: 0.02}, x: 130, y: 90, w: 80, h: 90, texture: 1}}},
	{name: "ramp", layers: []layer{{motion: motion{x: 3.3, y: 1.7}}}, ramp: 0.2},
}

// pair is a scene, drawn.
type pair struct {
	name             string
	w, h             int
	a, b             []float32 // luma
	forward          *Field
	backward         *Field
	hidden, uncovers []bool // pixels of a that b does not show, and of b that a does not
}

// draw draws a scene at a size, with textures of at least that size.
func (s *scene) draw(w, h int, textures []texture) *pair {
	p := &pair{name: s.name, w: w, h: h, a: make([]float32, w*h), b: make([]float32, w*h), forward: NewField(w, h),
		backward: NewField(w, h), hidden: make([]bool, w*h), uncovers: make([]bool, w*h)}
	cx, cy := float64(w-1)/2, float64(h-1)/2
	scale := float64(h) / 240
	inside := func(l *layer, x, y float64) bool {
		x, y = x/scale, y/scale
		return l.w == 0 || x >= l.x && y >= l.y && x < l.x+l.w && y < l.y+l.h
	}
	// top returns the layer at a place of the first or of the second picture, and the place in the first.
	top := func(x, y float64, second bool) (int, float64, float64) {
		for i := len(s.layers) - 1; ; i-- {
			l := &s.layers[i]
			qx, qy := x, y
			if second {
				qx, qy = l.backward(x, y, cx, cy)
			}
			if inside(l, qx, qy) {
				return i, qx, qy
			}
		}
	}
	shade := func(x, y float64, second bool) float32 {
		var sum float64
		for _, dy := range []float64{-0.25, 0.25} {
			for _, dx := range []float64{-0.25, 0.25} {
				i, qx, qy := top(x+dx, y+dy, second)
				v := textures[s.layers[i].texture].at(qx+24, qy+24)
				if second {
					v += s.ramp * x / float64(w)
				}
				sum += v / 4
			}
		}
		return float32(math.Round(min(max(sum, 0), 1)*255) / 255)
	}
	outside := func(x, y float64) bool { return x < -0.5 || y < -0.5 || x > float64(w)-0.5 || y > float64(h)-0.5 }
	for j := range h {
		for i := range w {
			at, x, y := j*w+i, float64(i), float64(j)
			p.a[at], p.b[at] = shade(x, y, false), shade(x, y, true)
			l, _, _ := top(x, y, false)
			tx, ty := s.layers[l].forward(x, y, cx, cy)
			p.forward.U[at], p.forward.V[at] = float32(tx-x), float32(ty-y)
			there, _, _ := top(tx, ty, true)
			p.hidden[at] = outside(tx, ty) || there != l
			l, tx, ty = top(x, y, true)
			p.backward.U[at], p.backward.V[at] = float32(tx-x), float32(ty-y)
			there, _, _ = top(tx, ty, false)
			p.uncovers[at] = outside(tx, ty) || there != l
		}
	}
	return p
}

// endpoint returns the mean distance of a flow from the truth, in pixels, where those of skip are not set.
func endpoint(f, truth *Field, skip []bool) float64 {
	var sum float64
	n := 0
	for i := range f.U {
		if skip == nil || !skip[i] {
			sum += math.Hypot(float64(f.U[i]-truth.U[i]), float64(f.V[i]-truth.V[i]))
			n++
		}
	}
	return sum / float64(n)
}

// testTextures are for scenes of up to 320x240 pixels.
var testTextures = sync.OnceValue(func() []texture {
	return []texture{collage(370, 290, 80, 1), collage(370, 290, 60, 2)}
})

// filmTextures are for scenes of up to 960x540 pixels. It takes seconds to draw them.
var filmTextures = sync.OnceValue(func() []texture {
	return []texture{collage(1010, 590, 180, 1), collage(1010, 590, 135, 2)}
})

// estimate returns the flows of a pair, there and back.
func (p *pair) estimate(preset Preset, pool *parallel.Pool) (there, back *Field) {
	e := New(p.w, p.h, preset, pool)
	a, b := e.NewFrame(), e.NewFrame()
	e.Set(a, p.a)
	e.Set(b, p.b)
	there, back = NewField(p.w, p.h), NewField(p.w, p.h)
	e.Estimate(there, a, b)
	e.Estimate(back, b, a)
	return there, back
}
