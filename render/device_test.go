package render

import (
	"context"
	"errors"
	"math"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
)

// card is a device that computes as another does until it is lost, in the run or load of that number. From
// then on everything fails, and what lay on it is NaN.
type card struct {
	autodiff.Device
	calls, lostAt int
	vectors       [][]float32
}

var errLost = errors.New("cuLaunchKernel gemm: CUDA_ERROR_LAUNCH_FAILED (719)")

func (c *card) lost() bool { return c.lostAt > 0 && c.calls >= c.lostAt }

func (c *card) call() error {
	if c.calls++; !c.lost() {
		return nil
	}
	for _, v := range c.vectors {
		for i := range v {
			v[i] = float32(math.NaN())
		}
	}
	return errLost
}

func (c *card) Load(p *autodiff.Plan, limit int64) (autodiff.Program, error) {
	if err := c.call(); err != nil {
		return nil, err
	}
	program, err := c.Device.Load(p, limit)
	return &cardProgram{program, c}, err
}

type cardProgram struct {
	autodiff.Program
	card *card
}

func (p *cardProgram) Run(ctx context.Context) error {
	if err := p.card.call(); err != nil {
		return err
	}
	return p.Program.Run(ctx)
}

func (p *cardProgram) Read(n *autodiff.Node, dst []float32) {
	if !p.card.lost() {
		p.Program.Read(n, dst)
	}
}

// cardVectors is a backend in plain loops on vectors that are lost with the card.
type cardVectors struct{ card *card }

func (v cardVectors) Vector(n int) []float32 {
	s := make([]float32, n)
	v.card.vectors = append(v.card.vectors, s)
	return s
}

func (v cardVectors) Err() error {
	if v.card.lost() {
		return errLost
	}
	return nil
}

// each calls f for every element, and sum adds what it returns.
func (v cardVectors) each(n int, f func(i int)) {
	for i := range n {
		if v.card.lost() {
			return
		}
		f(i)
	}
}

func (v cardVectors) sum(n int, f func(i int) float32) (sum float64) {
	v.each(n, func(i int) { sum += float64(f(i)) })
	return sum
}

func (v cardVectors) Close() {}

func (v cardVectors) Copy(dst, x []float32) {
	v.each(len(dst), func(i int) { dst[i] = x[i] })
}
func (v cardVectors) Scale(dst, x []float32, s float32) {
	v.each(len(dst), func(i int) { dst[i] = s * x[i] })
}
func (v cardVectors) Sub(dst, x, y []float32) {
	v.each(len(dst), func(i int) { dst[i] = x[i] - y[i] })
}
func (v cardVectors) Axpy(dst, x []float32, s float32) {
	v.each(len(dst), func(i int) { dst[i] += s * x[i] })
}
func (v cardVectors) Clamp(x []float32, lo, hi float32) {
	v.each(len(x), func(i int) { x[i] = min(max(x[i], lo), hi) })
}
func (v cardVectors) Adam(x, moment, second, grad []float32, s optim.AdamStep) {
	panic("no test comes here")
}
func (v cardVectors) Sum(a []float32) float64 {
	return v.sum(len(a), func(i int) float32 { return a[i] })
}
func (v cardVectors) AbsSum(a []float32) float64 {
	return v.sum(len(a), func(i int) float32 { return max(a[i], -a[i]) })
}
func (v cardVectors) Dot(a, b []float32) float64 {
	return v.sum(len(a), func(i int) float32 { return a[i] * b[i] })
}
func (v cardVectors) MaxAbs(a []float32) (most float64) {
	v.each(len(a), func(i int) { most = max(most, math.Abs(float64(a[i]))) })
	return most
}
func (v cardVectors) Equal(a, b []float32) bool {
	return v.sum(len(a), func(i int) float32 { return max(a[i]-b[i], b[i]-a[i]) }) == 0
}
func (v cardVectors) Halve(dst, x []float32, g optim.Grid) {
	v.each(1, func(int) { optim.NewHost(nil, nil).Halve(dst, x, g) })
}
func (v cardVectors) Double(dst []float32, s float32, x []float32, t float32, g optim.Grid) {
	v.each(1, func(int) { optim.NewHost(nil, nil).Double(dst, s, x, t, g) })
}
func (v cardVectors) AxpyDot(dst, x []float32, s float32, y []float32) float64 {
	v.Axpy(dst, x, s)
	return v.Dot(dst, y)
}

// Close leaves the device to its own engine.
func (c *card) Close() {}

// Memory and Vectors make it a GPU.
func (c *card) Memory() int64                { return 1 << 30 }
func (c *card) Vectors() optim.DeviceBackend { return cardVectors{c} }

