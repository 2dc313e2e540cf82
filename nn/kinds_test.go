package nn

import (
	"testing"

	"oneiro/autodiff"
)

// Every row of the table has a name of its own and builds something, and every network's layers are in it.
func TestKinds(t *testing.T) {
	names := map[string]bool{}
	for k := range kinds[1:] {
		row := kinds[k+1]
		if row.name == "" || names[row.name] || row.build == nil {
			t.Errorf("kind %d, %q, is not complete", k+1, row.name)
		}
		names[row.name] = true
	}
	for _, k := range []Kind{-1, 0, Kind(len(kinds))} {
		if _, ok := k.row(); ok {
			t.Errorf("there is a kind %d", int(k))
		}
	}
}

// A network bound to Shapes has the graph of one with parameters.
func TestBindShapes(t *testing.T) {
	net := Builtin()
	model, err := Bind(net, Shapes{})
	if err != nil {
		t.Fatal(err)
	}
	const h, w = 48, 64
	canvas := autodiff.NewGraph().Input("canvas", autodiff.Shape{N: 1, H: h, W: w, C: 3})
	features := model.Build(canvas, UnitRange)
	for _, n := range canvas.Graph().Nodes() {
		if p := n.Tensor(); p != nil && p.Data != nil {
			t.Errorf("%s has values", p.Name)
		}
	}
	infos, err := net.Shapes(h, w, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range infos {
		if got, want := features[i.Name].Shape, (autodiff.Shape{N: 1, H: i.H, W: i.W, C: i.C}); got != want {
			t.Errorf("%s has shape %v, want %v", i.Name, got, want)
		}
	}
}

// Only shapes that do not fit become an error; other panics go on.
func TestAttempt(t *testing.T) {
	x := autodiff.NewGraph().Input("x", autodiff.Shape{N: 1, H: 2, W: 2, C: 3})
	if _, wrong := attempt(func() *autodiff.Node {
		return autodiff.MaxPool(x, autodiff.Pool{KH: 3, KW: 3, StrideH: 1, StrideW: 1})
	}); wrong == nil {
		t.Error("a window of 3 pixels fits into 2")
	}
	defer func() {
		if recover() != "a bug" {
			t.Error("the panic is gone")
		}
	}()
	attempt(func() *autodiff.Node { panic("a bug") })
}
