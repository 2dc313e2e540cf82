package render

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"oneiro/autodiff/optim"
	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/zoo"
)

// tinyStyle returns a style transfer of the built-in pictures by the built-in network that takes little
// time. It compares Gram matrices, and of the content features alone.
func tinyStyle() styleTrial {
	net := nn.Builtin()
	o := styleTrial{DefaultStyle(net), trial{Network: net, Params: zoo.BuiltinParams()}}
	o.Content = landscape(96, 72, 1)
	o.Styles = []*imageio.Image{painting(80, 64, 1)}
	o.StyleLoss, o.StructureWeight = []WeightedLoss{{GramLoss, 1}}, 0
	o.Size, o.Scales, o.Iterations, o.Every = 64, 2, 6, 1
	return o
}

func tinyDream() dreamTrial {
	net := nn.Builtin()
	o := dreamTrial{DefaultDream(net), trial{Network: net, Params: zoo.BuiltinParams()}}
	o.Image = landscape(96, 72, 1)
	o.Octaves, o.Iterations, o.Jitter, o.Every = 2, 4, 8, 1
	return o
}

func mustStyle(t *testing.T, o styleTrial) *Result {
	t.Helper()
	r, err := o.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestStyleEvents(t *testing.T) {
	o := tinyStyle()
	o.StructureWeight, o.SSIMWeight = 1, 1
	o.StyleOptions = withLosses(o.StyleOptions)
	o.PictureEvery = 6
	var kinds []EventKind
	var losses []float64
	o.On = func(e Event) {
		kinds = append(kinds, e.Kind)
		switch e.Kind {
		case EventStep:
			var sum float64
			for _, term := range e.Terms {
				sum += term.Value
			}
			if !(math.Abs(sum-e.Loss) <= 1e-5*math.Abs(e.Loss)) {
				t.Errorf("step %d: the terms add up to %g, the loss is %g", e.Step, sum, e.Loss)
			}
			losses = append(losses, e.Loss)
			if e.Step != len(losses) || e.Steps != 12 {
				t.Errorf("step %d of %d", e.Step, e.Steps)
			}
		case EventPicture:
			if im := e.Picture(); im.W != 64 || im.H != 48 {
				t.Errorf("a picture of %dx%d on the way", im.W, im.H)
			}
		}
	}
	r := mustStyle(t, o)
	if kinds[0] != EventSize || len(losses) != 12 || r.Steps != 12 {
		t.Errorf("%v, %d steps", kinds, r.Steps)
	}
	if r.Picture.W != 64 || r.Picture.H != 48 {
		t.Errorf("the picture has %dx%d pixels", r.Picture.W, r.Picture.H)
	}
	if !(r.Loss < losses[6]) || !(r.Loss <= slices.Min(losses[6:])) {
		t.Errorf("the loss is %g after %v", r.Loss, losses[6:])
	}
	var shares, sum float64
	for _, term := range r.Report {
		shares += term.Share
		sum += term.Weighted
	}
	if !(math.Abs(shares-1) <= 1e-6 && math.Abs(sum-r.Loss) <= 1e-5*r.Loss) {
		t.Errorf("shares add up to %g, terms to %g of %g", shares, sum, r.Loss)
	}
}

// TestThreads checks that the number of threads does not change a bit.
func TestThreads(t *testing.T) {
	var pictures [][]float32
	for _, threads := range []int{1, 2, 3} {
		e, err := NewEngine(EngineOptions{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		s := tinyStyle()
		s.Engine, s.StructureWeight, s.Init = e, 1, InitRandom
		d := tinyDream()
		d.Engine = e
		r, err := d.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, append(mustStyle(t, s).Picture.Pix, r.Picture.Pix...))
		e.Close()
	}
	for i, p := range pictures[1:] {
		if !slices.Equal(p, pictures[0]) {
			t.Errorf("%d threads give another picture", i+2)
		}
	}
}

// TestTileTables checks that a table of tiles reaches the device, and that a bad one is an error.
func TestTileTables(t *testing.T) {
	var pictures [][]float32
	for _, tile := range []int{4, 6} {
		e, err := NewEngine(EngineOptions{Threads: 2, Winograd: strconv.Itoa(tile)})
		if err != nil {
			t.Fatal(err)
		}
		s := tinyStyle()
		s.Engine = e
		pictures = append(pictures, mustStyle(t, s).Picture.Pix)
		e.Close()
	}
	if slices.Equal(pictures[0], pictures[1]) {
		t.Error("tiles of 4 and of 6 give the same bits")
	}
	_, err := NewEngine(EngineOptions{Winograd: `{"tile": 5}`})
	if e, ok := errors.AsType[*OptionError](err); !ok || e.Mistakes[0].Option != "winograd" {
		t.Errorf("tiles of 5 give %v", err)
	}
}

// TestMemory checks that with less memory, and with more than is of use, the picture has the same bits,
// and that what is refused names the least that works.
func TestMemory(t *testing.T) {
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := tinyStyle()
	s.Engine = e
	want := mustStyle(t, s).Picture.Pix
	e.Memory = 1
	_, err = s.run(context.Background())
	refused, ok := errors.AsType[*MemoryError](err)
	if !ok || !refused.Budget {
		t.Fatalf("a byte of memory gives %v", err)
	}
	for _, memory := range []int64{refused.Need, 4 << 30} {
		e.Memory = memory
		if !slices.Equal(mustStyle(t, s).Picture.Pix, want) {
			t.Errorf("%d bytes of memory give another picture", memory)
		}
	}
	e.Memory = refused.Need - 1
	if _, err := s.run(context.Background()); err == nil {
		t.Error("less than the least is taken")
	}
}

func TestSeed(t *testing.T) {
	o := tinyStyle()
	o.Init, o.Iterations, o.Scales = InitRandom, 1, 1
	first := mustStyle(t, o).Picture.Pix
	o.Seed = 1
	if slices.Equal(first, mustStyle(t, o).Picture.Pix) {
		t.Error("another seed gives the same noise")
	}
}

// TestOptimizersAndInits runs every optimiser and beginning; each must do better than it began.
func TestOptimizersAndInits(t *testing.T) {
	for _, opt := range Optimizers {
		for _, init := range []Init{InitContent, InitRandom, InitGray, InitPicture} {
			for _, form := range []Form{Relative, NeuralStyle} {
				o := tinyStyle()
				if form == NeuralStyle {
					o.Form, o.ContentWeight, o.StyleWeight, o.TVWeight = form, 5e4, 1e6, 1e-3
				}
				o.Optimizer, o.Init, o.InitImage, o.Scales, o.Iterations = opt, init, painting(48, 40, 2), 1, 8
				first := math.NaN()
				o.On = func(e Event) {
					if e.Kind == EventStep && e.Step == 1 {
						first = e.Loss
					}
				}
				if r := mustStyle(t, o); !(r.Loss < first) {
					t.Errorf("%s from %s in %s: loss %g after %g", opt, init, form, r.Loss, first)
				}
			}
		}
	}
}

func TestBlend(t *testing.T) {
	o := tinyStyle()
	o.Scales, o.Iterations = 1, 2
	one := mustStyle(t, o).Picture.Pix
	o.Styles = append(o.Styles, landscape(64, 64, 5))
	o.Blend = []float64{1, 0}
	if !slices.Equal(one, mustStyle(t, o).Picture.Pix) {
		t.Error("a style of weight 0 counts")
	}
	o.Blend = nil
	if slices.Equal(one, mustStyle(t, o).Picture.Pix) {
		t.Error("a second style does not count")
	}
}

func TestUntil(t *testing.T) {
	o := tinyStyle()
	o.Scales, o.Iterations = 1, 50
	var losses []float64
	o.On = func(e Event) {
		if e.Kind == EventStep {
			losses = append(losses, e.Loss)
		}
	}
	o.UntilLoss = 1e9
	if r := mustStyle(t, o); r.Steps != 1 {
		t.Errorf("%d steps to a loss that was there", r.Steps)
	}
	o.UntilLoss, o.UntilChange = 0, 0.99
	if r := mustStyle(t, o); r.Steps != changeWindow+1 {
		t.Errorf("%d steps without progress, want %d", r.Steps, changeWindow+1)
	}
}

// TestCancel checks that a run that is cut short gives its best picture.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := tinyStyle()
	o.On = func(e Event) {
		if e.Step == 3 {
			cancel()
		}
	}
	r, err := o.run(ctx)
	if !errors.Is(err, context.Canceled) || r == nil || r.Steps != 3 || r.Picture.W != 64 {
		t.Errorf("%v, %+v", err, r)
	}

	ctx, cancel = context.WithCancel(context.Background())
	d := tinyDream()
	d.On = func(e Event) {
		if e.Step == 2 {
			cancel()
		}
	}
	r, err = d.run(ctx)
	if !errors.Is(err, context.Canceled) || r == nil || r.Steps != 2 || r.Picture.W != 96 {
		t.Errorf("%v, %+v", err, r)
	}
	for _, v := range r.Picture.Pix {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("a colour is %v", v)
		}
	}
}

