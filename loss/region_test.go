package loss

import (
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
	"oneiro/nn"
)

// TestIn compares the term of a region with that of the region's rows alone. A region without weights is all of
// the picture.
func TestIn(t *testing.T) {
	x := colours(1, 6, 7, 4)
	upper := &autodiff.Tensor{Name: "upper", Shape: autodiff.Shape{N: 1, H: 2, W: 7, C: 4}, Data: x.Data[:2*7*4]}
	weights := &autodiff.Tensor{Name: "weights", Shape: autodiff.Shape{N: 1, H: 6, W: 7, C: 1}, Data: make([]float32, 42)}
	for p := range 2 * 7 {
		weights.Data[p] = 3
	}
	target := gramOf(colours(2, 3, 3, 4))
	style := Style("l", 2, target)
	for name, want := range map[string]float64{"sky": value(style, upper), "elsewhere": value(style, x)} {
		g := autodiff.NewGraph()
		in := Inputs{
			Layers:  nn.Features{"l": g.Const(x)},
			Regions: map[string]map[string]*autodiff.Node{"sky": {"l": g.Const(weights)}},
		}
		term := In(name, style)
		if term.Name != "style/l@"+name || term.Weight != 2 {
			t.Errorf("the term is %s with a weight of %v", term.Name, term.Weight)
		}
		near(t, term.Name, conformance.Eval([]*autodiff.Node{term.Build(in)}, nil)[0][0], want)
	}
}
