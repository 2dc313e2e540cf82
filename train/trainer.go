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
	source  Source // of options, with others if there are any
	net     *nn.Network
	params  *params
	adam    *optim.Adam
	step    int
	spent   time.Duration // on the steps taken
	batch   *batch
	before  []float32 // the parameters of the body before a step; none if they move as the classifier does

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

// New returns a training at step 0. The errors are an *option.Error, a *TeacherError, those of the parameters
// of the teacher and the start, and those of the device.
func New(ctx context.Context, o Options) (*Trainer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t := &Trainer{options: o, source: o.Source}
	if o.Others != nil {
		t.source = withOthers{o.Source, o.Others}
	}
	t.net = nn.Builtin().WithClasses(len(t.source.Classes()))
	var err error
	if t.params, err = newParams(t.net); err != nil {
		return nil, err
	}
	t.params.init(o.Seed)
	if o.Start != nil {
		if err := t.start(ctx); err != nil {
			return nil, err
		}
	}
	if o.BodyRate != 1 {
		t.before = make([]float32, t.params.bodyLen(t.net))
	}
	t.adam = optim.NewAdam(len(t.params.vector), o.Backend, optim.AdamOptions{LearningRate: o.LearningRate})
	t.batch = newBatch(t.source, o.Batch, o.Size, ForTraining)

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
		scale := newBatch(t.source, o.Batch, o.Size, ForScale)
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

// Network returns the network that Result returns the parameters of.
func (t *Trainer) Network() *nn.Network { return t.net.WithClasses(len(t.Classes())) }

// Classes returns the names of the classes.
func (t *Trainer) Classes() []string { return t.options.Source.Classes() }

// Step returns the number of steps taken.
func (t *Trainer) Step() int { return t.step }

// Spent returns the time that the steps have taken, those before the training was resumed included.
func (t *Trainer) Spent() time.Duration { return t.spent }

// Done reports whether the training has come to its end: by its steps or by its time.
func (t *Trainer) Done() bool { return t.place() >= float64(t.options.Iterations) }

// place returns how far the training is on its schedule, counted in steps: those taken, or more if the time is
// short.
func (t *Trainer) place() float64 {
	steps := float64(t.step)
	if limit := t.options.Limit; limit > 0 {
		steps = max(steps, float64(t.options.Iterations)*float64(t.spent)/float64(limit))
	}
	return steps
}

// left returns the time until the end of the training, about, where a step takes so long.
func (t *Trainer) left(each time.Duration) time.Duration {
	left := time.Duration(t.options.Iterations-t.step) * each
	if limit := t.options.Limit; limit > 0 {
		left = min(left, max(limit-t.spent, 0))
	}
	return left
}

// Run trains until all steps are taken or the time is over. If ctx is cancelled, it completes the step in
// progress and returns ctx's error; the training can go on from there. Other errors are an
// *optim.NonFiniteError, that of OnStep and those of the device.
func (t *Trainer) Run(ctx context.Context) error {
	t.ctx = context.WithoutCancel(ctx) // a step, weight decay included, is taken whole or not at all
	since, stepped := time.Now(), time.Now()
	for !t.Done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.batch.fill(t.options.Pool, t.step)
		rate := t.options.learningRate(t.place())
		loss, err := t.take(rate)
		if err != nil {
			return err
		}
		t.step++
		t.spent += time.Since(stepped)
		stepped = time.Now()
		t.recent.add(loss, t.read(t.entropy), accuracy(t.scores, t.batch.labels), t.readAll(t.taught))
		if t.options.OnEvent != nil && t.eventDue() {
			e := t.recent.event()
			e.Step, e.Steps, e.LearningRate = t.step, t.options.Iterations, rate
			e.Elapsed = time.Since(since)
			e.Left = t.left(e.Elapsed / time.Duration(t.recent.steps))
			pictures := float64(t.recent.steps * t.options.Batch)
			e.PicturesPerSecond = pictures / e.Elapsed.Seconds()
			e.FLOPS = t.plan.FLOPs() * float64(t.recent.steps) / e.Elapsed.Seconds()
			t.options.OnEvent(e)
			t.recent, since = recent{}, time.Now()
		}
		if t.options.OnStep != nil {
			if err := t.options.OnStep(); err != nil {
				return err
			}
		}
	}
	return nil
}

// take takes a step with a learning rate and returns the loss before it. Layers before the classifier move by
// the fraction BodyRate of that step: Adam's and the decay of the weights are both proportional to the rate.
func (t *Trainer) take(rate float64) (float64, error) {
	copy(t.before, t.params.vector)
	t.adam.SetLearningRate(rate)
	t.params.decay(rate * t.options.Decay)
	loss, err := t.adam.Step(t.params.vector, t.evaluate)
	for i, v := range t.before {
		p := &t.params.vector[i]
		*p = v + float32(t.options.BodyRate)*(*p-v)
	}
	return loss, err
}

// eventDue reports whether the last step ends with an event.
func (t *Trainer) eventDue() bool {
	every := t.options.EventEvery
	return every > 0 && (t.step%every == 0 || t.Done())
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
