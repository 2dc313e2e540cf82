package train

import (
	"context"
	"slices"
	"time"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/nn"
)

// Trainer is a training in progress. It must be closed.
type Trainer struct {
	options Options
	net     *nn.Network
	params  *params
	adam    *optim.Adam
	step    int
	batch   *batch

	program autodiff.Program
	plan    *autodiff.Plan
	canvas  *autodiff.Node
	labels  *autodiff.Node
	total   *autodiff.Node
	entropy *autodiff.Node
	logits  *autodiff.Node
	taught  []*autodiff.Node // the distance from the teacher at each of taps

	ctx    context.Context // of the step in progress
	scores []float32       // logits of the step
	recent recent

	lastFolded *params // what folded returned after step foldedAt
	foldedAt   int
}

// New returns a training at step 0. The errors are an *option.Error, a *TeacherError, those of the teacher's
// parameters and those of the device.
func New(ctx context.Context, o Options) (*Trainer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t := &Trainer{options: o, net: nn.Builtin().WithClasses(len(o.Source.Classes()))}
	var err error
	if t.params, err = newParams(t.net); err != nil {
		return nil, err
	}
	t.params.init(o.Seed)
	t.adam = optim.NewAdam(len(t.params.vector), o.Backend, optim.AdamOptions{LearningRate: o.LearningRate})
	t.batch = newBatch(o.Source, o.Batch, o.Size, ForTraining)

	g := autodiff.NewGraph()
	t.canvas = g.Input("pictures", t.batch.shape())
	t.labels = g.Input("labels", autodiff.Shape{N: o.Batch, H: 1, W: 1, C: 1})
	features, _ := t.params.build(t.net, t.canvas, t.normalised())
	t.logits = features[t.net.Classifier()]
	t.entropy = autodiff.CrossEntropy(t.logits, t.labels, o.Smoothing)
	t.total = autodiff.Scale(t.entropy, o.LabelWeight)
	if o.Teacher != nil {
		if err := checkTeacher(t.net, o.Teacher, o.Size); err != nil {
			return nil, err
		}
		scale := newBatch(o.Source, o.Batch, o.Size, ForScale)
		scale.fill(o.Pool, 0)
		teacher, err := newTeacher(ctx, o.Device, o.Teacher, o.TeacherParams, scale)
		if err != nil {
			return nil, err
		}
		t.taught = teacher.errors(t.canvas, features)
		for _, e := range t.taught {
			t.total = autodiff.Add(t.total, autodiff.Scale(e, o.TeacherWeight))
		}
	}
	t.params.grads = autodiff.Gradient(t.total, t.params.nodes...)
	outputs := append([]*autodiff.Node{t.total, t.entropy, t.logits}, t.taught...)
	t.plan = autodiff.Compile(o.Device, append(outputs, t.params.grads...)...)
	if t.program, err = o.Device.Load(t.plan, 0); err != nil {
		return nil, err
	}
	t.scores = make([]float32, t.logits.Shape.Len())
	return t, nil
}

// Close releases the memory.
func (t *Trainer) Close() error { return t.program.Close() }

// normalised returns the layers with batch normalisation, without which so deep a network learns nothing for
// thousands of steps: the convolutions without a teacher. Result folds it into the filters.
func (t *Trainer) normalised() map[string]bool {
	names := map[string]bool{}
	for _, l := range t.net.Layers {
		names[l.Name] = l.Kind == nn.Conv && (t.options.Teacher == nil || !slices.Contains(taps, l.Name))
	}
	return names
}

// Network returns the network that is trained.
func (t *Trainer) Network() *nn.Network { return t.net }

// Classes returns the names of the classes.
func (t *Trainer) Classes() []string { return t.options.Source.Classes() }

// Step returns the number of steps taken.
func (t *Trainer) Step() int { return t.step }

// Run trains until all steps are taken. If ctx is cancelled, it completes the step in progress and returns
// ctx's error; the training can go on from there. Other errors are an *optim.NonFiniteError and those of the
// device.
func (t *Trainer) Run(ctx context.Context) error {
	t.ctx = context.WithoutCancel(ctx) // a step, weight decay included, is taken whole or not at all
	started := time.Now()
	since := started
	for t.step < t.options.Iterations {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.batch.fill(t.options.Pool, t.step)
		rate := t.options.learningRate(t.step)
		t.adam.SetLearningRate(rate)
		t.params.decay(rate * t.options.Decay)
		loss, err := t.adam.Step(t.params.vector, t.evaluate)
		if err != nil {
			return err
		}
		t.step++
		t.recent.add(loss, t.read(t.entropy), accuracy(t.scores, t.batch.labels), t.readAll(t.taught))
		if t.options.eventDue(t.step) {
			e := t.recent.event()
			e.Step, e.Steps, e.LearningRate = t.step, t.options.Iterations, rate
			e.Elapsed = time.Since(since)
			pictures := float64(t.recent.steps * t.options.Batch)
			e.PicturesPerSecond = pictures / e.Elapsed.Seconds()
			e.FLOPS = t.plan.FLOPs() * float64(t.recent.steps) / e.Elapsed.Seconds()
			t.options.OnEvent(e)
			t.recent, since = recent{}, time.Now()
		}
	}
	return nil
}

// eventDue reports whether a step ends with an event.
func (o *Options) eventDue(step int) bool {
	return o.OnEvent != nil && o.EventEvery > 0 && (step%o.EventEvery == 0 || step == o.Iterations)
}

// evaluate returns the loss of the batch and its gradient with respect to the parameters (optim.Evaluate).
func (t *Trainer) evaluate(_, grad []float32) (float64, error) {
	t.program.Write(t.canvas, t.batch.pixels)
	t.program.Write(t.labels, t.batch.labels)
	t.params.write(t.program)
	if err := t.program.Run(t.ctx); err != nil {
		return 0, err
	}
	t.params.readGrads(t.program, grad)
	t.program.Read(t.logits, t.scores)
	return t.read(t.total), nil
}

func (t *Trainer) read(n *autodiff.Node) float64 {
	var v [1]float32
	t.program.Read(n, v[:])
	return float64(v[0])
}

func (t *Trainer) readAll(nodes []*autodiff.Node) []float64 {
	var all []float64
	for _, n := range nodes {
		all = append(all, t.read(n))
	}
	return all
}

// accuracy returns the fraction of rows of logits whose largest number is that of the label.
func accuracy(logits, labels []float32) float64 {
	right := 0
	for i, label := range labels {
		if argMax(logits, i, len(labels)) == int(label) {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// argMax returns the column of the largest number in row i of n.
func argMax(logits []float32, i, n int) int {
	columns := len(logits) / n
	row := logits[i*columns : (i+1)*columns]
	top := 0
	for k, v := range row {
		if v > row[top] {
			top = k
		}
	}
	return top
}
