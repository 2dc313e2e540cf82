package flow

import (
	"fmt"

	"oneiro/colour"
	"oneiro/internal/parallel"
)

// Luma sets dst to the luma of a picture, H x W x 3, sRGB-encoded.
func Luma(dst, pix []float32) {
	for i := range dst {
		dst[i], _, _ = colour.YUV(pix[3*i], pix[3*i+1], pix[3*i+2])
	}
}

// Warp sets each pixel of dst to src at where its flow leads, both H x W x channels: from a picture and the
// flow to it, what it looks like from where the flow begins. It interpolates bicubically (Keys 1981, a = -½),
// which may overshoot the values of src. Beyond the border of src its outermost pixels are repeated, and a
// pixel whose flow is not known is taken from where it is. What is hidden in src has to be filled by the
// caller.
func Warp(dst, src []float32, channels int, f *Field, pool *parallel.Pool) {
	f.check("Warp")
	w, h := f.W, f.H
	if len(dst) != w*h*channels || len(src) != len(dst) {
		panic(fmt.Sprintf("flow: Warp: %d values from %d by a flow of %dx%d pixels with %d channels",
			len(dst), len(src), w, h, channels))
	}
	cut(pool, h, w, func(lo, hi int) {
		for i := lo * w; i < hi*w; i++ {
			f.bicubic(dst[i*channels:][:channels], src, i)
		}
	})
}

// bicubic sets the channels of one pixel of a warped picture.
func (f *Field) bicubic(dst, src []float32, i int) {
	w, h, channels := f.W, f.H, len(dst)
	x, y := float32(i%w), float32(i/w)
	if f.Known(i) {
		x, y = min(max(x+f.U[i], 0), float32(w-1)), min(max(y+f.V[i], 0), float32(h-1))
	}
	left, wx := taps(x, w-1, channels)
	top, wy := taps(y, h-1, w*channels)
	for c := range dst {
		var sum float32
		for k, row := range top {
			s := src[row+c:]
			sum += wy[k] * (wx[0]*s[left[0]] + wx[1]*s[left[1]] + wx[2]*s[left[2]] + wx[3]*s[left[3]])
		}
		dst[c] = sum
	}
}

// taps returns the offsets and the weights of the four elements around a place 0..last that cubic
// interpolation takes, stride apart.
func taps(x float32, last, stride int) (at [4]int, weights [4]float32) {
	i := int(x)
	t := x - float32(i)
	at = [4]int{max(i-1, 0) * stride, i * stride, min(i+1, last) * stride, min(i+2, last) * stride}
	weights = [4]float32{
		((2-t)*t - 1) * t / 2,
		((3*t-5)*t*t + 2) / 2,
		((4-3*t)*t + 1) * t / 2,
		(t - 1) * t * t / 2,
	}
	return at, weights
}

// WarpError returns how much a film flickers from one frame to the next, the warping error of Lai and others
// ("Learning Blind Video Temporal Consistency", ECCV 2018) with soft weights: for the frame now, the one
// before it, the flow f from now to before, and its reliability c, H x W,
//
//	Σ c |now - Warp(before)|² / Σ c
//
// over pixels, whose channels add up. Pictures are H x W x channels; in 0..1 the error of three channels is
// at most 3. It is NaN if nothing can be relied on, as after a cut.
func WarpError(now, before []float32, f *Field, reliability []float32) float64 {
	f.check("WarpError")
	n := f.W * f.H
	channels := len(now) / n
	if len(now) != len(before) || len(now) != n*channels || channels == 0 || len(reliability) != n {
		panic(fmt.Sprintf("flow: WarpError: %d and %d values with %d of reliability by a flow of %dx%d pixels",
			len(now), len(before), len(reliability), f.W, f.H))
	}
	warped := make([]float32, channels)
	var sum, weight float64
	for i, c := range reliability {
		if c == 0 {
			continue
		}
		f.bicubic(warped, before, i)
		for k, v := range warped {
			d := float64(now[i*channels+k] - v)
			sum += float64(c) * d * d
		}
		weight += float64(c)
	}
	return sum / weight
}
