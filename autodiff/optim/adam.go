package optim

import (
	"fmt"
	"math"
)

// AdamOptions are the parameters of Adam; the zero value of each stands for its default, which is
// that of Kingma and Ba (arXiv:1412.6980, section 2) and of torch.optim.Adam.
type AdamOptions struct {
	// LearningRate is the learning rate, the size of a step in units of x. The default is 0.001.
	LearningRate float64
	// Beta1 and Beta2 are the decay rates of the two moments, below 1. The defaults are 0.9 and
	// 0.999; a negative one stands for 0, which forgets at once.
	Beta1, Beta2 float64
	// Epsilon is added to the root of the second moment after its correction. The default is 1e-8.
	Epsilon float64
	// NoBiasCorrection leaves out the correction of the moments for having started at zero.
	NoBiasCorrection bool
	// Clamp limits x after each step.
	Clamp Range
}

func (o AdamOptions) withDefaults() AdamOptions {
	o.LearningRate = orDefault(o.LearningRate, 0.001)
	o.Beta1 = max(orDefault(o.Beta1, 0.9), 0)
	o.Beta2 = max(orDefault(o.Beta2, 0.999), 0)
	o.Epsilon = orDefault(o.Epsilon, 1e-8)
	mustNotBeNegative("Rate", o.LearningRate)
	mustNotBeNegative("1-Beta1", 1-o.Beta1)
	mustNotBeNegative("1-Beta2", 1-o.Beta2)
	mustNotBeNegative("Epsilon", o.Epsilon)
	return o
}

// Bytes returns the memory that Adam takes for vectors of n elements.
func (o AdamOptions) Bytes(n int) int64 { return 3 * 4 * int64(n) }

// Adam is the method of Kingma and Ba (arXiv:1412.6980, algorithm 1).
type Adam struct {
	vectors
	options        AdamOptions
	steps          int
	grad           []float32
	moment, second []float32
}

var _ Optimizer = (*Adam)(nil)

// NewAdam returns Adam for vectors of n elements.
func NewAdam(n int, m Machine, o AdamOptions) *Adam {
	a := &Adam{options: o.withDefaults()}
	a.init(n, m)
	a.Reset(n)
	return a
}

// Reset implements [Optimizer].
func (a *Adam) Reset(n int) {
	a.resize(n)
	a.steps = 0
	a.fit(&a.grad, n)
	a.fit(&a.moment, n)
	a.fit(&a.second, n)
}

// SetLearningRate changes the learning rate from the next step on.
func (a *Adam) SetLearningRate(rate float64) {
	mustNotBeNegative("Rate", rate)
	a.options.LearningRate = rate
}

// AdamState is what Adam has learnt: with it, another Adam of the same options goes on as this one
// would have.
type AdamState struct {
	Steps          int
	Moment, Second []float32
}

// State returns what a has learnt. The slices are a's own, and change with the next step. With a
// Machine.Arithmetic, ask for its Err before they are read.
func (a *Adam) State() AdamState { return AdamState{a.steps, a.moment, a.second} }

// Restore has a go on from s, of which it makes a copy. It panics if the vectors of s are not as long
// as those of a.
func (a *Adam) Restore(s AdamState) {
	if len(s.Moment) != len(a.moment) || len(s.Second) != len(a.second) {
		panic(fmt.Sprintf("optim: a state of %d and %d numbers, want %d", len(s.Moment), len(s.Second), len(a.moment)))
	}
	a.steps = s.Steps
	a.copy(a.moment, s.Moment)
	a.copy(a.second, s.Second)
}

// Bytes implements [Optimizer].
func (a *Adam) Bytes() int64 { return 3 * 4 * int64(cap(a.grad)) }

// Step implements [Optimizer].
func (a *Adam) Step(x []float32, eval Evaluate) (float64, error) {
	a.mustFit(x)
	loss, err := a.evaluate(eval, x, a.grad)
	if err != nil {
		return loss, err
	}
	a.steps++
	a.on.Adam(x, a.moment, a.second, a.grad, a.step())
	a.clamp(x, a.options.Clamp)
	return loss, nil
}

// step returns the numbers of the current step. The corrections follow from the betas as the kernel
// has them, in float32: 1-0.999 differs from its float32 value by 1e-5 of itself, which then
// cancels.
func (a *Adam) step() AdamStep {
	s := AdamStep{
		Beta1: float32(a.options.Beta1), Beta2: float32(a.options.Beta2),
		Rate: float32(a.options.LearningRate), Epsilon: float32(a.options.Epsilon),
		Correct1: 1, Correct2: 1,
	}
	if !a.options.NoBiasCorrection {
		s.Correct1 = correction(s.Beta1, a.steps)
		s.Correct2 = correction(s.Beta2, a.steps)
	}
	return s
}

// correction returns 1/(1-beta^t).
func correction(beta float32, t int) float32 {
	return float32(1 / (1 - math.Pow(float64(beta), float64(t))))
}
