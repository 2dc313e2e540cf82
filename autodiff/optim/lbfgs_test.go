package optim

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// counted counts the evaluations.
func counted(eval Evaluate, count *int) Evaluate {
	return func(x, grad []float32) (float64, error) {
		*count++
		return eval(x, grad)
	}
}

// sparse has a gradient of which only the first and the last element are not zero.
func sparse(first, last float32) Evaluate {
	return func(x, grad []float32) (float64, error) {
		clear(grad)
		grad[0], grad[len(grad)-1] = first, last
		return 1, nil
	}
}

func TestFirstStepIsNoLongerThanOne(t *testing.T) {
	for _, c := range []struct{ rate, first, last, want0, want1 float64 }{
		{1, 3, -1, -0.75, 0.25},       // |g|₁ = 4
		{0.5, 3, -1, -0.375, 0.125},   // the rate comes on top
		{1, 0.25, -0.5, -0.25, 0.5},   // |g|₁ < 1: the gradient itself
		{2, 0.25, -0.5, -0.5, 1},      //
		{1, 0, 0, 0, 0},               // nothing to divide by
		{1, 3e18, -1e18, -0.75, 0.25}, // and no overflow
		{1, 1e-30, 1e-30, -1e-30, -1e-30},
	} {
		l := newLBFGS(pieceLen+1, processor(), LBFGSOptions{History: 1, LearningRate: c.rate})
		x := make([]float32, pieceLen+1)
		steps(t, l, x, sparse(float32(c.first), float32(c.last)), 1)
		for i, want := range map[int]float64{0: c.want0, pieceLen: c.want1} {
			if got := float64(x[i]); !(math.Abs(got-want) <= 1e-6*math.Abs(want)) {
				t.Errorf("%+v: x[%d] = %v", c, i, got)
			}
		}
	}
}

func TestOneEvaluationAStep(t *testing.T) {
	l := newLBFGS(6, processor(), LBFGSOptions{})
	count := 0
	steps(t, l, rosenbrock.x0(), counted(rosenbrock.evaluate(), &count), 12)
	if count != 12 {
		t.Errorf("%d evaluations in 12 steps", count)
	}
}

// A pair of no curvature is not kept: after it the direction is that of the history before.
func TestPairsWithoutCurvatureAreSkipped(t *testing.T) {
	l := newLBFGS(2, processor(), LBFGSOptions{History: 4})
	x := []float32{0, 0}
	grads := [][]float32{{1, 0}, {0.5, 0}, {2, 1}, {1, 0}}
	kept := []int{0, 1, 1, 2}
	for i, g := range grads {
		steps(t, l, x, func(_, grad []float32) (float64, error) { copy(grad, g); return 1, nil }, 1)
		if l.count != kept[i] {
			t.Errorf("after gradient %d there are %d pairs, want %d", i, l.count, kept[i])
		}
	}
}

// The direction after many steps, with more pairs than are kept, against Nocedal and Wright's
// algorithm 7.4 on slices that the test keeps itself.
func TestDirectionAgainstTextbook(t *testing.T) {
	const n, m = 40, 5
	f := wave(n)
	l := newLBFGS(n, processor(), LBFGSOptions{History: m, StrongWolfe: true})
	x := f.x0()
	var s, y [][]float64
	var prevX, prevG []float64
	grad := make([]float32, n)
	for step := range 14 {
		begin := slices.Clone(x)
		if _, err := f.evaluate()(begin, grad); err != nil {
			t.Fatal(err)
		}
		g := widen(grad)
		if step > 0 {
			s, y = append(s, minus(widen(begin), prevX)), append(y, minus(g, prevG))
			if len(s) > m {
				s, y = s[1:], y[1:]
			}
		}
		prevX, prevG = widen(begin), g
		steps(t, l, x, f.evaluate(), 1)
		want := textbookDirection(g, s, y)
		var off, size float64
		for i, w := range want {
			off = max(off, math.Abs(float64(l.d[i])-w))
			size = max(size, math.Abs(w))
		}
		// s and y are differences of float32 vectors, which cancel as the steps get short.
		if !(off <= 1e-3*size) {
			t.Errorf("step %d: the direction is off by %.2g of %.2g", step, off, size)
		}
	}
}

func widen(a []float32) []float64 {
	w := make([]float64, len(a))
	for i, v := range a {
		w[i] = float64(v)
	}
	return w
}

func minus(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i := range a {
		c[i] = a[i] - b[i]
	}
	return c
}

func textbookDirection(g []float64, s, y [][]float64) []float64 {
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	add := func(a, b []float64, f float64) {
		for i := range a {
			a[i] += f * b[i]
		}
	}
	q, alpha := slices.Clone(g), make([]float64, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		alpha[i] = dot(s[i], q) / dot(s[i], y[i])
		add(q, y[i], -alpha[i])
	}
	if k := len(s) - 1; k >= 0 {
		gamma := dot(s[k], y[k]) / dot(y[k], y[k])
		add(q, q, gamma-1)
	}
	for i := range s {
		add(q, s[i], alpha[i]-dot(y[i], q)/dot(s[i], y[i]))
	}
	add(q, q, -2)
	return q
}

