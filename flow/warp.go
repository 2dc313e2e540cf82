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
			x, y := float32(i%w), float32(i/w)
			if f.Known(i) {
				x, y = min(max(x+f.U[i], 0), float32(w-1)), min(max(y+f.V[i], 0), float32(h-1))
			}
			left, wx := taps(x, w-1, channels)
			top, wy := taps(y, h-1, w*channels)
			for c := range channels {
				var sum float32
				for k, row := range top {
					s := src[row+c:]
					sum += wy[k] * (wx[0]*s[left[0]] + wx[1]*s[left[1]] + wx[2]*s[left[2]] + wx[3]*s[left[3]])
				}
				dst[i*channels+c] = sum
			}
		}
	})
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
