package conformance

import (
	"math"
	"testing"

	"oneiro/autodiff"
)

func TestEveryOperationHasAnOracle(t *testing.T) {
	for _, op := range autodiff.Ops() {
		if (oracle[op.Name] == nil) != op.IsSource() {
			t.Errorf("%s: oracle function missing, or of a source", op.Name)
		}
		if _, ok := rounding[op.Name]; !ok {
			t.Errorf("%s: no bound for rounding", op.Name)
		}
	}
	for name := range oracle {
		lookup(name)
	}
}

func TestEveryOperationHasCases(t *testing.T) {
	forward, gradient := map[string]bool{}, map[string]bool{}
	names := map[string]bool{}
	for _, c := range Cases() {
		if names[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		names[c.Name] = true
		if c.Op == "" {
			continue
		}
		forward[c.Op] = true
		in := newInstance(c, false)
		found := false
		for _, n := range in.outputs[0].Graph().Nodes() {
			found = found || n.Op.Name == c.Op
		}
		if !found {
			t.Errorf("%s: the graph has no %s", c.Name, c.Op)
		}
		if len(in.grads) > 0 && !c.Kinked {
			gradient[c.Op] = true
		}
	}
	for _, op := range autodiff.Ops() {
		if op.IsSource() {
			continue
		}
		if !forward[op.Name] {
			t.Errorf("%s has no case", op.Name)
		}
		if op.Grad != nil && !gradient[op.Name] {
			t.Errorf("%s has no case for its gradient", op.Name)
		}
	}
}

// TestGradientsAgainstDifferences checks the rules of differentiation themselves, without rounding
// and without a device: the gradient graph in float64 against central differences in float64. What is
// left is the rounding of factors, which the parameters of operations hold as float32.
func TestGradientsAgainstDifferences(t *testing.T) {
	for _, c := range Cases() {
		if !c.hasGradient() || c.Kinked {
			continue
		}
		for leaf, g := range referenceOf(c).leaves {
			slope := 0.0
			for i, d := range g.direction {
				slope += d * g.all[i]
			}
			if !(math.Abs(slope-g.slope) <= 2e-7*g.scale+g.noise) {
				t.Errorf("%s (seed %#x): the gradient by leaf %d gives the slope %.10g, differences give %.10g",
					c.Name, seedOf(c.Name), leaf, slope, g.slope)
			}
		}
	}
}
