package optim

import "math"

// The constants of the strong Wolfe conditions (Nocedal and Wright, section 3.1, and torch), and
// the number of trials after the first.
const (
	sufficientDecrease = 1e-4
	curvature          = 0.9
	maxTrials          = 25

	// An interval that differs by less in every element of x is not searched further. It is
	// torch's default, and far below the resolution of float32 for pixels.
	minInterval = 1e-9
)

// trial is a point x0 + t·d that has been evaluated, with loss f, gradient g and slope g·d.
type trial struct {
	t, f, slope float64
	g           []float32
}

// moveTo moves x along d to where the line search ends, and keeps the loss and gradient there for
// the next step. If the search comes back to where it began the error is ErrNoDescent.
func (l *lbfgs) moveTo(x []float32, eval Evaluate, slope float64) error {
	l.pending = false
	if slope >= 0 {
		l.keepGradient(l.prev)
		return ErrNoDescent
	}
	l.on.Copy(l.x0, x)
	start := trial{0, l.prevLoss, slope, l.prev}
	end, err := l.search(x, eval, start)
	if err != nil {
		l.on.Copy(x, l.x0)
		l.pending, l.slope = true, slope
		return err
	}
	l.on.Copy(x, l.x0)
	l.on.Axpy(x, l.d, float32(end.t))
	l.on.Copy(l.x0, x)
	l.t = end.t
	l.keepGradient(end.g)
	l.settled, l.settledLoss = true, end.f
	l.clamp(x, l.options.Clamp) // if this changes x, start will see it
	if end.t == 0 {
		return ErrNoDescent
	}
	return nil
}

// keepGradient puts the gradient g into free[0].
func (l *lbfgs) keepGradient(g []float32) {
	for i, f := range l.free {
		if same(f, g) {
			l.free[0], l.free[i] = l.free[i], l.free[0]
			return
		}
	}
	l.on.Copy(l.free[0], g) // that of the start: no better point was found
}

func same(a, b []float32) bool { return &a[0] == &b[0] }

// evaluateAt evaluates x0 + t·d. The gradient goes to memory that neither a nor b holds.
func (l *lbfgs) evaluateAt(x []float32, eval Evaluate, t float64, a, b trial) (trial, error) {
	var g []float32
	for _, g = range l.free {
		if !same(g, a.g) && !same(g, b.g) {
			break
		}
	}
	l.on.Copy(x, l.x0)
	l.on.Axpy(x, l.d, float32(t))
	f, err := l.evaluate(eval, x, g)
	if err != nil {
		return trial{}, err
	}
	return trial{t, f, l.on.Dot(g, l.d), g}, nil
}

// search is the line search of Nocedal and Wright, algorithms 3.5 and 3.6, as in torch (_strong_wolfe, after
// minFunc): first steps grow until two of them have a suitable point in between, then the interval shrinks.
// It returns the best point of the last interval, even if that does not satisfy the conditions.
func (l *lbfgs) search(x []float32, eval Evaluate, start trial) (trial, error) {
	low, high, trials, err := l.bracket(x, eval, start)
	if err != nil || low.t == high.t {
		return low, err
	}
	if high.f < low.f {
		low, high = high, low
	}
	stalled := false // the last trial was near an end of the interval
	width := minInterval / l.on.MaxAbs(l.d)
	for ; trials < maxTrials && math.Abs(high.t-low.t) >= width; trials++ {
		var t float64
		t, stalled = safeguard(low.t, high.t, cubicMinimum(low, high, low.t, high.t), stalled)
		p, err := l.evaluateAt(x, eval, t, low, high)
		if err != nil {
			return trial{}, err
		}
		switch {
		case !p.decreasesEnough(start) || p.f >= low.f:
			high = p
			if high.f < low.f {
				low, high = high, low
			}
		case p.isFlat(start):
			return p, nil
		default:
			if p.slope*(high.t-low.t) >= 0 {
				high = low
			}
			low = p
		}
	}
	return low, nil
}

// bracket lengthens the step until the interval between the last two, in either order, contains a point
// that satisfies the conditions. It returns the ends of the interval, or twice a point that satisfies them.
// trials is the number of points tried after the first.
func (l *lbfgs) bracket(x []float32, eval Evaluate, start trial) (a, b trial, trials int, err error) {
	prev := start
	cur, err := l.evaluateAt(x, eval, l.t, start, start)
	for ; err == nil && trials < maxTrials; trials++ {
		switch {
		case !cur.decreasesEnough(start) || (trials > 1 && cur.f >= prev.f):
			return prev, cur, trials, nil
		case cur.isFlat(start):
			return cur, cur, trials, nil
		case cur.slope >= 0:
			return prev, cur, trials, nil
		}
		t := cubicMinimum(prev, cur, cur.t+0.01*(cur.t-prev.t), 10*cur.t)
		next, failed := l.evaluateAt(x, eval, t, prev, cur)
		prev, cur, err = cur, next, failed
	}
	return start, cur, trials, err
}

// decreasesEnough is the first Wolfe condition.
func (p trial) decreasesEnough(start trial) bool {
	return p.f <= start.f+sufficientDecrease*p.t*start.slope
}

// isFlat is the second strong Wolfe condition.
func (p trial) isFlat(start trial) bool {
	return math.Abs(p.slope) <= -curvature*start.slope
}

// cubicMinimum returns the minimum of the cubic with the values and slopes of a and b (Nocedal and Wright,
// equation 3.59), limited to the interval from t1 to t2, or the middle of the interval if the cubic has no
// minimum.
func cubicMinimum(a, b trial, t1, t2 float64) float64 {
	lo, hi := min(t1, t2), max(t1, t2)
	if a.t > b.t {
		a, b = b, a
	}
	d1 := a.slope + b.slope - 3*(a.f-b.f)/(a.t-b.t)
	square := d1*d1 - a.slope*b.slope
	if !(square >= 0) {
		return (lo + hi) / 2
	}
	d2 := math.Sqrt(square)
	t := b.t - (b.t-a.t)*((b.slope+d2-d1)/(b.slope-a.slope+2*d2))
	if math.IsNaN(t) {
		return (lo + hi) / 2
	}
	return min(max(t, lo), hi)
}

// safeguard moves t away from an end of the interval if it is there, or if it is near an end for the second
// time in a row, so that the interval shrinks by at least a tenth.
func safeguard(a, b, t float64, stalled bool) (float64, bool) {
	lo, hi := min(a, b), max(a, b)
	margin := 0.1 * (hi - lo)
	if min(hi-t, t-lo) >= margin {
		return t, false
	}
	if !stalled && lo < t && t < hi {
		return t, true
	}
	if hi-t < t-lo {
		return hi - margin, false
	}
	return lo + margin, false
}
