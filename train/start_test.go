package train

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oneiro/autodiff"
	"oneiro/nn"
	"oneiro/zoo"
)

// fromBuiltin returns options of a training that starts from the built-in network.
func fromBuiltin(t *testing.T, source Source, classes []string) Options {
	t.Helper()
	o := options(t, 0)
	s := FineTuneSettings()
	s.Iterations, s.Batch, s.Size, s.WarmUp = 10, 16, 32, 2
	o.Settings, o.Source = s, source
	o.Start, o.StartClasses, o.StartName = zoo.BuiltinParams(), classes, "builtin"
	return o
}

// A training that starts from a network computes what that does: with the classifier kept, it recognises as
// much before the first step.
func TestStart(t *testing.T) {
	motifs := Motifs{Seed: 1000}
	o := fromBuiltin(t, motifs, motifs.Classes())
	o.Size = 64
	tr := begin(t, o)
	score, err := tr.Score(t.Context(), 300)
	if err != nil {
		t.Fatal(err)
	}
	if a := score.Accuracy(); !(a >= 0.9) {
		t.Errorf("%.0f %% recognised before the first step", 100*a)
	}
	head := tr.params.named("fc8.bias")
	if slices.Max(head) == 0 {
		t.Error("the classifier is not the one given")
	}

	other := begin(t, fromBuiltin(t, stripes{}, motifs.Classes()))
	fresh := blank(t, other.net)
	fresh.init(other.options.Seed)
	if !slices.Equal(other.params.named("fc8.weight"), fresh.named("fc8.weight")) {
		t.Error("the classifier of other classes does not start anew")
	}
	if slices.Equal(other.params.named("conv5_1.weight"), fresh.named("conv5_1.weight")) {
		t.Error("the body is not the one given")
	}
}

// Normalisation is taken out of the start and folded in again: each channel of the result of no steps is one
// that it started from, but for a factor.
func TestStartIsUndone(t *testing.T) {
	o := fromBuiltin(t, nil, nil)
	o.Source = constant{batch: uint64(o.Batch)} // for means and variances that do not depend on the batch
	tr := begin(t, o)
	result, err := tr.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pictures := newBatch(o.Source, o.Batch, o.Size, ForTest)
	pictures.fill(o.Pool, 0)
	channels := 0
	layer := func(net *nn.Network, p nn.Params) []float32 {
		cut, err := net.Cut("relu4_1")
		if err != nil {
			t.Fatal(err)
		}
		model, err := nn.Bind(cut, p)
		if err != nil {
			t.Fatal(err)
		}
		canvas := autodiff.NewGraph().Input("pictures", pictures.shape())
		y := model.Build(canvas, nn.UnitRange)["relu4_1"]
		program, err := o.Device.Load(autodiff.Compile(o.Device, y), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer program.Close()
		program.Write(canvas, pictures.pixels)
		if err := program.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		channels = y.Shape.C
		v := make([]float32, y.Shape.Len())
		program.Read(y, v)
		return v
	}
	got, want := layer(tr.Network(), result), layer(nn.Builtin(), zoo.BuiltinParams())
	seen := 0
	for c := range channels {
		var gg, gw, ww float64
		for i := c; i < len(got); i += channels {
			g, w := float64(got[i]), float64(want[i])
			gg, gw, ww = gg+g*g, gw+g*w, ww+w*w
		}
		if ww < 1 { // hardly ever more than 0
			continue
		}
		seen++
		if cosine := gw / math.Sqrt(gg*ww); !(cosine > 0.999) {
			t.Errorf("channel %d: the cosine of the two is %g", c, cosine)
		}
	}
	if seen < channels/2 {
		t.Errorf("only %d channels say anything", seen)
	}
}

// With a lower rate for the body, only the classifier moves as it would otherwise.
func TestBodyRate(t *testing.T) {
	moved := func(rate float64) (body, head []float32) {
		o := options(t, 1)
		o.BodyRate = rate
		tr := begin(t, o)
		before := slices.Clone(tr.params.vector)
		if _, err := tr.take(1e-3); err != nil {
			t.Fatal(err)
		}
		for i, v := range tr.params.vector {
			before[i] = v - before[i]
		}
		n := tr.params.bodyLen(tr.net)
		return before[:n], before[n:]
	}
	tenth, head := moved(0.1)
	whole, wholeHead := moved(1)
	none, _ := moved(0)
	if slices.Min(none) != 0 || slices.Max(none) != 0 {
		t.Error("the body moves at a rate of 0")
	}
	if !slices.Equal(head, wholeHead) || slices.Max(head) == 0 {
		t.Error("the classifier does not move as it does without a rate for the body")
	}
	for i, v := range whole {
		if !(math.Abs(float64(tenth[i]-0.1*v)) <= 1e-6) {
			t.Fatalf("parameter %d moves by %g, a tenth of %g", i, tenth[i], v)
		}
	}
}

// A limit of time shortens the schedule: the learning rate falls to 0 as the time runs out.
func TestLimit(t *testing.T) {
	o := options(t, 1)
	o.Limit = time.Nanosecond
	tr := begin(t, o)
	run(t, tr)
	if tr.Step() != 1 || !tr.Done() {
		t.Errorf("%d steps in no time", tr.Step())
	}
	tr = begin(t, options(t, 1))
	tr.options.Limit = time.Hour
	rate := func() float64 { return tr.options.learningRate(tr.place()) }
	highest := tr.options.LearningRate
	for spent, want := range map[time.Duration]float64{
		0: highest / 4, 6 * time.Minute: highest, 33 * time.Minute: highest / 2, time.Hour: 0,
	} {
		if tr.spent = spent; !(math.Abs(rate()-want) <= 1e-9) {
			t.Errorf("after %v the rate is %g, want %g", spent, rate(), want)
		}
	}
	tr.spent, tr.step = time.Minute, tr.options.Iterations/2 // faster than the clock
	if got := tr.place(); got != float64(tr.step) {
		t.Errorf("after half the steps the place is %g", got)
	}
}

// saved returns the checkpoint of a training, and the path of a file for one.
func saved(t *testing.T, tr *Trainer) (data []byte, path string) {
	t.Helper()
	var b bytes.Buffer
	if err := tr.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), filepath.Join(t.TempDir(), "checkpoint.safetensors")
}

