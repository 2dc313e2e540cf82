package optim

import "math"

// AdamOptions are the parameters of Adam; the zero value of each stands for its default, which is
// that of Kingma and Ba (arXiv:1412.6980, section 2) and of torch.optim.Adam.
type AdamOptions struct {
	// LearningRate is the size of a step in units of x. The default is 0.001.
	LearningRate float64
	// Beta1 and Beta2 are the decay rates of the two moments, below 1. The defaults are 0.9 and
	// 0.999; a negative one stands for 0, which forgets at once.
	Beta1, Beta2 float64
	// Epsilon is added to the root of the second moment after its bias correction. The default is
	// 1e-8.
	Epsilon float64
	// Clamp limits x after each step.
	Clamp Range
}

func (o AdamOptions) withDefaults() AdamOptions {
	o.LearningRate = orDefault(o.LearningRate, 0.001)
	o.Beta1 = max(orDefault(o.Beta1, 0.9), 0)
	o.Beta2 = max(orDefault(o.Beta2, 0.999), 0)
	o.Epsilon = orDefault(o.Epsilon, 1e-8)
	mustNotBeNegative("LearningRate", o.LearningRate)
	mustNotBeNegative("1-Beta1", 1-o.Beta1)
	mustNotBeNegative("1-Beta2", 1-o.Beta2)
	mustNotBeNegative("Epsilon", o.Epsilon)
	return o
}

// New implements [Method]. The optimiser is an *Adam.
func (o AdamOptions) New(n int, b Backend) Optimizer { return NewAdam(n, b, o) }

// Bytes implements [Method].
func (o AdamOptions) Bytes(n int) int64 { return 3 * 4 * int64(n) }

// Traffic implements [Method]. Each of x and the moments is read and written.
func (o AdamOptions) Traffic(n, _ int) int64 { return 7 * 4 * int64(n) }

// Adam is the method of Kingma and Ba (arXiv:1412.6980, algorithm 1).
type Adam struct {
	problem
	options        AdamOptions
	steps          int
	grad           []float32
	moment, second []float32
}

// NewAdam returns Adam for vectors of n elements, as o.New does.
func NewAdam(n int, b Backend, o AdamOptions) *Adam {
	return &Adam{
		problem: newProblem(n, b), options: o.withDefaults(),
		grad: b.Vector(n), moment: b.Vector(n), second: b.Vector(n),
	}
}

// SetLearningRate changes the learning rate from the next step on.
func (a *Adam) SetLearningRate(rate float64) {
	mustNotBeNegative("LearningRate", rate)
	a.options.LearningRate = rate
}

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

// step returns the numbers of the current step. The bias corrections follow from the betas as the
// kernel has them, in float32: 1-0.999 differs from its float32 value by 1e-5 of itself, which then
// cancels.
func (a *Adam) step() AdamStep {
	s := AdamStep{
		Beta1: float32(a.options.Beta1), Beta2: float32(a.options.Beta2),
		LearningRate: float32(a.options.LearningRate), Epsilon: float32(a.options.Epsilon),
	}
	s.BiasCorrection1 = biasCorrection(s.Beta1, a.steps)
	s.BiasCorrection2 = biasCorrection(s.Beta2, a.steps)
	return s
}

// biasCorrection returns 1/(1-beta^t).
func biasCorrection(beta float32, t int) float32 {
	return float32(1 / (1 - math.Pow(float64(beta), float64(t))))
}