func TestStrongWolfeConditionsHold(t *testing.T) {
	for _, f := range []function{rosenbrock, quadratic, nonconvex, wave(30)} {
		for _, rate := range []float64{1, 50, 0.001} {
			l := newLBFGS(len(f.start), processor(), LBFGSOptions{StrongWolfe: true, LearningRate: rate})
			x, eval, g := f.x0(), f.evaluate(), make([]float32, len(f.start))
			for step := range 8 {
				f0 := steps(t, l, x, eval, 1)
				slope0 := l.on.Dot(l.prev, l.d)
				f1, _ := eval(x, g)
				slope1 := l.on.Dot(g, l.d)
				if !(f1 <= f0+sufficientDecrease*l.t*slope0) {
					t.Errorf("%s, rate %v, step %d: loss %v to %v is no sufficient decrease", f.name, rate, step, f0, f1)
				}
				if !(math.Abs(slope1) <= curvature*math.Abs(slope0)) {
					t.Errorf("%s, rate %v, step %d: slope %v to %v is not flat", f.name, rate, step, slope0, slope1)
				}
			}
		}
	}
}

// The gradient at the end of a line search serves the next step, unless x has been changed since.
func TestWolfeEvaluatesItsStartOnlyIfChanged(t *testing.T) {
	l := newLBFGS(6, processor(), LBFGSOptions{StrongWolfe: true})
	x := rosenbrock.x0()
	var seen [][]float32
	inner := rosenbrock.evaluate()
	eval := func(x, grad []float32) (float64, error) {
		seen = append(seen, slices.Clone(x))
		return inner(x, grad)
	}
	steps(t, l, x, eval, 3)
	seen = nil
	begin := slices.Clone(x)
	steps(t, l, x, eval, 1)
	if slices.Equal(seen[0], begin) {
		t.Error("evaluated again where the last step ended")
	}
	x[2] += 0.25
	seen, begin = nil, slices.Clone(x)
	loss := steps(t, l, x, eval, 1)
	want, _ := inner(begin, make([]float32, 6))
	if !slices.Equal(seen[0], begin) || loss != want {
		t.Errorf("x was changed: first evaluated %v, want %v; loss %v, want %v", seen[0], begin, loss, want)
	}
}

// An error in the middle of a line search puts x back, and the search is made again.
func TestWolfeErrorPutsXBack(t *testing.T) {
	stop := errors.New("stop")
	f := rosenbrock
	for fail := 1; fail <= 3; fail++ {
		l := newLBFGS(6, processor(), LBFGSOptions{StrongWolfe: true})
		x, count := f.x0(), 0
		inner := f.evaluate()
		_, err := l.Step(x, func(x, grad []float32) (float64, error) {
			if count++; count > fail {
				return 0, stop
			}
			return inner(x, grad)
		})
		if err == nil {
			break // the search was shorter
		}
		if err != stop || !slices.Equal(x, f.x0()) {
			t.Errorf("error after %d evaluations: %v, x = %v", fail, err, x)
		}
		before := steps(t, l, x, inner, 1)
		if after := steps(t, l, x, inner, 1); !(after < before) {
			t.Errorf("error after %d evaluations: the next step went from %v to %v", fail, before, after)
		}
	}
}

// A direction that overflows is an error, and the next step begins with an empty history.
func TestOverflowingDirection(t *testing.T) {
	l := newLBFGS(2, processor(), LBFGSOptions{})
	x := []float32{0, 0}
	give := func(a, b float32) error {
		_, err := l.Step(x, func(_, grad []float32) (float64, error) { grad[0], grad[1] = a, b; return 1, nil })
		return err
	}
	if err := give(-1, 0); err != nil {
		t.Fatal(err)
	}
	// A step of 1 that has hardly changed the gradient: an inverse Hessian of 1e6.
	if err := give(-1+1e-6, 0); err != nil {
		t.Fatal(err)
	}
	err := give(-2, 1e34)
	var bad *NonFiniteError
	if !errors.As(err, &bad) || bad.What != "direction" {
		t.Fatalf("error is %v, want one of the direction; x = %v", err, x)
	}
	before := slices.Clone(x)
	if err := give(3, -1); err != nil {
		t.Fatal(err)
	}
	if dx := float64(x[1] - before[1]); !(math.Abs(dx-0.25) <= 1e-6) || l.count != 0 {
		t.Errorf("the step after it is %v with %d pairs, want 0.25 and none", dx, l.count)
	}
}

// There is no line to search where the gradient is zero.
func TestWolfeStaysWhereFlat(t *testing.T) {
	l := newLBFGS(3, processor(), LBFGSOptions{StrongWolfe: true})
	x, count := []float32{1, 2, 3}, 0
	_, err := l.Step(x, counted(sparse(0, 0), &count))
	if err != ErrNoDescent || count != 1 || !slices.Equal(x, []float32{1, 2, 3}) {
		t.Errorf("%v after %d evaluations, x = %v", err, count, x)
	}
}

// Steps at the minimum do no harm.
func TestStepsAtTheMinimum(t *testing.T) {
	for _, wolfe := range []bool{false, true} {
		f := quadratic
		l := newLBFGS(len(f.start), processor(), LBFGSOptions{StrongWolfe: wolfe})
		x := f.x0()
		loss := steps(t, l, x, f.evaluate(), 300)
		if !(loss <= 1e-6) {
			t.Errorf("wolfe %v: loss %v at the end", wolfe, loss)
		}
	}
}
