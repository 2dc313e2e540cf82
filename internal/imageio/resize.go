package imageio

import (
	"fmt"
	"math"
)

// Filter is a resampling kernel, as Pillow defines it under the same name.
type Filter int

const (
	Bilinear Filter = iota // the triangle, what PyTorch's transforms use
	Bicubic                // Keys' cubic convolution with a = -0.5
	Lanczos3               // the windowed sinc of three lobes
)

// Resize returns the picture at w x h pixels. Filters widen as the picture shrinks, so that every pixel
// counts and nothing aliases. Bicubic and Lanczos3 overshoot at edges; the result is clamped to 0..1.
// Alpha is resized separately: colours are not weighted by it.
func Resize(im *Image, w, h int, filter Filter) *Image {
	im.check("Resize")
	out := &Image{W: w, H: h, Depth: im.Depth, Pix: Resample(im.Pix, im.W, im.H, 3, w, h, filter)}
	if im.Alpha != nil {
		out.Alpha = Resample(im.Alpha, im.W, im.H, 1, w, h, filter)
	}
	for _, values := range [][]float32{out.Pix, out.Alpha} {
		for i, v := range values {
			values[i] = clamp(v)
		}
	}
	return out
}

// FitSize returns the size of a picture of w x h pixels scaled so that its longer side is longer. The other
// side is rounded to nearest, but at least 1.
func FitSize(w, h, longer int) (w2, h2 int) {
	if w >= h {
		return longer, max((2*h*longer+w)/(2*w), 1)
	}
	return max((2*w*longer+h)/(2*h), 1), longer
}

// FitSizeTruncated is FitSize as neural-style-pt computes it: both sides are scaled in floating point and
// truncated, so that a picture of 49 x 49 becomes one of 511 x 511 for 512.
func FitSizeTruncated(w, h, longer int) (w2, h2 int) {
	scale := float64(longer) / float64(max(w, h))
	return max(int(scale*float64(w)), 1), max(int(scale*float64(h)), 1)
}

// Resample returns src, h rows of w pixels of c interleaved channels, at w2 x h2 pixels. It computes the
// same as Pillow's resize on an image of mode F for each channel: rows first, then columns, sums in
// float64, no clamping. A side that keeps its length is not filtered. The result never shares memory with
// src.
func Resample(src []float32, w, h, c, w2, h2 int, filter Filter) []float32 {
	if w < 1 || h < 1 || c < 1 || w2 < 1 || h2 < 1 || len(src) != w*h*c {
		panic(fmt.Sprintf("imageio: Resample: %d values as %dx%dx%d to %dx%d", len(src), w, h, c, w2, h2))
	}
	out := src
	if w2 != w {
		out = resampleAxis(out, h, w, c, w2, filter)
	}
	if h2 != h {
		out = resampleAxis(out, 1, h, w2*c, h2, filter)
	}
	if w2 == w && h2 == h {
		out = append([]float32(nil), src...)
	}
	return out
}

// resampleAxis resamples the middle one of three axes, outer x n x inner, to n2.
func resampleAxis(src []float32, outer, n, inner, n2 int, filter Filter) []float32 {
	taps := filter.taps(n, n2)
	dst := make([]float32, outer*n2*inner)
	sum := make([]float64, inner)
	for o := range outer {
		for i, t := range taps {
			clear(sum)
			for k, weight := range t.weights {
				line := src[(o*n+t.first+k)*inner:][:inner]
				for j, v := range line {
					sum[j] += weight * float64(v)
				}
			}
			to := dst[(o*n2+i)*inner:][:inner]
			for j, v := range sum {
				to[j] = float32(v)
			}
		}
	}
	return dst
}

// tap has the weights of one value of the result, which sum to 1, for the source values from first on.
type tap struct {
	first   int
	weights []float64
}

// taps returns the taps from n values to n2 (Pillow, src/libImaging/Resample.c, precompute_coeffs).
func (f Filter) taps(n, n2 int) []tap {
	kernel, support := f.kernel()
	scale := float64(n) / float64(n2)
	widen := max(scale, 1)
	support *= widen
	taps := make([]tap, n2)
	for i := range taps {
		centre := (float64(i) + 0.5) * scale
		first := max(int(centre-support+0.5), 0)
		end := min(int(centre+support+0.5), n)
		weights := make([]float64, end-first)
		sum := 0.0
		for k := range weights {
			weights[k] = kernel((float64(first+k) - centre + 0.5) / widen)
			sum += weights[k]
		}
		if sum != 0 {
			for k := range weights {
				weights[k] /= sum
			}
		}
		taps[i] = tap{first, weights}
	}
	return taps
}

// kernel returns the filter's function and its radius, beyond which it is zero.
func (f Filter) kernel() (kernel func(x float64) float64, support float64) {
	switch f {
	case Bilinear:
		return func(x float64) float64 { return max(1-math.Abs(x), 0) }, 1
	case Bicubic:
		return cubic, 2
	case Lanczos3:
		return func(x float64) float64 {
			if x < -3 || x >= 3 {
				return 0
			}
			return sinc(x) * sinc(x/3)
		}, 3
	}
	panic(fmt.Sprintf("imageio: unknown filter %d", f))
}

// cubic is the cubic convolution kernel (Keys 1981, equation 15).
func cubic(x float64) float64 {
	const a = -0.5
	switch x = math.Abs(x); {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}
