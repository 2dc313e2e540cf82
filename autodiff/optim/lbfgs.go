package optim

import "fmt"

// LBFGSOptions are the parameters of L-BFGS; the zero value of each stands for its default.
type LBFGSOptions struct {
	// History is the number of pairs of steps and gradient differences that are kept. A pair takes 8 bytes
	// per element. The default is 100, as in torch; 10 to 20 are often as good.
	History int
	// LearningRate is the length of a step in units of the direction, or with StrongWolfe that of the
	// first one tried. The default is 1.
	LearningRate float64
	// StrongWolfe searches along the direction for a point that satisfies the strong Wolfe conditions. A
	// step then takes one or more evaluations, and the optimiser three more vectors of memory.
	StrongWolfe bool
	// TrustRadius, if it is not 0, is the largest root mean square of a step's elements. Every step then stays
	// within a radius, at first a small part of this one, that grows while the model predicts the losses
	// well and shrinks where it does not. It takes one more vector of memory. It cannot be combined with
	// StrongWolfe.
	TrustRadius float64
	// Precondition is the initial inverse Hessian, but for a scale. It can only be combined with a TrustRadius.
	Precondition Multilevel
	// Clamp limits x after each step. The method does not know of it, as in a torch program that clamps the
	// picture in its closure.
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
	mustNotBeNegative("LearningRate", o.LearningRate)
	mustNotBeNegative("TrustRadius", o.TrustRadius)
	if o.StrongWolfe && o.TrustRadius > 0 {
		panic("optim: StrongWolfe with a TrustRadius")
	}
	if o.Precondition.Gain > 0 && o.TrustRadius == 0 {
		panic("optim: a Precondition without a TrustRadius")
	}
	return o
}

// vectorCount is the number of vectors that the method keeps.
func (o LBFGSOptions) vectorCount() int {
	count := 3 + 2*o.History
	switch {
	case o.StrongWolfe:
		count += 3
	case o.TrustRadius > 0:
		count++
	}
	return count
}

// New implements [Method].
func (o LBFGSOptions) New(n int, b Backend) Optimizer { return newLBFGS(n, b, o) }

// Bytes implements [Method]: 2·History+3 vectors, three more with StrongWolfe, one with TrustRadius, and a
// third of one with a Precondition.
func (o LBFGSOptions) Bytes(n int) int64 {
	return 4 * (int64(o.withDefaults().vectorCount())*int64(n) + int64(o.Precondition.elements()))
}

// Traffic implements [Method]. The two vectors of a pair are read twice, and each time the direction is read
// and written with them. There is a pair more after each step until History are kept. Other passes over
// vectors keep the pair and move x.
func (o LBFGSOptions) Traffic(n, steps int) int64 {
	kept := float64(o.withDefaults().History)
	all := float64(max(steps, 1))
	pairs := all / 2
	if kept < all {
		pairs = kept * (1 - kept/(2*all))
	}
	rest := 18.0
	if o.StrongWolfe {
		rest = 33
	}
	if o.Precondition.Gain > 0 {
		rest += 6
	}
	return int64((8*pairs + rest) * 4 * float64(n))
}

// minCurvature is the smallest y·s of a pair that is kept, so that the matrix stays positive definite.
const minCurvature = 1e-10