// Whatever bit of a checkpoint flips, it does not go unnoticed.
func TestDamagedCheckpoint(t *testing.T) {
	o := options(t, 1)
	o.Iterations = 2
	tr := begin(t, o)
	run(t, tr)
	data, path := saved(t, tr)
	again := begin(t, o)
	fresh := slices.Clone(again.params.vector)
	resume := func(data []byte) error {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return again.Resume(path)
	}
	header := 8 + int(data[0]) + int(data[1])<<8 // its length comes first
	var places []int
	for at := 8; at < header; at += (header - 8) / 12 {
		places = append(places, at)
	}
	for at := header; at < len(data); at += len(data) / 6 {
		places = append(places, at)
	}
	places = append(places, len(data)-1)
	for _, at := range places {
		data[at] ^= 1
		err := resume(data)
		switch {
		case err == nil && at >= header:
			t.Errorf("byte %d of %d is not what was written, and nobody notices", at, len(data))
		case err == nil: // a name that nobody reads
			if !slices.Equal(again.params.vector, tr.params.vector) || again.step != tr.step {
				t.Errorf("with byte %d changed, it is another training", at)
			}
			again = begin(t, o)
		case at >= header && !errors.As(err, new(*DamagedError)):
			t.Errorf("byte %d: %v", at, err)
		}
		data[at] ^= 1
	}
	if !slices.Equal(again.params.vector, fresh) {
		t.Error("a refused checkpoint leaves traces")
	}
	if err := resume(data); err != nil {
		t.Fatal(err)
	}
	if again.Spent() != tr.Spent() || again.Spent() == 0 {
		t.Errorf("resumed after %v, it was %v", again.Spent(), tr.Spent())
	}
}

// A checkpoint of a training that started from elsewhere is another one's.
func TestResumeFromOtherStart(t *testing.T) {
	o := fromBuiltin(t, stripes{}, nil)
	data, path := saved(t, begin(t, o))
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	o.Start, o.StartName = nil, ""
	err := begin(t, o).Resume(path)
	e, ok := errors.AsType[*CheckpointError](err)
	if want := "it started from builtin, not random numbers"; !ok || !strings.Contains(e.Problem, want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// A network from random numbers is young for long; one that started from a trained network only if it knows
// nothing.
func TestYoung(t *testing.T) {
	score := func(right, wrong int) *Score {
		return &Score{Pictures: right + wrong, Confusion: [][]int{{right, wrong}, {0, 0}}}
	}
	scratch := &Trainer{options: options(t, 1)}
	scratch.step = 100
	if scratch.Young(score(9, 1)) == "" {
		t.Error("old after 100 steps")
	}
	if scratch.step = 10_000; scratch.Young(score(9, 1)) != "" {
		t.Error("young after 10000 steps")
	}
	tuned := &Trainer{options: fromBuiltin(t, stripes{}, nil)}
	tuned.step = 100
	if tuned.Young(score(9, 1)) != "" || tuned.Young(score(6, 4)) == "" {
		t.Error("what a network that started from a trained one recognises does not count")
	}
}

// Other pictures are a class in training, which neither the result nor the score has.
func TestOthers(t *testing.T) {
	o := fromBuiltin(t, stripes{}, nil)
	o.Others = Motifs{Seed: 1}
	tr := begin(t, o)
	var shown [3]int
	dst := make([]float32, 32*32*3)
	for i := range uint64(300) {
		shown[tr.source.Picture(dst, 32, ForTraining, i)]++
		if class := tr.source.Picture(dst, 32, ForTest, i); class > 1 {
			t.Fatalf("class %d in a test", class)
		}
	}
	if slices.Min(shown[:]) < 70 {
		t.Errorf("classes are shown %v times", shown)
	}
	run(t, tr)
	score, err := tr.Score(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	result, err := tr.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := tr.Network().Classes; n != 2 || len(score.Confusion) != 2 || tr.net.Classes != 3 {
		t.Errorf("%d classes, %d tested, %d trained", n, len(score.Confusion), tr.net.Classes)
	}
	whole, err := tr.folded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := result.Tensor("fc8.weight")
	if err != nil {
		t.Fatal(err)
	}
	ratio := w[0] / whole.named("fc8.weight")[0] // the layer is scaled
	for i, v := range w {
		if want := ratio * whole.named("fc8.weight")[i/2*3+i%2]; !(math.Abs(float64(v-want)) <= 1e-5*math.Abs(float64(want))) {
			t.Fatalf("weight %d is %g, want %g", i, v, want)
		}
	}
}