// cardEngine returns an engine on a card that is lost at a call of its device, 0 for never.
func cardEngine(t *testing.T, lostAt int) (*Engine, *card) {
	t.Helper()
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	c := &card{Device: e.Device, lostAt: lostAt}
	lost := engineOn(c, e.Kernels, 1)
	t.Cleanup(lost.Close)
	return lost, c
}

// paintings run style and dream on an engine: two sizes of two and three steps. (At the start of L-BFGS a
// difference in rounding becomes some twenty times as large with each step.)
var paintings = map[string]func(e *Engine, onEvent func(Event)) (*Result, error){
	"style": func(e *Engine, onEvent func(Event)) (*Result, error) {
		o := tinyStyle()
		o.Size, o.Iterations = 48, 2
		o.Engine, o.Every, o.On = e, 1, onEvent
		return o.run(context.Background())
	},
	"dream": func(e *Engine, onEvent func(Event)) (*Result, error) {
		o := tinyDream()
		o.Size, o.Iterations = 48, 3
		o.Engine, o.Every, o.On = e, 1, onEvent
		return o.run(context.Background())
	},
}

// TestCard optimises on vectors of a device: losses are the processor's but for rounding.
func TestCard(t *testing.T) {
	for name, paint := range paintings {
		t.Run(name, func(t *testing.T) {
			losses := func(e *Engine) (all []float64) {
				r, err := paint(e, func(ev Event) {
					if ev.Kind == EventStep {
						all = append(all, ev.Loss)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				return append(all, r.Loss)
			}
			e, c := cardEngine(t, 0)
			got, want := losses(e), losses(nil)
			if len(c.vectors) == 0 {
				t.Error("no vector was on the card")
			}
			for i, v := range want {
				if !(math.Abs(got[i]-v) <= 1e-4*math.Abs(v)) {
					t.Errorf("losses are %v, on the processor %v", got, want)
					break
				}
			}
		})
	}
}

// TestCardIsLost loses the device at each of its calls in turn: once a step was taken there is a picture,
// and always an error that names the call.
func TestCardIsLost(t *testing.T) {
	for name, paint := range paintings {
		t.Run(name, func(t *testing.T) {
			e, c := cardEngine(t, 0)
			if _, err := paint(e, nil); err != nil {
				t.Fatal(err)
			}
			for lostAt := 1; lostAt <= c.calls; lostAt++ {
				e, _ := cardEngine(t, lostAt)
				steps := 0
				r, err := paint(e, func(ev Event) { steps = ev.Step })
				var failed *DeviceError
				if !errors.As(err, &failed) || !errors.Is(err, errLost) {
					t.Fatalf("lost at call %d: %v", lostAt, err)
				}
				if (r != nil) != (steps > 0) || r != nil && r.Steps != steps {
					t.Fatalf("lost at call %d, after %d steps: %+v", lostAt, steps, r)
				}
				if r == nil {
					continue
				}
				for _, v := range r.Picture.Pix {
					if !(v >= 0 && v <= 1) {
						t.Fatalf("lost at call %d: a colour is %v", lostAt, v)
					}
				}
			}
		})
	}
}

// TestCardMemory wants what does not fit on a card refused before anything is loaded.
func TestCardMemory(t *testing.T) {
	e, c := cardEngine(t, 0)
	e.GPUMemory = 1 << 20
	o := tinyStyle()
	o.Engine = e
	_, err := o.run(context.Background())
	var m *MemoryError
	if !errors.As(err, &m) || !m.GPU || m.Budget || m.Have != e.GPUMemory || c.calls != 0 {
		t.Errorf("%v after %d calls", err, c.calls)
	}
	e.GPUMemory, e.Memory = 1<<30, 2<<20
	if _, err = o.run(context.Background()); !errors.As(err, &m) || !m.Budget || m.Have != e.Memory {
		t.Errorf("with a budget: %v", err)
	}
}

// TestDeviceNames opens devices by names, good and bad.
func TestDeviceNames(t *testing.T) {
	for name, known := range map[string]bool{
		"": true, "cpu": true, "cpu:0": true, "cpu:1": false, "cpu:": false, "cpu:-1": false, "cpu:one": false, "gpu": false,
	} {
		e, err := NewEngine(EngineOptions{Device: name})
		if err == nil {
			e.Close()
		}
		if (err == nil) != known {
			t.Errorf("%q: %v", name, err)
		}
		if option, ok := errors.AsType[*OptionError](err); err != nil && (!ok || option.Mistakes[0].Option != "device") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
