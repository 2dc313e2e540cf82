package nn

import (
	"math"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
)

// positive are parameters that no ReLU stops.
type positive struct{}

func (positive) Tensor(_ string, shape ...int) ([]float32, error) {
	values := make([]float32, TensorSpec{Shape: shape}.Len())
	for i := range values {
		values[i] = 0.01 * float32(1+i%7)
	}
	return values, nil
}

// TestWithPadding shows an even picture to a network: what replicates or reflects the edge sees no edge.
// A picture that cannot be reflected has its edge repeated.
func TestWithPadding(t *testing.T) {
	for mode, even := range map[autodiff.PadMode]bool{
		autodiff.PadZero: false, autodiff.PadReflect: true, autodiff.PadReplicate: true,
	} {
		net, err := Builtin().WithPadding(mode).Cut("relu3_1")
		if err != nil {
			t.Fatal(err)
		}
		model, err := Bind(net, positive{})
		if err != nil {
			t.Fatal(err)
		}
		g := autodiff.NewGraph()
		x := g.Input("x", autodiff.Shape{N: 1, H: 16, W: 24, C: 3})
		y := model.Build(x, UnitRange)["relu3_1"]
		for _, n := range g.Nodes() {
			if n.Op.Name == "pad" {
				t.Errorf("%v: %v is a padded copy", mode, n)
			}
		}
		values := make([]float64, x.Shape.Len())
		for i := range values {
			values[i] = []float64{0.8, 0.3, 0.1}[i%3]
		}
		out := conformance.Eval([]*autodiff.Node{y}, map[*autodiff.Node][]float64{x: values})[0]
		c := y.Shape.C
		var far float64
		for i, v := range out {
			far = math.Max(far, math.Abs(v-out[i%c]))
		}
		if same := far <= 1e-9*out[0]; same != even {
			t.Errorf("%v: an even picture has features that differ by %v", mode, far)
		}
	}
	conv := &Layer{Kind: Conv, Mode: autodiff.PadReflect}
	pad := autodiff.Same(3, 3)
	for _, x := range []autodiff.Shape{{N: 1, H: 1, W: 2, C: 3}, {N: 1, H: 2, W: 1, C: 3}} {
		if mode := conv.mode(x, pad); mode != autodiff.PadReplicate {
			t.Errorf("%v is padded with %v", x, mode)
		}
	}
	if mode := conv.mode(autodiff.Shape{N: 1, H: 2, W: 2, C: 3}, pad); mode != autodiff.PadReflect {
		t.Errorf("2x2 pixels are padded with %v", mode)
	}
	if info, err := Builtin().WithPadding(autodiff.PadReplicate).Shapes(40, 40, 3); err != nil ||
		info[0].H != 40 || info[0].W != 40 {
		t.Errorf("%+v, %v", info, err)
	}
}
