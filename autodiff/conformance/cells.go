package conformance

import (
	"context"
	"fmt"
	"math"
	"testing"

	"oneiro/autodiff"
)

// runCells checks that sums over a map have the same bits whether a device sums the whole map or blocks of
// cells that are cut out of it, and autodiff.TreeSum adds them; and that weights of 1 do not change bits.
func runCells(t *testing.T, d autodiff.Device) {
	for _, c := range []struct {
		x           autodiff.Shape
		cell, level int
	}{
		{shape(1, 16, 16, 16), 8, 0},
		{shape(1, 41, 70, 20), 8, 0},
		{shape(1, 41, 70, 20), 8, 1},
		{shape(1, 41, 70, 20), 8, 2},
		{shape(1, 41, 70, 20), 8, 4},  // the whole
		{shape(1, 45, 45, 33), 20, 0}, // several parts in a cell
		{shape(1, 1, 50, 64), 4, 1},
	} {
		t.Run(fmt.Sprintf("%v in cells of %d, level %d", c.x, c.cell, c.level), func(t *testing.T) {
			attr := autodiff.GramAttr{Scale: 1 / float64(c.x.H*c.x.W), Cell: c.cell, Mean: true}
			r := newBuilder(1, false).rng
			x, weights := normalNumbers(r, c.x), someWeights(r, shape(1, c.x.H, c.x.W, 1))
			want, _ := gramOf(t, d, c.x, x, weights, attr)
			total := autodiff.NewTreeSum(c.x.H, c.x.W, c.cell)
			side := c.cell << c.level
			for row := (c.x.H - 1) / side; row >= 0; row-- { // backwards: any order will do
				for col := (c.x.W - 1) / side; col >= 0; col-- {
					if total.Total() != nil {
						t.Error("a total before all blocks are there")
					}
					part, s := cutOut(x, c.x, row*side, col*side, side)
					w, _ := cutOut(weights, shape(1, c.x.H, c.x.W, 1), row*side, col*side, side)
					sum, _ := gramOf(t, d, s, part, w, attr)
					total.Add(autodiff.Block{Level: c.level, Row: row, Col: col}, sum)
				}
			}
			equal(t, "in blocks and at once", total.Total(), want)

			for i := range weights {
				weights[i] = 1
			}
			for _, attr.Mean = range []bool{false, true} {
				sum, dx := gramOf(t, d, c.x, x, weights, attr)
				plainSum, plainDX := gramOf(t, d, c.x, x, nil, attr)
				equal(t, "with weights of 1 and without", sum, plainSum)
				equal(t, "gradient with weights of 1 and without", dx, plainDX)
			}
		})
	}
}

// equal checks that the bits of numbers are the same.
func equal(t *testing.T, what string, a, b []float32) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%s: %d and %d numbers", what, len(a), len(b))
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			t.Fatalf("%s: element %d is %v and %v", what, i, a[i], b[i])
		}
	}
}

// cutOut returns a square of a map, cut off at the borders.
func cutOut(x []float32, s autodiff.Shape, y0, x0, side int) ([]float32, autodiff.Shape) {
	h, w := min(side, s.H-y0), min(side, s.W-x0)
	var part []float32
	for y := y0; y < y0+h; y++ {
		part = append(part, x[(y*s.W+x0)*s.C:][:w*s.C]...)
	}
	return part, shape(1, h, w, s.C)
}

// gramOf returns the Gram matrix of features, with its mean if attr says so, and the gradient of the sum of its
// squares, as a device computes them.
func gramOf(
	t *testing.T, d autodiff.Device, s autodiff.Shape, x, weights []float32, a autodiff.GramAttr,
) (sum, dx []float32) {
	t.Helper()
	g := autodiff.NewGraph()
	in := g.Input("x", s)
	var w *autodiff.Node
	if weights != nil {
		w = g.Input("weights", shape(1, s.H, s.W, 1))
	}
	y := autodiff.WeightedGram(in, w, a)
	if a.Mean {
		y = both(autodiff.MeanAndGram(in, w, a))
	}
	gradient := autodiff.Gradient(autodiff.SquaredError(y, nil, 1), in)[0]
	p, err := d.Load(autodiff.Compile(d, y, gradient), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Write(in, x)
	if w != nil {
		p.Write(w, weights)
	}
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	values := read(p, []*autodiff.Node{y, gradient})
	return values[0], values[1]
}
