package optim

import "math"

// SGDOptions are the parameters of gradient descent; the zero value of each stands for its default.
type SGDOptions struct {
	// LearningRate is the size of a step in units of the gradient. The default is 1.
	LearningRate float64
	// Momentum is the part of the last step's velocity that is kept, 0 by default:
	// velocity = Momentum·velocity + gradient; x -= LearningRate·velocity (as torch.optim.SGD).
	Momentum float64
	// Normalize divides the gradient by its mean magnitude before it enters the velocity, as the
	// DeepDream notebook does (google/deepdream, make_step). The size of a step then does not depend
	// on the scale of the loss.
	Normalize bool
	// Deviation has Normalize divide by the standard deviation instead, as TensorFlow's second DeepDream
	// tutorial does.
	Deviation bool
	// Epsilon is added to the mean magnitude, or to the deviation. The default is 1e-8.
	Epsilon float64
	// Clamp limits x after each step.
	Clamp Range
}

func (o SGDOptions) withDefaults() SGDOptions {
	o.LearningRate = orDefault(o.LearningRate, 1)
	o.Epsilon = orDefault(o.Epsilon, 1e-8)
	mustNotBeNegative("LearningRate", o.LearningRate)
	mustNotBeNegative("Momentum", o.Momentum)
	mustNotBeNegative("Epsilon", o.Epsilon)
	return o
}

// New implements [Method].
func (o SGDOptions) New(n int, b Backend) Optimizer {
	s := &sgd{problem: newProblem(n, b), options: o.withDefaults(), grad: b.Vector(n)}
	if o.Momentum != 0 {
		s.velocity = b.Vector(n)
	}
	return s
}

// Bytes implements [Method].
func (o SGDOptions) Bytes(n int) int64 {
	if o.Momentum == 0 {
		return 4 * int64(n)
	}
	return 2 * 4 * int64(n)
}

// Traffic implements [Method].
func (o SGDOptions) Traffic(n, _ int) int64 {
	if o.Momentum == 0 {
		return 4 * 4 * int64(n)
	}
	return 10 * 4 * int64(n)
}

// sgd is gradient descent, with momentum and a normalised step if wanted.
type sgd struct {
	problem
	options  SGDOptions
	grad     []float32
	velocity []float32 // nil without momentum
}

// Step implements [Optimizer].
func (s *sgd) Step(x []float32, eval Evaluate) (float64, error) {
	s.mustFit(x)
	loss, err := s.evaluate(eval, x, s.grad)
	if err != nil {
		return loss, err
	}
	factor := 1.0
	if s.options.Normalize {
		factor = 1 / (s.magnitude() + s.options.Epsilon)
	}
	if s.velocity == nil {
		s.on.Axpy(x, s.grad, float32(-s.options.LearningRate*factor))
	} else {
		s.on.Scale(s.velocity, s.velocity, float32(s.options.Momentum))
		s.on.Axpy(s.velocity, s.grad, float32(factor))
		s.on.Axpy(x, s.velocity, float32(-s.options.LearningRate))
	}
	s.clamp(x, s.options.Clamp)
	return loss, nil
}

// magnitude returns what a gradient is divided by.
func (s *sgd) magnitude() float64 {
	n := float64(s.n)
	if s.options.Deviation {
		mean := s.on.Sum(s.grad) / n
		return math.Sqrt(max(s.on.Dot(s.grad, s.grad)/n-mean*mean, 0))
	}
	return s.on.AbsSum(s.grad) / n
}
