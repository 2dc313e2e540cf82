package render

import (
	"context"
	"math"
	"slices"
	"time"

	"oneiro/autodiff"
	"oneiro/loss"
	"oneiro/nn"
)

// Limits of the measurement of Times: sides of the canvases that it tries, how long an evaluation of a larger
// one may be expected to take, how long it goes on, and the numbers in a vector of those that memory is
// measured with.
var timedSides = []int{64, 128, 256}

const (
	timedStep   = 700 * time.Millisecond
	timedFor    = 500 * time.Millisecond
	timedVector = 1 << 22
)

// Times returns about how long each stage takes on the processor, if all of its steps are taken and a step
// evaluates the loss once; nil where that is not known: on a GPU, and of an objective without a network.
//
// It measures, for a second or two: evaluations on a small canvas, by a network whose parameters are made up,
// and an operation on vectors that do not fit into caches. Their speeds carry the work of the plan, tiles
// with their halos included. Reading and writing files, and a disk that vectors have to come from, are not
// counted. The error is that of the context or of the device.
func (j *Job) Times(ctx context.Context, e *Engine) ([]time.Duration, error) {
	if e.GPUMemory > 0 || len(j.model.Layers) == 0 {
		return nil, nil
	}
	plans := j.Plans(e)
	perFLOP, perMapped, err := j.speed(ctx, e)
	if err != nil {
		return nil, err
	}
	perByte := e.vectorSpeed()
	times := make([]time.Duration, len(plans))
	for i := range plans {
		p := &plans[i]
		n := p.W * p.H * 3
		steps := float64(j.Iterations(i))
		evaluations := steps
		if result := j.spec.Schedule.Result(j.stage(i)); result || j.spec.KeepBest {
			if evaluations++; result { // and one for each term of the report
				evaluations += float64(p.terms)
			}
		}
		flops := evaluations * p.FLOPs()
		for _, t := range p.targets {
			flops += t.flops
		}
		moved := j.spec.Optimizer(j.stage(i)).Traffic(n, j.Iterations(i)) + progressTraffic*4*int64(n)
		seconds := flops*perFLOP + evaluations*float64(n)*perMapped + steps*float64(moved)*perByte
		times[i] = time.Duration(seconds * float64(time.Second))
	}
	return times, nil
}

// progressTraffic is how many vectors progress reads and writes in a step.
const progressTraffic = 2

// speed returns how many seconds an evaluation takes: for each floating-point operation of its graph, and for
// each number of the canvas outside of that.
func (j *Job) speed(ctx context.Context, e *Engine) (perFLOP, perMapped float64, err error) {
	model, err := nn.Abstract(j.model.Network)
	if err == nil {
		err = model.Read(madeUp{})
	}
	if err != nil {
		return 0, 0, err
	}
	spec := j.spec
	spec.Objective = activity{j.spec.Objective.Layers(j.net)}
	size := func(side int) Size {
		full := j.sizes[len(j.sizes)-1]
		if full.W*full.H <= side*side {
			return full
		}
		return Size{side, side}
	}
	fit := fits(model.Network)
	for i, side := range timedSides {
		s := j.stage(len(j.sizes) - 1)
		s.Size, s.Model = size(side), model
		last := i == len(timedSides)-1 || size(timedSides[i+1]) == s.Size
		if !last && !fit(s.Size) {
			continue
		}
		if !fit(s.Size) {
			s.Size = j.sizes[0]
		}
		var took time.Duration
		if perFLOP, perMapped, took, err = speedAt(ctx, e, s, &spec, last); err != nil {
			return 0, 0, err
		}
		if last || 4*took > timedStep { // which is near enough
			break
		}
	}
	return perFLOP, perMapped, nil
}

