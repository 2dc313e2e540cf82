package flow

import (
	"math"

	"oneiro/internal/parallel"
)

// The limits within which flows are taken as right, after Sundaram, Brox and Keutzer, "Dense Point
// Trajectories by GPU-accelerated Large Displacement Optical Flow" (ECCV 2010, section 3.2): shares of squared
// lengths, and what is added, in squared pixels.
const (
	occlusionShare, occlusionSlack = 0.01, 0.5
	boundaryShare, boundarySlack   = 0.01, 0.002
)

// Occlusion sets dst to how far a flow there and the flow back disagree, H x W: 1 is the limit, above which a
// pixel counts as hidden in the other picture. For a flow f there, and b back from where it leads,
//
//	|f+b|² / (0.01(|f|²+|b|²) + 0.5)
//
// It is +Inf where f leads out of the picture, or a flow is not known. Of the flows back of the four pixels
// around the place the one that agrees best counts, where the paper interpolates: between things that
// move in different ways that would be the flow of neither.
func Occlusion(dst []float32, there, back *Field, pool *parallel.Pool) {
	mustMatch("Occlusion", there, back)
	w, h := there.W, there.H
	cut(pool, h, w, func(lo, hi int) {
		for i := lo * w; i < hi*w; i++ {
			u, v := there.U[i], there.V[i]
			x, y := float32(i%w)+u, float32(i/w)+v
			if !(x >= -0.5 && y >= -0.5 && x <= float32(w)-0.5 && y <= float32(h)-0.5) {
				dst[i] = float32(math.Inf(1))
				continue
			}
			bu, bv := back.nearest(x, y, -u, -v)
			d := square(u+bu, v+bv) / (occlusionShare*(square(u, v)+square(bu, bv)) + occlusionSlack)
			if !(d >= 0) {
				d = float32(math.Inf(1))
			}
			dst[i] = d
		}
	})
}

// nearest returns of the flows of the four pixels around a place the one that is nearest to u and v.
func (f *Field) nearest(x, y, u, v float32) (float32, float32) {
	x, y = min(max(x, 0), float32(f.W-1)), min(max(y, 0), float32(f.H-1))
	i, j := int(x), int(y)
	right, down := int(math.Ceil(float64(x))), int(math.Ceil(float64(y)))*f.W
	j *= f.W
	p := j + i
	for _, q := range [...]int{j + right, down + i, down + right} {
		if square(f.U[q]-u, f.V[q]-v) < square(f.U[p]-u, f.V[p]-v) {
			p = q
		}
	}
	return f.U[p], f.V[p]
}

// Boundary sets dst to how much a flow changes from pixel to pixel, H x W: 1 is the limit, above which a pixel
// counts as the boundary of something that moves. For a flow f = (u, v), with derivatives of three taps,
//
//	(|∇u|²+|∇v|²) / (0.01|f|² + 0.002)
//
// It is +Inf where f or a flow beside it is not known.
func Boundary(dst []float32, f *Field, pool *parallel.Pool) {
	f.check("Boundary")
	w, h := f.W, f.H
	cut(pool, h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			above, below := max(y-1, 0)*w, min(y+1, h-1)*w
			for x := range w {
				i, l, r := y*w+x, y*w+max(x-1, 0), y*w+min(x+1, w-1)
				across := square(f.U[r]-f.U[l], f.V[r]-f.V[l])
				down := square(f.U[below+x]-f.U[above+x], f.V[below+x]-f.V[above+x])
				d := (across + down) / 4 / (boundaryShare*square(f.U[i], f.V[i]) + boundarySlack)
				if !(d >= 0) {
					d = float32(math.Inf(1))
				}
				dst[i] = d
			}
		}
	})
}

// Visibility sets dst to how far each pixel is seen in the other picture, H x W, 0..1: Reliability without
// the boundaries of things that move, as Ruder, Dosovitskiy and Brox have it later ("Artistic style
// transfer for videos and spherical images", arXiv:1708.04538).
func Visibility(dst []float32, there, back *Field, pool *parallel.Pool) {
	Occlusion(dst, there, back, pool)
	cut(pool, there.H, there.W, func(lo, hi int) {
		for i := lo * there.W; i < hi*there.W; i++ {
			dst[i] = within(dst[i])
		}
	})
}

// Reliability sets dst to how far each pixel of a flow can be relied on, H x W, 0..1: 0 where it is hidden in
// the other picture or the boundary of something that moves. Both limits are soft: from half of a limit to one
// and a half of it reliability falls from 1 to 0, and it is ½ where Ruder and others ("Artistic style transfer
// for videos", arXiv:1604.08610, section 5) have the step from 1 to 0.
func Reliability(dst []float32, there, back *Field, pool *parallel.Pool) {
	Visibility(dst, there, back, pool)
	w, h := there.W, there.H
	boundary := make([]float32, w*h)
	Boundary(boundary, there, pool)
	cut(pool, h, w, func(lo, hi int) {
		for i := lo * w; i < hi*w; i++ {
			dst[i] *= within(boundary[i])
		}
	})
}

// within returns 1 below half of a limit, 0 above one and a half of it, and what falls smoothly between.
func within(d float32) float32 {
	t := min(max(1.5-d, 0), 1)
	return t * t * (3 - 2*t)
}
