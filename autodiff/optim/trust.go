package optim

import "math"

// The constants of the trust radius. Those of the model's quality are as in Nocedal and Wright, algorithm 4.1;
// the others were chosen on pictures of every kind (TestNoLeap in package render).
const (
	firstStep     = 0.04 // the first step is at most this part of the largest radius,
	firstDecrease = 0.1  // and lowers the loss by about this part of it,
	smallestFirst = 1e-4 // but is at least this part of the largest radius, which is well above rounding

	poorModel  = 0.25 // the loss fell by less than this part of what the model promised: a smaller radius
	goodModel  = 0.25 // the part is as near to 1 as this: a much larger one
	shrink     = 0.5
	grow       = 2.0
	growFast   = 4.0
	leastAngle = 0.01 // the smallest cosine between the s and y of a pair that is kept

	// The initial inverse Hessian is so many times y·s/y·y, which leans to the largest curvatures along s: the
	// geometric mean of the last pairs, since one pair's varies by a factor of two from step to step. Where
	// curvatures differ as much as those of pictures do, the loss falls by 3 % more in 100 steps than with 1.5
	// times that of the last pair, and by more yet than with that alone.
	relaxation = 3.0
	scalePairs = 10

	// losses of this many points are compared with that of the next one.
	window = 5

	// A step that changes x by less than this in the mean is not worth taking (minInterval).
	shortest = minInterval
)

// trust is what the form with a trust radius knows besides the pairs. Lengths are those of the whole vector,
// which are sqrt(n) times the root mean square of its elements.
type trust struct {
	radius   float64 // of the next step
	length   float64 // of the last step
	slope    float64 // of the loss along the last direction, where the step began
	promised float64 // by how much the last step was to lower the loss
	recent   [window]float64
	points   int // that x went on from
}

// stepInTrust is Step with a trust radius. The point where it starts is x, or the one before if that is where
// it goes back to.
func (l *lbfgs) stepInTrust(x []float32, eval Evaluate) (float64, error) {
	g := l.free[0]
	loss, err := l.evaluate(eval, x, g)
	if err != nil {
		return loss, err
	}
	if l.points == 0 || l.learn(x, g, loss) {
		l.on.Copy(l.x0, x)
		l.prev, l.free[0] = g, l.prev
		l.prevLoss = loss
		l.recent[l.points%window] = loss
		l.points++
	} else { // the step starts from the last point again
		l.on.Copy(x, l.x0)
		loss = l.prevLoss
	}
	if err := l.aim(); err != nil {
		return loss, err
	}
	l.on.Axpy(x, l.d, float32(l.t))
	if l.options.Clamp.limits() {
		l.clamp(x, l.options.Clamp)
		l.on.Sub(l.d, x, l.x0)
		l.length = math.Sqrt(l.on.Dot(l.d, l.d))
	}
	return loss, nil
}

// learn compares the loss and gradient at x with what was expected there: it sets the radius, stores the pair,
// which is as good if the point is not, and reports whether to go on from x. g may change places with the
// memory of a pair.
func (l *lbfgs) learn(x, g []float32, loss float64) bool {
	l.on.Sub(l.d, x, l.x0)
	length := math.Sqrt(l.on.Dot(l.d, l.d))
	goOn := l.judge(loss) || l.isMoved(length)
	y := &l.prev // whichever gradient is not needed any more
	if !goOn {
		y = &l.free[0] // which is g
	}
	l.on.Sub(*y, g, l.prev)
	l.storeAngled(y, length)
	return goOn
}

// isMoved reports whether the caller has changed x, which is that far from x0 now, more than the last step and
// rounding did, to go on from there.
func (l *lbfgs) isMoved(length float64) bool {
	rounding := 1e-6 * math.Sqrt(l.on.Dot(l.x0, l.x0))
	return math.Abs(length-l.length) > 0.01*l.length+rounding
}

// judge sets the radius by how well the model predicted the loss after the last step, and reports whether the
// loss is low enough to go on from there: it may rise, but not above those of the last points (non-monotone),
// and by no more than it should have fallen.
func (l *lbfgs) judge(loss float64) bool {
	highest := l.recent[0]
	for _, f := range l.recent[:min(l.points, window)] {
		highest = max(highest, f)
	}
	if !(loss <= min(highest, l.prevLoss+l.promised)) {
		// Where the parabola through both losses with the slope at the first has its minimum.
		part := l.slope * l.t / (2 * (l.prevLoss + l.slope*l.t - loss))
		l.radius = l.length * min(max(part, 0.1), shrink)
		return false
	}
	quality := (l.prevLoss - loss) / l.promised
	switch {
	case quality < poorModel:
		l.radius = l.length * shrink
	case math.Abs(quality-1) < goodModel:
		l.radius = max(l.radius, l.length*growFast)
	default:
		l.radius = max(l.radius, l.length*grow)
	}
	l.radius = min(l.radius, l.largest())
	return true
}

// largest is the largest radius.
func (l *lbfgs) largest() float64 { return l.options.TrustRadius * math.Sqrt(float64(l.n)) }

// storeAngled stores the pair of y and of s in d, which has that length, if the angle between them is sharp
// enough to be more than noise (cautious updating, Li and Fukushima 2001).
func (l *lbfgs) storeAngled(y *[]float32, length float64) {
	ys, yy := l.on.Dot(*y, l.d), l.on.Dot(*y, *y)
	if ys > leastAngle*length*math.Sqrt(yy) {
		l.keepPair(y, ys, l.initial.square(*y, yy))
		l.hDiag = relaxation * l.meanRatio()
	}
}

// meanRatio returns the geometric mean of the ratios of the last pairs.
func (l *lbfgs) meanRatio() float64 {
	sum, n := 0.0, min(l.count, scalePairs)
	for k := range n {
		sum += math.Log(l.ratio[l.slot(l.count-1-k)])
	}
	return math.Exp(sum / float64(n))
}

// aim sets the direction from the last point and the length of the step.
func (l *lbfgs) aim() error {
	slope := l.twoLoop(l.prev)
	if slope >= 0 && l.count > 0 { // by rounding
		l.count = 0
		slope = l.twoLoop(l.prev)
	}
	square := l.on.Dot(l.d, l.d)
	if err := l.on.Err(); err != nil {
		return err
	}
	if !finite(slope) || !finite(square) {
		err := nonFinite("direction", l.d, l.prevLoss)
		l.count, l.points = 0, 0
		return err
	}
	length := math.Sqrt(square)
	if l.points == 1 && l.radius == 0 {
		l.radius = l.firstRadius(length)
	}
	if length == 0 || l.radius < shortest*math.Sqrt(float64(l.n)) {
		return ErrNoDescent
	}
	l.t = l.radius / length
	l.promised = -slope * l.t
	if l.count > 0 { // the model is a parabola with its minimum at 1, else just the gradient
		l.t = min(l.t, l.options.LearningRate)
		t := min(l.t, 1)
		l.promised = -slope * (t - t*t/2)
	}
	l.slope, l.length = slope, l.t*length
	return nil
}

// firstRadius returns the radius of the first step, along a gradient of that length. It is short, so that the
// first pair tells the curvature where x is, but not so short that the pair is one of rounding.
func (l *lbfgs) firstRadius(length float64) float64 {
	radius := firstStep * l.largest()
	if decrease := firstDecrease * math.Abs(l.prevLoss); decrease < radius*length {
		radius = max(decrease/length, smallestFirst*l.largest())
	}
	return radius
}
