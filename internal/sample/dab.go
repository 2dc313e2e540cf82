package sample

import (
	"math"

	"oneiro/internal/noise"
)

// dab draws a straight line with round ends, its half width going from r0 to r1 pixels, with soft
// edges. What is thinner than a pixel is drawn faintly instead.
func (p *picture) dab(x0, y0, r0, x1, y1, r1 float64, c colour, alpha float64) {
	wide := max(r0, r1, 0.5) + 0.5
	dx, dy := x1-x0, y1-y0
	inv := 1 / max(dx*dx+dy*dy, 1e-9)
	left, right := max(int(min(x0, x1)-wide), 0), min(int(max(x0, x1)+wide), p.w-1)
	top, bottom := max(int(min(y0, y1)-wide), 0), min(int(max(y0, y1)+wide), p.h-1)
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			px, py := float64(x)+0.5-x0, float64(y)+0.5-y0
			t := min(max((px*dx+py*dy)*inv, 0), 1)
			px, py = px-t*dx, py-t*dy
			r := noise.Lerp(r0, r1, t)
			part := min(max(max(r, 0.5)+0.5-math.Sqrt(px*px+py*py), 0), 1)
			if part > 0 {
				i := y*p.w + x
				p.pix[i] = p.pix[i].mix(c, alpha*part*min(2*r, 1))
			}
		}
	}
}

// fill draws a convex polygon with soft edges; its corners go clockwise as seen. shade gives the
// colour at a pixel.
func (p *picture) fill(corners [][2]float64, shade func(x, y float64) colour) {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range corners {
		left, right = min(left, c[0]), max(right, c[0])
		top, bottom = min(top, c[1]), max(bottom, c[1])
	}
	for y := max(int(top), 0); y <= min(int(bottom), p.h-1); y++ {
		for x := max(int(left), 0); x <= min(int(right), p.w-1); x++ {
			px, py := float64(x)+0.5, float64(y)+0.5
			part := 1.0
			for i, a := range corners {
				b := corners[(i+1)%len(corners)]
				ex, ey := b[0]-a[0], b[1]-a[1]
				inside := (ex*(py-a[1]) - ey*(px-a[0])) / max(math.Sqrt(ex*ex+ey*ey), 1e-9)
				part *= min(max(inside+0.5, 0), 1)
			}
			if part > 0 {
				i := y*p.w + x
				p.pix[i] = p.pix[i].mix(shade(px, py), part)
			}
		}
	}
}
