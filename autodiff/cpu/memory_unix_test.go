//go:build unix

package cpu

import (
	"testing"

	"oneiro/autodiff"
)

// TestMapped checks that a footprint says how much of it is mapped outside of Go's heap.
func TestMapped(t *testing.T) {
	d := New(Options{Threads: 2})
	defer d.Close()
	filter := &autodiff.Tensor{Name: "filter", Shape: autodiff.Shape{N: 3, H: 3, W: 32, C: 64}}
	filter.Data = make([]float32, filter.Shape.Len())
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Shape{N: 1, H: 48, W: 48, C: 32})
	y := autodiff.Conv2D(x, g.Const(filter), nil, autodiff.Conv{Pad: autodiff.Same(3, 3)})
	plan := autodiff.Compile(d, autodiff.Gram(autodiff.ReLU(y), autodiff.GramAttr{Scale: 1}))
	for _, limit := range []int64{1, 0, 1 << 30} {
		f := d.Footprint(plan, limit)
		loaded, err := d.Load(plan, limit)
		if err != nil {
			t.Fatal(err)
		}
		mapped := int64(len(loaded.(*program).memory)) - hugePage
		if aligned := int64(16 * arenaAlign); f.Mapped > mapped || f.Mapped < mapped-aligned || f.Mapped > f.Total() {
			t.Errorf("limit %d: %d bytes are mapped, and the footprint says %d of %d", limit, mapped, f.Mapped,
				f.Total())
		}
		if err := loaded.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
