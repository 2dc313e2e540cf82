package optim

import (
	"fmt"
	"math"
)

// LBFGSOptions are the parameters of L-BFGS; the zero value of each stands for its default.
type LBFGSOptions struct {
	// History is the number of pairs of steps and gradient differences that are kept, each of
	// 8 bytes an element. The default is 100, as in torch; 10 to 20 often do as well.
	History int
	// LearningRate is the length of a step in units of the direction, or with StrongWolfe that of the first
	// one tried. The default is 1.
	LearningRate float64
	// StrongWolfe searches along the direction for a point that satisfies the strong Wolfe
	// conditions. A step then takes one evaluation or more, and three vectors more of memory.
	StrongWolfe bool
	// ToleranceGrad > 0 stops when no element of the gradient is larger.
	ToleranceGrad float64
	// ToleranceChange > 0 stops when the last step has changed no element of x by more, or the loss
	// by less, or when the direction promises less. Both tolerances are off by default; torch's are
	// 1e-7 and 1e-9.
	ToleranceChange float64
	// Clamp limits x after each step. The method knows nothing of it, as with a torch program that
	// clamps the picture in its closure.
	Clamp Range
}

func (o LBFGSOptions) withDefaults() LBFGSOptions {
	if o.History < 0 {
		panic(fmt.Sprintf("optim: History is %d", o.History))
	}
	if o.History == 0 {
		o.History = 100
	}
	o.LearningRate = orDefault(o.LearningRate, 1)
	mustNotBeNegative("Rate", o.LearningRate)
	return o
}

// vectorCount is the number of vectors that the method keeps.
func (o LBFGSOptions) vectorCount() int {
	count := 3 + 2*o.History
	if o.StrongWolfe {
		count += 3
	}
	return count
}

// Bytes returns the memory that L-BFGS takes for vectors of n elements: 2·History+3 vectors, and
// three more with StrongWolfe. All of it is allocated at once.
func (o LBFGSOptions) Bytes(n int) int64 {
	return 4 * int64(o.withDefaults().vectorCount()) * int64(n)
}

// minCurvature is the least y·s of a pair that is kept, so that the matrix stays positive definite.
const minCurvature = 1e-10

// LBFGS is the limited-memory BFGS method (Nocedal and Wright, Numerical Optimization, algorithm
// 7.4) in the form of torch.optim.LBFGS: the first step is as long as min(1, 1/|g|₁), the later ones
// are the direction itself, or the outcome of a line search. The points that it evaluates are those
// of torch with max_iter set to the number of steps, and differ from them by rounding only: torch
// takes scalar products in float32, this package in float64.
//
// Without a line search the objective may change from one step to the next, at the risk of a poor
// direction. With StrongWolfe it must not, because a step starts from the gradient that the last one
// ended with; if x has been changed in between it is evaluated anew.
type LBFGS struct {
	vectors
	options LBFGSOptions
	arena   []float32

	steps     int
	converged bool

	// The point where the last step began, and how it moved on.
	prevLoss float64
	prev     []float32 // its gradient
	d        []float32 // direction
	t        float64   // step length

	// free are gradients not in use; evaluations at the start of a step write to the first. Only a
	// line search has the other two, and x0.
	free [3][]float32
	x0   []float32 // where the line search began, or where it ended if settled
	// settled says that settledLoss and free[0] are the loss and gradient at x0.
	settled     bool
	settledLoss float64

	// The pairs s = x' - x, y = g' - g and 1/y·s, a ring whose oldest is at oldest.
	s, y          [][]float32
	rho, alpha    []float64
	oldest, count int
	hDiag         float64 // scale of the initial inverse Hessian, if there is a pair
}

var _ Optimizer = (*LBFGS)(nil)

// NewLBFGS returns L-BFGS for vectors of n elements.
func NewLBFGS(n int, m Machine, o LBFGSOptions) *LBFGS {
	o = o.withDefaults()
	l := &LBFGS{
		options: o,
		s:       make([][]float32, o.History),
		y:       make([][]float32, o.History),
		rho:     make([]float64, o.History),
		alpha:   make([]float64, o.History),
	}
	l.init(n, m)
	l.Reset(n)
	return l
}

// Reset implements [Optimizer].
func (l *LBFGS) Reset(n int) {
	l.resize(n)
	clear(l.s) // nothing may hold the old arena while a larger one is made
	clear(l.y)
	l.prev, l.d, l.x0, l.free = nil, nil, nil, [3][]float32{}
	l.fit(&l.arena, l.options.vectorCount()*n)
	rest := l.arena
	take := func() []float32 {
		v := rest[:n:n]
		rest = rest[n:]
		return v
	}
	l.prev, l.d, l.free[0] = take(), take(), take()
	for i := range l.s {
		l.s[i], l.y[i] = take(), take()
	}
	if l.options.StrongWolfe {
		l.free[1], l.free[2], l.x0 = take(), take(), take()
	}
	l.steps, l.converged, l.settled = 0, false, false
	l.oldest, l.count = 0, 0
}

