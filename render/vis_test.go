package render

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/internal/fixture"
	"oneiro/nn"
	"oneiro/zoo"
)

func tinyVis(targets ...Target) visTrial {
	net := nn.Builtin()
	o := visTrial{DefaultVis(net), trial{Network: net, Params: zoo.BuiltinParams()}}
	o.Targets, o.Size, o.Iterations, o.Every = targets, 48, 12, 1
	return o
}

func mustVis(t *testing.T, o visTrial) ([]*Picture, *Result) {
	t.Helper()
	r, err := o.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r.Pictures, r
}

func normal(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func inner(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// TestHartley compares with the definition, and checks that the transform undoes itself.
func TestHartley(t *testing.T) {
	for _, n := range []int{1, 2, 7, 12} {
		const step = 3
		x := normal(1, n*step)
		y := slices.Clone(x)
		h := newHartley(n)
		h.transform(y, step)
		for k := range n {
			var want float64
			for i := range n {
				sin, cos := math.Sincos(2 * math.Pi * float64(i*k) / float64(n))
				want += float64(x[i*step]) * (sin + cos) / math.Sqrt(float64(n))
			}
			if d := float64(y[k*step]) - want; !(math.Abs(d) <= 1e-6) {
				t.Errorf("coefficient %d of %d is %v, want %v", k, n, y[k*step], want)
			}
		}
		h.transform(y, step)
		for i := range y {
			if d := float64(y[i]) - float64(x[i]); !(math.Abs(d) <= 1e-6) {
				t.Errorf("number %d of %d comes back as %v, was %v", i, n, y[i], x[i])
			}
		}
	}
}

// TestFourierGradient compares with differences along a random direction.
func TestFourierGradient(t *testing.T) {
	s := newFourierImage(Size{9, 14})
	n := 3 * 9 * 14
	x, direction, dy, dx := normal(1, n), normal(2, n), normal(3, n), make([]float32, n)
	at := func(step float64) float64 {
		moved := make([]float32, n)
		for i := range moved {
			moved[i] = x[i] + float32(step)*direction[i]
		}
		return inner(s.Forward(moved), dy)
	}
	const step = 1e-2
	want := (at(step) - at(-step)) / (2 * step)
	s.Forward(x)
	s.Backward(dy, dx)
	if got := inner(dx, direction); !(math.Abs(got-want) <= 1e-3*math.Abs(want)) {
		t.Errorf("the gradient is %v, differences say %v", got, want)
	}
}

// TestWarp checks that a warp without freedom shows the picture, that one with freedom stays inside, and that
// Backward is the adjoint of Forward.
func TestWarp(t *testing.T) {
	picture, back := normal(1, 3*88), make([]float32, 3*88)
	random := rand.New(rand.NewPCG(1, 0))
	fixed := viewOf(warp{}, Size{11, 8})
	fixed.Next(random, nil)
	seen := fixed.Forward(picture)
	for i := range seen {
		if d := float64(seen[i] - picture[i]); !(math.Abs(d) <= 1e-5) {
			t.Fatalf("number %d is %v, seen as %v", i, picture[i], seen[i])
		}
	}
	v, dy := viewOf(warp{30, 0.5, 180}, Size{11, 8}), normal(2, 3*88)
	for range 20 {
		v.Next(random, nil)
		seen := v.Forward(picture)
		v.Backward(dy, back)
		if a, b := inner(seen, dy), inner(picture, back); !(math.Abs(a-b) <= 1e-4) {
			t.Errorf("forward %v, back %v", a, b)
		}
		for i, tap := range v.taps {
			if w := tap.weight; !(math.Abs(float64(w[0]+w[1]+w[2]+w[3])-1) <= 1e-6) {
				t.Fatalf("the weights of pixel %d are %v", i, w)
			}
		}
	}
}

// viewOf returns a view of a picture by itself.
func viewOf(w warp, size Size) *warpView {
	v := w.Show(autodiff.NewGraph().Input("picture", autodiff.Shape{N: 1, H: size.H, W: size.W, C: 3})).(*warpView)
	v.Maps()
	return v
}

// TestVis raises a channel and a layer, and checks that the seed alone decides what comes out.
func TestVis(t *testing.T) {
	o := tinyVis(Target{"relu2_1", 5}, Target{"conv3_1", -1})
	first := map[int]float64{}
	o.On = func(e Event) {
		if _, known := first[e.Size]; !known && e.Kind == EventStep {
			first[e.Size] = e.Loss
		}
		if e.Steps != 24 || e.W != 48 || e.H != 48 || e.Sizes != 2 {
			t.Errorf("%+v", e)
		}
	}
	pictures, r := mustVis(t, o)
	if len(pictures) != 2 || r.Picture != pictures[1] || r.Steps != 24 || !(r.Loss < first[2]) || !(first[2] < 0) {
		t.Errorf("%d pictures, %d steps from %v to %v", len(pictures), r.Steps, first, r.Loss)
	}
	for _, p := range pictures {
		for _, v := range p.Pix {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("a colour is %v", v)
			}
		}
	}
	again, _ := mustVis(t, o)
	if !slices.Equal(again[1].Pix, pictures[1].Pix) {
		t.Error("the same seed gives another picture")
	}
	o.Seed, o.On = 1, nil
	if other, _ := mustVis(t, o); slices.Equal(other[0].Pix, pictures[0].Pix) {
		t.Error("another seed gives the same picture")
	}
}

// TestVisCancel checks that a run that is cut short gives the pictures so far.
func TestVisCancel(t *testing.T) {
	for step, want := range map[int]int{3: 1, 12: 1, 14: 2} {
		ctx, cancel := context.WithCancel(context.Background())
		o := tinyVis(Target{"relu2_1", 5}, Target{"relu2_1", 6}, Target{"relu2_1", 7})
		o.On = func(e Event) {
			if e.Kind == EventStep && e.Step == step {
				cancel()
			}
		}
		r, err := o.run(ctx)
		if !errors.Is(err, context.Canceled) || r == nil || len(r.Pictures) != want || r.Steps != step {
			t.Errorf("after step %d: %v, %+v", step, err, r)
		}
	}
}

func TestVisOptions(t *testing.T) {
	for name, change := range map[string]func(*visTrial){
		"class":          func(o *visTrial) { o.Network, o.Targets = nn.VGG19_16x(), []Target{{"", 3}} },
		"layer":          func(o *visTrial) { o.Targets[0].Layer = "relu9" },
		"channel":        func(o *visTrial) { o.Targets[0].Index = 64 },
		"size":           func(o *visTrial) { o.Size = 0 },
		"jitter":         func(o *visTrial) { o.Jitter = -1 },
		"zoom":           func(o *visTrial) { o.Zoom = math.NaN() },
		"turn":           func(o *visTrial) { o.Turn = 181 },
		"lr":             func(o *visTrial) { o.LearningRate = 0 },
		"entropy-weight": func(o *visTrial) { o.EntropyWeight = math.Inf(1) },
	} {
		o := tinyVis(Target{"relu2_1", 5})
		change(&o)
		e, ok := errors.AsType[*OptionError](o.check(o.Network))
		if !ok || len(e.Mistakes) != 1 || e.Mistakes[0].Option != name || e.Hint() == "" {
			t.Errorf("%s: %v", name, e)
		}
	}
	o := tinyVis()
	if err := o.check(o.Network); err == nil {
		t.Error("no target is none too few")
	}
}

// dead are parameters whose second block nothing activates.
type dead struct{ nn.Params }

func (d dead) Tensor(name string, shape ...int) ([]float32, error) {
	x, err := d.Params.Tensor(name, shape...)
	if name == "conv2_1.bias" {
		for i := range x {
			x[i] = -2
		}
	}
	return x, err
}

// TestDeadChannel wakes a channel that answers to no noise: the gradient of its ReLU is 0.
func TestDeadChannel(t *testing.T) {
	o := tinyVis(Target{"relu2_1", 5})
	o.Params, o.Iterations = dead{o.Params}, 40
	var before float64
	o.On = func(e Event) {
		if e.Kind == EventStep && e.Step == 1 {
			before = e.Terms[0].Value
		}
	}
	if _, r := mustVis(t, o); before != 0 || !(r.Report[0].Weighted < 0) {
		t.Errorf("the channel is at %v, then at %v", -before, -r.Report[0].Weighted)
	}
}

func TestBeforeReLU(t *testing.T) {
	net := nn.GoogLeNet()
	for _, c := range []struct {
		layer   string
		channel int
		want    string
		at      int
	}{
		{"inception_3a/output", 63, "inception_3a/1x1", 63},
		{"inception_3a/output", 64, "inception_3a/3x3", 0},
		{"inception_3a/output", 255, "inception_3a/pool_proj", 31},
		{"inception_3a/relu_1x1", 3, "inception_3a/1x1", 3},
		{"inception_3a/1x1", 3, "", 0},
	} {
		layer, channel, ok := beforeReLU(net, c.layer, c.channel)
		if layer != c.want || channel != c.at || ok != (c.want != "") {
			t.Errorf("channel %d of %s is channel %d of %q", c.channel, c.layer, channel, layer)
		}
	}
}

// TestVisClass makes a picture that the network then takes for what it is of.
func TestVisClass(t *testing.T) {
	net := nn.GoogLeNet()
	o := visTrial{DefaultVis(net), trial{Network: net, Params: openWeights(t, fixture.Shared(t, "weights/googlenet_bvlc"))}}
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	o.Engine = e
	o.Targets, o.Size, o.Iterations = []Target{{"", 340}}, 112, 40
	pictures, _ := mustVis(t, o)
	guesses, err := Classify(context.Background(), ClassifyOptions{Network: net, Params: o.Params, Image: pictures[0], Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	if guesses[0].Class != 340 || !(guesses[0].Probability > 0.5) {
		t.Errorf("the network sees %+v", guesses[:3])
	}
}

// ramp are filters of which each has one weight other than 0 at a pixel, for the first colour.
type ramp struct{}

func (ramp) Tensor(_ string, shape ...int) ([]float32, error) {
	out := make([]float32, shape[0]*shape[1]*shape[2]*shape[3])
	for i := range out {
		if i/shape[3]%3 == 0 {
			out[i] = float32(1 + i%shape[3])
		}
	}
	return out, nil
}

// TestFilters checks colours and ranges, for a network that takes blue first and for one that does not.
func TestFilters(t *testing.T) {
	for net, want := range map[*nn.Network][3]float32{nn.VGG19(): {0.5, 0.5, 1}, nn.Builtin(): {1, 0.5, 0.5}} {
		filters, err := Filters(net, ramp{}, "conv1_1")
		if err != nil {
			t.Fatal(err)
		}
		if n := net.Channels("conv1_1"); len(filters) != n || n == 0 {
			t.Fatalf("%s: %d filters, want %d", net.Name, len(filters), n)
		}
		for i, f := range filters {
			if f.W != 3 || f.H != 3 || [3]float32(f.Pix[:3]) != want {
				t.Fatalf("%s: filter %d has %dx%d pixels, the first %v", net.Name, i, f.W, f.H, f.Pix[:3])
			}
		}
	}
	for _, layer := range []string{"conv1_2", "relu1_1", "conv9"} {
		_, err := Filters(nn.Builtin(), ramp{}, layer)
		if e, ok := errors.AsType[*OptionError](err); !ok || e.Hint() != "choose conv1_1" {
			t.Errorf("%s: %v", layer, err)
		}
	}
}

// TestCanvasAllocatesNothing checks what a step does beside the network.
func TestCanvasAllocatesNothing(t *testing.T) {
	size := Size{12, 12}
	v, random := viewOf(warp{5, 0.2, 9}, size), rand.New(rand.NewPCG(1, 0))
	c := newChain([]Map{newFourierImage(size), v}, func(x, grad []float32) (float64, error) {
		copy(grad, x)
		return 0, nil
	})
	x, dx := normal(1, 3*144), make([]float32, 3*144)
	n := testing.AllocsPerRun(10, func() {
		v.Next(random, nil)
		c.step(x, dx)
	})
	if n > 0 {
		t.Errorf("%v allocations in a step", n)
	}
}
