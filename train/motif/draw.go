package motif

import (
	"math"

	"oneiro/internal/noise"
)

// Draw fills dst with a picture of a class, size x size x 3, sRGB in 0..1. The picture depends on the other
// arguments alone: each stream of a seed gives another one.
func Draw(dst []float32, size, class int, seed, stream uint64) {
	classes[class].draw(dst, size, newRNG(seed, stream))
}

// DrawAny is Draw of a random class, which it returns.
func DrawAny(dst []float32, size int, seed, stream uint64) (class int) {
	r := newRNG(seed, stream)
	class = r.whole(0, len(classes)-1)
	classes[class].draw(dst, size, r)
	return class
}

// draw draws the motif before a background, sometimes partly covered, as a camera would see it.
func (c *class) draw(dst []float32, size int, r *rng) {
	front := paint(c, size, fine, r)
	behind := background(size, r)
	for try := 0; c.object && try < 3 && distance(front.mean(), mean(behind)) < 0.15; try++ {
		behind = background(size, r)
	}
	for i := range dst {
		dst[i] = behind[i]*(1-front.cover[i/3]) + front.colour[i]
	}
	if r.chance(0.15) {
		occlude(dst, size, r)
	}
	spoil(dst, size, r)
}

// layer is a painted motif: colour times cover, and cover, for each pixel.
type layer struct{ colour, cover []float32 }

// mean returns the mean colour of the covered part.
func (l *layer) mean() colour {
	all := mean(l.colour)
	var cover float32
	for _, v := range l.cover {
		cover += v
	}
	for i := range all {
		all[i] *= float32(len(l.cover)) / max(cover, 1)
	}
	return all
}

func mean(pixels []float32) (sum colour) {
	for i, v := range pixels {
		sum[i%3] += v * 3 / float32(len(pixels))
	}
	return sum
}

// fine is the number of samples along each side of a pixel, which smooth edges whatever the shader.
const fine = 2

// paint draws a motif with fine x fine samples per pixel.
func paint(c *class, size, fine int, r *rng) layer {
	shader, v, inks := c.shader(r), newView(c, r), palette(c.inks, r)
	n := size * fine
	points := make([]point, n*n)
	for j := range n {
		for i := range n {
			x, y := v.at(2*(float64(i)+0.5)/float64(n)-1, 2*(float64(j)+0.5)/float64(n)-1)
			points[j*n+i] = shader(x, y)
		}
	}
	// Light comes from one side: slopes that face it are brighter.
	sin, cos := math.Sincos(r.angle())
	strength := r.between(0, 1.2) / (2 * v.half / float64(n))
	l := layer{make([]float32, size*size*3), make([]float32, size*size)}
	share := 1 / float32(fine*fine)
	for j := range n {
		for i := range n {
			p := &points[j*n+i]
			if !p.solid {
				continue
			}
			light := 1.0
			if a, b := &points[j*n+max(i-1, 0)], &points[max(j-1, 0)*n+i]; a.solid && b.solid {
				light = min(max(1+strength*(cos*(p.height-a.height)+sin*(p.height-b.height)), 0.45), 1.6)
			}
			at := j/fine*size + i/fine
			for k, v := range inks[p.ink].at(p.tone) {
				l.colour[at*3+k] += v * float32(light) * share
			}
			l.cover[at] += share
		}
	}
	return l
}

// background returns the background of a motif: a gradient, clouds of colour, or a texture of low contrast.
func background(size int, r *rng) []float32 {
	out := make([]float32, size*size*3)
	if r.chance(0.35) {
		texture := &textures[r.whole(0, len(textures)-1)]
		plain, l, keep := anyColour(r), paint(texture, size, 1, r), float32(r.between(0.25, 0.7))
		for i := range out {
			out[i] = plain[i%3]*(1-keep) + keep*(l.colour[i]+plain[i%3]*(1-l.cover[i/3]))
		}
		return out
	}
	colours := anyRamp(r)
	contrast, slope, angle := r.between(0, 0.5), r.between(0, 0.4), r.angle()
	clouds, scale := r.noise(), r.between(1, 5)
	for j := range size {
		for i := range size {
			x, y := 2*float64(i)/float64(size)-1, 2*float64(j)/float64(size)-1
			along, _ := turn(x, y, angle)
			c := colours.at(0.5 + slope*along + contrast*clouds.Fractal(scale*x, scale*y, 3))
			copy(out[(j*size+i)*3:], c[:])
		}
	}
	return out
}

// occlude covers a round corner of the picture, or a bar across it.
func occlude(dst []float32, size int, r *rng) {
	c, angle, bar := anyColour(r), r.angle(), r.chance(0.5)
	at, width := r.between(0.5, 0.8), r.between(0.06, 0.15)
	grain := r.noise()
	for j := range size {
		for i := range size {
			x, y := turn(2*float64(i)/float64(size)-1, 2*float64(j)/float64(size)-1, angle)
			inside := width - math.Abs(x-at+0.5)
			if !bar {
				inside = 0.6 - math.Hypot(x-1.1, y)
			}
			if t := float32(noise.Step(0, 2/float64(size), inside)); t > 0 {
				shade := float32(0.15 * grain.Fractal(5*x, 5*y, 2))
				for k := range c {
					d := &dst[(j*size+i)*3+k]
					*d = *d*(1-t) + (c[k]+shade)*t
				}
			}
		}
	}
}

// spoil adds the faults of photographs: uneven light, blur, wrong exposure, noise.
func spoil(dst []float32, size int, r *rng) {
	light, amount := r.noise(), r.between(0, 0.3)
	contrast, exposure := float32(r.between(0.7, 1.15)), float32(r.between(-0.12, 0.12))
	if r.chance(0.35) {
		blur(dst, size, float32(r.between(0.05, 0.25)))
	}
	gray, coloured := 0.0, 0.0 // noise
	if r.chance(0.5) {
		gray, coloured = r.between(0, 0.06), r.between(0, 0.08)
	}
	for j := range size {
		for i := range size {
			at := float32(1 + amount*light.At(2*float64(i)/float64(size), 2*float64(j)/float64(size)))
			var grain float32
			if gray > 0 {
				grain = float32(gray * r.normal())
			}
			for k := range 3 {
				speck := grain
				if coloured > 0 {
					speck += float32(coloured * r.normal())
				}
				d := &dst[(j*size+i)*3+k]
				*d = min(max((*d*at-0.5)*contrast+0.5+exposure+speck, 0), 1)
			}
		}
	}
}

// blur adds this share of both neighbours to each pixel and takes it from the pixel, across and then down.
func blur(dst []float32, size int, share float32) {
	line := make([]float32, size)
	for axis, stride := range [2]int{3, 3 * size} {
		for i := range size {
			for k := range 3 {
				start := i*[2]int{3 * size, 3}[axis] + k
				for t := range line {
					line[t] = dst[start+t*stride]
				}
				for t, v := range line {
					before, after := line[max(t-1, 0)], line[min(t+1, size-1)]
					dst[start+t*stride] = v + share*(before+after-2*v)
				}
			}
		}
	}
}