func TestAlpha(t *testing.T) {
	o := tinyStyle()
	o.Iterations, o.Scales = 1, 1
	o.Content.Alpha = make([]float32, len(o.Content.Pix)/3)
	for i := range o.Content.Alpha[:len(o.Content.Alpha)/2] {
		o.Content.Alpha[i] = 1
	}
	a := mustStyle(t, o).Picture.Alpha
	if len(a) != 64*48 || a[0] != 1 || a[len(a)-1] != 0 {
		t.Errorf("transparency is lost: %d values", len(a))
	}
}

func TestDream(t *testing.T) {
	for name, change := range map[string]func(*dreamTrial){
		"channels": func(o *dreamTrial) {},
		"layers":   func(o *dreamTrial) { o.Layers, o.Channels = []string{"relu2_1", "conv3_1"}, nil },
		"tv":       func(o *dreamTrial) { o.TVWeight = 1 },
	} {
		o := tinyDream()
		change(&o)
		var losses []float64
		o.On = func(e Event) {
			if e.Kind == EventStep {
				losses = append(losses, e.Loss)
			}
		}
		r, err := o.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !(r.Loss < losses[0]) || r.Steps != 8 || r.Picture.W != 96 || r.Picture.H != 72 {
			t.Errorf("%s: %d steps from %v to %g", name, r.Steps, losses, r.Loss)
		}
		if slices.Equal(r.Picture.Pix, o.Image.Pix) {
			t.Errorf("%s: the dream is the picture", name)
		}
	}
}

