package cpu_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
)

// TestSpace checks that a program has the same bits with the least workspace, with kept filters, and with
// neither, and takes less or more memory for it. The layers are large enough for several chunks of tiles,
// sets of filters and parts of a Gram matrix.
func TestSpace(t *testing.T) {
	if testing.Short() {
		t.Skip("slow on an emulated machine")
	}
	const c, size = 256, 66
	r := rand.New(rand.NewPCG(1, 2))
	random := func(s autodiff.Shape) *autodiff.Tensor {
		data := make([]float32, s.Len())
		for i := range data {
			data[i] = float32(r.NormFloat64())
		}
		return &autodiff.Tensor{Name: "random", Shape: s, Data: data}
	}
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Shape{N: 1, H: size, W: size, C: c})
	y := autodiff.ReLU(autodiff.Conv2D(x,
		g.Const(random(autodiff.Shape{N: 3, H: 3, W: c, C: 2 * c})), nil, autodiff.Conv{Pad: autodiff.Same(3, 3)}))
	gram := autodiff.Gram(y, autodiff.GramAttr{Scale: 1e-6, Cell: 20})
	dx := autodiff.Gradient(autodiff.SquaredError(gram, nil, 1), x)[0]
	values := random(x.Shape).Data

	for _, tile := range []int{4, 6} {
		t.Run(fmt.Sprint(tile), func(t *testing.T) {
			d := cpu.New(cpu.Options{Threads: 2, Tiles: &cpu.TileTable{Tile: tile}})
			defer d.Close()
			run := func(limit int64) (bytes int64, out [][]float32) {
				plan := autodiff.Compile(d, gram, dx)
				bytes = d.Footprint(plan, limit).Total()
				p, err := d.Load(plan, limit)
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				p.Write(x, values)
				if err := p.Run(context.Background()); err != nil {
					t.Fatal(err)
				}
				for _, n := range plan.Outputs {
					v := make([]float32, n.Shape.Len())
					p.Read(n, v)
					out = append(out, v)
				}
				return bytes, out
			}
			plain, want := run(0)
			last := int64(0)
			for _, limit := range []int64{1, plain - 1, plain, 1 << 40} {
				bytes, got := run(limit)
				t.Logf("limit %d: %d MiB", limit, bytes>>20)
				if bytes <= last || limit > 1 && bytes > limit {
					t.Errorf("with a limit of %d bytes it takes %d, and with a smaller one %d", limit, bytes, last)
				}
				last = bytes
				for i := range got {
					if !slices.EqualFunc(got[i], want[i], sameBits) {
						t.Errorf("with a limit of %d bytes result %d has other bits", limit, i)
					}
				}
			}
			if again, _ := run(0); again != plain {
				t.Errorf("%d bytes, and %d after other programs", plain, again)
			}
		})
	}
}