// lbfgs is the limited-memory BFGS method (Nocedal and Wright, Numerical Optimization, algorithm
// 7.4) in the form of torch.optim.LBFGS: the first step is as long as min(1, 1/|g|₁), the later ones
// are the direction itself, or the result of a line search. It evaluates the points that torch evaluates
// with max_iter set to the number of steps, except for rounding: torch takes scalar products in float32,
// this package in float64.
//
// Without a line search the objective may change from one step to the next, at the risk of a poor
// direction. With StrongWolfe it must not, because a step starts from the gradient that the last one ended
// with. If x has been changed in between it is evaluated again.
//
// With a trust radius (Nocedal and Wright, section 4.1, but along the direction of L-BFGS) a step that leads
// to a loss above those of the last 5 points (non-monotone, Grippo, Lampariello and Lucidi 1986), or that
// raises it by more than it was to fall, is undone by the next one, which goes less far and knows the
// curvature found. There is still one evaluation for each step. The objective must stay the same.
type lbfgs struct {
	problem
	options LBFGSOptions
	steps   int

	// The point where the last step began, and how it moved from there.
	prevLoss float64
	prev     []float32 // its gradient
	d        []float32 // direction
	t        float64   // step length

	// free are gradients that are not in use; evaluations at the start of a step write to the first. Only a
	// line search has the other two.
	free [3][]float32
	x0   []float32 // where the line search or the step began, or where the search ended if settled
	// settled says that settledLoss and free[0] are the loss and gradient at x0.
	settled     bool
	settledLoss float64
	// pending says that an error of eval ended the line search from x0 along d before its time.
	pending bool
	trust
	initial multilevel // inverse Hessian, but for hDiag

	// The pairs s = x' - x, y = g' - g, and rho = 1/y·s, in rings that begin at oldest.
	s, y          [][]float32
	rho, alpha    []float64
	ratio         []float64 // y·s/y·Hy, H being the initial inverse Hessian without its scale
	oldest, count int
	hDiag         float64 // scale of the initial inverse Hessian, if there is a pair
}

func newLBFGS(n int, b Backend, o LBFGSOptions) *lbfgs {
	o = o.withDefaults()
	l := &lbfgs{
		problem: newProblem(n, b),
		options: o,
		s:       make([][]float32, o.History),
		y:       make([][]float32, o.History),
		rho:     make([]float64, o.History),
		alpha:   make([]float64, o.History),
		ratio:   make([]float64, o.History),
	}
	rest := b.Vector(o.vectorCount() * n)
	take := func() []float32 {
		v := rest[:n:n]
		rest = rest[n:]
		return v
	}
	l.prev, l.d, l.free[0] = take(), take(), take()
	for i := range l.s {
		l.s[i], l.y[i] = take(), take()
	}
	switch {
	case o.StrongWolfe:
		l.free[1], l.free[2], l.x0 = take(), take(), take()
	case o.TrustRadius > 0:
		l.x0 = take()
	}
	l.initial = newMultilevel(o.Precondition, n, b)
	return l
}

// Step implements [Optimizer]. Without StrongWolfe it evaluates once, and with it as often as the line
// search needs, except at the point where it begins, which it knows from the last step.
func (l *lbfgs) Step(x []float32, eval Evaluate) (float64, error) {
	l.mustFit(x)
	if l.options.TrustRadius > 0 {
		return l.stepInTrust(x, eval)
	}
	loss, slope, err := l.begin(x, eval)
	if err != nil {
		return loss, err
	}
	if l.options.StrongWolfe {
		err := l.moveTo(x, eval, slope)
		if err == ErrNoDescent && l.count > 0 { // once more along the gradient, which needs no history
			l.steps, l.count = 0, 0
			if slope, err = l.setDirection(loss); err == nil {
				err = l.moveTo(x, eval, slope)
			}
		}
		return loss, err
	}
	l.on.Axpy(x, l.d, float32(l.t))
	l.clamp(x, l.options.Clamp)
	return loss, nil
}

// begin sets the direction, and returns the loss at x and the slope there. A line search that an error ended
// begins again as it did.
func (l *lbfgs) begin(x []float32, eval Evaluate) (loss, slope float64, err error) {
	if l.pending && l.on.Equal(x, l.x0) {
		return l.prevLoss, l.slope, nil
	}
	l.pending = false
	if loss, err = l.start(x, eval); err != nil {
		return loss, 0, err
	}
	slope, err = l.setDirection(loss)
	return loss, slope, err
}

