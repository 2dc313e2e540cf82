package render

import (
	"slices"
	"testing"

	"oneiro/internal/region"
)

// TestRegionsWithEveryLoss paints two regions, which have their parts of the style picture, with every way to
// compare, and with one region, which must give the same bits as none.
func TestRegionsWithEveryLoss(t *testing.T) {
	for _, l := range StyleLosses {
		o := tinyStyle()
		o.StyleLoss, o.Scales, o.Iterations, o.Size = []WeightedLoss{{l, 1}}, 1, 2, 96
		want := mustStyle(t, o)
		o.Regions = PictureGiven
		o.Labels = labelled(t, 40, 30, func(int, int) [3]float32 { return red })
		if got := mustStyle(t, o); !slices.Equal(got.Picture.Pix, want.Picture.Pix) {
			t.Errorf("%s: one region changes the picture", l)
		}
		o.Labels, o.StyleLabels = halves(t, 96, 72), []*region.Map{halves(t, 80, 64)}
		got := mustStyle(t, o)
		first, second := got.Report[1].Name, got.Report[len(got.Report)-2].Name
		if first[len(first)-5:] != "@blue" || second[len(second)-4:] != "@red" {
			t.Errorf("%s: the terms are %v", l, got.Report)
		}
		if slices.Equal(got.Picture.Pix, want.Picture.Pix) {
			t.Errorf("%s: regions change nothing", l)
		}
	}
}
