package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

// networkCases are small graphs like those that the program runs, in which what one operation hands
// to the next, fusion, working in place and the sharing of memory have to be right too.
func networkCases() []Case {
	network := func(name string, build func(b *builder) []*Node) Case {
		return Case{Name: "network/" + name, build: build, Loose: 4}
	}
	list := []Case{
		network("style", func(b *builder) []*Node { return styleNetwork(b, false, PadZero) }),
		network("style in a mirror", func(b *builder) []*Node { return styleNetwork(b, false, PadReflect) }),
		network("style of means and weights", func(b *builder) []*Node { return styleNetwork(b, true, PadReplicate) }),
		network("inception", inception),
		network("classifier", classifier),
		network("ssim", ssim),
		network("pyramid", pyramid),
		network("dream", dream),
		network("gradient penalty", gradientPenalty),
		network("gradient of a filter gradient", filterPenalty),
		network("values read again", readAgain),
		network("residual", residual),
	}
	for _, c := range []struct {
		x      Shape
		ch, to int
		ceil   bool
		mode   PadMode
	}{
		{shape(1, 16, 20, 3), 16, 32, false, PadZero},
		{shape(2, 17, 15, 3), 24, 20, true, PadZero},
		{shape(1, 15, 18, 3), 40, 33, false, PadZero},
		{shape(1, 33, 39, 3), 72, 16, true, PadZero},
		{shape(1, 8, 9, 3), 160, 130, true, PadZero}, // many channels and few pixels
		{shape(2, 17, 15, 3), 24, 20, true, PadReflect},
		{shape(1, 26, 24, 3), 72, 64, false, PadReplicate},
		{shape(1, 8, 9, 3), 160, 130, true, PadReflect},
	} {
		list = append(list, network(fmt.Sprintf("conv, relu and pool %+v", c), func(b *builder) []*Node {
			return convAndPool(b, c.x, c.ch, c.to, c.ceil, c.mode)
		}))
	}
	for _, c := range convolutions() {
		list = append(list, network("conv and relu "+c.String(), func(b *builder) []*Node {
			return []*Node{ReLU(c.build(b))}
		}))
	}
	for _, reader := range []string{"conv", "relu"} {
		list = append(list, network(fmt.Sprintf("conv and relu, the %s read twice", reader),
			func(b *builder) []*Node {
				y := convCase{shape(1, 6, 7, 5), 3, 3, 8, Conv{Pad: Same(3, 3)}, true}.build(b)
				r := ReLU(y)
				if reader == "conv" {
					return []*Node{Mul(r, y), r}
				}
				return []*Node{Mul(r, Square(r)), ReLU(Scale(r, 2))}
			}))
	}
	return list
}

func conv(b *builder, x *Node, k, cout int, c Conv) *Node {
	w := b.paramOf(shape(k, k, x.Shape.C, cout), fanNumbers)
	return Conv2D(x, w, b.paramOf(Vector(cout), times(0.1, normalNumbers)), c)
}

func convReLU(b *builder, x *Node, k, cout int) *Node {
	return ReLU(conv(b, x, k, cout, Conv{Pad: Same(k, k)}))
}

// styleNetwork compares statistics of features: Gram matrices, or weighted ones with means.
func styleNetwork(b *builder, weighted bool, mode PadMode) []*Node {
	x := b.input(shape(1, 17, 14, 3))
	var losses []*Node
	style := func(y *Node) {
		size := float64(y.Shape.H * y.Shape.W)
		a := GramAttr{Scale: 1 / size, Cell: 8}
		g := Gram(y, a)
		if weighted {
			s := y.Shape
			s.C = 1
			var mean *Node
			mean, g = MeanAndGram(y, b.fixed(s, someWeights), a)
			losses = append(losses, MSE(mean, b.param(mean.Shape)))
		}
		losses = append(losses, MSE(g, b.param(g.Shape)))
	}
	layer := func(x *Node, cout int) *Node { return ReLU(conv(b, x, 3, cout, Conv{Pad: Same(3, 3), Mode: mode})) }
	y := layer(x, 16)
	style(y)
	y = layer(y, 16)
	y = MaxPool(y, Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2})
	y = layer(y, 32)
	losses = append(losses, Scale(MSE(y, b.param(y.Shape)), 0.3))
	y = AvgPool(y, Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2})
	y = layer(y, 32)
	style(y)
	total := TotalVariation(x, TVAttr{Squared: true, ScaleY: 1e-3, ScaleX: 1e-3})
	for _, l := range losses {
		total = Add(total, l)
	}
	return append(losses, total)
}