// Bytes implements [Optimizer].
func (l *LBFGS) Bytes() int64 { return 4 * int64(cap(l.arena)) }

// Converged tells whether the last step met a tolerance, or with StrongWolfe found no way down. It
// then left x as it was, and so will the next one unless x changes.
func (l *LBFGS) Converged() bool { return l.converged }

// Step implements [Optimizer]. Without StrongWolfe it evaluates once, and with it as often as the
// line search takes, but for the point where it begins, which it knows from the last step.
func (l *LBFGS) Step(x []float32, eval Evaluate) (float64, error) {
	l.mustFit(x)
	loss, err := l.begin(x, eval)
	if err != nil {
		return loss, err
	}
	l.converged = l.finished(loss)
	if l.converged {
		return loss, nil
	}
	slope, err := l.direct(loss)
	if err != nil {
		return loss, err
	}
	tolerance := l.options.ToleranceChange
	if (tolerance > 0 && slope > -tolerance) || (l.options.StrongWolfe && slope >= 0) {
		l.converged = true
		return loss, nil
	}
	if l.options.StrongWolfe {
		return loss, l.moveTo(x, eval, slope)
	}
	l.axpy(x, l.d, l.t)
	l.clamp(x, l.options.Clamp)
	return loss, nil
}

// begin returns the loss at x and leaves the gradient in free[0].
func (l *LBFGS) begin(x []float32, eval Evaluate) (float64, error) {
	if l.settled && l.equal(x, l.x0) {
		return l.settledLoss, nil
	}
	l.settled = false
	return l.evaluate(eval, x, l.free[0])
}

// finished applies torch's conditions for leaving the loop.
func (l *LBFGS) finished(loss float64) bool {
	grad, change := l.options.ToleranceGrad, l.options.ToleranceChange
	if grad > 0 && l.maxAbs(l.free[0]) <= grad {
		return true
	}
	return change > 0 && l.steps > 0 &&
		(l.maxAbs(l.d)*l.t <= change || math.Abs(loss-l.prevLoss) < change)
}

// direct learns from the last step, sets the direction d and the step length t, moves the gradient
// from free[0] to prev, and returns its product with d.
func (l *LBFGS) direct(loss float64) (slope float64, err error) {
	g := l.free[0]
	first := l.steps == 0
	if !first {
		l.learn(g)
	}
	slope = l.twoLoop(g)
	if err := l.on.Err(); err != nil {
		return slope, err
	}
	if !finite(slope) {
		// The history cannot be trusted any more: begin again, should there be another step.
		err = nonFinite("direction", l.d, loss)
		l.steps, l.count, l.settled = 0, 0, false
		return slope, err
	}
	l.t = l.options.LearningRate
	if first {
		l.t *= min(1, 1/l.absSum(g))
	}
	l.prev, l.free[0] = g, l.prev
	l.prevLoss = loss
	l.settled = false
	l.steps++
	return slope, nil
}

// learn stores the pair of the last step, if its curvature is positive. y takes the place of prev
// and s that of d; stored, they change places with the memory of the oldest pair.
func (l *LBFGS) learn(g []float32) {
	l.sub(l.prev, g, l.prev)
	l.scale(l.d, l.d, l.t)
	ys := l.dot(l.prev, l.d)
	if !(ys > minCurvature) {
		return
	}
	if l.count == len(l.s) {
		l.oldest = (l.oldest + 1) % len(l.s)
		l.count--
	}
	i := l.slot(l.count)
	l.count++
	l.y[i], l.prev = l.prev, l.y[i]
	l.s[i], l.d = l.d, l.s[i]
	l.rho[i] = 1 / ys
	l.hDiag = ys / l.dot(l.y[i], l.y[i])
}

// slot returns where the i-th oldest pair is.
func (l *LBFGS) slot(i int) int { return (l.oldest + i) % len(l.s) }

// twoLoop sets d to the negative gradient times the inverse Hessian (Nocedal and Wright, algorithm
// 7.4) and returns d·g. Every update of d is done together with the product that comes next, so
// that a pair is read from memory twice and d stays in cache.
func (l *LBFGS) twoLoop(g []float32) float64 {
	l.scale(l.d, g, -1)
	if l.count == 0 {
		return l.dot(l.d, g)
	}
	newest := l.count - 1

	i := l.slot(newest)
	product := l.dot(l.d, l.s[i])
	for k := newest; ; k-- {
		l.alpha[i] = l.rho[i] * product
		if k == 0 {
			break
		}
		next := l.slot(k - 1)
		product = l.axpyDot(l.d, l.y[i], -l.alpha[i], l.s[next])
		i = next
	}
	l.axpy(l.d, l.y[i], -l.alpha[i])
	l.scale(l.d, l.d, l.hDiag)

	product = l.dot(l.d, l.y[i])
	for k := 0; k < newest; k++ {
		next := l.slot(k + 1)
		product = l.axpyDot(l.d, l.s[i], l.alpha[i]-l.rho[i]*product, l.y[next])
		i = next
	}
	return l.axpyDot(l.d, l.s[i], l.alpha[i]-l.rho[i]*product, g)
}
