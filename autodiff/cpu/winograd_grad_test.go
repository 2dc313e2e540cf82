package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/simd"
)

// filterGradCase is a filter gradient of same-padded 3x3 convolutions of ReLU'd noise.
type filterGradCase struct{ n, h, w, in, out int }

func (c filterGradCase) data() (x, dy []float32) {
	r := rand.New(rand.NewPCG(1, 2))
	x, dy = make([]float32, c.n*c.h*c.w*c.in), make([]float32, c.n*c.h*c.w*c.out)
	for i := range x {
		x[i] = float32(max(r.NormFloat64(), 0))
	}
	for i := range dy {
		dy[i] = float32(r.NormFloat64())
	}
	return x, dy
}

// load returns a program for the gradient, whose nodes are x, dy and dw.
func (c filterGradCase) load(t testing.TB, o Options, direct bool) (p autodiff.Program, x, dy, dw *autodiff.Node) {
	t.Helper()
	d := New(o)
	t.Cleanup(d.Close)
	d.direct = direct
	g := autodiff.NewGraph()
	x = g.Input("x", autodiff.Shape{N: c.n, H: c.h, W: c.w, C: c.in})
	w := g.Input("w", autodiff.Shape{N: 3, H: 3, W: c.in, C: c.out})
	y := autodiff.Conv2D(x, w, nil, autodiff.Conv{Pad: autodiff.Same(3, 3)})
	dy = g.Input("dy", y.Shape)
	dw = y.Op.Grad(y, dy, func(i int) bool { return i == 1 })[1]
	p, err := d.Load(autodiff.Compile(d, dw), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, x, dy, dw
}

// run returns the gradient as a device computes it.
func (c filterGradCase) run(t *testing.T, o Options, direct bool, x, dy []float32) []float32 {
	t.Helper()
	p, xNode, dyNode, dw := c.load(t, o, direct)
	p.Write(xNode, x)
	p.Write(dyNode, dy)
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	out := make([]float32, dw.Shape.Len())
	p.Read(dw, out)
	return out
}

// exact returns the gradient's column for one channel of dy in float64, [tap][channel of x].
func (c filterGradCase) exact(x, dy []float32, column int) []float64 {
	dw := make([]float64, 9*c.in)
	for i := range c.n * c.h * c.w {
		v := float64(dy[i*c.out+column])
		for tap := range 9 {
			py, px := i/c.w%c.h+tap/3-1, i%c.w+tap%3-1
			if py < 0 || py >= c.h || px < 0 || px >= c.w {
				continue
			}
			from := x[((i/(c.h*c.w)*c.h+py)*c.w+px)*c.in:][:c.in]
			for ch, to := 0, dw[tap*c.in:][:c.in]; ch < len(to); ch++ {
				to[ch] += v * float64(from[ch])
			}
		}
	}
	return dw
}

// Neither a filter in one piece nor one in blocks allocates when it runs.
func TestWinogradGradAllocatesNothing(t *testing.T) {
	for _, c := range []filterGradCase{{2, 33, 35, 16, 17}, {2, 9, 10, 256, 72}} {
		p, _, _, _ := c.load(t, Options{Threads: 2}, false)
		if n := testing.AllocsPerRun(10, func() { p.Run(context.Background()) }); n != 0 {
			t.Errorf("%v: %v allocations", c, n)
		}
	}
}

// TestWinogradGradError compares filter gradients in Winograd's domain with float64.
func TestWinogradGradError(t *testing.T) {
	const rmsTolerance, maxTolerance = 1.5e-6, 1.5e-5 // of the result's rms
	for _, c := range []filterGradCase{
		{1, 64, 64, 64, 64},
		{8, 64, 63, 64, 32}, // many tiles, some of them cut off
		{1, 200, 200, 64, 64},
		{2, 30, 29, 256, 100}, // blocks of the filter, the last ones smaller
		{3, 17, 30, 1040, 36}, // several chunks of tiles
		{1, 16, 16, 512, 512},
	} {
		if testing.Short() && c.n*c.h*c.w*c.in*c.out > 2e7 {
			continue // an emulated machine takes a minute for it
		}
		x, dy := c.data()
		columns := []int{0, c.out / 3, c.out - 1}
		var want [][]float64
		for _, column := range columns {
			want = append(want, c.exact(x, dy, column))
		}
		for _, k := range simd.Available() {
			if k.Name == "generic" && c.n*c.h*c.w*c.in*c.out > 1e8 {
				continue // the same code, only slower
			}
			t.Run(fmt.Sprintf("%s/%v", k.Name, c), func(t *testing.T) {
				measure := func(got []float32) (rms, largest float64) {
					var sum, errs, worst float64
					for i, column := range columns {
						for j, v := range want[i] {
							e := math.Abs(float64(got[j*c.out+column]) - v)
							sum, errs, worst = sum+v*v, errs+e*e, max(worst, e)
						}
					}
					return math.Sqrt(errs / sum), worst / math.Sqrt(sum/float64(len(columns)*9*c.in))
				}
				direct := c.run(t, Options{Kernels: k, Threads: 2}, true, x, dy)
				got := c.run(t, Options{Kernels: k, Threads: 2}, false, x, dy)
				rms, largest := measure(got)
				directRMS, directLargest := measure(direct)
				t.Logf("rms %.1e, largest %.1e; direct %.1e and %.1e", rms, largest, directRMS, directLargest)
				if !(rms <= rmsTolerance) || !(largest <= maxTolerance) || slices.Equal(got, direct) {
					t.Errorf("rms error %g, largest %g of the rms", rms, largest)
				}
				if k != simd.Best() {
					return
				}
				for _, threads := range []int{1, 3} {
					if !slices.Equal(c.run(t, Options{Kernels: k, Threads: threads}, false, x, dy), got) {
						t.Errorf("other bits on %d threads", threads)
					}
				}
			})
		}
	}
}
