package render

import (
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/loss"
)

// TestJoin checks that a term of a caller's own is part of the loss and changes the picture, that the layers
// of all objectives are read, each once, and that stages are alike only where they are for all of them.
func TestJoin(t *testing.T) {
	red := Extra{Reads: []string{"relu1_1"}, Build: func(Stage) loss.Objective {
		return loss.Objective{{Name: "red", Weight: -100, Build: func(in loss.Inputs) *autodiff.Node {
			return autodiff.Mean(autodiff.Slice(in.Image, 0, 1))
		}}}
	}}
	o := tinyStyle()
	spec := Style(o.StyleOptions)
	layers := spec.Objective.Layers(o.Network)
	joined := Join(spec.Objective, red, red).Layers(o.Network)
	if want := slices.Compact(slices.Sorted(slices.Values(append(layers, "relu1_1")))); !slices.Equal(
		slices.Sorted(slices.Values(joined)), want) {
		t.Errorf("layers %q, want %q", joined, want)
	}
	sheet := DefaultVis(o.Network)
	sheet.Targets = []Target{{Index: 0}, {Index: 1}, {Index: 2}, {Index: 3}}
	vis := Vis(sheet).Objective
	if Join(vis, vis).Like(o.Network, 3) != 0 || Join(vis, red).Like(o.Network, 3) != 3 {
		t.Error("stages are alike that are not, or not alike that are")
	}

	engine, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	reds := func(spec Spec) (mean float64, report loss.Report) {
		job, err := New(spec, o.Network, o.Params)
		if err != nil {
			t.Fatal(err)
		}
		r, err := job.Run(t.Context(), engine, Events{})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(r.Picture.Pix); i += 3 {
			mean += float64(r.Picture.Pix[i]) / float64(len(r.Picture.Pix)/3)
		}
		return mean, r.Report
	}
	without, _ := reds(spec)
	spec.Objective = Join(spec.Objective, red)
	with, report := reds(spec)
	last := report[len(report)-1]
	if !(with > without+0.05) || last.Name != "red" || !(last.Weighted < 0) {
		t.Errorf("mean red %.3f without the term and %.3f with it, %+v", without, with, last)
	}
}
