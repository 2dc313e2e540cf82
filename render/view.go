package render

import (
	"math"
	"math/rand/v2"
)

// view is how a network is shown a picture that continues at its opposite edges: moved, turned and
// zoomed a little, another way each time. What it answers to has to stand up to that, and patterns
// that only one grid of pixels has do not.
type view struct {
	jitter, zoom, turn float64 // at most: pixels, fraction of the size, degrees
	size               extent
	taps               []viewTap // of each pixel seen
}

// viewTap is where a pixel comes from: four pixels of the picture, and how much of each.
type viewTap struct {
	from   [4]int32
	weight [4]float32
}

func newView(jitter, zoom, turn float64, size extent) *view {
	return &view{jitter, zoom, turn, size, make([]viewTap, size.w*size.h)}
}

// choose looks another way.
func (v *view) choose(random *rand.Rand) {
	within := func(most float64) float64 { return (2*random.Float64() - 1) * most }
	right, down := within(v.jitter), within(v.jitter)
	zoom := math.Exp(within(math.Log1p(v.zoom)))
	sin, cos := math.Sincos(within(v.turn) * math.Pi / 180)
	w, h := v.size.w, v.size.h
	middleX, middleY := float64(w-1)/2, float64(h-1)/2
	for i := range v.taps {
		x, y := float64(i%w)-middleX, float64(i/w)-middleY
		left, partX := split(middleX+right+(cos*x-sin*y)*zoom, w)
		top, partY := split(middleY+down+(sin*x+cos*y)*zoom, h)
		next, below := (left+1)%w, (top+1)%h
		v.taps[i] = viewTap{
			[4]int32{int32(top*w + left), int32(top*w + next), int32(below*w + left), int32(below*w + next)},
			[4]float32{(1 - partX) * (1 - partY), partX * (1 - partY), (1 - partX) * partY, partX * partY},
		}
	}
}

// split returns the pixel of n before a place on a circle, and how far behind it the place is.
func split(at float64, n int) (int, float32) {
	floor := math.Floor(at)
	return ((int(floor) % n) + n) % n, float32(at - floor)
}

// show writes what is seen of a picture.
func (v *view) show(picture, seen []float32) {
	clear(seen)
	for i, t := range v.taps {
		for j, from := range t.from {
			for k := range 3 {
				seen[3*i+k] += t.weight[j] * picture[3*int(from)+k]
			}
		}
	}
}

// back turns a gradient with respect to what is seen into one with respect to the picture.
func (v *view) back(dSeen, dPicture []float32) {
	clear(dPicture)
	for i, t := range v.taps {
		for j, from := range t.from {
			for k := range 3 {
				dPicture[3*int(from)+k] += t.weight[j] * dSeen[3*i+k]
			}
		}
	}
}
