package optim

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"oneiro/internal/parallel"
)

// method is a way to minimise, for the tests that all of them must pass.
type method struct {
	name string
	Method
}

func methods(clamp Range) []method {
	return []method{
		{"lbfgs", LBFGSOptions{History: 5, Clamp: clamp}},
		{"wolfe", LBFGSOptions{History: 5, StrongWolfe: true, Clamp: clamp}},
		{"trust", LBFGSOptions{History: 5, TrustRadius: 0.5, Clamp: clamp}},
		{"adam", AdamOptions{LearningRate: 0.05, Clamp: clamp}},
		{"descent", SGDOptions{LearningRate: 0.02, Clamp: clamp}},
		{"momentum", SGDOptions{LearningRate: 0.02, Momentum: 0.8, Normalize: true, Clamp: clamp}},
	}
}

// processor is the best of the processor on one thread.
func processor() Backend { return NewHost(nil, nil) }

// steps takes so many steps, or fewer if there is no lower loss, and returns the last loss.
func steps(t *testing.T, o Optimizer, x []float32, eval Evaluate, count int) (last float64) {
	t.Helper()
	for i := range count {
		loss, err := o.Step(x, eval)
		if err == ErrNoDescent {
			return loss
		}
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		last = loss
	}
	return last
}

// The minimum that gonum finds from the same start, in float64.
func TestMinimumIsThatOfGonum(t *testing.T) {
	for _, f := range []function{rosenbrock, quadratic, nonconvex, wave(40)} {
		p := optimize.Problem{
			Func: func(x []float64) float64 { return f.at(x, make([]float64, len(x))) },
			Grad: func(grad, x []float64) { f.at(x, grad) },
		}
		oracle, err := optimize.Minimize(p, f.start, &optimize.Settings{GradientThreshold: 1e-9}, &optimize.LBFGS{})
		if err != nil {
			t.Logf("%s: gonum: %v", f.name, err) // no more progress within float64
		}
		l := newLBFGS(len(f.start), processor(), LBFGSOptions{History: 10, StrongWolfe: true})
		x := f.x0()
		loss := steps(t, l, x, f.evaluate(), 60)
		if !(loss <= oracle.F+1e-5) {
			t.Errorf("%s: loss %v after 60 steps, gonum has %v", f.name, loss, oracle.F)
		}
		for i, want := range oracle.X {
			if !(math.Abs(float64(x[i])-want) <= 2e-3) {
				t.Errorf("%s: x[%d] = %v, gonum has %v", f.name, i, x[i], want)
			}
		}
	}
}

func TestConvergence(t *testing.T) {
	f := wave(200)
	start := f.at(f.start, make([]float64, 200))
	best := math.Inf(1)
	losses := map[string]float64{}
	for _, m := range methods(Range{}) {
		x := f.x0()
		loss := steps(t, m.New(200, processor()), x, f.evaluate(), 400)
		losses[m.name] = loss
		best = min(best, loss)
	}
	for name, loss := range losses {
		left := (loss - best) / (start - best)
		allowed := map[string]float64{
			"lbfgs": 1e-6, "wolfe": 1e-6, "trust": 1e-6, "adam": 1e-3, "descent": 1e-3,
			"momentum": 0.01, // its steps have a fixed size
		}[name]
		t.Logf("%s: loss %v, %.2g of the way left", name, loss, left)
		if !(left <= allowed) {
			t.Errorf("%s: loss %v from %v, the best is %v", name, loss, start, best)
		}
	}
}

// bowl is cheap, and not at its minimum soon, so that every step does all its work.
func bowl(x, grad []float32) (loss float64, err error) {
	for i, v := range x {
		w := float32(1 + i%50)
		grad[i] = w * v
		loss += float64(0.5 * w * v * v)
	}
	return loss, nil
}

