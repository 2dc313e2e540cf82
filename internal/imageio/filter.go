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

// tap has the weights of one value of the result, which sum to 1, for source values, the first of which is at
// first. The next ones are step apart, 1 or -1.
type tap struct {
	first, step int
	weights     []float64
}

// low and high are the smallest and the largest index that the tap reads.
func (t tap) low() int  { return min(t.first, t.first+t.step*(len(t.weights)-1)) }
func (t tap) high() int { return max(t.first, t.first+t.step*(len(t.weights)-1)) }

// copies tells whether the tap does nothing but copy a value.
func (t tap) copies() bool { return len(t.weights) == 1 && t.weights[0] == 1 }

// taps returns the taps of values from to to of the n2 that n values become (Pillow,
// src/libImaging/Resample.c, precompute_coeffs). A side that keeps its length is copied.
func (f Filter) taps(n, n2, from, to int) []tap {
	kernel, support := f.kernel()
	scale := float64(n) / float64(n2)
	widen := max(scale, 1)
	support *= widen
	taps := make([]tap, to-from)
	for j := range taps {
		i := from + j
		if n == n2 {
			taps[j] = tap{i, 1, []float64{1}}
			continue
		}
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
		taps[j] = tap{first, 1, weights}
	}
	return taps
}

// lanczosRadius is the largest radius of the filters.
const lanczosRadius = 3

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
		}, lanczosRadius
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
