package render

import (
	"errors"
	"image"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/nn"
	"oneiro/zoo"
)

// engine returns an engine for a test.
func engine(t *testing.T) *Engine {
	t.Helper()
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// TestViews checks that the squares of a picture reach from end to end, each overlapping the next by half or more,
// and that long pictures do not have more and more of them.
func TestViews(t *testing.T) {
	net := nn.Builtin()
	side := net.InputSize
	for _, c := range []struct {
		w, h, squares int
	}{{100, 100, 1}, {128, 96, 2}, {96, 128, 2}, {160, 90, 3}, {300, 100, 5}, {20000, 1, mostSquares}} {
		o := ClassifyOptions{Network: net, Image: &Picture{W: c.w, H: c.h}, Fit: FitMulti}
		views := o.views()
		if c.squares > 1 { // the whole comes first
			if whole := views[0]; whole.W != side || whole.H != side || !whole.Crop.Empty() {
				t.Errorf("%dx%d: %v", c.w, c.h, whole)
			}
			views = views[1:]
		}
		if len(views) != c.squares {
			t.Errorf("%dx%d: %d squares, want %d", c.w, c.h, len(views), c.squares)
		}
		first, last := views[0], views[len(views)-1]
		if first.Crop.Min != (image.Point{}) || last.Crop.Max != image.Pt(last.W, last.H) {
			t.Errorf("%dx%d: from %v to %v", c.w, c.h, first, last)
		}
		for i, v := range views {
			if v.Crop.Dx() != side || v.Crop.Dy() != side {
				t.Errorf("%dx%d: %v is no square", c.w, c.h, v)
			}
			if i > 0 && c.w <= 3*c.h {
				if step := v.Crop.Min.Sub(views[i-1].Crop.Min); max(step.X, step.Y) > side/2 {
					t.Errorf("%dx%d: squares are %v apart", c.w, c.h, step)
				}
			}
		}
	}
	for fit, crop := range map[Fit]image.Rectangle{FitCrop: image.Rect(32, 0, 96, 64), FitSqueeze: {}} {
		o := ClassifyOptions{Network: net, Image: &Picture{W: 200, H: 100}, Fit: fit}
		if got := o.views(); len(got) != 1 || got[0].Crop != crop {
			t.Errorf("%s: %v", fit, got)
		}
	}
}

// TestClassifySide has GoogLeNet recognise a toucan at the left of a wide photograph, which the square in the
// middle hardly shows.
func TestClassifySide(t *testing.T) {
	weights, photo := fixture.Shared(t, "weights/googlenet_bvlc"), fixture.Shared(t, "images/content/toucan.webp")
	net, params, err := zoo.Open(weights)
	if err != nil {
		t.Fatal(err)
	}
	defer params.Close()
	im, err := ReadPicture(photo)
	if err != nil {
		t.Fatal(err)
	}
	const toucan = 96
	for fit, right := range map[Fit]bool{FitMulti: true, "": true, FitCrop: false} {
		all, err := Classify(t.Context(),
			ClassifyOptions{Network: net, Params: params, Image: im, Fit: fit, Engine: engine(t)})
		if err != nil {
			t.Fatal(err)
		}
		if (all[0].Class == toucan) != right {
			t.Errorf("%s of %s: class %d", fit, filepath.Base(photo), all[0].Class)
		}
		var sum float64
		for _, p := range all {
			sum += p.Probability
		}
		if !(math.Abs(sum-1) <= 1e-4) {
			t.Errorf("%s: the probabilities add up to %g", fit, sum)
		}
	}
}

// spoilt are parameters, one of which has a factor.
type spoilt struct {
	nn.Params
	name   string
	factor float32
}

func (s spoilt) Tensor(name string, shape ...int) ([]float32, error) {
	v, err := s.Params.Tensor(name, shape...)
	if name == s.name {
		v = slices.Clone(v)
		for i := range v {
			v[i] *= s.factor
		}
	}
	return v, err
}

// TestClassifyOverflow classifies with weights that overflow: an error names the layer.
func TestClassifyOverflow(t *testing.T) {
	for _, factor := range []float32{float32(math.NaN()), float32(math.Inf(1)), 1e38} {
		net, params := zoo.Builtin()
		_, err := Classify(t.Context(), ClassifyOptions{
			Network: net, Params: spoilt{params, "conv3_2.weight", factor}, Image: landscape(64, 64, 1), Engine: engine(t),
		})
		e, ok := errors.AsType[*NonFiniteError](err)
		if !ok || e.Layer != "conv3_2" && factor != 1e38 || e.Hint() == "" {
			t.Errorf("times %g: %v", factor, err)
		}
	}
}

func TestClassifyRefuses(t *testing.T) {
	net, params := zoo.Builtin()
	_, err := Classify(t.Context(), ClassifyOptions{
		Network: net, Params: params, Image: landscape(64, 64, 1), Fit: "stretch", Engine: engine(t),
	})
	if !errors.As(err, new(*OptionError)) {
		t.Errorf("%v", err)
	}
}