// start returns the loss at x and leaves the gradient in free[0].
func (l *lbfgs) start(x []float32, eval Evaluate) (float64, error) {
	if l.settled && l.on.Equal(x, l.x0) {
		return l.settledLoss, nil
	}
	l.settled = false
	return l.evaluate(eval, x, l.free[0])
}

// setDirection stores the pair of the last step, sets the direction d and the step length t, moves the
// gradient from free[0] to prev, and returns its product with d.
func (l *lbfgs) setDirection(loss float64) (slope float64, err error) {
	g := l.free[0]
	first := l.steps == 0
	if !first {
		l.storePair(g)
	}
	slope = l.twoLoop(g)
	if err := l.on.Err(); err != nil {
		return slope, err
	}
	if !finite(slope) {
		// The history can no longer be trusted: the next step begins without one.
		err = nonFinite("direction", l.d, loss)
		l.steps, l.count, l.settled = 0, 0, false
		return slope, err
	}
	l.t = l.options.LearningRate
	if first {
		l.t *= min(1, 1/l.on.AbsSum(g))
	}
	l.prev, l.free[0] = g, l.prev
	l.prevLoss = loss
	l.settled = false
	l.steps++
	return slope, nil
}

// storePair stores the pair of the last step if its curvature is positive.
func (l *lbfgs) storePair(g []float32) {
	l.on.Sub(l.prev, g, l.prev)
	l.on.Scale(l.d, l.d, float32(l.t))
	if ys := l.on.Dot(l.prev, l.d); ys > minCurvature {
		l.keepPair(&l.prev, ys, l.on.Dot(l.prev, l.prev))
	}
}

// keepPair keeps the pair of y and of s in d, which change places with the memory of the oldest pair. ys and
// yHy are y·s and y·Hy, H being the initial inverse Hessian without its scale.
func (l *lbfgs) keepPair(y *[]float32, ys, yHy float64) {
	if l.count == len(l.s) {
		l.oldest = (l.oldest + 1) % len(l.s)
		l.count--
	}
	i := l.slot(l.count)
	l.count++
	l.y[i], *y = *y, l.y[i]
	l.s[i], l.d = l.d, l.s[i]
	l.rho[i] = 1 / ys
	l.ratio[i] = ys / yHy
	l.hDiag = l.ratio[i]
}

// slot returns the index of the i-th oldest pair.
func (l *lbfgs) slot(i int) int { return (l.oldest + i) % len(l.s) }

// twoLoop sets d to the negative gradient times the inverse Hessian (Nocedal and Wright, algorithm 7.4) and
// returns d·g. Every update of d is fused with the product that follows it, so that a pair is read from
// memory only twice and d stays in cache.
func (l *lbfgs) twoLoop(g []float32) float64 {
	l.on.Scale(l.d, g, -1)
	if l.count == 0 {
		l.initial.apply(l.d)
		return l.on.Dot(l.d, g)
	}
	newest := l.count - 1

	i := l.slot(newest)
	product := l.on.Dot(l.d, l.s[i])
	for k := newest; ; k-- {
		l.alpha[i] = l.rho[i] * product
		if k == 0 {
			break
		}
		next := l.slot(k - 1)
		product = l.on.AxpyDot(l.d, l.y[i], float32(-l.alpha[i]), l.s[next])
		i = next
	}
	l.on.Axpy(l.d, l.y[i], float32(-l.alpha[i]))
	l.on.Scale(l.d, l.d, float32(l.hDiag))
	l.initial.apply(l.d)

	product = l.on.Dot(l.d, l.y[i])
	for k := 0; k < newest; k++ {
		next := l.slot(k + 1)
		product = l.on.AxpyDot(l.d, l.s[i], float32(l.alpha[i]-l.rho[i]*product), l.y[next])
		i = next
	}
	return l.on.AxpyDot(l.d, l.s[i], float32(l.alpha[i]-l.rho[i]*product), g)
}
