package flow

import (
	"fmt"
	"math"
)

// Change is how much changes from one picture of a film to the next.
type Change struct {
	Luma     float64 // mean difference of luma, 0..1, of thumbnails
	Reliable float64 // share of pixels whose flow can be relied on
}

// The limits of a cut. Of 66 pairs of photographs the least difference of thumbnails is 0.15, the median 0.24
// and the largest share of consistent pixels 0.23.
const (
	cutLuma     = 0.1
	cutReliable = 0.4
)

// Cut returns whether something else begins: the light changes much, and little of the one picture is found in
// the other.
func (c Change) Cut() bool { return c.Luma > cutLuma && c.Reliable < cutReliable }

// thumbnail is the longer side of the pictures that Change compares.
const thumbnail = 64

// ChangeOf returns how much changes between two pictures of w x h pixels, from their luma, 0..1, and the
// reliability of the flow between them.
func ChangeOf(a, b []float32, w, h int, reliability []float32) Change {
	n := w * h
	if len(a) != n || len(b) != n || len(reliability) != n || n == 0 {
		panic(fmt.Sprintf("flow: ChangeOf: %d, %d and %d values for %dx%d pixels", len(a), len(b), len(reliability), w, h))
	}
	var c Change
	for _, r := range reliability {
		if r >= 0.5 {
			c.Reliable++
		}
	}
	c.Reliable /= float64(n)
	scale := min(1, thumbnail/float64(max(w, h)))
	cols, rows := max(int(float64(w)*scale+0.5), 1), max(int(float64(h)*scale+0.5), 1)
	for r := range rows {
		for k := range cols {
			var sum float64
			x0, x1, y0, y1 := k*w/cols, (k+1)*w/cols, r*h/rows, (r+1)*h/rows
			for y := y0; y < y1; y++ {
				for x := x0; x < x1; x++ {
					sum += float64(a[y*w+x]) - float64(b[y*w+x])
				}
			}
			c.Luma += math.Abs(sum) / float64((x1-x0)*(y1-y0))
		}
	}
	c.Luma /= float64(cols * rows)
	return c
}
