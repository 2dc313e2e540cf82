package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/autodiff/optim"
	"oneiro/internal/option"
	"oneiro/nn"
)

// stripes is a source of pictures that lie or stand, which is easy to see. With shuffled labels there is
// nothing to learn.
type stripes struct{ shuffled bool }

func (stripes) Classes() []string { return []string{"lying", "standing"} }

func (s stripes) Picture(dst []float32, size int, set Set, index uint64) int {
	r := rand.New(rand.NewPCG(uint64(set), index))
	class, phase, colour := r.IntN(2), r.IntN(4), r.Float32()
	for i := range dst {
		at := i / 3 / size
		if class == 1 {
			at = i / 3 % size
		}
		if (at+phase)/2%2 == 0 {
			dst[i] = colour
		} else {
			dst[i] = 1 - colour
		}
	}
	if s.shuffled {
		return r.IntN(2)
	}
	return class
}

func options(t *testing.T, threads int) Options {
	t.Helper()
	d := cpu.New(cpu.Options{Threads: threads})
	t.Cleanup(d.Close)
	s := DefaultSettings()
	s.Iterations, s.Batch, s.Size, s.WarmUp = 40, 16, 32, 4
	return Options{
		Source: stripes{}, Device: d, Backend: optim.NewHost(nil, d.Pool()), Pool: d.Pool(), Settings: s,
	}
}

func begin(t *testing.T, o Options) *Trainer {
	t.Helper()
	tr, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	tr.ctx = t.Context() // for tests that evaluate without a run
	return tr
}

