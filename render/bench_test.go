package render

import (
	"context"
	"fmt"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// stepper returns a function that takes steps of a style transfer at its full size, as a run does.
func stepper(t testing.TB, o styleTrial) (steps func(n int), flops float64) {
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	o.Scales = 1
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	plans := job.Plans(e)
	if err := job.Read(e); err != nil {
		t.Fatal(err)
	}
	p := job.take(0)
	if err := p.terms.fill(context.Background(), e.Device); err != nil {
		t.Fatal(err)
	}
	if err := p.load(context.Background(), e.Device, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close() })
	r := newRun(context.Background(), job, e, Events{})
	x := job.spec.Schedule.Start(p.stage, nil, Size{}, r.random)
	optimizer := job.spec.Optimizer(p.stage).New(len(x), e.host)
	return func(n int) {
		job.spec.Iterations = n
		r.begin(p.stage, x, r.step)
		if err := r.minimise(p, x, optimizer, e.host); err != nil {
			t.Fatal(err)
		}
	}, plans[0].Plan.FLOPs()
}

// TestLoopAllocatesNothing checks every optimiser's loop after its first step: more steps do not take more.
func TestLoopAllocatesNothing(t *testing.T) {
	for _, opt := range Optimizers {
		o := tinyStyle()
		o.Optimizer, o.StructureWeight, o.SSIMWeight = opt, 1, 1
		o.StyleOptions = withLosses(o.StyleOptions)
		steps, _ := stepper(t, o)
		steps(1)
		few := testing.AllocsPerRun(5, func() { steps(1) })
		many := testing.AllocsPerRun(5, func() { steps(4) })
		if many > few {
			t.Errorf("%s: %v allocations in a run of 1 step, %v in one of 4", opt, few, many)
		}
	}
}

// BenchmarkStyleStep measures a whole step: forward, backward and L-BFGS. It compares with what
// PyTorch's neural-style-pt does in one iteration.
func BenchmarkStyleStep(b *testing.B) {
	for _, size := range []int{256, 512} {
		b.Run(fmt.Sprintf("builtin/%d", size), func(b *testing.B) {
			o := tinyStyle()
			benchStep(b, o, size)
		})
		b.Run(fmt.Sprintf("vgg19/%d", size), func(b *testing.B) {
			o := styleTrial{DefaultStyle(nn.VGG19()), trial{Network: nn.VGG19(), Params: openWeights(b, fixture.Shared(b, "weights/vgg19_hybrid.npz"))}}
			benchStep(b, o, size)
		})
	}
}

// benchStep measures steps on a square picture.
func benchStep(b *testing.B, o styleTrial, size int) {
	o.Size = size
	o.Content = landscape(size, size, 1)
	o.Styles = []*imageio.Image{painting(size, size, 1)}
	steps, flops := stepper(b, o)
	steps(1)
	b.ReportAllocs()
	b.ResetTimer()
	steps(b.N)
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
