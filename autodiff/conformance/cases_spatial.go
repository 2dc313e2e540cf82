package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

func spatialCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }

	for _, mode := range []PadMode{PadZero, PadReflect, PadReplicate, PadWrap} {
		for _, c := range []struct {
			x Shape
			p Pad
		}{
			{shape(1, 4, 5, 3), around(1, 1, 1, 1)},
			{shape(2, 3, 5, 1), around(2, 0, 1, 4)},
			{shape(1, 5, 4, 33), around(0, 3, 4, 0)},
			{shape(1, 3, 3, 16), around(2, 2, 2, 2)},
			{shape(1, 9, 8, 5), around(0, 0, 1, 0)},
		} {
			name := fmt.Sprintf("%v %v %v", c.x, c.p, mode)
			pad := func(b *builder) *Node { return PadWith(b.input(c.x), c.p, mode) }
			add(one("pad", name, pad), gradOf("padGrad", name, 0, pad))
		}
	}
	for _, p := range []Pad{around(7, 0, 9, 20), around(5, 5, 0, 0)} { // further than the picture is large
		for _, mode := range []PadMode{PadZero, PadReplicate, PadWrap} {
			name := fmt.Sprintf("far %v %v", p, mode)
			pad := func(b *builder) *Node { return PadWith(b.input(shape(1, 3, 2, 5)), p, mode) }
			add(one("pad", name, pad), gradOf("padGrad", name, 0, pad))
		}
	}
	for _, shift := range [][]float32{{0, 0}, {1, 2}, {-1, -3}, {5, 7}, {13, -29}, {-1000, 1001}, {4, 0}} {
		for _, s := range []Shape{shape(1, 5, 7, 3), shape(2, 4, 3, 16), shape(1, 1, 1, 2)} {
			add(one("roll", fmt.Sprintf("%v by %v", s, shift), func(b *builder) *Node {
				return Roll(b.input(s), b.fixed(Vector(2), exactly(shift...)))
			}))
		}
	}

	for _, f := range []struct {
		kh, kw int
		w      []float32
	}{
		{1, 1, []float32{-0.5}},
		{1, 2, []float32{-1, 1}},
		{2, 1, []float32{-1, 1}},
		{3, 3, []float32{0, 1, 0, 1, -4, 1, 0, 1, 0}},
		{2, 3, []float32{0.1, 0.2, -0.3, 0.4, 0.5, 0.6}},
		{1, 5, []float32{1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16}},
	} {
		for _, stride := range []int{1, 2, 3} {
			for _, s := range []Shape{shape(1, 6, 7, 3), shape(2, 5, 9, 16), shape(1, 8, 5, 1)} {
				name := fmt.Sprintf("%v %dx%d stride %d", s, f.kh, f.kw, stride)
				filter := func(b *builder) *Node { return Filter(b.input(s), f.kh, f.kw, f.w, stride) }
				add(one("filter", name, filter), gradOf("filterGrad", name, 0, filter))
			}
		}
	}
	return list
}
