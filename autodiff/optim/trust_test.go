package optim

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func newTrusted(n int, radius float64) *lbfgs {
	return newLBFGS(n, processor(), LBFGSOptions{History: 10, TrustRadius: radius})
}

// quartic is steep far from its minimum and flat near it, as the Gram matrices of a picture are: what the
// first steps find of its curvature is far too little for the later ones.
var quartic = function{"quartic", []float64{0.01, 0.02, -0.01, 0.015, 0.01, -0.02}, quarticAt}

func quarticAt(x, g []float64) float64 {
	var f float64
	for i, v := range x {
		w := math.Pow(10, float64(i)/2)
		r := 1 - v*v
		f += w * r * r
		g[i] = -4 * w * r * v
	}
	return f
}

// The losses of a trace never rise above that at the start, which is what L-BFGS without a radius does on the
// same function.
func TestNoLeap(t *testing.T) {
	for _, f := range []function{quartic, rosenbrock, quadratic, nonconvex, wave(40)} {
		trace := func(o LBFGSOptions) (losses []float64) {
			l, x := newLBFGS(len(f.start), processor(), o), f.x0()
			for range 60 {
				losses = append(losses, steps(t, l, x, f.evaluate(), 1))
			}
			return losses
		}
		torch := trace(LBFGSOptions{History: 10})
		trusted := trace(LBFGSOptions{History: 10, TrustRadius: 0.3})
		rise := (slices.Max(trusted) - trusted[0]) / math.Abs(trusted[0])
		t.Logf("%s: from %.4g, highest %.4g, without a radius %.4g; least %.4g, without %.4g",
			f.name, trusted[0], slices.Max(trusted), slices.Max(torch), slices.Min(trusted), slices.Min(torch))
		if !(rise <= 0.01) {
			t.Errorf("%s: the loss rises by %g of what it was: %.4g", f.name, rise, trusted)
		}
		if f.name == quartic.name && !(slices.Max(torch) > 2*torch[0]) {
			t.Error("without a radius the loss does not rise either: the test means nothing")
		}
	}
}

// A step is never longer than the radius.
func TestRadiusHolds(t *testing.T) {
	f := rosenbrock
	const radius = 0.05
	l, x := newTrusted(6, radius), f.x0()
	longest := 0.0
	for range 100 {
		steps(t, l, x, f.evaluate(), 1)
		var square float64
		for i, v := range x {
			square += math.Pow(float64(v-l.x0[i]), 2)
		}
		longest = max(longest, math.Sqrt(square/6))
	}
	if !(longest <= radius*1.0001) || longest < radius/2 {
		t.Errorf("the longest step is %g, the radius %g", longest, radius)
	}
}

// A step from a loss that is too high starts from the point before, goes less far, and knows the curvature
// found.
func TestStepIsUndone(t *testing.T) {
	l, x := newTrusted(2, 1), []float32{1, 0}
	at := func(loss float64, gx, gy float32) (start float64) {
		t.Helper()
		return steps(t, l, x, func(_, g []float32) (float64, error) { g[0], g[1] = gx, gy; return loss, nil }, 1)
	}
	at(10, 1, 0)
	first := slices.Clone(x)
	at(9.99, 1, 0) // no curvature: no pair
	length, second := l.length, slices.Clone(x)
	if l.count != 0 || !(second[0] < first[0]) {
		t.Fatalf("%d pairs, x is %v after %v", l.count, second, first)
	}
	if start := at(20, -5, 0); start != 9.99 {
		t.Errorf("the step started from the loss %g", start)
	}
	if l.count != 1 || !(l.length <= length/2) || !slices.Equal(l.x0, first) {
		t.Errorf("%d pairs, a step of %g after %g from %v", l.count, l.length, length, l.x0)
	}
	if !(x[0] < first[0] && x[0] > second[0]) {
		t.Errorf("x is %v, want it between %v and %v", x, second, first)
	}
}

// What the caller does to x is not undone, however high the loss is there.
func TestCallerMovesX(t *testing.T) {
	f := wave(40)
	l, x := newTrusted(40, 0.3), f.x0()
	low := steps(t, l, x, f.evaluate(), 40)
	for i := range x {
		x[i] += 2 * float32(math.Cos(float64(i)))
	}
	moved := slices.Clone(x)
	high := steps(t, l, x, f.evaluate(), 1)
	if !(high > low+1) || !slices.Equal(l.x0, moved) {
		t.Errorf("the step from %g did not start there, but %g before", high, low)
	}
	if end := steps(t, l, x, f.evaluate(), 60); !(end <= low+0.01*math.Abs(low)) {
		t.Errorf("the loss is %g in the end, was %g", end, low)
	}
}

// A minimum is reported, and x stays there.
func TestNoDescent(t *testing.T) {
	flat := func(x, grad []float32) (float64, error) { clear(grad); return 3, nil }
	// The gradient says that the loss falls, and it never does.
	wrong := func(x, grad []float32) (float64, error) {
		grad[0], grad[1] = 1, 1
		return 1 + math.Abs(float64(x[0])-1) + math.Abs(float64(x[1])-2), nil
	}
	for name, eval := range map[string]Evaluate{"flat": flat, "wrong": wrong} {
		for _, o := range []LBFGSOptions{{TrustRadius: 0.1}, {StrongWolfe: true}} {
			o.History = 5
			l, x := newLBFGS(2, processor(), o), []float32{1, 2}
			var err error
			step := 0
			for ; err == nil && step < 60; step++ {
				_, err = l.Step(x, eval)
			}
			if !errors.Is(err, ErrNoDescent) || !slices.Equal(x, []float32{1, 2}) {
				t.Errorf("%s, wolfe %v: %v after %d steps, at %v", name, o.StrongWolfe, err, step, x)
			}
			if _, err = l.Step(x, eval); !errors.Is(err, ErrNoDescent) {
				t.Errorf("%s, wolfe %v: then %v", name, o.StrongWolfe, err)
			}
		}
	}
}
