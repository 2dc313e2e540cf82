package bench

import (
	"fmt"

	"oneiro/autodiff"
)

// layer is the shape of a convolution of pictures of n x n pixels; its padding is half the kernel.
type layer struct{ kernel, stride, in, out, n int }

// convolutions are those of VGG-19 for a picture of 512 pixels, and three of GoogLeNet: the first, a 1x1
// and a 5x5.
var convolutions = []layer{
	{3, 1, 3, 64, 512},
	{3, 1, 64, 64, 512},
	{3, 1, 128, 128, 256},
	{3, 1, 256, 256, 128},
	{3, 1, 512, 512, 64},
	{3, 1, 512, 512, 32},
	{7, 2, 3, 64, 512},
	{1, 1, 480, 192, 32}, // inception_4a
	{5, 1, 32, 96, 64},   // inception_3b
}

// layers are the channels and sides of the layers of VGG-19 that styles are compared at. A pooling layer
// follows each of them but the last.
var layers = [][2]int{{64, 512}, {128, 256}, {256, 128}, {512, 64}, {512, 32}}

// kernels returns, for each operation and shape, a workload for it, one for its gradient with respect to the
// picture, and for convolutions one for the gradient with respect to the filter.
func kernels(size func(int) int) []Workload {
	var all []Workload
	add := func(name string, bound Bound, apply func(g *autodiff.Graph) *autodiff.Node) {
		all = append(all,
			Workload{name + "/forward", true, bound, graph(func() ([]*autodiff.Node, error) {
				return []*autodiff.Node{apply(autodiff.NewGraph())}, nil
			})},
			Workload{name + "/gradient", true, bound, graph(func() ([]*autodiff.Node, error) {
				return []*autodiff.Node{gradient(apply(autodiff.NewGraph()), 0)}, nil
			})})
	}
	for _, l := range convolutions {
		l.n = size(l.n)
		name := fmt.Sprintf("conv%dx%d", l.kernel, l.kernel)
		if l.stride > 1 {
			name += fmt.Sprintf("s%d", l.stride)
		}
		name = fmt.Sprintf("%s/%d-%d@%d", name, l.in, l.out, l.n)
		add(name, ByArithmetic, l.apply)
		all = append(all, Workload{name + "/filter", true, ByArithmetic, graph(func() ([]*autodiff.Node, error) {
			return []*autodiff.Node{gradient(l.apply(autodiff.NewGraph()), 1)}, nil
		})})
	}
	for i, l := range layers {
		shape := autodiff.Shape{N: 1, H: size(l[1]), W: size(l[1]), C: l[0]}
		at := fmt.Sprintf("%d@%d", shape.C, shape.H)
		add("gram/"+at, ByArithmetic, func(g *autodiff.Graph) *autodiff.Node {
			return autodiff.Gram(g.Input("x", shape), autodiff.GramAttr{Scale: 1 / float64(shape.Len())})
		})
		if i == len(layers)-1 {
			break
		}
		add("maxpool/"+at, ByMemory, func(g *autodiff.Graph) *autodiff.Node {
			return autodiff.MaxPool(g.Input("x", shape), autodiff.Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2})
		})
	}
	return all
}

// apply adds an input and the convolution of it, with bias and ReLU.
func (l layer) apply(g *autodiff.Graph) *autodiff.Node {
	weight := autodiff.Shape{N: l.kernel, H: l.kernel, W: l.in, C: l.out}
	data, _ := Noise{}.Tensor("weight", weight.N, weight.H, weight.W, weight.C)
	x := g.Input("x", autodiff.Shape{N: 1, H: l.n, W: l.n, C: l.in})
	w := g.Const(&autodiff.Tensor{Name: "weight", Shape: weight, Data: data})
	b := g.Const(&autodiff.Tensor{Name: "bias", Shape: autodiff.Vector(l.out), Data: make([]float32, l.out)})
	half := l.kernel / 2
	return autodiff.ReLU(autodiff.Conv2D(x, w, b, autodiff.Conv{
		StrideH: l.stride, StrideW: l.stride,
		Pad: autodiff.Pad{Top: half, Left: half, Bottom: half, Right: half},
	}))
}

// gradient returns the gradient of an operation with respect to one operand, by the operation's own rule, so
// that nothing else is in the plan. The gradient of its result is an input. A ReLU is skipped.
func gradient(y *autodiff.Node, operand int) *autodiff.Node {
	if y.Op.Name == "relu" {
		y = y.In[0]
	}
	dy := y.Graph().Input("dy", y.Shape)
	return y.Op.Grad(y, dy, func(i int) bool { return i == operand })[operand]
}