// speedAt is speed on a canvas of a stage. took is the time of the evaluation. It is measured once only
// unless it is to be exact.
func speedAt(
	ctx context.Context, e *Engine, s Stage, spec *Spec, exact bool,
) (perFLOP, perMapped float64, took time.Duration, err error) {
	p := newProblem(s, spec)
	w := newWhole(p.pixels, p.built, nil)
	w.plan = autodiff.Compile(e.Device, w.outputs...)
	p.evaluator = w
	canvas := spec.Canvas
	if k, ok := canvas.(keeping); ok { // which would read a picture, and takes next to no time
		canvas = k.Canvas
	}
	if _, ok := canvas.(weights); ok { // whose operations the plan counts
		canvas = pixels{}
	}
	maps := slices.Concat(canvas.Maps(s), p.view.Maps())
	if err := p.load(ctx, e.Device, maps); err != nil {
		return 0, 0, 0, err
	}
	defer p.close()
	n := 3 * s.Size.W * s.Size.H
	x, grad := make([]float32, n), make([]float32, n)
	noise := madeUpNumbers(len(x), 0.5)
	for i := range x {
		x[i] = s.Range.Pixel(i%3, 0.5+noise[i])
	}
	p.rest()
	p.ctx = ctx
	measure := func(f func() error) (time.Duration, error) {
		least := time.Duration(math.MaxInt64)
		for begin, first := time.Now(), true; first || exact && time.Since(begin) < timedFor; first = false {
			start := time.Now()
			if err := f(); err != nil {
				return 0, err
			}
			least = min(least, time.Since(start))
		}
		return least, nil
	}
	evaluate := func() error { _, err := p.evaluate(x, grad); return err }
	if err := evaluate(); err != nil { // which also brings memory in
		return 0, 0, 0, err
	}
	if took, err = measure(evaluate); err != nil {
		return 0, 0, 0, err
	}
	if len(maps) > 0 {
		still := newChain(maps, func(_, dx []float32) (float64, error) { copy(dx, grad); return 0, nil })
		canvas := make([]float32, canvas.Len(s))
		copy(canvas, x)
		mapped, err := measure(func() error { _, err := still.step(canvas, make([]float32, len(canvas))); return err })
		if err != nil {
			return 0, 0, 0, err
		}
		perMapped = mapped.Seconds() / float64(n)
	}
	return took.Seconds() / w.plan.FLOPs(), perMapped, took, nil
}

// vectorSpeed returns how many seconds it takes to read or write a byte of long vectors.
func (e *Engine) vectorSpeed() float64 {
	a, b := make([]float32, timedVector), make([]float32, timedVector)
	least := time.Duration(math.MaxInt64)
	for range 4 { // the first brings memory in
		start := time.Now()
		e.host.Axpy(a, b, 1)
		least = min(least, time.Since(start))
	}
	return least.Seconds() / (3 * 4 * timedVector)
}

// activity is an objective that reads layers as most do.
type activity struct{ layers []string }

func (a activity) Layers(*nn.Network) []string   { return a.layers }
func (a activity) Like(_ *nn.Network, i int) int { return i }

func (a activity) Terms(Stage) Terms {
	var t Terms
	for _, l := range a.layers {
		t.add(loss.L2(l, 1))
	}
	return t
}

// madeUp are parameters with which activations keep their size from layer to layer.
type madeUp struct{}

func (madeUp) Tensor(_ string, shape ...int) ([]float32, error) {
	n := 1
	for _, side := range shape {
		n *= side
	}
	if len(shape) == 1 {
		return make([]float32, n), nil
	}
	return madeUpNumbers(n, math.Sqrt(6*float64(shape[len(shape)-1])/float64(n))), nil
}

// madeUpNumbers returns n numbers of at most that size, of either sign (xorshift, Marsaglia 2003).
func madeUpNumbers(n int, size float64) []float32 {
	v := make([]float32, n)
	bits := uint32(2463534242)
	for i := range v {
		bits ^= bits << 13
		bits ^= bits >> 17
		bits ^= bits << 5
		v[i] = float32(size) * float32(int32(bits)) / (1 << 31)
	}
	return v
}