// convAndPool is two blocks of VGG, the second with and without a ReLU before the pool.
func convAndPool(b *builder, x Shape, ch, to int, ceil bool, mode PadMode) []*Node {
	p := Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2, Ceil: ceil}
	c := Conv{Pad: Same(3, 3), Mode: mode}
	y := ReLU(conv(b, b.input(x), 3, ch, c))
	y = ReLU(conv(b, y, 3, to, c))
	y = MaxPool(y, p)
	y = ReLU(conv(b, y, 3, to, c))
	z := MaxPool(conv(b, y, 3, to, c), p)
	return []*Node{MSE(Gram(y, GramAttr{Scale: 0.01}), b.param(Shape{N: y.Shape.N, H: 1, W: to, C: to})), Mean(Square(z))}
}

func inception(b *builder) []*Node {
	x := b.inputOf(shape(1, 17, 15, 16), distinctNumbers)
	x = MaxPool(x, Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true})
	x = Scale(x, 1./32)
	y := Concat(
		convReLU(b, x, 1, 8),
		convReLU(b, convReLU(b, x, 1, 6), 3, 12),
		convReLU(b, convReLU(b, x, 1, 3), 5, 8),
		convReLU(b, MaxPool(x, Pool{KH: 3, KW: 3, StrideH: 1, StrideW: 1, Pad: Same(3, 3)}), 1, 5),
	)
	y = LRN(y, LRNAttr{Size: 5, Alpha: 1, Beta: 0.75, K: 1})
	y = MaxPool(y, Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true})
	return []*Node{y, SquaredError(Slice(y, 3, 20), nil, 0.01)}
}

func classifier(b *builder) []*Node {
	y := ReLU(conv(b, b.input(shape(3, 12, 11, 3)), 5, 8, Conv{StrideH: 2, StrideW: 2, Pad: Same(5, 5)}))
	y = convReLU(b, y, 3, 16)
	y = AvgPool(y, Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Pad: Same(3, 3), CountPad: true})
	y = Reshape(y, shape(3, 1, 1, y.Shape.Len()/3))
	y = ReLU(Dense(y, b.paramOf(Matrix(y.Shape.C, 20), fanNumbers), b.param(Vector(20))))
	y = Dense(y, b.paramOf(Matrix(20, 10), fanNumbers), b.param(Vector(10)))
	return []*Node{CrossEntropy(y, b.fixed(shape(3, 1, 1, 1), labelsBelow(10)), 0), Softmax(y)}
}

// ssim is the index of Wang et al. 2004 with a window of 5x5.
func ssim(b *builder) []*Node {
	x, y := b.inputOf(shape(1, 13, 12, 3), positiveNumbers), b.inputOf(shape(1, 13, 12, 3), positiveNumbers)
	g := []float32{1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16}
	blur := func(n *Node) *Node { return Filter(Filter(n, 1, 5, g, 1), 5, 1, g, 1) }
	mx, my := blur(x), blur(y)
	vx := Sub(blur(Square(x)), Square(mx))
	vy := Sub(blur(Square(y)), Square(my))
	cov := Sub(blur(Mul(x, y)), Mul(mx, my))
	top := Mul(ScaleOffset(Mul(mx, my), 2, 1e-2), ScaleOffset(cov, 2, 9e-2))
	bottom := Mul(ScaleOffset(Add(Square(mx), Square(my)), 1, 1e-2), ScaleOffset(Add(vx, vy), 1, 9e-2))
	return []*Node{Div(top, bottom), Mean(Div(top, bottom))}
}

