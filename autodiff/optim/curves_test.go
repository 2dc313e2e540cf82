package optim

import (
	"math"
	"testing"
)

// curve is the k-th function of one variable of testdata/golden.py, with its slope.
func curve(k int) func(t float64) (value, slope float64) {
	switch k {
	case 0: // a kink
		return func(t float64) (float64, float64) {
			h := math.Hypot(t-0.7, 1e-3)
			return h, (t - 0.7) / h
		}
	case 1: // lies
		return func(float64) (float64, float64) { return 1, -1 }
	}
	cosines := func(t float64) (value, slope float64) {
		for j := range 4 {
			a := math.Sin(float64(k)*1.1 + float64(j))
			rate := 2 * math.Exp(math.Sin(float64(k)*2.3+float64(j)))
			p := 3 * math.Sin(float64(k)*3.7+float64(j))
			value += a * math.Cos(rate*t+p)
			slope -= a * rate * math.Sin(rate*t+p)
		}
		return value, slope
	}
	sign := 1.0
	if _, slope := cosines(0); slope > 0 {
		sign = -1
	}
	return func(t float64) (float64, float64) {
		value, slope := cosines(t)
		return sign*value + 0.01*t*t, sign*slope + 0.02*t
	}
}

// A search that finds nothing, because the interval has no end or cannot get shorter in float32, gives up
// after the first trial and 25 more, and ends at the best point.
func TestSearchGivesUp(t *testing.T) {
	for name, f := range map[string]func(t float64) (value, slope float64){
		"without end": func(t float64) (float64, float64) { return -t - t*t*t, -1 - 3*t*t },
		"a kink":      func(t float64) (float64, float64) { return math.Abs(t-3e4) - 3e4, math.Copysign(1, t-3e4) },
	} {
		l := newLBFGS(1, processor(), LBFGSOptions{StrongWolfe: true})
		count, best := 0, math.Inf(1)
		x := []float32{0}
		eval := func(x, grad []float32) (float64, error) {
			value, slope := f(float64(x[0]))
			grad[0] = float32(slope)
			count++
			best = min(best, value)
			return value, nil
		}
		steps(t, l, x, eval, 1)
		if count != 1+1+25 { // the start, the first trial, and the others
			t.Errorf("%s: %d evaluations", name, count)
		}
		if value, _ := f(float64(x[0])); value != best {
			t.Errorf("%s: ended at %v, the best was %v", name, value, best)
		}
	}
}

// A search that finds nothing better stays where it was, with the loss and gradient of that point.
func TestSearchThatFailsKeepsTheStart(t *testing.T) {
	l := newLBFGS(2, processor(), LBFGSOptions{StrongWolfe: true})
	x := []float32{0, 0}
	eval := func(x, grad []float32) (float64, error) { // falls nowhere, whatever the gradient says
		if x[0] == 0 && x[1] == 0 {
			grad[0], grad[1] = -2, 1
			return 3, nil
		}
		grad[0], grad[1] = -20, 7
		return 4, nil
	}
	count := 0
	_, err := l.Step(x, counted(eval, &count))
	searched := count
	loss, again := l.Step(x, counted(eval, &count))
	if err != ErrNoDescent || again != ErrNoDescent {
		t.Errorf("errors are %v and %v", err, again)
	}
	if x[0] != 0 || x[1] != 0 || loss != 3 || l.prev[0] != -2 || l.prev[1] != 1 {
		t.Errorf("x = %v, loss %v, gradient %v; want the start, 3, [-2 1]", x, loss, l.prev)
	}
	if again := count - searched; again > searched-1 {
		t.Errorf("%d evaluations, then %d: the start was evaluated again", searched, again)
	}
}

// testSearch runs the line search along the only axis, and compares the step lengths with those that torch
// tries; the last one is the result.
func testSearch(t *testing.T, k int, want []float64) {
	t.Helper()
	f := curve(k)
	l := newLBFGS(1, processor(), LBFGSOptions{StrongWolfe: true})
	l.d[0], l.x0[0], l.t = 1, 0, want[0]
	value, slope := f(0)
	l.prev[0] = float32(slope)
	var got []float64
	eval := func(x, grad []float32) (float64, error) {
		value, slope := f(float64(x[0]))
		grad[0] = float32(slope)
		got = append(got, float64(x[0]))
		return value, nil
	}
	end, err := l.search(make([]float32, 1), eval, trial{0, value, slope, l.prev})
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, end.t)
	if len(got) != len(want) {
		t.Errorf("curve %d: step lengths %v, torch has %v", k, got, want)
		return
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= 1e-4*w+1e-6) {
			t.Errorf("curve %d: step lengths %v, torch has %v", k, got, want)
			return
		}
	}
	if value, slope := f(end.t); !(math.Abs(value-end.f) <= 1e-4*math.Max(1, math.Abs(value))) ||
		!(math.Abs(slope-float64(end.g[0])) <= 1e-3*math.Max(1, math.Abs(slope))) {
		t.Errorf("curve %d: ends with %v and gradient %v, which are %v and %v", k, end.f, end.g[0], value, slope)
	}
}
