package render

import (
	"math"
	"strings"
	"testing"

	"oneiro/nn"
)

// TestContentUnit checks which weights a network's unit is for, and that the formulas of another program know
// none.
func TestContentUnit(t *testing.T) {
	weights := func(unit float64, form Form) map[string]float64 {
		o := tinyStyle()
		o.Network = nn.Builtin()
		o.Network.ContentUnit = unit
		o.Form, o.StructureWeight, o.SSIMWeight = form, 1, 1
		job, err := New(Style(o.StyleOptions), o.Network, o.Params)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]float64{}
		for _, term := range job.spec.Objective.Terms(job.stage(len(job.sizes) - 1)).Objective {
			all[term.Name] = term.Weight
		}
		return all
	}
	one, three := weights(0, Relative), weights(3, Relative)
	for name, w := range one {
		want := w
		if strings.HasPrefix(name, "content/") || strings.HasPrefix(name, "structure/") {
			want = 3 * w
		}
		if got := three[name]; !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("%s has the weight %v, want %v", name, got, want)
		}
	}
	if len(one) != 1+2+1+5+1 {
		t.Errorf("the terms are %v", one)
	}
	plain := weights(0, NeuralStyle)
	for name, w := range weights(3, NeuralStyle) {
		if w != plain[name] {
			t.Errorf("%s has the weight %v, want %v", name, w, plain[name])
		}
	}
}

// TestRandomStart checks that the content comes back from noise: of its light and dark places at two levels
// less than half as much is wrong as without the structure term.
func TestRandomStart(t *testing.T) {
	tiny := tinyStyle()
	o := styleTrial{DefaultStyle(tiny.Network), tiny.trial}
	o.Content, o.Styles = tiny.Content, tiny.Styles
	o.Init, o.Size, o.Scales, o.Iterations = InitRandom, 96, 1, 30
	wrong := func() (sum float64) {
		for _, term := range mustStyle(t, o).Report {
			if term.Name == "structure/laplacian4" || term.Name == "structure/laplacian16" {
				sum += term.Value
			}
		}
		return sum
	}
	kept := wrong()
	o.StructureWeight = 1e-9 // which only measures
	lost := wrong()
	t.Logf("%.3f is wrong, %.3f without structure", kept, lost)
	if !(kept > 0 && kept < lost/2) {
		t.Errorf("%v of the content is wrong, %v without structure", kept, lost)
	}
}
