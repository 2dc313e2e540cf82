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
			pad := func(b *Builder) *Node { return PadWith(b.Input(c.x), c.p, mode) }
			add(one("pad", name, pad), gradOf("padGrad", name, 0, pad))
		}
	}
	for _, p := range []Pad{around(7, 0, 9, 20), around(5, 5, 0, 0)} { // further than the picture is large
		for _, mode := range []PadMode{PadZero, PadReplicate, PadWrap} {
			name := fmt.Sprintf("far %v %v", p, mode)
			pad := func(b *Builder) *Node { return PadWith(b.Input(shape(1, 3, 2, 5)), p, mode) }
			add(one("pad", name, pad), gradOf("padGrad", name, 0, pad))
		}
	}
	add(
		one("padGrad", "crop", func(b *Builder) *Node { return Crop(b.Input(shape(2, 7, 9, 5)), 1, 3, 4, 5) }),
		one("padGrad", "crop to one pixel", func(b *Builder) *Node { return Crop(b.Input(shape(1, 7, 9, 3)), 6, 8, 1, 1) }),
	)

	for _, shift := range [][]float32{{0, 0}, {1, 2}, {-1, -3}, {5, 7}, {13, -29}, {-1000, 1001}, {4, 0}} {
		for _, s := range []Shape{shape(1, 5, 7, 3), shape(2, 4, 3, 16), shape(1, 1, 1, 2)} {
			add(one("roll", fmt.Sprintf("%v by %v", s, shift), func(b *Builder) *Node {
				return Roll(b.Input(s), b.Fixed(Vector(2), Exactly(shift...)))
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
				filter := func(b *Builder) *Node { return Filter(b.Input(s), f.kh, f.kw, f.w, stride) }
				add(one("filter", name, filter), gradOf("filterGrad", name, 0, filter))
			}
		}
	}

	for name, mode := range map[string]ResizeMode{"bilinear": Bilinear, "bicubic": Bicubic} {
		for _, r := range []struct {
			x    Shape
			h, w int
		}{
			{shape(1, 4, 5, 3), 8, 10},
			{shape(2, 5, 3, 1), 7, 11},
			{shape(1, 9, 8, 5), 4, 3},
			{shape(1, 9, 8, 16), 3, 2},
			{shape(1, 1, 1, 3), 4, 5},
			{shape(1, 7, 6, 33), 1, 1},
			{shape(1, 6, 2, 3), 6, 9},
			{shape(1, 3, 12, 3), 10, 12},
			{shape(1, 17, 19, 3), 40, 37},
		} {
			name := fmt.Sprintf("%s %v to %dx%d", name, r.x, r.h, r.w)
			resize := func(b *Builder) *Node { return Resize(b.Input(r.x), r.h, r.w, mode) }
			add(one("resize", name, resize), gradOf("resizeGrad", name, 0, resize))
		}
	}
	return list
}
