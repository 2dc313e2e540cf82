package render

import (
	"oneiro/internal/region"
)

// keeping is a canvas whose picture leaves the content as it is in some regions: the pixels are those of the
// content there, and at the edges mixtures with those of another canvas.
type keeping struct {
	Canvas
	options *StyleOptions
	regions []int
}

// Maps returns those of the other canvas, and the mixture.
func (k keeping) Maps(s Stage) []Map {
	n := s.Size.W * s.Size.H
	return append(k.Canvas.Maps(s), &mixture{
		base: resampled(k.options.Content, s.Size, s.Range), kept: k.options.keptShare(k.regions, s.Size),
		mixed: make([]float32, 3*n),
	})
}

// keptShare returns how much of the content each pixel is where some regions are kept, 0 to 1.
func (o *StyleOptions) keptShare(regions []int, size Size) []float32 {
	sum := make([]float32, size.W*size.H)
	for _, r := range regions {
		for i, v := range o.Labels.At(r, size.W, size.H) {
			sum[i] += v
		}
	}
	width := o.Feather / 100 * float64(size.longer())
	sum = region.Blur(sum, size.W, size.H, [2]float64{width, width})
	const rounding = 1e-5
	for i, v := range sum {
		switch {
		case v < rounding:
			sum[i] = 0
		case v > 1-rounding:
			sum[i] = 1
		}
	}
	return sum
}

// shareBytes is the memory that keptShare takes: three planes.
func shareBytes(s Size) int64 { return 3 * 4 * int64(s.W) * int64(s.H) }

// Bytes counts three floats each for the content, the mixture and its gradient, and planes of opacity.
func (k keeping) Bytes(s Stage) int64 {
	return k.Canvas.Bytes(s) + 3*3*4*int64(s.Size.W)*int64(s.Size.H) + shareBytes(s.Size)
}

// mixture is a Map that mixes pixels with others.
type mixture struct {
	base  []float32 // the others
	kept  []float32 // how much of those, for each pixel
	mixed []float32
}

// Forward returns the mixture, which is base itself where all of that is kept.
func (m *mixture) Forward(x []float32) []float32 {
	mix(m.mixed, m.base, x, m.kept)
	return m.mixed
}

// mix sets dst to base as far as that is kept at each pixel, and to x for the rest. dst may be x.
func mix(dst, base, x, kept []float32) {
	for i, k := range kept {
		for c := 3 * i; c < 3*i+3; c++ {
			dst[c] = k*base[c] + (1-k)*x[c]
		}
	}
}

// Backward passes on as much of the gradient as the pixels count.
func (m *mixture) Backward(dy, dx []float32) {
	for i, k := range m.kept {
		for c := 3 * i; c < 3*i+3; c++ {
			dx[c] = (1 - k) * dy[c]
		}
	}
}
