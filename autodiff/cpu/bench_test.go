package cpu

import (
	"context"
	"fmt"
	"testing"

	"oneiro/autodiff"
)

// BenchmarkConv measures the convolutions of VGG-19 at 512 pixels, forward and backward to the input.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct{ size, in, out int }{
		{512, 3, 64}, {512, 64, 64}, {256, 128, 128}, {128, 256, 256}, {64, 512, 512}, {32, 512, 512},
	} {
		for _, backward := range []bool{false, true} {
			name := fmt.Sprintf("%dx%d/%d-%d/forward", c.size, c.size, c.in, c.out)
			if backward {
				name = fmt.Sprintf("%dx%d/%d-%d/backward", c.size, c.size, c.in, c.out)
			}
			b.Run(name, func(b *testing.B) {
				g := autodiff.NewGraph()
				x := g.Input("x", autodiff.Shape{N: 1, H: c.size, W: c.size, C: c.in})
				w := &autodiff.Tensor{Name: "w", Shape: autodiff.Shape{N: 3, H: 3, W: c.in, C: c.out},
					Data: make([]float32, 9*c.in*c.out)}
				y := autodiff.Conv2D(x, g.Const(w), nil, autodiff.Conv{Pad: autodiff.Same(3, 3)})
				out := y
				if backward {
					out = autodiff.Gradient(autodiff.Sum(autodiff.Mul(y, g.Input("dy", y.Shape))), x)[0]
				}
				d := New(Options{})
				defer d.Close()
				plan := autodiff.Compile(d, out)
				p, err := d.Load(plan, 0)
				if err != nil {
					b.Fatal(err)
				}
				defer p.Close()
				for b.Loop() {
					if err := p.Run(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
				flops := 2 * 9 * float64(c.size*c.size) * float64(c.in*c.out)
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkGram measures the Gram matrices of VGG-19's style layers at 512 pixels, in one cell and in cells of
// 256 pixels.
func BenchmarkGram(b *testing.B) {
	for _, c := range []struct{ size, channels int }{{512, 64}, {256, 128}, {128, 256}, {64, 512}, {32, 512}} {
		for _, cell := range []int{0, c.size / 2} {
			b.Run(fmt.Sprintf("%dx%d/%d/cell%d", c.size, c.size, c.channels, cell), func(b *testing.B) {
				g := autodiff.NewGraph()
				x := g.Input("x", autodiff.Shape{N: 1, H: c.size, W: c.size, C: c.channels})
				y := autodiff.Gram(x, autodiff.GramAttr{Scale: 1 / float64(x.Shape.Len()), Cell: cell})
				d := New(Options{})
				defer d.Close()
				p, err := d.Load(autodiff.Compile(d, y), 0)
				if err != nil {
					b.Fatal(err)
				}
				defer p.Close()
				for b.Loop() {
					if err := p.Run(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
