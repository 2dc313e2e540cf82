package cpu

import (
	"testing"

	"oneiro/autodiff"
)

// TestPacksAreReleased checks that programs share packed filters, and that the last one to be closed releases
// them.
func TestPacksAreReleased(t *testing.T) {
	d := New(Options{Threads: 1})
	defer d.Close()
	filter := &autodiff.Tensor{Name: "filter", Shape: autodiff.Shape{N: 1, H: 1, W: 8, C: 24}, Data: make([]float32, 8*24)}
	load := func(side int) autodiff.Program {
		g := autodiff.NewGraph()
		x := g.Input("x", autodiff.Shape{N: 1, H: side, W: side, C: 8})
		w := g.Const(filter)
		y := autodiff.Conv2D(autodiff.Conv2D(x, w, nil, autodiff.Conv{}), g.Const(&autodiff.Tensor{
			Name: "back", Shape: autodiff.Shape{N: 1, H: 1, W: 24, C: 8}, Data: make([]float32, 24*8),
		}), nil, autodiff.Conv{})
		z := autodiff.Conv2D(y, w, nil, autodiff.Conv{}) // the first filter again
		p, err := d.Load(autodiff.Compile(d, z), 0)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	wants := func(when string, packs int) {
		t.Helper()
		if len(d.packs) != packs {
			t.Errorf("%s the device has %d packed filters, want %d", when, len(d.packs), packs)
		}
	}
	closes := func(p autodiff.Program) {
		t.Helper()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	small := load(4)
	wants("with a program", 2)
	large := load(9)
	wants("with two programs that share a filter", 3)
	closes(small)
	wants("with the second program", 2)
	closes(large)
	wants("without a program", 0)
}
