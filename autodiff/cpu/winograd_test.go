package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/autodiff"
	"oneiro/simd"
)

// TestWinogradError compares Winograd convolution with the direct one on He-scaled filters and ReLU'd
// data, forward and backward. The direct one's own error is a tenth of what is allowed.
func TestWinogradError(t *testing.T) {
	// of the result's rms
	tolerances := map[int]struct{ rms, most float64 }{4: {2.5e-6, 4e-5}, 6: {1e-5, 2e-4}}
	for _, c := range []struct{ n, h, w, in, out int }{
		{1, 64, 64, 64, 64},
		{1, 66, 67, 16, 256}, // backward: more than a chunk of tiles, and many channels
		{2, 30, 29, 256, 100},
		{1, 16, 16, 512, 512},
	} {
		if testing.Short() && c.n*c.h*c.w*c.in*c.out > 2e7 {
			continue // an emulated machine takes a minute for it
		}
		for _, k := range simd.Available() {
			if k.Name == "generic" && c.in*c.out > 10000 {
				continue // the same code, only slower
			}
			for _, variant := range []struct {
				tile  int
				cache int64
			}{{4, 0}, {4, 1 << 30}, {6, 0}, {6, 1 << 30}} {
				t.Run(fmt.Sprintf("%s/%v/%+v", k.Name, c, variant), func(t *testing.T) {
					r := rand.New(rand.NewPCG(1, 2))
					x := make([]float32, c.n*c.h*c.w*c.in)
					for i := range x {
						x[i] = float32(max(r.NormFloat64(), 0))
					}
					w := &autodiff.Tensor{Name: "w", Shape: autodiff.Shape{N: 3, H: 3, W: c.in, C: c.out},
						Data: make([]float32, 9*c.in*c.out)}
					for i := range w.Data {
						w.Data[i] = float32(r.NormFloat64() * math.Sqrt(2/float64(9*c.in)))
					}
					dy := &autodiff.Tensor{Name: "dy", Shape: autodiff.Shape{N: c.n, H: c.h, W: c.w, C: c.out},
						Data: make([]float32, c.n*c.h*c.w*c.out)}
					for i := range dy.Data {
						dy.Data[i] = float32(r.NormFloat64())
					}
					run := func(direct bool) [][]float32 {
						d := New(Options{Threads: 2, Kernels: k,
							FilterCache: variant.cache, Tiles: &TileTable{Tile: variant.tile}})
						defer d.Close()
						d.direct = direct
						g := autodiff.NewGraph()
						in := g.Input("x", autodiff.Shape{N: c.n, H: c.h, W: c.w, C: c.in})
						y := autodiff.Conv2D(in, g.Const(w), nil, autodiff.Conv{Pad: autodiff.Same(3, 3)})
						dx := autodiff.Gradient(autodiff.Sum(autodiff.Mul(y, g.Const(dy))), in)[0]
						p, err := d.Load(autodiff.Compile(d, y, dx), 0)
						if err != nil {
							t.Fatal(err)
						}
						defer p.Close()
						p.Write(in, x)
						if err := p.Run(context.Background()); err != nil {
							t.Fatal(err)
						}
						out := [][]float32{make([]float32, y.Shape.Len()), make([]float32, dx.Shape.Len())}
						p.Read(y, out[0])
						p.Read(dx, out[1])
						return out
					}
					want, got := run(true), run(false)
					for i, name := range []string{"forward", "backward"} {
						var sum, errs, worst float64
						for j, v := range want[i] {
							e := float64(got[i][j]) - float64(v)
							sum += float64(v) * float64(v)
							errs += e * e
							worst = max(worst, math.Abs(e))
						}
						rms := math.Sqrt(sum / float64(len(want[i])))
						relative := math.Sqrt(errs/float64(len(want[i]))) / rms
						t.Logf("%s: rms %.1e, largest %.1e", name, relative, worst/rms)
						if most := tolerances[variant.tile]; !(relative <= most.rms) || !(worst/rms <= most.most) || errs == 0 {
							t.Errorf("%s: rms error %g, largest %g of the rms", name, relative, worst/rms)
						}
					}
				})
			}
		}
	}
}
