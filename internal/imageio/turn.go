package imageio

import "math"

// TurnedSize returns the size of a picture of w x h pixels after Turned.
func TurnedSize(w, h int, degrees float64) (int, int) {
	sin, cos := sinCos(degrees)
	sin, cos = math.Abs(sin), math.Abs(cos)
	const slack = 1e-9 // of rounding
	side := func(a, b float64) int { return int(math.Ceil(a - slack*a + b)) }
	return side(float64(w)*cos, float64(h)*sin), side(float64(w)*sin, float64(h)*cos)
}

// sinCos returns the sine and the cosine of an angle, exactly for quarters of a turn.
func sinCos(degrees float64) (sin, cos float64) {
	switch math.Mod(math.Mod(degrees, 360)+360, 360) {
	case 0:
		return 0, 1
	case 90:
		return 1, 0
	case 180:
		return 0, -1
	case 270:
		return -1, 0
	}
	return math.Sincos(degrees * math.Pi / 180)
}

// Turned returns the picture turned clockwise about its middle, as large as it takes to hold all of it: what
// lies beside the picture is clear. Quarters of a turn only move pixels; else they are interpolated linearly.
func (im *Image) Turned(degrees float64) *Image {
	sin, cos := sinCos(degrees)
	w, h := TurnedSize(im.W, im.H, degrees)
	out := &Image{W: w, H: h, Depth: im.Depth, Warnings: im.Warnings, Pix: make([]float32, w*h*3)}
	if sin*cos != 0 || im.Alpha != nil {
		out.Alpha = make([]float32, w*h)
	}
	for y := range h {
		dy := float64(2*y-h+1) / 2
		for x := range w {
			dx := float64(2*x-w+1) / 2
			fx, fy := cos*dx+sin*dy+float64(im.W-1)/2, cos*dy-sin*dx+float64(im.H-1)/2
			im.between(fx, fy, out, y*w+x)
		}
	}
	return out
}

// between sets pixel i of out to what is at a place, in pixels from the middle of the first one. The border is
// half a pixel beyond the middles of the outer ones, and softened by a pixel.
func (im *Image) between(x, y float64, out *Image, i int) {
	inside := func(v float64, n int) float64 { return min(max(min(v+1, float64(n)-v), 0), 1) }
	covered := inside(x, im.W) * inside(y, im.H)
	if covered == 0 {
		return
	}
	x, y = min(max(x, 0), float64(im.W-1)), min(max(y, 0), float64(im.H-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, im.W-1), min(y0+1, im.H-1)
	ax, ay := x-float64(x0), y-float64(y0)
	var sum [3]float64
	var opaque float64
	for _, p := range [4]struct {
		at     int
		weight float64
	}{
		{y0*im.W + x0, (1 - ax) * (1 - ay)}, {y0*im.W + x1, ax * (1 - ay)},
		{y1*im.W + x0, (1 - ax) * ay}, {y1*im.W + x1, ax * ay},
	} {
		if im.Alpha != nil {
			p.weight *= float64(im.Alpha[p.at])
		}
		opaque += p.weight
		for c := range sum {
			sum[c] += p.weight * float64(im.Pix[3*p.at+c])
		}
	}
	if out.Alpha != nil {
		out.Alpha[i] = float32(covered * opaque)
	}
	if opaque > 0 {
		for c, v := range sum {
			out.Pix[3*i+c] = float32(v / opaque)
		}
	}
}
