package optim

import "math"

// Normalize says what the gradient is divided by before a step of gradient descent. A step then has
// a size that does not depend on the scale of the loss.
type Normalize int

const (
	// NormalizeNone takes the gradient as it is.
	NormalizeNone Normalize = iota
	// NormalizeMeanAbs divides by the mean magnitude, as the DeepDream notebook does
	// (google/deepdream, make_step).
	NormalizeMeanAbs
	// NormalizeStd divides by the standard deviation of the elements, as TensorFlow's DeepDream
	// tutorial does.
	NormalizeStd
	// NormalizeRMS divides by the root of the mean square.
	NormalizeRMS
)

// SGDOptions are the parameters of gradient descent; the zero value of each stands for its
// default.
type SGDOptions struct {
	// LearningRate is the learning rate. The default is 1.
	LearningRate float64
	// Momentum is the part of the last step's velocity that is kept, 0 by default:
	// velocity = Momentum·velocity + gradient; x -= Rate·velocity (as torch.optim.SGD).
	Momentum float64
	// Normalize is applied to the gradient before it enters the velocity.
	Normalize Normalize
	// Epsilon is added to what Normalize divides by. The default is 1e-8.
	Epsilon float64
	// Clamp limits x after each step.
	Clamp Range
}

func (o SGDOptions) withDefaults() SGDOptions {
	o.LearningRate = orDefault(o.LearningRate, 1)
	o.Epsilon = orDefault(o.Epsilon, 1e-8)
	mustNotBeNegative("Rate", o.LearningRate)
	mustNotBeNegative("Momentum", o.Momentum)
	mustNotBeNegative("Epsilon", o.Epsilon)
	if o.Normalize < NormalizeNone || o.Normalize > NormalizeRMS {
		panic("optim: unknown Normalize")
	}
	return o
}

// Bytes returns the memory that gradient descent takes for vectors of n elements.
func (o SGDOptions) Bytes(n int) int64 {
	if o.Momentum == 0 {
		return 4 * int64(n)
	}
	return 2 * 4 * int64(n)
}

// SGD is gradient descent, with momentum and a normalised step if wanted.
type SGD struct {
	vectors
	options  SGDOptions
	grad     []float32
	velocity []float32 // nil without momentum
}

var _ Optimizer = (*SGD)(nil)

// NewSGD returns gradient descent for vectors of n elements.
func NewSGD(n int, m Machine, o SGDOptions) *SGD {
	d := &SGD{options: o.withDefaults()}
	d.init(n, m)
	d.Reset(n)
	return d
}

// Reset implements [Optimizer].
func (d *SGD) Reset(n int) {
	d.resize(n)
	d.fit(&d.grad, n)
	if d.options.Momentum != 0 {
		d.fit(&d.velocity, n)
	}
}

// Bytes implements [Optimizer].
func (d *SGD) Bytes() int64 { return 4 * int64(cap(d.grad)+cap(d.velocity)) }

// Step implements [Optimizer].
func (d *SGD) Step(x []float32, eval Evaluate) (float64, error) {
	d.mustFit(x)
	loss, err := d.evaluate(eval, x, d.grad)
	if err != nil {
		return loss, err
	}
	factor := 1.0
	if d.options.Normalize != NormalizeNone {
		factor = 1 / (d.size(d.grad) + d.options.Epsilon)
	}
	if d.velocity == nil {
		d.axpy(x, d.grad, -d.options.LearningRate*factor)
	} else {
		d.scale(d.velocity, d.velocity, d.options.Momentum)
		d.axpy(d.velocity, d.grad, factor)
		d.axpy(x, d.velocity, -d.options.LearningRate)
	}
	d.clamp(x, d.options.Clamp)
	return loss, nil
}

// size returns what Normalize divides by, without Epsilon.
func (d *SGD) size(g []float32) float64 {
	n := float64(d.n)
	switch d.options.Normalize {
	case NormalizeMeanAbs:
		return d.absSum(g) / n
	case NormalizeStd:
		mean := d.sum(g) / n
		return math.Sqrt(max(d.dot(g, g)/n-mean*mean, 0))
	default:
		return math.Sqrt(d.dot(g, g) / n)
	}
}
