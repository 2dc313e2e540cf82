//go:build cuda

package cuda

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
)

// productCase is a convolution, or a product and a Gram matrix if it has no kernel, whose sizes lie at the
// edges of what the kernels' tiles hold. With a pool, two convolutions with a ReLU and a pool after each
// are run forward and back.
type productCase struct {
	x                autodiff.Shape
	kernel, channels int
	conv             autodiff.Conv
	pool             bool
}

var same = autodiff.Conv{Pad: autodiff.Same(3, 3)}

func nhwc(n, h, w, c int) autodiff.Shape { return autodiff.Shape{N: n, H: h, W: w, C: c} }

var productCases = []productCase{
	{nhwc(1, 9, 15, 3), 3, 64, same, false},    // 135 rows, 27 deep: tails of both
	{nhwc(2, 8, 8, 16), 3, 128, same, false},   // whole tiles
	{nhwc(1, 17, 16, 36), 3, 140, same, false}, // three columns of tiles
	{nhwc(1, 17, 17, 20), 3, 3, same, false},   // few columns
	{nhwc(2, 11, 10, 6), 5, 17, autodiff.Conv{StrideH: 2, StrideW: 3, Pad: autodiff.Same(5, 5)}, false},
	{nhwc(1, 7, 9, 130), 1, 66, autodiff.Conv{}, false},
	{nhwc(2, 13, 11, 65), 0, 66, autodiff.Conv{}, false},
	{nhwc(1, 16, 16, 128), 0, 128, autodiff.Conv{}, false},
	{nhwc(1, 70, 60, 2), 0, 5, autodiff.Conv{}, false}, // a sum longer than is taken in one go
	{nhwc(2, 19, 21, 32), 3, 64, same, true},           // windows cut off
}

func (c productCase) outputs(g *autodiff.Graph) []*autodiff.Node {
	x := g.Input("x", c.x)
	every := func(int) bool { return true }
	grads := func(y *autodiff.Node) []*autodiff.Node {
		return append([]*autodiff.Node{y}, y.Op.Grad(y, g.Input("dy", y.Shape), every)...)
	}
	if c.pool {
		y := x
		for range 2 {
			w := g.Input("w", autodiff.Shape{N: c.kernel, H: c.kernel, W: y.Shape.C, C: c.channels})
			y = autodiff.ReLU(autodiff.Conv2D(y, w, g.Input("b", autodiff.Vector(c.channels)), c.conv))
			y = autodiff.MaxPool(y, autodiff.Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2, Ceil: true})
		}
		loss := autodiff.SquaredError(y, nil, 1)
		return []*autodiff.Node{loss, autodiff.Gradient(loss, x)[0]}
	}
	if c.kernel > 0 {
		w := g.Input("w", autodiff.Shape{N: c.kernel, H: c.kernel, W: c.x.C, C: c.channels})
		return grads(autodiff.Conv2D(x, w, nil, c.conv))
	}
	y := autodiff.MatMul(x, g.Input("w", autodiff.Matrix(c.x.C, c.channels)))
	return append(grads(y), grads(autodiff.Gram(x, autodiff.GramAttr{Scale: 0.25}))...)
}

// TestProducts compares the error of every way to compute a product with what its numbers are good for.
func TestProducts(t *testing.T) {
	gpu(t)
	for _, o := range []struct {
		Options
		bound float64 // of the squared error, where the result's square is 1
	}{
		{Options{}, 1e-11},
		{Options{Direct: true}, 1e-12},
		{Options{TF32: true}, 1e-6},
	} {
		t.Run(fmt.Sprintf("%+v", o.Options), func(t *testing.T) {
			d, err := Open(o.Options)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			for _, c := range productCases {
				if !c.pool || !o.TF32 { // with so few bits another pixel may be the largest
					checkProduct(t, d, c, o.bound)
				}
			}
			d.(*device).room = 36 * (36 + 140) * 7 // a few tiles at a time
			for _, c := range productCases[1:3] {
				checkProduct(t, d, c, o.bound)
			}
		})
	}
}

func checkProduct(t *testing.T, d Device, c productCase, bound float64) {
	t.Helper()
	outputs := c.outputs(autodiff.NewGraph())
	plan := autodiff.Compile(d, outputs...)
	p, err := d.Load(plan, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	inputs := map[*autodiff.Node][]float64{}
	for _, n := range plan.Inputs {
		data := make([]float32, n.Shape.Len())
		inputs[n] = make([]float64, len(data))
		for i := range data {
			data[i] = float32(rng.NormFloat64())
			inputs[n][i] = float64(data[i])
		}
		p.Write(n, data)
	}
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, want := range conformance.Eval(outputs, inputs) {
		got := make([]float32, len(want))
		p.Read(outputs[i], got)
		var e, all float64
		for j, v := range want {
			e += (float64(got[j]) - v) * (float64(got[j]) - v)
			all += v * v
		}
		if !(e <= bound*all) {
			t.Errorf("%+v: the error of %v is %.2g, want %.2g", c, outputs[i], e/all, bound)
		}
	}
}