func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	const n = 2*pieceLen + 17
	start := filled(n, func(i int) float64 { return math.Sin(float64(i)) })
	pools := []*parallel.Pool{nil, parallel.New(1), parallel.New(2), parallel.New(5)}
	for _, m := range methods(Range{-0.9, 0.9}) {
		var want []float32
		for _, pool := range pools {
			x := slices.Clone(start)
			steps(t, m.New(n, NewHost(nil, pool)), x, bowl, 4)
			if want == nil {
				want = x
			}
			for i := range x {
				if math.Float32bits(x[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%s: element %d is %v with a pool of %d, %v without", m.name, i, x[i], pool.Threads(), want[i])
				}
			}
		}
	}
	for _, pool := range pools[1:] {
		pool.Close()
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	const n = pieceLen + 3
	pool := parallel.New(2)
	defer pool.Close()
	for _, m := range methods(Range{-10, 10}) {
		o := m.New(n, NewHost(nil, pool))
		x := filled(n, func(int) float64 { return 1 })
		step := func() {
			if _, err := o.Step(x, bowl); err != nil {
				t.Fatal(err)
			}
		}
		if allocs := testing.AllocsPerRun(10, step); allocs != 0 {
			t.Errorf("%s: %v allocations a step", m.name, allocs)
		}
	}
}

func TestClamp(t *testing.T) {
	r := Range{-0.3, 0.2}
	for _, m := range methods(r) {
		f := wave(100)
		x := f.x0()
		o := m.New(100, processor())
		atLimit := false
		for range 20 {
			steps(t, o, x, f.evaluate(), 1)
			if lo, hi := slices.Min(x), slices.Max(x); lo < r.Lo || hi > r.Hi {
				t.Fatalf("%s: x ranges from %v to %v", m.name, lo, hi)
			}
			atLimit = atLimit || slices.Contains(x, r.Lo) && slices.Contains(x, r.Hi)
		}
		if !atLimit {
			t.Errorf("%s: x never met its limits", m.name)
		}
	}
}

func TestBytes(t *testing.T) {
	const n = 100_000
	for _, m := range methods(Range{}) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m.New(n, processor())
		runtime.ReadMemStats(&after)
		got, want := float64(after.TotalAlloc-before.TotalAlloc), float64(m.Bytes(n))
		if !(got >= want && got <= 1.05*want) { // a large allocation is rounded up to whole pages
			t.Errorf("%s: allocates %v bytes, predicted %v", m.name, got, want)
		}
	}
}

// moving counts the bytes of the vectors that operations of a backend read and write.
type moving struct {
	Backend
	bytes *int64
}

func (m moving) moves(vectors, n int) { *m.bytes += 4 * int64(vectors) * int64(n) }

func (m moving) Copy(dst, x []float32) { m.moves(2, len(x)); m.Backend.Copy(dst, x) }
func (m moving) Scale(dst, x []float32, s float32) {
	m.moves(2, len(x))
	m.Backend.Scale(dst, x, s)
}
func (m moving) Sub(dst, x, y []float32)           { m.moves(3, len(x)); m.Backend.Sub(dst, x, y) }
func (m moving) Axpy(dst, x []float32, s float32)  { m.moves(3, len(x)); m.Backend.Axpy(dst, x, s) }
func (m moving) Sum(a []float32) float64           { m.moves(1, len(a)); return m.Backend.Sum(a) }
func (m moving) AbsSum(a []float32) float64        { m.moves(1, len(a)); return m.Backend.AbsSum(a) }
func (m moving) Dot(a, b []float32) float64        { m.moves(2, len(a)); return m.Backend.Dot(a, b) }
func (m moving) MaxAbs(a []float32) float64        { m.moves(1, len(a)); return m.Backend.MaxAbs(a) }
func (m moving) Equal(a, b []float32) bool         { m.moves(2, len(a)); return m.Backend.Equal(a, b) }
func (m moving) Clamp(x []float32, lo, hi float32) { m.moves(2, len(x)); m.Backend.Clamp(x, lo, hi) }
func (m moving) Adam(x, v, w, grad []float32, s AdamStep) {
	m.moves(7, len(x))
	m.Backend.Adam(x, v, w, grad, s)
}

func (m moving) AxpyDot(dst, x []float32, s float32, y []float32) float64 {
	m.moves(4, len(x)) // dst stays in the cache
	return m.Backend.AxpyDot(dst, x, s, y)
}

// TestTraffic compares what methods say of their traffic with the operands of their operations.
func TestTraffic(t *testing.T) {
	const n, count = 10_000, 30
	for _, m := range append(methods(Range{}), method{"long", LBFGSOptions{History: 40, TrustRadius: 0.5}}) {
		var bytes int64
		x := filled(n, func(i int) float64 { return math.Sin(float64(i)) })
		o := m.New(n, moving{processor(), &bytes})
		steps(t, o, x, bowl, count)
		got, want := float64(bytes)/count, float64(m.Traffic(n, count))
		if !(math.Abs(got-want) <= 0.3*want) {
			t.Errorf("%s: %.1f vectors in a step, predicted %.1f", m.name, got/4/n, want/4/n)
		}
	}
}

