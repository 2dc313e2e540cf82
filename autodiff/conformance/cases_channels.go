package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

func channelCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }

	for _, widths := range [][]int{{1, 1}, {3, 5}, {16, 33, 1, 64}, {8, 8, 8}} {
		add(one("concat", fmt.Sprint(widths), func(b *builder) *Node {
			var parts []*Node
			for _, c := range widths {
				parts = append(parts, b.input(shape(2, 5, 3, c)))
			}
			return Concat(parts...)
		}))
	}
	add(
		one("concat", "the same value twice", func(b *builder) *Node {
			x := b.input(shape(1, 3, 4, 5))
			return Concat(x, x, Square(x))
		}),
		one("concat", "a parameter", func(b *builder) *Node {
			return Concat(b.param(shape(1, 3, 4, 2)), b.input(shape(1, 3, 4, 5)))
		}),
	)
	for _, r := range []struct{ from, to, of int }{
		{0, 1, 1}, {0, 1, 4}, {3, 4, 4}, {1, 17, 33}, {16, 32, 64}, {0, 8, 8},
	} {
		name := fmt.Sprintf("%d to %d of %d", r.from, r.to, r.of)
		slice := func(b *builder) *Node { return Slice(b.input(shape(2, 3, 5, r.of)), r.from, r.to) }
		add(one("slice", name, slice), gradOf("embed", name, 0, slice))
	}

	matrix := []float32{0.5, -1, 0.25, 2, 0.125, -0.3, 0.7, 1.1, -0.9, 0.4, 0.6, -1.3}
	for _, a := range []struct {
		in, out int
		offset  []float32
	}{{3, 3, []float32{1, -2, 3}}, {3, 3, nil}, {3, 1, []float32{0.5}}, {3, 1, nil},
		{1, 3, []float32{1, 2, 3}}, {4, 3, nil}, {2, 5, nil}, {1, 1, []float32{7}}} {
		for _, s := range []Shape{shape(1, 5, 7, a.in), shape(3, 20, 19, a.in), shape(1, 1, 1, a.in)} {
			add(one("affine", fmt.Sprintf("%v to %d offset %v", s, a.out, a.offset), func(b *builder) *Node {
				return Affine(b.input(s), a.out, matrix[:a.in*a.out], a.offset)
			}))
		}
	}

	for _, s := range []Shape{
		shape(1, 3, 3, 1), shape(2, 3, 5, 3), shape(1, 5, 3, 5), shape(1, 4, 4, 33), shape(1, 11, 9, 64),
	} {
		for _, a := range []LRNAttr{
			{Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}, // GoogLeNet
			{Size: 5, Alpha: 1, Beta: 0.75, K: 2},
			{Size: 3, Alpha: 0.5, Beta: 0.5, K: 1},
			{Size: 1, Alpha: 2, Beta: 1.25, K: 0.5},
			{Size: 9, Alpha: 1, Beta: 0.75, K: 1},
			{Size: 4, Alpha: 1, Beta: 0.75, K: 1},
		} {
			name := fmt.Sprintf("%v %+v", s, a)
			lrn := func(b *builder) *Node { return LRN(b.input(s), a) }
			add(one("lrn", name, lrn), gradOf("lrnGrad", name, 0, lrn))
		}
	}

	for _, s := range []Shape{shape(1, 2, 2, 1), shape(2, 3, 5, 7), shape(3, 8, 4, 33), shape(1, 1, 50, 96)} {
		norm := func(b *builder) *Node {
			y, _ := BatchNorm(b.input(s), 1e-3)
			return y
		}
		moments := one("moments", s.String(), func(b *builder) *Node {
			_, m := BatchNorm(b.input(s), 1e-3)
			return m
		})
		moments.ForwardOnly = true
		add(moments, one("batchNorm", s.String(), norm), gradOf("batchNormGrad", s.String(), 0, norm))
	}

	for _, s := range []Shape{
		shape(1, 1, 1, 1), shape(1, 1, 1, 10), shape(3, 1, 1, 33), shape(2, 3, 5, 7), shape(1, 1, 2, 1000),
	} {
		soft := func(b *builder) *Node { return Softmax(b.input(s)) }
		entropy := func(b *builder) *Node {
			return CrossEntropy(b.input(s), b.fixed(shape(s.N, s.H, s.W, 1), labelsBelow(s.C)), 0)
		}
		smooth := func(b *builder) *Node {
			return CrossEntropy(b.input(s), b.fixed(shape(s.N, s.H, s.W, 1), labelsBelow(s.C)), 0.1)
		}
		far := func(b *builder) *Node {
			return CrossEntropy(b.inputOf(s, farNumbers), b.fixed(shape(s.N, s.H, s.W, 1), labelsBelow(s.C)), 0)
		}
		// saturated: the gradient is next to nothing, and its float32 error is not
		large := one("softmax", s.String()+" large", func(b *builder) *Node {
			return Softmax(b.inputOf(s, times(100, normalNumbers)))
		})
		large.ForwardOnly = true
		add(
			one("softmax", s.String(), soft),
			one("softmax", s.String()+" far", func(b *builder) *Node { return Softmax(b.inputOf(s, farNumbers)) }),
			large,
			gradOf("softmaxGrad", s.String(), 0, soft),
			one("crossEntropy", s.String(), entropy),
			one("crossEntropy", s.String()+" far", far),
			gradOf("crossEntropyGrad", s.String(), 0, entropy),
			one("crossEntropy", s.String()+" smooth", smooth),
			gradOf("crossEntropyGrad", s.String()+" smooth", 0, smooth),
		)
	}
	return list
}
