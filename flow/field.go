package flow

import (
	"fmt"
	"math"
)

// Field is a flow from one picture to another of the same size: pixel (x, y) of the first is at
// (x + U[y*W+x], y + V[y*W+x]) of the second, in pixels.
type Field struct {
	W, H int
	U, V []float32 // to the right, and down
}

// NewField returns a flow of w x h pixels that do not move.
func NewField(w, h int) *Field {
	return &Field{W: w, H: h, U: make([]float32, w*h), V: make([]float32, w*h)}
}

// unknown is the component of a flow that .flo files have where it is not known, and more.
const unknown = 1e9

// Known returns whether a pixel has a flow. Estimated ones have it everywhere; those of files need not.
func (f *Field) Known(i int) bool { return known(f.U[i]) && known(f.V[i]) }

func known(v float32) bool { return v <= unknown && v >= -unknown }

// Largest returns the length of the longest known flow, in pixels.
func (f *Field) Largest() float32 {
	var most float64
	for i := range f.U {
		if f.Known(i) {
			most = max(most, math.Hypot(float64(f.U[i]), float64(f.V[i])))
		}
	}
	return float32(most)
}

// check panics if the lengths of the slices do not match W and H.
func (f *Field) check(op string) {
	if f.W < 1 || f.H < 1 || len(f.U) != f.W*f.H || len(f.V) != f.W*f.H {
		panic(fmt.Sprintf("flow: %s: flow of %dx%d with %d and %d values", op, f.W, f.H, len(f.U), len(f.V)))
	}
}

// mustMatch panics if two flows do not have the same size.
func mustMatch(op string, f, g *Field) {
	f.check(op)
	g.check(op)
	if f.W != g.W || f.H != g.H {
		panic(fmt.Sprintf("flow: %s: flows of %dx%d and %dx%d", op, f.W, f.H, g.W, g.H))
	}
}
