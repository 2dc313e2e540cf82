package imageio

import (
	"image"
	"slices"
)

// raster is a picture whose rows can be read once, in order.
type raster struct {
	w, h  int
	depth int  // as Image.Depth
	alpha bool // pixels may be clear
	row   rowFunc
}

// image returns the upright picture as v says. What is in memory beside it is a few rows.
func (r *raster) image(t turn, v View, filter Filter) (*Image, error) {
	w, h := t.size(r.w, r.h)
	crop := v.crop()
	if !crop.In(image.Rect(0, 0, v.W, v.H)) {
		panic("imageio: the part of a picture lies outside it")
	}
	mirrorX, mirrorY := t.mirrorX, t.mirrorY
	if t.swap {
		mirrorX, mirrorY = mirrorY, mirrorX
	}
	across := newAxis(filter, w, v.W, crop.Min.X, crop.Max.X, mirrorX)
	down := newAxis(filter, h, v.H, crop.Min.Y, crop.Max.Y, mirrorY)
	if t.swap {
		across, down = down, across
	}
	out := &Image{W: crop.Dx(), H: crop.Dy(), Depth: r.depth}
	out.Pix = make([]float32, 3*out.W*out.H)
	c := 3
	if r.alpha {
		c, out.Alpha = 4, make([]float32, out.W*out.H)
	}
	weighted := w != v.W || h != v.H // colours by their opacity
	source := rowReader{raster: r, weighted: weighted, opaque: true, pixels: make([]float32, c*r.w)}
	if r.alpha {
		source.pix, source.opacity = make([]float32, 3*r.w), make([]float32, r.w)
	}
	s := resampler{across: across.taps, down: down.taps, w: r.w, c: c, downFirst: t.swap}
	err := s.run(source.next, func(j int, line []float32) {
		for i := range across.taps {
			px, py := across.at(i), down.at(j)
			if t.swap {
				px, py = py, px
			}
			out.set(py*out.W+px, line[i*c:][:c], weighted)
		}
	})
	if source.opaque {
		out.Alpha = nil
	}
	return out, err
}

// set gives a pixel the values of one that may have been filtered.
func (im *Image) set(i int, v []float32, weighted bool) {
	to := im.Pix[3*i:][:3]
	if len(v) == 4 {
		im.Alpha[i] = clamp(v[3])
		if weighted {
			if !(v[3] > 0) {
				return
			}
			for k := range to {
				to[k] = clamp(v[k] / v[3])
			}
			return
		}
	}
	for k := range to {
		to[k] = clamp(v[k])
	}
}

// rowReader reads the rows of a raster as pixels of three values, or of four with the opacity.
type rowReader struct {
	*raster
	weighted     bool
	opaque       bool // so far
	pix, opacity []float32
	pixels       []float32
}

func (r *rowReader) next(y int) ([]float32, error) {
	if !r.alpha {
		return r.pixels, r.row(y, r.pixels, nil)
	}
	if err := r.row(y, r.pix, r.opacity); err != nil {
		return nil, err
	}
	for x, a := range r.opacity {
		r.opaque = r.opaque && a == 1
		from, to := r.pix[3*x:][:3], r.pixels[4*x:][:4]
		copy(to, from)
		if to[3] = a; r.weighted {
			to[0] *= a
			to[1] *= a
			to[2] *= a
		}
	}
	return r.pixels, nil
}

// axis has the taps of the columns or rows of a result, in the order of the file.
type axis struct {
	taps     []tap
	mirrored bool // the result's are in reverse
}

// newAxis returns the taps for values from to to of the n2 that n become. Sums are added in the order of the
// upright picture, so that it makes no difference how it lies in the file.
func newAxis(f Filter, n, n2, from, to int, mirrored bool) axis {
	a := axis{f.taps(n, n2, from, to), mirrored}
	if mirrored {
		slices.Reverse(a.taps)
		for i, t := range a.taps {
			a.taps[i] = tap{n - 1 - t.first, -1, t.weights}
		}
	}
	return a
}

// at returns the place in the result of the value of a tap.
func (a axis) at(i int) int {
	if a.mirrored {
		return len(a.taps) - 1 - i
	}
	return i
}