func run(t *testing.T, tr *Trainer) {
	t.Helper()
	if err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A network learns what there is to learn, and nothing where there is nothing.
func TestLearns(t *testing.T) {
	accuracy := func(s Source) float64 {
		o := options(t, 0)
		o.Source = s
		tr := begin(t, o)
		run(t, tr)
		score, err := tr.Score(t.Context(), 130)
		if err != nil {
			t.Fatal(err)
		}
		if score.Pictures != 130 {
			t.Errorf("tested on %d pictures", score.Pictures)
		}
		return score.Accuracy()
	}
	if a := accuracy(stripes{}); !(a >= 0.95) {
		t.Errorf("%.0f %% recognised", 100*a)
	}
	if a := accuracy(stripes{shuffled: true}); !(a <= 0.65) {
		t.Errorf("%.0f %% recognised where labels mean nothing", 100*a)
	}
}

// Score and Result report every picture that they go through, and measure the layers for both only once.
func TestProgress(t *testing.T) {
	o := options(t, 1)
	var all []Progress
	o.OnProgress = func(p Progress) { all = append(all, p) }
	tr := begin(t, o)
	if _, err := tr.Score(t.Context(), 130); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Result(t.Context()); err != nil {
		t.Fatal(err)
	}
	scale := foldBatches * o.Batch
	var want []Progress
	measure := func() {
		for done := 0; done <= scale; done += o.Batch {
			want = append(want, Progress{Measuring, done, scale})
		}
	}
	measure() // the moments for Score, which Result uses again
	for _, done := range []int{0, 64, 128, 130} {
		want = append(want, Progress{Testing, done, 130})
	}
	measure() // the means after the ReLUs
	if !slices.Equal(all, want) {
		t.Errorf("reported\n%v, want\n%v", all, want)
	}
}

// stopping is a source that ends a training while a picture is drawn.
type stopping struct {
	stripes
	at   uint64
	stop func()
}

func (s stopping) Picture(dst []float32, size int, set Set, index uint64) int {
	if index == s.at {
		s.stop()
	}
	return s.stripes.Picture(dst, size, set, index)
}

// A training that is stopped and goes on gives the bits of one that is not, on any number of threads.
func TestResume(t *testing.T) {
	o := options(t, 1)
	o.Iterations = 6
	whole := begin(t, o)
	run(t, whole)

	o = options(t, 2)
	o.Iterations = 6
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped := o
	stopped.Source = stopping{at: 2 * uint64(o.Batch), stop: cancel} // in the middle of the third step
	first := begin(t, stopped)
	if err := first.Run(ctx); !errors.Is(err, context.Canceled) || first.Step() != 3 {
		t.Fatalf("stopped at step %d with %v", first.Step(), err)
	}
	var b bytes.Buffer
	if err := first.Save(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	second := begin(t, o)
	if err := second.Resume(path); err != nil {
		t.Fatal(err)
	}
	run(t, second)
	if second.Step() != 6 || !slices.Equal(second.params.vector, whole.params.vector) {
		t.Error("going on gives other parameters than not stopping")
	}

	for want, change := range map[string]func(*Options){
		"--lr 0.002, not 0.004": func(o *Options) { o.LearningRate *= 2 },
		"--warm-up 4, not 3":    func(o *Options) { o.WarmUp = 3 },
		"other classes":         func(o *Options) { o.Source = Motifs{} },
		"teacher was none, not builtin": func(o *Options) {
			o.Teacher, o.TeacherParams = nn.Builtin(), blank(t, nn.Builtin())
		},
	} {
		o := o
		change(&o)
		err := begin(t, o).Resume(path)
		if e, ok := errors.AsType[*CheckpointError](err); !ok || !strings.Contains(e.Problem, want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// constant is a source that shows the same pictures in every batch.
type constant struct {
	stripes
	batch uint64
}

func (c constant) Picture(dst []float32, size int, set Set, index uint64) int {
	return c.stripes.Picture(dst, size, ForTraining, index%c.batch)
}

// The result is the network that was trained: its logits are those of the normalised network on the same
// pictures, and behind every ReLU the mean is 1.
func TestResult(t *testing.T) {
	o := options(t, 0)
	o.Source, o.Iterations = constant{batch: uint64(o.Batch)}, 5
	tr := begin(t, o)
	run(t, tr)
	tr.batch.fill(o.Pool, 0)
	if _, err := tr.evaluate(nil, make([]float32, len(tr.params.vector))); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(tr.scores)

	result, err := tr.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.Bind(tr.Network(), result)
	if err != nil {
		t.Fatal(err)
	}
	canvas := autodiff.NewGraph().Input("pictures", tr.batch.shape())
	f := model.Build(canvas, nn.UnitRange)
	outputs := []*autodiff.Node{f[tr.net.Classifier()]}
	for _, l := range tr.net.Layers {
		if l.Kind == nn.ReLU {
			outputs = append(outputs, autodiff.Mean(f[l.Name]))
		}
	}
	program, err := o.Device.Load(autodiff.Compile(o.Device, outputs...), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	program.Write(canvas, tr.batch.pixels)
	if err := program.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(want))
	program.Read(outputs[0], got)
	var scale float64
	for _, v := range want {
		scale = max(scale, math.Abs(float64(v)))
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= 2e-3*scale) {
			t.Errorf("logit %d is %g, was %g", i, got[i], want[i])
		}
	}
	for i, n := range outputs[1:] {
		var v [1]float32
		program.Read(n, v[:])
		if !(math.Abs(float64(v[0]-1)) <= 1e-3) {
			t.Errorf("ReLU %d has mean %g", i, v[0])
		}
	}
}

// blank returns parameters that were not trained.
func blank(t *testing.T, net *nn.Network) *params {
	t.Helper()
	p, err := newParams(net)
	if err != nil {
		t.Fatal(err)
	}
	p.init(7)
	return p
}

// A student whose first layer is the teacher's, but for its scale, is at no distance from it there.
func TestTeacher(t *testing.T) {
	o := options(t, 0)
	master := blank(t, nn.Builtin())
	o.Teacher, o.TeacherParams = nn.Builtin(), master
	tr := begin(t, o)
	pictures := newBatch(o.Source, o.Batch, o.Size, ForScale)
	pictures.fill(o.Pool, 0)
	teacher, err := newTeacher(t.Context(), o.Device, o.Teacher, master, pictures)
	if err != nil {
		t.Fatal(err)
	}
	distances := func() []float64 {
		tr.batch.fill(o.Pool, 0)
		if _, err := tr.evaluate(nil, make([]float32, len(tr.params.vector))); err != nil {
			t.Fatal(err)
		}
		return tr.readAll(tr.taught)
	}
	if d := distances(); len(d) != len(taps) || !(d[0] > 0.1) {
		t.Errorf("before: %v", d)
	}
	for i, v := range master.named("conv1_1.weight") {
		tr.params.named("conv1_1.weight")[i] = v * float32(teacher.scale[0])
	}
	if d := distances(); !(d[0] < 1e-9) {
		t.Errorf("after: %v", d)
	}
}

// Without its mirrors the teacher answers the same where no border is in sight.
func TestZeroPadded(t *testing.T) {
	net := nn.VGG19_16x()
	plain := zeroPadded(net)
	for _, l := range plain.Layers {
		if l.Kind == nn.ReflectPad {
			t.Errorf("%s is still there", l.Name)
		}
	}
	specs, err := plain.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	params := &params{}
	if params, err = newParams(net); err != nil {
		t.Fatal(err)
	}
	params.init(3)
	if len(specs) != len(params.specs) {
		t.Fatalf("%d parameters, not %d", len(specs), len(params.specs))
	}
	const size, edge = 32, 4
	d := cpu.New(cpu.Options{})
	defer d.Close()
	answers := func(net *nn.Network) (v []float32, channels int) {
		cut, err := net.Cut("relu1_2")
		if err != nil {
			t.Fatal(err)
		}
		model, err := nn.Bind(cut, params)
		if err != nil {
			t.Fatal(err)
		}
		canvas := autodiff.NewGraph().Input("picture", autodiff.Shape{N: 1, H: size, W: size, C: 3})
		y := model.Build(canvas, nn.UnitRange)["relu1_2"]
		program, err := d.Load(autodiff.Compile(d, y), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer program.Close()
		picture := make([]float32, size*size*3)
		stripes{}.Picture(picture, size, ForTest, 1)
		program.Write(canvas, picture)
		if err := program.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		v = make([]float32, y.Shape.Len())
		program.Read(y, v)
		return v, y.Shape.C
	}
	a, c := answers(net)
	b, _ := answers(plain)
	for y := edge; y < size-edge; y++ {
		for x := edge * c; x < (size-edge)*c; x++ {
			if i := y*size*c + x; !(math.Abs(float64(a[i]-b[i])) <= 1e-4*(1+math.Abs(float64(a[i])))) {
				t.Fatalf("%g and %g at %d, %d", a[i], b[i], y, x/c)
			}
		}
	}
}

// Whatever option makes no sense is named, with what would.
func TestCheck(t *testing.T) {
	for want, spoil := range map[string]func(*Options){
		"iterations must be 1 to 10000000, not 0":            func(o *Options) { o.Iterations = 0 },
		"batch must be 2 to 4096, not 1":                     func(o *Options) { o.Batch = 1 },
		"size must be 16 to 512, not 8":                      func(o *Options) { o.Size = 8 },
		"warm-up must be 0 to 10000000, not -1":              func(o *Options) { o.WarmUp = -1 },
		"lr must be more than 0 and at most 1, not 0":        func(o *Options) { o.LearningRate = 0 },
		"lr must be more than 0 and at most 1, not NaN":      func(o *Options) { o.LearningRate = math.NaN() },
		"decay must be 0 to 10, not -1":                      func(o *Options) { o.Decay = -1 },
		"smoothing must be 0 to 0.99, not 1":                 func(o *Options) { o.Smoothing = 1 },
		"label-weight must be more than 0 without a teacher": func(o *Options) { o.LabelWeight = 0 },
		"teacher-weight must be 0 to 1e+12, not +Inf":        func(o *Options) { o.TeacherWeight = math.Inf(1) },
	} {
		o := options(t, 1)
		spoil(&o)
		_, err := New(t.Context(), o)
		e, ok := errors.AsType[*option.Error](err)
		if !ok || !strings.HasPrefix(e.Error(), want) || e.Hint() == "" {
			t.Errorf("%v, want %q", err, want)
		}
	}
	o := options(t, 1)
	o.Source = nil
	if _, err := New(t.Context(), o); err == nil {
		t.Error("no source: no error")
	}
}

// early returns a network without its first pool.
func early(net *nn.Network) *nn.Network {
	out := *net
	out.Layers = nil
	for _, l := range net.Layers {
		if l.Name == "pool1" {
			continue
		}
		if l.Inputs[0] == "pool1" {
			l.Inputs = []string{"relu1_2"}
		}
		out.Layers = append(out.Layers, l)
	}
	return &out
}

// Networks that the student cannot learn from are refused, whatever their parameters.
func TestOtherTeachers(t *testing.T) {
	for want, net := range map[string]*nn.Network{
		"conv1_1 has 64 channels, the student's has 24": nn.VGG19(),
		`has no layer "conv1_1"`:                        nn.GoogLeNet(),
		"has 32x32 pixels, the student's has":           early(nn.Builtin()),
	} {
		o := options(t, 1)
		o.Teacher = net
		_, err := New(t.Context(), o)
		e, ok := errors.AsType[*TeacherError](err)
		if !ok || !strings.Contains(e.Problem, want) || e.Hint() == "" {
			t.Errorf("%s: %v, want %q", net.Name, err, want)
		}
	}
}
