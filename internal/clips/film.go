package clips

import (
	"math"
	"math/rand/v2"

	"oneiro/flow"
	"oneiro/internal/imageio"
)

// Film is a clip at one size. Frames are counted from 0 and may be drawn in any order.
type Film struct {
	W, H     int
	clip     *Clip
	textures []*texture // those that the clip has
}

// At returns the clip with frames of w x h pixels.
func (c *Clip) At(w, h int) *Film {
	f := &Film{W: w, H: h, clip: c, textures: make([]*texture, len(textures))}
	for _, s := range c.shots {
		for _, l := range s.layers {
			if f.textures[l.texture] == nil {
				f.textures[l.texture] = newTexture(l.texture, h)
			}
		}
	}
	return f
}

// Cut returns whether another shot begins with a frame.
func (f *Film) Cut(frame int) bool { return frame > 0 && f.clip.shot(frame) != f.clip.shot(frame-1) }

// samples are where around a pixel a frame is sampled, each way: over a little more than the pixel, as a
// lens does.
var samples = []float64{-0.5, 0, 0.5}

// Frame returns a frame, with 8 bits in a sample.
func (f *Film) Frame(frame int) *imageio.Image {
	im := imageio.New(f.W, f.H)
	light, grain := 1.0, rand.New(rand.NewPCG(1, uint64(frame)))
	if f.clip.light != nil {
		light = f.clip.light(frame)
	}
	v := f.view(frame)
	for i := range f.W * f.H {
		var sum [3]float64
		for _, dy := range samples {
			for _, dx := range samples {
				l, x, y := v.top(float64(i%f.W)+dx, float64(i/f.W)+dy)
				t := f.textures[v.layers[l].texture]
				scale := float64(t.n) / textures[v.layers[l].texture].wide
				for k, c := range t.at(x*scale, y*scale) {
					sum[k] += c / float64(len(samples)*len(samples))
				}
			}
		}
		for k, c := range sum {
			c *= light
			if f.clip.noise > 0 {
				c += f.clip.noise / 255 * grain.NormFloat64()
			}
			im.Pix[3*i+k] = float32(math.Round(min(max(c, 0), 1)*255) / 255)
		}
	}
	return im
}

// Back returns the flow from a frame to the one before, and which of its pixels that one shows too: none of
// them if it is of another shot.
func (f *Film) Back(frame int) (field *flow.Field, seen []bool) {
	field, seen = flow.NewField(f.W, f.H), make([]bool, f.W*f.H)
	if frame == 0 || f.Cut(frame) {
		return field, seen
	}
	now, before := f.view(frame), f.view(frame-1)
	for i := range seen {
		x, y := float64(i%f.W), float64(i/f.W)
		l, qx, qy := now.top(x, y)
		tx, ty := before.pixel(before.poses[l].place(qx, qy))
		field.U[i], field.V[i] = float32(tx-x), float32(ty-y)
		there, _, _ := before.top(tx, ty)
		inside := tx >= -0.5 && ty >= -0.5 && tx <= float64(f.W)-0.5 && ty <= float64(f.H)-0.5
		seen[i] = inside && there == l
	}
	return field, seen
}

// view is how the layers of a shot lie in a frame.
type view struct {
	w, h   int
	layers []layer
	poses  []pose
}

func (f *Film) view(frame int) view {
	s := f.clip.shots[f.clip.shot(frame)]
	v := view{f.W, f.H, s.layers, make([]pose, len(s.layers))}
	for i, l := range s.layers {
		v.poses[i] = l.move(float64(frame - s.from))
	}
	return v
}

// top returns the layer that is seen at a place, in pixels, and the place on the layer.
func (v *view) top(x, y float64) (layer int, qx, qy float64) {
	x, y = (x-float64(v.w-1)/2)/float64(v.h), (y-float64(v.h-1)/2)/float64(v.h)
	for i := len(v.layers) - 1; ; i-- {
		qx, qy = v.poses[i].back(x, y)
		r := v.layers[i].radius * v.layers[i].radius
		if xx, yy := qx*qx, qy*qy; r == 0 || xx*xx+yy*yy < r*r { // |x|⁴+|y|⁴ < radius⁴
			return i, qx, qy
		}
	}
}

// pixel returns a place, in heights from the middle of the picture, in pixels.
func (v *view) pixel(x, y float64) (float64, float64) {
	return x*float64(v.h) + float64(v.w-1)/2, y*float64(v.h) + float64(v.h-1)/2
}
