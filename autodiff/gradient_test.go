package autodiff_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	. "oneiro/autodiff"
	"oneiro/autodiff/conformance"
)

func constant(g *Graph, s Shape, data ...float32) *Node {
	return g.Const(&Tensor{Name: "constant", Shape: s, Data: data})
}

// eval computes n in float64 for one input.
func eval(n, input *Node, value ...float64) []float64 {
	return conformance.Eval([]*Node{n}, map[*Node][]float64{input: value})[0]
}

func TestGradient(t *testing.T) {
	for _, c := range []struct {
		name string
		loss func(x *Node) *Node
		want []float64 // at x = (1, 2, -3)
	}{
		{"of several uses", func(x *Node) *Node { return Sum(Add(Mul(x, x), Scale(x, 5))) }, []float64{7, 9, -1}},
		{"of an operand given twice", func(x *Node) *Node { return Sum(Mul(Add(x, x), x)) }, []float64{4, 8, -12}},
		{"of three uses in different depths", func(x *Node) *Node {
			y := Square(x)
			return Add(Add(Sum(Mul(y, x)), Sum(y)), Sum(x))
		}, []float64{3 + 2 + 1, 12 + 4 + 1, 27 - 6 + 1}},
		{"of an unused input", func(x *Node) *Node {
			return Sum(constant(x.Graph(), Vector(2), 1, 2))
		}, []float64{0, 0, 0}},
		{"past a use that does not count", func(x *Node) *Node {
			Sum(Mul(x, x))
			return Sum(Scale(x, 3))
		}, []float64{3, 3, 3}},
		{"twice", func(x *Node) *Node {
			dx := Gradient(Sum(Mul(x, Square(x))), x)[0] // 3x²
			return Sum(dx)
		}, []float64{6, 12, -18}},
		{"through a view", func(x *Node) *Node {
			return Sum(Mul(Reshape(x, Shape{3, 1, 1, 1}), constant(x.Graph(), Shape{3, 1, 1, 1}, 4, 5, 6)))
		}, []float64{4, 5, 6}},
		{"of a slice used beside the whole", func(x *Node) *Node {
			return Add(Sum(Slice(x, 1, 2)), Sum(x))
		}, []float64{1, 2, 1}},
	} {
		g := NewGraph()
		x := g.Input("x", Vector(3))
		dx := Gradient(c.loss(x), x)[0]
		if dx.Shape != x.Shape {
			t.Errorf("%s: shape %v", c.name, dx.Shape)
		}
		got := eval(dx, x, 1, 2, -3)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestGradientOfItself(t *testing.T) {
	g := NewGraph()
	x := g.Input("x", Scalar)
	y := Square(x)
	d := Gradient(y, y, x, x)
	got := []float64{eval(d[0], x, 3)[0], eval(d[1], x, 3)[0], eval(d[2], x, 3)[0]}
	if !slices.Equal(got, []float64{1, 6, 6}) {
		t.Errorf("dy/dy, dy/dx, dy/dx = %v", got)
	}
}

// TestGradientLeavesFrozenBranchesAlone checks that nothing is computed for operands that no
// gradient is asked for.
func TestGradientLeavesFrozenBranchesAlone(t *testing.T) {
	g := NewGraph()
	x := g.Input("x", Shape{1, 5, 5, 3})
	w := constant(g, Shape{3, 3, 3, 4}, make([]float32, 108)...)
	b := constant(g, Vector(4), make([]float32, 4)...)
	loss := Mean(Square(Conv2D(x, w, b, Conv{Pad: Same(3, 3)})))
	before := len(g.Nodes())
	Gradient(loss, x)
	for _, n := range g.Nodes()[before:] {
		if n.Op.Name == "conv2dFilterGrad" || n.Op.Name == "sumRows" {
			t.Errorf("%v for a constant", n)
		}
	}
}

// TestKinks checks that the gradient at a kink is what the table says.
func TestKinks(t *testing.T) {
	row := Shape{1, 1, 4, 1}
	for _, c := range []struct {
		name     string
		f        func(x *Node) *Node
		at, want []float64
	}{
		{"relu at 0", ReLU, []float64{0, 1, -1, 0}, []float64{0, 1, 0, 0}},
		{"max pool of equals", func(x *Node) *Node { return MaxPool(x, Pool{KH: 1, KW: 2, StrideH: 1, StrideW: 2}) },
			[]float64{3, 3, 1, 2}, []float64{1, 0, 0, 1}},
		{"total variation of equals", func(x *Node) *Node { return TotalVariation(x, TVAttr{ScaleY: 1, ScaleX: 1}) },
			[]float64{3, 3, 1, 1}, []float64{0, 1, -1, 0}},
	} {
		x := NewGraph().Input("x", row)
		got := eval(Gradient(Sum(c.f(x)), x)[0], x, c.at...)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPanics checks that what only a caller's bug can cause is reported with the operation's name and
// the shapes.
func TestPanics(t *testing.T) {
	g := NewGraph()
	x := g.Input("picture", Shape{1, 4, 5, 3})
	other := NewGraph().Input("other", Shape{1, 4, 5, 3})
	for _, c := range []struct {
		name string
		call func()
		says []string
	}{
		{"add", func() { Add(x, g.Input("", Vector(4))) }, []string{"add", "picture", "1x4x5x3", "1x1x1x4"}},
		{"conv channels", func() { Conv2D(x, g.Input("w", Shape{3, 3, 4, 8}), nil, Conv{}) },
			[]string{"conv2d", "1x4x5x3", "3x3x4x8", "3 channels"}},
		{"conv bias", func() { Conv2D(x, g.Input("w", Shape{3, 3, 3, 8}), g.Input("b", Vector(7)), Conv{}) },
			[]string{"conv2d", "1x1x1x7", "bias"}},
		{"conv kernel", func() { Conv2D(x, g.Input("w", Shape{7, 7, 3, 8}), nil, Conv{}) },
			[]string{"conv2d", "7x7x3x8", "larger"}},
		{"negative padding", func() { Conv2D(x, g.Input("w", Shape{3, 3, 3, 8}), nil, Conv{Pad: Pad{Top: -1}}) },
			[]string{"conv2d", "1x4x5x3", "padding"}},
		{"reflection", func() { PadWith(x, Pad{Left: 5}, PadReflect) }, []string{"pad", "1x4x5x3", "reflect"}},
		{"reflection in a convolution", func() {
			Conv2D(x, g.Input("w", Shape{5, 5, 3, 2}), nil, Conv{Pad: Pad{Bottom: 4}, Mode: PadReflect})
		}, []string{"conv2d", "1x4x5x3", "reflect"}},
		{"pool padding", func() { MaxPool(x, Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2, Pad: Pad{Top: 2}}) },
			[]string{"maxPool", "1x4x5x3", "padding"}},
		{"pool stride", func() { AvgPool(x, Pool{KH: 2, KW: 2}) }, []string{"avgPool", "1x4x5x3", "stride"}},
		{"pool too large", func() { MaxPool(x, Pool{KH: 7, KW: 7, StrideH: 1, StrideW: 1}) },
			[]string{"maxPool", "1x4x5x3"}},
		{"matmul", func() { MatMul(x, g.Input("", Matrix(4, 2))) }, []string{"matmul", "1x4x5x3", "1x1x4x2"}},
		{"concat", func() { Concat(x, g.Input("", Shape{1, 5, 4, 3})) }, []string{"concat", "1x4x5x3", "1x5x4x3"}},
		{"slice", func() { Slice(x, 2, 4) }, []string{"slice", "1x4x5x3"}},
		{"empty slice", func() { Slice(x, 2, 2) }, []string{"slice", "1x4x5x3"}},
		{"reshape", func() { Reshape(x, Vector(59)) }, []string{"reshape", "1x4x5x3", "1x1x1x59"}},
		{"fill", func() { Fill(g.Input("", Vector(2)), x.Shape) }, []string{"fill", "1x1x1x2", "1x4x5x3"}},
		{"roll", func() { Roll(x, g.Input("", Vector(3))) }, []string{"roll", "1x1x1x3"}},
		{"subsample", func() { Subsample(x, g.Input("", Vector(2)), 5) }, []string{"subsample", "1x4x5x3", "5 x 5"}},
		{"filter", func() { Filter(x, 5, 1, make([]float32, 5), 1) }, []string{"filter", "1x4x5x3"}},
		{"affine", func() { Affine(x, 2, make([]float32, 5), nil) }, []string{"affine", "1x4x5x3"}},
		{"crossEntropy", func() { CrossEntropy(x, g.Input("", Vector(20)), 0) },
			[]string{"crossEntropy", "1x4x5x3", "1x1x1x20"}},
		{"squaredError", func() { MSE(x, g.Input("", Vector(60))) },
			[]string{"squaredError", "1x4x5x3", "1x1x1x60"}},
		{"two graphs", func() { Add(x, other) }, []string{"add", "different graphs"}},
		{"input", func() { g.Input("empty", Shape{1, 0, 1, 1}) }, []string{"empty", "1x0x1x1"}},
		{"constant", func() { constant(g, Vector(3), 1, 2) }, []string{"constant", "1x1x1x3", "2 numbers"}},
		{"gradient of a picture", func() { Gradient(x, x) }, []string{"picture", "1x4x5x3", "scalar"}},
		{"gradient of another graph", func() { Gradient(Sum(x), other) }, []string{"another graph"}},
		{"no second gradient", func() { Gradient(Sum(Gradient(Sum(LRN(x, LRNAttr{Size: 5, K: 1})), x)[0]), x) },
			[]string{"lrnGrad", "no gradient", "1x4x5x3"}},
		{"outputs of two graphs", func() { Compile(TileFuser, Sum(x), Sum(other)) }, []string{"different graphs"}},
	} {
		func() {
			defer func() {
				msg := fmt.Sprint(recover())
				for _, s := range c.says {
					if !strings.Contains(msg, s) {
						t.Errorf("%s: %q does not say %q", c.name, msg, s)
					}
				}
			}()
			c.call()
		}()
	}
}

func TestConstIsOneNode(t *testing.T) {
	g := NewGraph()
	c := &Tensor{Name: "c", Shape: Scalar, Data: []float32{2}}
	if first, second := g.Const(c), g.Const(c); first != second {
		t.Error("the same tensor gave two nodes")
	}
}

// TestMean guards the one factor that is computed from a shape.
func TestMean(t *testing.T) {
	x := NewGraph().Input("x", Shape{1, 2, 2, 1})
	if got := eval(Mean(x), x, 1, 2, 3, 6)[0]; !(math.Abs(got-3) <= 1e-15) {
		t.Errorf("the mean of 1, 2, 3 and 6 is %g", got)
	}
}
