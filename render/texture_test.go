package render

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/fixture"
	"oneiro/nn"
	"oneiro/zoo"
)

func tinyTexture(t *testing.T) TextureOptions {
	t.Helper()
	o, err := TextureFrom(nn.Builtin(), map[string]string{"size": "64x48", "iterations": "4", "scales": "1"})
	if err != nil {
		t.Fatal(err)
	}
	o.Styles = []*Picture{painting(80, 64, 1)}
	return o
}

// TestTexture wants a picture of the size that was asked for, with less loss than noise.
func TestTexture(t *testing.T) {
	o := tinyTexture(t)
	first := math.NaN()
	r, err := (&trial{Network: nn.Builtin(), Params: zoo.BuiltinParams(), Events: Events{Every: 1, On: func(e Event) {
		if e.Kind == EventStep && e.Step == 1 {
			first = e.Loss
		}
	}}}).run(context.Background(), Texture(o))
	if err != nil {
		t.Fatal(err)
	}
	if r.Picture.W != 64 || r.Picture.H != 48 || !(r.Loss < first) {
		t.Errorf("%dx%d pixels, loss %v after %v", r.Picture.W, r.Picture.H, r.Loss, first)
	}
}

// TestTileable rolls a canvas by the network's total stride. The style loss of a tileable texture stays the
// same, as there is no border; that of another one changes.
func TestTileable(t *testing.T) {
	squeezenet := openWeights(t, fixture.Shared(t, "weights/squeezenet1.1")) // with windows that have no padding
	for name, c := range map[string]struct {
		net      *nn.Network
		params   nn.Params
		tileable bool
	}{
		"builtin": {nn.Builtin(), zoo.BuiltinParams(), true}, "with a border": {nn.Builtin(), zoo.BuiltinParams(), false},
		"squeezenet": {nn.SqueezeNet11(), squeezenet, true},
	} {
		o := tinyTexture(t)
		o.StyleLayers = c.net.Style
		o.Tileable, o.TVWeight = c.tileable, 100
		job, err := New(Texture(o), c.net, c.params)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEngine(EngineOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		job.Plans(e)
		if err := job.Read(e); err != nil {
			t.Fatal(err)
		}
		p := job.take(0)
		if err := p.terms.fill(context.Background(), e.Device); err != nil {
			t.Fatal(err)
		}
		if err := p.load(context.Background(), e.Device, nil); err != nil {
			t.Fatal(err)
		}
		defer p.close()
		x := landscape(64, 48, 3).Pix
		grad := make([]float32, len(x))
		before, err := p.evaluate(x, grad)
		if err != nil {
			t.Fatal(err)
		}
		const step = 16
		rolled := make([]float32, len(x))
		for y := range 48 {
			for i := range 64 * 3 {
				rolled[(y+step)%48*64*3+(i+3*step)%(64*3)] = x[y*64*3+i]
			}
		}
		after, err := p.evaluate(rolled, grad)
		if err != nil {
			t.Fatal(err)
		}
		if change := math.Abs(after-before) / before; (change <= 1e-4) != c.tileable {
			t.Errorf("%s: rolled, the loss goes from %v to %v", name, before, after)
		}
	}
}

// TestTileableSize wants sizes refused whose windows do not meet at the edges, with one that fits.
func TestTileableSize(t *testing.T) {
	o := tinyTexture(t)
	o.Tileable, o.Extent = true, Size{60, 48}
	_, err := New(Texture(o), nn.Builtin(), nn.Shapes{})
	if e, ok := errors.AsType[*OptionError](err); !ok || e.Mistakes[0].Option != "size" || e.Hint() != "choose 64x48" {
		t.Errorf("%v", err)
	}
}

// TestTileableIgnoresWhatNobodyReads wants no complaint about VGG-19's fully connected layers, which need 224
// pixels.
func TestTileableIgnoresWhatNobodyReads(t *testing.T) {
	net := nn.VGG19()
	o, err := TextureFrom(net, map[string]string{"size": "64", "tileable": "true"})
	if err != nil {
		t.Fatal(err)
	}
	o.Styles = []*Picture{painting(80, 64, 1)}
	if _, err := New(Texture(o), net, nn.Shapes{}); err != nil {
		t.Error(err)
	}
}

// TestCoarseStyles leaves out sizes at which the network cannot see a style picture.
func TestCoarseStyles(t *testing.T) {
	o := tinyStyle()
	o.Size, o.Scales = 64, 3
	o.Styles = []*Picture{painting(640, 160, 1)} // 16x4 pixels where the canvas has 16x12
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Size{{64, 48}}; !slices.Equal(job.sizes, want) {
		t.Errorf("sizes %v, want %v", job.sizes, want)
	}
}

// TestDivergedRun gives what there was before the loss diverged.
func TestDivergedRun(t *testing.T) {
	o := tinyStyle()
	o.Form, o.ContentWeight, o.StyleWeight, o.TVWeight = NeuralStyle, 5e4, 1e6, 1e-3 // else nothing diverges
	o.Optimizer, o.LearningRate, o.Iterations, o.Scales = LBFGS, 1e30, 20, 1
	r, err := o.run(context.Background())
	var diverged *optim.NonFiniteError
	if !errors.As(err, &diverged) || r == nil || r.Steps == 0 {
		t.Fatalf("%v, %+v", err, r)
	}
	for _, v := range r.Picture.Pix {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("a colour is %v", v)
		}
	}
}

// TestJobIsAValue plans a job without parameters, then runs one twice: with the same plans and bits.
func TestJobIsAValue(t *testing.T) {
	o := tinyStyle()
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	dry, err := New(Style(o.StyleOptions), o.Network, nn.Shapes{})
	if err != nil {
		t.Fatal(err)
	}
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	var want []*autodiff.Plan
	for i, p := range job.Plans(e) {
		want = append(want, p.Plan)
		if d := dry.Plans(e)[i]; d.Peak() != p.Peak() || d.Plan.FLOPs() != p.Plan.FLOPs() {
			t.Errorf("size %d: without parameters %d bytes, with them %d", i, d.Peak(), p.Peak())
		}
	}
	var pictures []*Picture
	for range 2 {
		r, err := job.Run(context.Background(), e, Events{})
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, r.Picture)
	}
	for i, p := range job.Plans(e) {
		if p.Plan != want[i] {
			t.Errorf("size %d was planned again", i)
		}
	}
	for i, v := range pictures[0].Pix {
		if pictures[1].Pix[i] != v {
			t.Fatal("the second run gives another picture")
		}
	}
}
