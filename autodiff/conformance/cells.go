package conformance

import (
	"context"
	"fmt"
	"testing"

	"oneiro/autodiff"
)

// runCells checks that sums over a map have the same bits whether a device sums the whole map or blocks of
// cells that are cut out of it, and autodiff.TreeSum adds them.
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
			attr := autodiff.GramAttr{Scale: 1 / float64(c.x.H*c.x.W), Cell: c.cell}
			x := normalNumbers(newBuilder(1, false).rng, c.x)
			want := gramOf(t, d, x, c.x, attr)
			total := autodiff.NewTreeSum(c.x.H, c.x.W, c.cell)
			side := c.cell << c.level
			for row := (c.x.H - 1) / side; row >= 0; row-- { // backwards: any order will do
				for col := (c.x.W - 1) / side; col >= 0; col-- {
					if total.Total() != nil {
						t.Error("a total before all blocks are there")
					}
					part, s := cutOut(x, c.x, row*side, col*side, side)
					total.Add(autodiff.Block{Level: c.level, Row: row, Col: col}, gramOf(t, d, part, s, attr))
				}
			}
			for i, v := range total.Total() {
				if v != want[i] {
					t.Fatalf("element %d is %v in blocks, %v in the whole map", i, v, want[i])
				}
			}
			if total.Total() == nil {
				t.Error("no total")
			}
		})
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

// gramOf returns the Gram matrix of a map as a device computes it.
func gramOf(t *testing.T, d autodiff.Device, x []float32, s autodiff.Shape, a autodiff.GramAttr) []float32 {
	t.Helper()
	in := autodiff.NewGraph().Input("x", s)
	y := autodiff.Gram(in, a)
	p, err := d.Load(autodiff.Compile(d, y), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Write(in, x)
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return read(p, []*autodiff.Node{y})[0]
}
