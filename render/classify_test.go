package render

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
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

// TestSquares checks that the squares of a picture reach from end to end, each overlapping the next by half or
// more, and that long pictures do not have more and more of them.
func TestSquares(t *testing.T) {
	net := nn.Builtin()
	side := net.InputSize
	for _, c := range []struct{ w, h, squares int }{
		{100, 100, 1}, {128, 96, 2}, {96, 128, 2}, {160, 90, 3}, {192, 64, 5}, {64, 192, 5}, {20000, 1, 9}, {1,
			20000, 9},
	} {
		im := imageio.New(c.w, c.h)
		for i := range im.Pix { // a ramp along the longer side
			if im.Pix[i] = float32(i/3%c.w) / float32(c.w); c.h > c.w {
				im.Pix[i] = float32(i/3/c.w) / float32(c.h)
			}
		}
		o := ClassifyOptions{Network: net, Image: im}
		squares := o.squares()
		for _, s := range squares {
			if s.W != side || s.H != side {
				t.Errorf("%dx%d: a square of %dx%d", c.w, c.h, s.W, s.H)
			}
		}
		if c.squares > 1 { // all of the picture comes first
			squares = squares[1:]
		}
		if len(squares) != c.squares {
			t.Errorf("%dx%d: %d squares, want %d", c.w, c.h, len(squares), c.squares)
		}
		first, last := squares[0].Pix[0], squares[len(squares)-1].Pix[3*side*side-1]
		if max(c.w, c.h) <= 5*min(c.w, c.h) && (first > 0.03 || last < 0.97) {
			t.Errorf("%dx%d: from %g to %g", c.w, c.h, first, last)
		}
		for i := 1; i < len(squares); i++ {
			if middle := squares[i-1].Pix[3*(side*side/2+side/2)]; squares[i].Pix[0] > middle+0.01 &&
				c.w < 1000 && c.h < 1000 {
				t.Errorf("%dx%d: square %d begins at %g, beyond the middle of the one before, %g",
					c.w, c.h, i, squares[i].Pix[0], middle)
			}
		}
	}
	for fit, want := range map[Fit]float32{FitCrop: 0.25, FitSqueeze: 0} {
		im := imageio.New(200, 100)
		for i := range im.Pix {
			im.Pix[i] = float32(i/3%200) / 200
		}
		o := ClassifyOptions{Network: net, Image: im, Fit: fit}
		got := o.squares()
		if len(got) != 1 || !(math.Abs(float64(got[0].Pix[0]-want)) <= 0.02) {
			t.Errorf("%s: %d squares, from %g", fit, len(got), got[0].Pix[0])
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
			Network: net, Params: spoilt{params, "conv3_2.weight", factor}, Image: landscape(64, 64,
				1), Engine: engine(t),
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