// pyramid sums total variation and the distance of band-passed pictures over the octaves.
func pyramid(b *builder) []*Node {
	x := b.inputOf(shape(1, 19, 22, 3), distinctNumbers)
	target := b.param(x.Shape)
	kernel := []float32{1, 2, 1, 2, 4, 2, 1, 2, 1}
	for i := range kernel {
		kernel[i] /= 16
	}
	total := Scale(TotalVariation(x, TVAttr{ScaleY: 1, ScaleX: 1}), 1e-3)
	for range 2 {
		down := func(n *Node) *Node { return Filter(PadWith(n, Same(3, 3), PadReflect), 3, 3, kernel, 2) }
		dx, dt := down(x), down(target)
		band := func(n *Node) *Node { return Sub(n, Filter(PadWith(n, Same(3, 3), PadReplicate), 3, 3, kernel, 1)) }
		total = Add(total, Scale(MSE(band(x), band(target)), 0.1))
		x, target = dx, dt
	}
	return []*Node{total, Square(SquaredError(x, target, 0.1)), x}
}

func dream(b *builder) []*Node {
	x := b.input(shape(1, 14, 15, 3))
	y := Roll(x, b.fixed(Vector(2), exactly(-4, 7)))
	y = Affine(y, 3, []float32{0, 0, 1, 0, 1, 0, 1, 0, 0}, []float32{-0.4, -0.5, -0.6})
	y = PadWith(y, around(2, 3, 2, 2), PadReflect)
	y = ReLU(conv(b, y, 7, 16, Conv{StrideH: 2, StrideW: 2, Pad: Same(7, 7)}))
	y = LRN(y, LRNAttr{Size: 5, Alpha: 1, Beta: 0.75, K: 1})
	y = Conv2D(y, b.paramOf(shape(3, 3, 16, 12), fanNumbers), nil, Conv{Pad: Same(3, 3), Mode: PadReplicate})
	return []*Node{Scale(Mean(Square(y)), -1)}
}

// gradientPenalty differentiates twice.
func gradientPenalty(b *builder) []*Node {
	x := b.inputOf(shape(1, 11, 12, 3), distinctNumbers)
	y := convReLU(b, Scale(x, 0.25), 3, 8)
	y = MaxPool(y, Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Pad: Same(3, 3)})
	y = ReLU(conv(b, y, 3, 6, Conv{StrideH: 2, StrideW: 2, Pad: Same(3, 3)}))
	y = AvgPool(y, Pool{KH: 2, KW: 2, StrideH: 1, StrideW: 1})
	y = Filter(PadWith(y, Same(3, 3), PadReflect), 1, 3, []float32{1, -2, 1}, 1)
	y = Affine(Concat(Slice(y, 0, 2), Slice(y, 3, 5)), 2, []float32{1, 2, 3, 4, -1, 0, 1, 0.5}, nil)
	dx := Gradient(MSE(y, b.param(y.Shape)), x)[0]
	return []*Node{dx, SquaredError(dx, nil, 10)}
}

func filterPenalty(b *builder) []*Node {
	x := b.input(shape(2, 7, 6, 5))
	w := b.inputOf(shape(3, 3, 5, 4), fanNumbers)
	m := b.inputOf(Matrix(4, 3), fanNumbers)
	y := MatMul(Conv2D(x, w, nil, Conv{StrideH: 2, StrideW: 1, Pad: Same(3, 3)}), m)
	d := Gradient(SquaredError(y, nil, 0.1), w, m)
	return []*Node{SquaredError(d[0], nil, 1), SquaredError(d[1], nil, 1)}
}

// readAgain keeps values alive for a late reader, and makes the plan free and reuse memory.
func readAgain(b *builder) []*Node {
	x := b.input(shape(1, 6, 5, 8))
	early := Square(x)
	y := x
	for i := range 6 {
		y = Add(Scale(y, 0.5), b.paramOf(Vector(8), times(float32(i+1), normalNumbers)))
		if i == 2 {
			y = Reshape(Mul(y, Reshape(early, y.Shape)), shape(1, 5, 6, 8))
		}
	}
	y = Reshape(y, early.Shape)
	out := Sub(Mul(y, early), x)
	return []*Node{out, Sum(Square(out)), Reshape(early, Matrix(30, 8)), x}
}

// residual reads every value more than once and leaves some unread.
func residual(b *builder) []*Node {
	x := b.input(shape(1, 7, 8, 6))
	y := x
	for range 3 {
		z := convReLU(b, y, 3, 6)
		Scale(z, 100) // nobody asks for it
		y = Add(y, conv(b, z, 1, 6, Conv{}))
	}
	return []*Node{y, SumRows(y), Mean(Square(ReLU(y)))}
}
