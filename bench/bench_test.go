package bench

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"oneiro/render"
)

// tiny are all workloads with pictures of 32 pixels a side.
func tiny() []Workload { return append(workloads(func(int) int { return 32 }), Peak) }

func engine(t *testing.T, threads int) *render.Engine {
	t.Helper()
	e, err := render.NewEngine(render.EngineOptions{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// Every workload runs on two engines, and both compute the same bits: those of the first engine's
// single thread.
func TestWorkloads(t *testing.T) {
	var last string
	for _, w := range tiny() {
		if w.Name == last { // sizes that are one here
			continue
		}
		last = w.Name
		t.Run(w.Name, func(t *testing.T) {
			var list []*Instance
			for threads := 1; threads <= 2; threads++ {
				in, err := w.Open(engine(t, threads))
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				list = append(list, in)
			}
			timings, err := Measure(t.Context(), list, Effort{})
			if err != nil {
				t.Fatal(err)
			}
			for _, timing := range timings {
				if len(timing) != 1 || !(timing[0] > 0) {
					t.Errorf("timing %v", timing)
				}
			}
			if d, _ := Distance(list[0], list[1]); d != 0 {
				t.Errorf("one thread and two differ by %g", d)
			}
			moves := false
			for _, out := range list[0].Outputs() {
				for _, v := range out {
					moves = moves || v != 0
				}
			}
			if !moves {
				t.Error("all results are 0")
			}
			if w.Bound == ByArithmetic && !(list[0].FLOPs > 0) || w.Bound == ByMemory && list[0].Bytes <= 0 {
				t.Errorf("%g FLOPs, %d bytes", list[0].FLOPs, list[0].Bytes)
			}
		})
	}
}

// Work is counted as direct convolution: two operations for each weight and pixel. VGG-19 to relu5_1
// at 512 pixels is 189.3 GFLOP.
func TestFLOPs(t *testing.T) {
	e := engine(t, 1)
	for name, want := range map[string]float64{
		"conv3x3/512-512@32/forward":  2 * 9 * 512 * 512 * 32 * 32,
		"conv3x3/512-512@32/gradient": 2 * 9 * 512 * 512 * 32 * 32,
		"conv3x3/512-512@32/filter":   2 * 9 * 512 * 512 * 32 * 32,
		"gram/512@32/forward":         2 * 512 * 512 * 32 * 32,
		"vgg19/512/forward":           189.3e9,
	} {
		list, err := Match(Workloads(), name)
		if err != nil || len(list) != 1 {
			t.Fatal(name, list, err)
		}
		in, err := list[0].Open(e)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if !(math.Abs(in.FLOPs/want-1) < 0.005) {
			t.Errorf("%s: %g FLOPs, want %g", name, in.FLOPs, want)
		}
	}
}

// What a kernel's workload measures is one step.
func TestTraffic(t *testing.T) {
	list, err := Match(Workloads(), "maxpool/64@512/*")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	const full = 4 * 64 * 512 * 512
	for i, want := range []int64{full + full/4, full + full/4 + full} {
		in, err := list[i].Open(engine(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if in.Bytes != want {
			t.Errorf("%s: %d bytes, want %d", list[i].Name, in.Bytes, want)
		}
	}
}

func TestMatch(t *testing.T) {
	all := Workloads()
	var names []string
	for _, w := range all {
		if slices.Contains(names, w.Name) {
			t.Errorf("two workloads are called %s", w.Name)
		}
		names = append(names, w.Name)
	}
	for pattern, want := range map[string]int{"*": len(all), "vgg19/*": 6, "*/step": 6, "vgg19/512/step": 1, "conv7*gradient": 1, "vgg": 0} {
		if got, err := Match(all, pattern); err != nil || len(got) != want {
			t.Errorf("%s: %d workloads, %v", pattern, len(got), err)
		}
	}
	if _, err := Match(all, "["); err == nil {
		t.Error("[ is a pattern")
	}
}

// Rounds go A B A B, and short runs are repeated.
func TestMeasure(t *testing.T) {
	var order []string
	instance := func(name string, takes time.Duration) *Instance {
		return &Instance{Run: func(context.Context) error {
			order = append(order, name)
			time.Sleep(takes)
			return nil
		}}
	}
	timings, err := Measure(t.Context(), []*Instance{instance("a", 25*time.Millisecond), instance("b", 15*time.Millisecond)},
		Effort{Rounds: 2, Limit: time.Hour})
	if err != nil || len(timings) != 2 || len(timings[0]) != 2 || len(timings[1]) != 2 {
		t.Fatal(timings, err)
	}
	if got := slices.Compact(order); !slices.Equal(got, []string{"a", "b", "a", "b", "a", "b"}) {
		t.Errorf("order %v", order)
	}
	if timings[0].Median() < 0.025 || timings[1].Median() < 0.015 {
		t.Errorf("timings %v: less than the runs slept", timings)
	}
}

func TestTiming(t *testing.T) {
	a, b := Timing{4, 1, 2}, Timing{2, 1, 4, 3}
	if a.Median() != 2 || b.Median() != 2.5 || a.Spread() != 1.5 {
		t.Errorf("medians %g, %g, spread %g", a.Median(), b.Median(), a.Spread())
	}
	if r := Ratios(Timing{2, 6}, Timing{1, 2}); !slices.Equal(r, Timing{2, 3}) {
		t.Errorf("ratios %v", r)
	}
}

func TestDistance(t *testing.T) {
	of := func(x ...float32) *Instance {
		return &Instance{Outputs: func() [][]float32 { return [][]float32{{7}, x} }}
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		a, b      *Instance
		most, rms float64
	}{
		{of(3, -3), of(3, -2.5), 0.5 / 3, 0.5 / math.Sqrt(18)},
		{of(0, 0), of(0, 0), 0, 0},
		{of(1, 2), of(1, nan), math.NaN(), math.NaN()},
		{of(nan, 2), of(1, 2), math.NaN(), math.NaN()},
	} {
		same := func(x, y float64) bool { return math.Abs(x-y) < 1e-12 || math.IsNaN(x) && math.IsNaN(y) }
		if most, rms := Distance(c.a, c.b); !same(most, c.most) || !same(rms, c.rms) {
			t.Errorf("%v and %v: distance %g, %g; want %g, %g", c.a.Outputs(), c.b.Outputs(), most, rms, c.most, c.rms)
		}
	}
}
