package render

import (
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
)

// warp shows the network a picture that continues at its opposite edges: moved, turned and zoomed a little,
// another way each step. What it responds to has to stand up to that, and patterns tied to one grid of
// pixels do not.
type warp struct {
	jitter, zoom, turn float64 // at most: pixels, fraction of the size, degrees
}

func (t warp) Show(pixels *autodiff.Node) View {
	s := pixels.Shape
	return &warpView{stillView{pixels}, t, Size{s.W, s.H}, nil, nil}
}

// Bytes counts 32 bytes for the tap of a pixel, and three floats each for what is shown, its gradient and
// that of what it is made from.
func (warp) Bytes(s Size) int64 { return (32 + 3*3*4) * int64(s.W*s.H) }

type warpView struct {
	stillView
	warp
	size  Size
	taps  []warpTap // of each pixel shown
	shown []float32
}

// warpTap is where a pixel comes from: the pixels of the picture in two columns and two rows, row by row, and
// how much of each. Their numbers may be more than an int32 holds.
type warpTap struct {
	x, y   [2]int32
	weight [4]float32
}

func (v *warpView) Maps() []Map {
	n := v.size.W * v.size.H
	v.taps, v.shown = make([]warpTap, n), make([]float32, 3*n)
	return []Map{v}
}

func (v *warpView) Next(random *rand.Rand, _ func(*autodiff.Node, []float32)) {
	within := func(most float64) float64 { return (2*random.Float64() - 1) * most }
	right, down := within(v.jitter), within(v.jitter)
	zoom := math.Exp(within(math.Log1p(v.zoom)))
	sin, cos := math.Sincos(within(v.turn) * math.Pi / 180)
	w, h := v.size.W, v.size.H
	middleX, middleY := float64(w-1)/2, float64(h-1)/2
	for i := range v.taps {
		x, y := float64(i%w)-middleX, float64(i/w)-middleY
		left, partX := split(middleX+right+(cos*x-sin*y)*zoom, w)
		top, partY := split(middleY+down+(sin*x+cos*y)*zoom, h)
		next, below := (left+1)%w, (top+1)%h
		v.taps[i] = warpTap{
			[2]int32{int32(left), int32(next)}, [2]int32{int32(top), int32(below)},
			[4]float32{(1 - partX) * (1 - partY), partX * (1 - partY), (1 - partX) * partY, partX * partY},
		}
	}
}

// from returns the number of the pixel of weight j in a picture of w pixels across.
func (t *warpTap) from(j, w int) int { return int(t.y[j/2])*w + int(t.x[j%2]) }

// split returns the pixel of n before a place on a circle, and how far past it the place is.
func split(at float64, n int) (int, float32) {
	floor := math.Floor(at)
	return ((int(floor) % n) + n) % n, float32(at - floor)
}

// Forward returns what is shown of a picture.
func (v *warpView) Forward(picture []float32) []float32 {
	clear(v.shown)
	for i := range v.taps {
		t := &v.taps[i]
		for j := range t.weight {
			from := t.from(j, v.size.W)
			for k := range 3 {
				v.shown[3*i+k] += t.weight[j] * picture[3*from+k]
			}
		}
	}
	return v.shown
}

// Backward is the adjoint of Forward.
func (v *warpView) Backward(dShown, dPicture []float32) {
	clear(dPicture)
	for i := range v.taps {
		t := &v.taps[i]
		for j := range t.weight {
			from := t.from(j, v.size.W)
			for k := range 3 {
				dPicture[3*from+k] += t.weight[j] * dShown[3*i+k]
			}
		}
	}
}
