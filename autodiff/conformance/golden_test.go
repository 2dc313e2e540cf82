package conformance

import (
	"math"
	"testing"

	. "oneiro/autodiff"
)

// TestOracle compares the oracle with numbers worked out by hand or printed in PyTorch's
// documentation, so that a misreading of an operation is not the definition of it.
func TestOracle(t *testing.T) {
	for _, c := range []struct {
		name  string
		x     Shape
		build func(x *Node) *Node
		in    []float64
		want  []float64
	}{
		{
			"a correlation, not a convolution", shape(1, 2, 3, 1),
			func(x *Node) *Node {
				w := x.Graph().Const(&Tensor{Shape: shape(1, 2, 1, 1), Data: []float32{1, 10}})
				return Conv2D(x, w, nil, Conv{})
			},
			[]float64{1, 2, 3, 4, 5, 6}, []float64{21, 32, 54, 65},
		},
		{
			"shares of what is larger", shape(1, 1, 2, 1),
			func(x *Node) *Node {
				grid := x.Graph().Const(&Tensor{Shape: Matrix(2, 1), Data: []float32{0, 1}})
				return Histogram(x, grid, nil, HistogramAttr{Bins: 2, Scale: 0.5}) // where j is 1 and 1.5
			},
			[]float64{0, 1}, []float64{0.9375, 0.3125},
		},
		{
			"from -2..0 to 0..2", shape(1, 1, 1, 1),
			func(x *Node) *Node {
				grid := x.Graph().Const(&Tensor{Shape: Matrix(2, 1), Data: []float32{0, 1}})
				return Transport(x, x.Graph().Const(&Tensor{Shape: Scalar, Data: []float32{0}}), grid)
			},
			[]float64{1}, []float64{8./3 + 4, 4},
		},
		{
			"filters are HWIO", shape(1, 1, 1, 2),
			func(x *Node) *Node {
				w := x.Graph().Const(&Tensor{Shape: shape(1, 1, 2, 3), Data: []float32{1, 2, 3, 10, 20, 30}})
				return Conv2D(x, w, nil, Conv{})
			},
			[]float64{1, 2}, []float64{21, 42, 63},
		},
		{
			"asymmetric padding and stride", shape(1, 2, 2, 1),
			func(x *Node) *Node {
				w := x.Graph().Const(&Tensor{Shape: shape(2, 2, 1, 1), Data: []float32{1, 2, 3, 4}})
				return Conv2D(x, w, nil, Conv{StrideH: 2, StrideW: 2, Pad: around(1, 0, 1, 2)})
			},
			[]float64{5, 6, 7, 8}, []float64{39, 0, 23, 0},
		},
		{
			"reflection", shape(1, 1, 3, 1),
			func(x *Node) *Node { return PadWith(x, around(0, 2, 0, 2), PadReflect) },
			[]float64{1, 2, 3}, []float64{3, 2, 1, 2, 3, 2, 1},
		},
		{
			"replication", shape(1, 1, 3, 1),
			func(x *Node) *Node { return PadWith(x, around(0, 2, 0, 2), PadReplicate) },
			[]float64{1, 2, 3}, []float64{1, 1, 1, 2, 3, 3, 3},
		},
		{
			"max pool, ceil", shape(1, 1, 4, 1),
			func(x *Node) *Node { return MaxPool(x, Pool{KH: 1, KW: 3, StrideH: 1, StrideW: 2, Ceil: true}) },
			[]float64{-1, -2, -3, -4}, []float64{-1, -3},
		},
		{
			"average pool, padding not counted", shape(1, 1, 3, 1),
			func(x *Node) *Node {
				return AvgPool(x, Pool{KH: 1, KW: 3, StrideH: 1, StrideW: 2, Pad: around(0, 1, 0, 1)})
			},
			[]float64{1, 2, 6}, []float64{1.5, 4},
		},
		{
			"average pool, padding counted, the last window over the edge", shape(1, 1, 5, 1),
			func(x *Node) *Node {
				return AvgPool(x, Pool{
					KH: 1, KW: 3, StrideH: 1, StrideW: 2, Pad: around(0, 1, 0, 0), Ceil: true, CountPad: true})
			},
			[]float64{1, 2, 6, 3, 7}, []float64{1, 11. / 3, 5}, // (0+1+2)/3, (2+6+3)/3, (3+7)/2
		},
		{
			"LRN divides alpha by the size", shape(1, 1, 1, 3),
			func(x *Node) *Node { return LRN(x, LRNAttr{Size: 3, Alpha: 3, Beta: 0.5, K: 4}) },
			[]float64{1, 2, 3},
			[]float64{1 / 3., 2 / math.Sqrt(18), 3 / math.Sqrt(17)},
		},
		{
			"roll", shape(1, 2, 3, 1),
			func(x *Node) *Node {
				return Roll(x, x.Graph().Const(&Tensor{Shape: Vector(2), Data: []float32{1, -1}}))
			},
			[]float64{1, 2, 3, 4, 5, 6}, []float64{5, 6, 4, 2, 3, 1},
		},
		{
			"Gram", shape(1, 1, 2, 2),
			func(x *Node) *Node { return Gram(x, GramAttr{Scale: 0.5}) },
			[]float64{1, 2, 3, 4}, []float64{5, 7, 7, 10},
		},
		{
			"weighted mean and second moment", shape(1, 1, 2, 2),
			func(x *Node) *Node {
				w := x.Graph().Const(&Tensor{Shape: shape(1, 1, 2, 1), Data: []float32{1, 3}})
				mean, second := MeanAndGram(x, w, GramAttr{Scale: 0.25})
				return Concat(mean, Reshape(second, Vector(4)))
			},
			[]float64{1, 2, 3, 4}, []float64{2.5, 3.5, 7, 9.5, 9.5, 13},
		},
		{
			"softmax", shape(1, 1, 1, 3), Softmax,
			[]float64{1000, 1000 + math.Log(2), 1000 + math.Log(5)}, []float64{0.125, 0.25, 0.625},
		},
		{
			"cross-entropy", shape(1, 1, 2, 2),
			func(x *Node) *Node {
				return CrossEntropy(x, x.Graph().Const(&Tensor{Shape: shape(1, 1, 2, 1), Data: []float32{1, 0}}), 0)
			},
			[]float64{0, math.Log(3), 5, 5}, []float64{(math.Log(4./3) + math.Log(2)) / 2},
		},
		{
			"affine", shape(1, 1, 2, 2),
			func(x *Node) *Node { return Affine(x, 1, []float32{10, 1}, []float32{0.5}) },
			[]float64{1, 2, 3, 4}, []float64{12.5, 34.5},
		},
		{
			"total variation", shape(1, 2, 2, 1),
			func(x *Node) *Node { return TotalVariation(x, TVAttr{ScaleY: 1, ScaleX: 10}) },
			[]float64{1, 2, 4, 8}, []float64{59},
		},
		{
			"filter", shape(1, 2, 3, 1),
			func(x *Node) *Node { return Filter(x, 1, 2, []float32{-1, 1}, 2) },
			[]float64{1, 3, 6, 10, 15, 21}, []float64{2},
		},
		{
			"upsample", shape(1, 1, 2, 1),
			func(x *Node) *Node {
				return Upsample(x, x.Graph().Const(&Tensor{Shape: shape(1, 2, 5, 1), Data: make([]float32, 10)}), 2)
			},
			[]float64{4, 8}, []float64{4, 5, 7, 8, 8, 4, 5, 7, 8, 8},
		},
		{
			"subsample", shape(1, 2, 5, 1),
			func(x *Node) *Node {
				return Subsample(x, x.Graph().Const(&Tensor{Shape: Vector(2), Data: []float32{1, 0}}), 2)
			},
			[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []float64{6, 8},
		},
		{
			"dots", shape(1, 1, 2, 2),
			func(x *Node) *Node {
				return Dots(x, x.Graph().Const(&Tensor{Shape: shape(1, 1, 2, 2), Data: []float32{1, 2, 0, -1}}))
			},
			[]float64{3, 4, 5, 6}, []float64{11, 25, -6, 61},
		},
	} {
		g := NewGraph()
		x := g.Input("x", c.x)
		got := Eval([]*Node{c.build(x)}, map[*Node][]float64{x: c.in})[0]
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if !(math.Abs(got[i]-c.want[i]) <= 1e-12) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}
