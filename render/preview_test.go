package render

import (
	"context"
	"slices"
	"testing"

	"oneiro/internal/imageio"
)

// TestPreview looks at runs after each step: what is seen is the picture so far, small if that is asked for,
// and the result is the same as if nobody had looked.
func TestPreview(t *testing.T) {
	style := func(change func(*StyleOptions)) func(Events) (*Result, error) {
		return func(events Events) (*Result, error) {
			o := tinyStyle()
			change(&o.StyleOptions)
			o.Events = events
			return o.run(context.Background())
		}
	}
	for name, c := range map[string]struct {
		run    func(Events) (*Result, error)
		coarse bool // the picture so far is the canvas at coarse sizes, too
	}{
		"style":     {style(func(*StyleOptions) {}), true},
		"photo":     {style(func(o *StyleOptions) { o.Colors = ColorsPhoto }), true},
		"luminance": {style(func(o *StyleOptions) { o.Colors = ColorsLuminance }), true},
		"dream": {func(events Events) (*Result, error) {
			o := tinyDream()
			o.Events = events
			return o.run(context.Background())
		}, false},
		"vis": {func(events Events) (*Result, error) {
			o := tinyVis(Target{Layer: "relu2_1", Index: 3})
			o.Events = events
			return o.run(context.Background())
		}, true},
	} {
		want, err := c.run(Events{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var whole *Picture
		looks := 0
		events := Events{PictureEvery: 1, Look: func() bool { return true }}
		events.On = func(e Event) {
			switch e.Kind {
			case EventPicture:
				whole = e.Picture()
			case EventLook:
				looks++
				large, small := e.Preview(10_000), e.Preview(20)
				if large.W != whole.W || large.H != whole.H {
					t.Fatalf("%s: the preview has %dx%d pixels, the picture %dx%d", name, large.W, large.H, whole.W, whole.H)
				}
				if (c.coarse || e.Size == e.Sizes) && !slices.Equal(large.Pix, whole.Pix) {
					t.Errorf("%s, step %d: the preview is not the picture so far", name, e.Step)
				}
				if w, h := imageio.FitSize(whole.W, whole.H, 20); small.W != w || small.H != h || len(small.Pix) != 3*w*h {
					t.Errorf("%s: a small preview has %dx%d pixels", name, small.W, small.H)
				}
			}
		}
		got, err := c.run(events)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(got.Picture.Pix, want.Picture.Pix) || looks != got.Steps {
			t.Errorf("%s: after %d looks in %d steps it is another picture", name, looks, got.Steps)
		}
	}
}
