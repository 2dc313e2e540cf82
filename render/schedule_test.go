package render

import (
	"testing"

	"oneiro/internal/imageio"
)

// TestSizes has the sizes of results and of style pictures: rounded to nearest, or truncated as by
// neural-style-pt.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		from, full, like Size // like is full in neural-style-pt's form
	}{
		{Size{49, 49}, Size{512, 512}, Size{511, 511}},
		{Size{412, 309}, Size{512, 384}, Size{511, 383}},
		{Size{309, 412}, Size{384, 512}, Size{383, 511}},
		{Size{850, 756}, Size{512, 455}, Size{511, 455}},
		{Size{20000, 1}, Size{512, 1}, Size{512, 1}},
	} {
		o := StyleOptions{Content: imageio.New(c.from.W, c.from.H), StyleScale: []float64{1}}
		o.Styles = []*Picture{o.Content}
		o.Size = 512
		like := o
		like.Form = NeuralStyle
		if got := o.full(); got != c.full {
			t.Errorf("style of %v: %v, want %v", c.from, got, c.full)
		}
		if got := like.full(); got != c.like {
			t.Errorf("style of %v as by neural-style-pt: %v, want %v", c.from, got, c.like)
		}
		if got := o.styleSize(0, o.full()); got != c.full {
			t.Errorf("style picture of %v: %v, want %v", c.from, got, c.full)
		}
		if got := like.styleSize(0, like.full()); got != c.like {
			t.Errorf("style picture of %v as by neural-style-pt: %v, want %v", c.from, got, c.like)
		}
		d := DreamOptions{Image: o.Content}
		d.Size = 512
		if got := d.full(); got != c.full {
			t.Errorf("dream of %v: %v, want %v", c.from, got, c.full)
		}
	}
	all := func(Size) bool { return true }
	for _, s := range scales(Size{512, 512}, 9, smallestSide, imageio.FitSize, all) {
		if s.W != s.H {
			t.Errorf("a square gets a coarse size of %v", s)
		}
	}
	o := StyleOptions{Content: imageio.New(4, 4), StyleScale: []float64{0.333}}
	o.Styles = []*Picture{imageio.New(200, 100), imageio.New(200, 100)}
	if got := o.styleSize(1, Size{500, 500}); got != (Size{167, 84}) { // 166.5, 83.5
		t.Errorf("a style picture at a third: %v", got)
	}
	o.StyleScale = []float64{2, 0.5}
	if got := [2]Size{o.styleSize(0, Size{500, 500}), o.styleSize(1, Size{500, 500})}; got != [2]Size{{1000,
		500}, {250, 125}} {
		t.Errorf("style pictures at 2 and 0.5: %v", got)
	}
	o.StyleScale = nil
	if got := o.styleSize(1, Size{500, 500}); got != (Size{500, 250}) {
		t.Errorf("a style picture without a scale: %v", got)
	}
}
