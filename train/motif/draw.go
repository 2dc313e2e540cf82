package motif

import (
	"math"

	"oneiro/internal/noise"
)

// Draw fills dst with a picture of a class, size x size pixels of sRGB 0..1, row by row.
func Draw(dst []float32, size, class int, r *Rand) {
	c := &classes[class]
	front := paint(c, size, fine, r)
	behind := background(size, r)
	for try := 0; c.Object && try < 3 && distance(front.mean(), mean(behind)) < 0.15; try++ {
		behind = background(size, r)
	}
	for i := range dst {
		dst[i] = behind[i]*(1-front.cover[i/3]) + front.colour[i]
	}
	if r.Chance(0.15) {
		occlude(dst, size, r)
	}
	spoil(dst, size, r)
}

// layer is a painted motif: colour times cover, and cover, for each pixel.
type layer struct{ colour, cover []float32 }

// mean is the mean colour of what there is.
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

// fine is how many points to a side of a pixel are looked at, so that edges are smooth however a shader
// draws them.
const fine = 2

// paint looks at fine x fine points in each pixel.
func paint(c *Class, size, fine int, r *Rand) layer {
	shader, v, inks := c.New(r), newView(c, r), palette(c.Inks, r)
	n := size * fine
	points := make([]Point, n*n)
	for j := range n {
		for i := range n {
			x, y := v.at(2*(float64(i)+0.5)/float64(n)-1, 2*(float64(j)+0.5)/float64(n)-1)
			points[j*n+i] = shader(x, y)
		}
	}
	// Light falls from one side: slopes towards it are brighter.
	sin, cos := math.Sincos(r.Angle())
	strength := r.Between(0, 1.2) / (2 * v.half / float64(n))
	l := layer{make([]float32, size*size*3), make([]float32, size*size)}
	share := 1 / float32(fine*fine)
	for j := range n {
		for i := range n {
			p := &points[j*n+i]
			if !p.Solid {
				continue
			}
			light := 1.0
			if a, b := &points[j*n+max(i-1, 0)], &points[max(j-1, 0)*n+i]; a.Solid && b.Solid {
				light = min(max(1+strength*(cos*(p.Height-a.Height)+sin*(p.Height-b.Height)), 0.45), 1.6)
			}
			at := j/fine*size + i/fine
			for k, v := range inks[p.Ink].at(p.Tone) {
				l.colour[at*3+k] += v * float32(light) * share
			}
			l.cover[at] += share
		}
	}
	return l
}

// background returns something to see a motif before: one colour, a gradient, clouds of colour, or a
// texture that stands back.
func background(size int, r *Rand) []float32 {
	out := make([]float32, size*size*3)
	if r.Chance(0.35) {
		texture := &textures[r.Int(0, len(textures)-1)]
		plain, l, keep := anyColour(r), paint(texture, size, 1, r), float32(r.Between(0.25, 0.7))
		for i := range out {
			out[i] = plain[i%3]*(1-keep) + keep*(l.colour[i]+plain[i%3]*(1-l.cover[i/3]))
		}
		return out
	}
	colours := anyRamp(r)
	contrast, slope, angle := r.Between(0, 0.5), r.Between(0, 0.4), r.Angle()
	clouds, scale := r.Noise(), r.Between(1, 5)
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

// occlude covers a round corner or a bar of the picture.
func occlude(dst []float32, size int, r *Rand) {
	c, angle, bar := anyColour(r), r.Angle(), r.Chance(0.5)
	at, width := r.Between(0.5, 0.8), r.Between(0.06, 0.15)
	grain := r.Noise()
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

// spoil does what a camera does: uneven light, blur, another exposure, noise.
func spoil(dst []float32, size int, r *Rand) {
	light, amount := r.Noise(), r.Between(0, 0.3)
	contrast, exposure := float32(r.Between(0.7, 1.15)), float32(r.Between(-0.12, 0.12))
	if r.Chance(0.35) {
		blur(dst, size, float32(r.Between(0.05, 0.25)))
	}
	gray, coloured := 0.0, 0.0 // noise
	if r.Chance(0.5) {
		gray, coloured = r.Between(0, 0.06), r.Between(0, 0.08)
	}
	for j := range size {
		for i := range size {
			at := float32(1 + amount*light.At(2*float64(i)/float64(size), 2*float64(j)/float64(size)))
			var grain float32
			if gray > 0 {
				grain = float32(gray * r.Normal())
			}
			for k := range 3 {
				speck := grain
				if coloured > 0 {
					speck += float32(coloured * r.Normal())
				}
				d := &dst[(j*size+i)*3+k]
				*d = min(max((*d*at-0.5)*contrast+0.5+exposure+speck, 0), 1)
			}
		}
	}
}

// blur gives each pixel this share of each of the neighbours on its sides, across and then down.
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