// TestClassDream raises a logit of a network with a classifier.
func TestClassDream(t *testing.T) {
	net := nn.GoogLeNet()
	o := dreamTrial{DefaultDream(net), trial{Network: net, Params: openWeights(t, fixture.Shared(t, "weights/googlenet_bvlc"))}}
	o.Image = landscape(160, 120, 1)
	o.Class, o.Octaves, o.Iterations, o.Every = 985, 1, 5, 1
	var first float64
	o.On = func(e Event) {
		if e.Kind == EventStep && e.Step == 1 {
			first = e.Loss
		}
	}
	r, err := o.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !(r.Loss < first-1) {
		t.Errorf("the logit rose from %g to %g", -first, -r.Loss)
	}
}

// TestRunAway checks that a loss that diverges is reported together with the best picture before.
func TestRunAway(t *testing.T) {
	for _, opt := range []Optimizer{LBFGS, Adam, Descent} {
		o := tinyStyle()
		o.Form, o.ContentWeight, o.StyleWeight, o.TVWeight = NeuralStyle, 5e4, 1e6, 1e-3
		o.Optimizer, o.LearningRate, o.Iterations, o.Init = opt, 1e30, 20, InitContent
		r, err := o.run(context.Background())
		if _, ok := errors.AsType[*optim.NonFiniteError](err); !ok {
			t.Fatalf("%s: an absurd learning rate gives %v", opt, err)
		}
		if r == nil || r.Steps == 0 || math.IsInf(r.Loss, 0) || isFlat(r.Picture) {
			t.Errorf("%s: the result is %+v", opt, r)
		}
	}
	o := tinyStyle() // within a trust radius nothing diverges
	o.Optimizer, o.LearningRate = LBFGS, 1e30
	mustStyle(t, o)
}

// isFlat reports whether a picture is one colour, or has no colours at all.
func isFlat(im *Picture) bool {
	lo, hi := slices.Min(im.Pix), slices.Max(im.Pix)
	return !(hi-lo > 0.01)
}

// TestNoLayers paints with terms that read no layer of the network: it then needs no parameters at all.
func TestNoLayers(t *testing.T) {
	for name, change := range map[string]func(o *styleTrial){
		"structure": func(o *styleTrial) { o.StructureWeight = 1 },
		"ssim":      func(o *styleTrial) { o.SSIMWeight = 1 },
		"tv":        func(o *styleTrial) { o.TVWeight = 1 },
		"sum of tv": func(o *styleTrial) { o.TVWeight, o.Form = 1, NeuralStyle },
	} {
		o := tinyStyle()
		o.ContentWeight, o.StyleWeight, o.TVWeight = 0, 0, 0
		o.Init, o.Params = InitRandom, noParams{t}
		change(&o)
		first := math.NaN()
		o.On = func(e Event) {
			if e.Kind == EventStep && e.Step == 1 {
				first = e.Loss
			}
		}
		if r := mustStyle(t, o); !(r.Loss < first/2) || len(r.Report) == 0 {
			t.Errorf("%s: loss %g after %g, %d terms", name, r.Loss, first, len(r.Report))
		}
	}
}

// noParams are parameters that nobody should ask for.
type noParams struct{ t *testing.T }

func (p noParams) Tensor(name string, _ ...int) ([]float32, error) {
	p.t.Errorf("%s was read", name)
	return nil, nil
}
