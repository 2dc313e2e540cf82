package render

import (
	"context"
	"fmt"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/nn"
)

// stepper returns a function that takes one step of a style transfer with a longer side of size, as
// the loop of a run does.
func stepper(t testing.TB, o StyleOptions) (step func(), flops float64) {
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	o.Iterations, o.EventEvery, o.OnEvent = 1, 0, nil
	s, err := newStyle(&o, nn.Bind)
	if err != nil {
		t.Fatal(err)
	}
	size := o.full()
	objective, err := s.objective(context.Background(), e.Device, size)
	if err != nil {
		t.Fatal(err)
	}
	p := newProblem(s.model, objective, size, s.units(), false)
	if err := p.load(context.Background(), e.Device); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close() })
	x := pixels(o.Content, size, s.units())
	r := newRun(context.Background(), &o.Common, e)
	r.begin(size.w, size.h)
	optimizer := s.method().New(len(x), e.Host())
	return func() {
		if err := r.minimise(p, x, optimizer, nil, 0); err != nil {
			t.Fatal(err)
		}
	}, p.plan.FLOPs()
}

// TestLoopAllocatesNothing checks every optimiser's loop after its first step.
func TestLoopAllocatesNothing(t *testing.T) {
	for _, opt := range Optimizers {
		o := tinyStyle()
		o.Optimizer, o.StructureWeight, o.SSIMWeight = opt, 1, 1
		step, _ := stepper(t, o)
		step()
		if n := testing.AllocsPerRun(10, step); n > 0 {
			t.Errorf("%s: %v allocations in a step", opt, n)
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
			o := DefaultStyle(nn.VGG19())
			o.Params = openWeights(b, fixture.Shared(b, "weights/vgg19_hybrid.npz"))
			benchStep(b, o, size)
		})
	}
}

// benchStep measures steps on a square picture.
func benchStep(b *testing.B, o StyleOptions, size int) {
	o.Size = size
	o.Content = sample.Landscape(size, size, 1)
	o.Styles = []*imageio.Image{sample.Painting(size, size, 1)}
	step, flops := stepper(b, o)
	step()
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
