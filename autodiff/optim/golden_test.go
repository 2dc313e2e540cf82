package optim

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"oneiro/simd"
)

// golden is one trace of testdata/golden.json: the points that torch evaluated, in order.
type golden struct {
	Rounding, Losses []float64
	Points           [][]float64
}

// goldenFile is testdata/golden.json.
type goldenFile struct {
	Cases    map[string]golden
	Searches []struct {
		Curve int
		T     []float64
	}
}

func readGolden(t *testing.T) (g goldenFile) {
	t.Helper()
	file, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGoldenSearches compares the step lengths with those that torch's line search tries.
func TestGoldenSearches(t *testing.T) {
	searches := readGolden(t).Searches
	if len(searches) < 100 {
		t.Errorf("only %d searches", len(searches))
	}
	for _, s := range searches {
		testSearch(t, s.Curve, s.T)
	}
}

// TestGoldenTraces compares the points with those that torch's optimisers evaluate. The effect of rounding
// inside the optimiser is known from torch itself, run in float32 and in float64; ours may differ by a few
// times as much, and by a few units in the last place.
func TestGoldenTraces(t *testing.T) {
	traces := readGolden(t)
	adam := AdamOptions{LearningRate: 0.1, Beta1: 0.8, Beta2: 0.99, Epsilon: 0.01}
	cases := []struct {
		name   string
		f      function
		method Method
	}{
		{"lbfgs/rosenbrock", rosenbrock, LBFGSOptions{}},
		{"lbfgs/rosenbrock/history=3", rosenbrock, LBFGSOptions{History: 3}},
		{"lbfgs/quadratic", quadratic, LBFGSOptions{}},
		{"lbfgs/quadratic/rate=0.5", quadratic, LBFGSOptions{LearningRate: 0.5}},
		{"lbfgs/nonconvex", nonconvex, LBFGSOptions{}},
		{"wolfe/rosenbrock", rosenbrock, LBFGSOptions{StrongWolfe: true}},
		{"wolfe/rosenbrock/history=3", rosenbrock, LBFGSOptions{StrongWolfe: true, History: 3}},
		{"wolfe/quadratic", quadratic, LBFGSOptions{StrongWolfe: true}},
		{"wolfe/nonconvex", nonconvex, LBFGSOptions{StrongWolfe: true}},
		{"wolfe/nonconvex/rate=20", nonconvex, LBFGSOptions{StrongWolfe: true, LearningRate: 20}},
		{"adam/rosenbrock", rosenbrock, AdamOptions{LearningRate: 0.02}},
		{"adam/nonconvex", nonconvex, adam},
		{"descent/nonconvex", nonconvex, SGDOptions{LearningRate: 0.05}},
		{"descent/quadratic/momentum", quadratic, SGDOptions{LearningRate: 1e-4, Momentum: 0.9}},
	}
	if len(cases) != len(traces.Cases) {
		t.Errorf("%d cases, %d traces", len(cases), len(traces.Cases))
	}
	for _, c := range cases {
		want, ok := traces.Cases[c.name]
		if !ok {
			t.Errorf("no trace %q", c.name)
			continue
		}
		for _, tier := range simd.Available() {
			t.Run(c.name+"/"+tier.Name, func(t *testing.T) {
				optimizer := c.method.New(len(c.f.start), NewHost(tier, nil))
				compare(t, want, points(t, optimizer, c.f, len(want.Points)))
			})
		}
	}
}

// point is an evaluated point.
type point struct {
	x    []float32
	loss float64
}

// points returns at least count points that the optimiser evaluates.
func points(t *testing.T, optimizer Optimizer, f function, count int) []point {
	t.Helper()
	var all []point
	x, inner := f.x0(), f.evaluate()
	eval := func(x, grad []float32) (float64, error) {
		loss, err := inner(x, grad)
		all = append(all, point{slices.Clone(x), loss})
		return loss, err
	}
	for step := 0; len(all) < count; step++ {
		begin := slices.Clone(x)
		loss, err := optimizer.Step(x, eval)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(p point) bool { return slices.Equal(p.x, begin) })
		if i < 0 || all[i].loss != loss {
			t.Fatalf("step %d returned %v, which is not the loss where it began", step, loss)
		}
		if step > count {
			t.Fatalf("%d evaluations in %d steps, want %d", len(all), step, count)
		}
	}
	return all
}

func compare(t *testing.T, want golden, got []point) {
	t.Helper()
	for i, point := range want.Points {
		rounding := want.Rounding[i]
		if rounding > 0.01 {
			t.Fatalf("point %d: torch itself is uncertain by %g, the comparison means nothing", i, rounding)
		}
		for j, w := range point {
			tolerance := 4*rounding + 3e-7*math.Max(1, math.Abs(w))
			if diff := math.Abs(float64(got[i].x[j]) - w); !(diff <= tolerance) {
				t.Fatalf("point %d, element %d: %v, torch has %v, difference %.2g, tolerance %.2g",
					i, j, got[i].x[j], w, diff, tolerance)
			}
		}
	}
	// The function is evaluated alike here and there: at the start, to the last digits.
	if diff := math.Abs(got[0].loss - want.Losses[0]); !(diff <= 1e-8*math.Abs(want.Losses[0])) {
		t.Errorf("the loss at the start is %v, torch has %v", got[0].loss, want.Losses[0])
	}
}