// An error of eval must leave no trace: x stays, and the next steps are as if nothing had happened.
func TestErrorsLeaveNoTrace(t *testing.T) {
	stop := errors.New("stop")
	failures := map[string]func(grad []float32) (float64, error){
		"error":             func([]float32) (float64, error) { return 1, stop },
		"NaN loss":          func([]float32) (float64, error) { return math.NaN(), nil },
		"infinite loss":     func([]float32) (float64, error) { return math.Inf(-1), nil },
		"NaN gradient":      func(g []float32) (float64, error) { g[3] = float32(math.NaN()); return 1, nil },
		"infinite gradient": func(g []float32) (float64, error) { g[3] = float32(math.Inf(1)); return 1, nil },
	}
	f := wave(50)
	for what, failure := range failures {
		for _, m := range methods(Range{}) {
			o, calm := m.New(50, processor()), m.New(50, processor())
			x, want := f.x0(), f.x0()
			steps(t, o, x, f.evaluate(), 4)
			steps(t, calm, want, f.evaluate(), 4)

			_, err := o.Step(x, func(_, grad []float32) (float64, error) { clear(grad); return failure(grad) })
			var bad *NonFiniteError
			if errors.As(err, &bad) == (what == "error") || (what == "error" && err != stop) {
				t.Errorf("%s, %s: error is %v", m.name, what, err)
			}
			if bad != nil && (bad.Error() == "" || bad.Hint() == "") {
				t.Errorf("%s, %s: empty message or hint", m.name, what)
			}
			if !slices.Equal(x, want) {
				t.Fatalf("%s, %s: x has moved", m.name, what)
			}
			steps(t, o, x, f.evaluate(), 4)
			steps(t, calm, want, f.evaluate(), 4)
			if !slices.Equal(x, want) {
				t.Errorf("%s, %s: the steps after the error differ", m.name, what)
			}
		}
	}
}

func TestNonFiniteErrorSaysWhere(t *testing.T) {
	o := SGDOptions{}.New(4, processor())
	_, err := o.Step(make([]float32, 4), func(_, grad []float32) (float64, error) {
		copy(grad, []float32{0, 1, float32(math.Inf(-1)), 0})
		return 7, nil
	})
	want := NonFiniteError{What: "gradient", Index: 2, Value: math.Inf(-1), Loss: 7}
	var got *NonFiniteError
	if !errors.As(err, &got) || *got != want {
		t.Errorf("error is %#v, want %#v", err, want)
	}
}

func TestMisusePanics(t *testing.T) {
	none := func(_, _ []float32) (float64, error) { return 0, nil }
	for name, misuse := range map[string]func(){
		"length":   func() { _, _ = NewAdam(3, processor(), AdamOptions{}).Step(make([]float32, 4), none) },
		"empty":    func() { NewAdam(0, processor(), AdamOptions{}) },
		"rate":     func() { NewAdam(1, processor(), AdamOptions{LearningRate: -1}) },
		"NaN":      func() { SGDOptions{LearningRate: math.NaN()}.New(1, processor()) },
		"beta":     func() { NewAdam(1, processor(), AdamOptions{Beta1: 1.5}) },
		"history":  func() { newLBFGS(1, processor(), LBFGSOptions{History: -1}) },
		"radius":   func() { newLBFGS(1, processor(), LBFGSOptions{TrustRadius: -1}) },
		"searches": func() { newLBFGS(1, processor(), LBFGSOptions{TrustRadius: 1, StrongWolfe: true}) },
		"momentum": func() { SGDOptions{Momentum: -1}.New(1, processor()) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			misuse()
		})
	}
}

func BenchmarkLBFGS(b *testing.B) {
	const n = 512 * 512 * 3
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("n=%d/history=20/threads=%d", n, threads), func(b *testing.B) {
			pool := parallel.New(threads)
			defer pool.Close()
			o := newLBFGS(n, NewHost(nil, pool), LBFGSOptions{History: 20})
			x := filled(n, func(i int) float64 { return 1 + math.Sin(float64(i)) })
			for range 22 {
				if _, err := o.Step(x, bowl); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.SetBytes(2 * 2 * 20 * n * 4) // every pair, twice
			for b.Loop() {
				if _, err := o.Step(x, bowl); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
