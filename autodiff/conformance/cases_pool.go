package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

type poolCase struct {
	x Shape
	p Pool
}

func (c poolCase) String() string {
	p := c.p
	s := fmt.Sprintf("%v %dx%d stride %dx%d pad %v", c.x, p.KH, p.KW, p.StrideH, p.StrideW, p.Pad)
	if p.Ceil {
		s += " ceil"
	}
	return s
}

// pools are poolings of which only those with padding depend on whether it counts.
func pools() []poolCase {
	square := func(k, s, pad int, ceil bool) Pool {
		return Pool{KH: k, KW: k, StrideH: s, StrideW: s, Pad: around(pad, pad, pad, pad), Ceil: ceil}
	}
	var list []poolCase
	for _, ceil := range []bool{false, true} {
		list = append(list,
			poolCase{shape(1, 4, 6, 1), square(2, 2, 0, ceil)},
			poolCase{shape(1, 5, 7, 3), square(2, 2, 0, ceil)},
			poolCase{shape(3, 7, 8, 5), square(3, 2, 0, ceil)},
			poolCase{shape(1, 8, 7, 16), square(3, 2, 1, ceil)},
			poolCase{shape(1, 7, 9, 33), square(3, 1, 1, ceil)},
			poolCase{shape(1, 6, 5, 64), square(5, 3, 2, ceil)},
			poolCase{shape(1, 7, 8, 5), square(2, 3, 0, ceil)}, // pixels that no window covers
			poolCase{shape(1, 6, 8, 5), square(2, 3, 1, ceil)}, // a last window in the padding alone
			poolCase{shape(1, 5, 4, 8), square(1, 2, 0, ceil)},
			poolCase{shape(2, 9, 8, 5), Pool{KH: 3, KW: 2, StrideH: 2, StrideW: 1, Pad: around(1, 0, 2, 1), Ceil: ceil}},
			poolCase{shape(1, 4, 9, 7), Pool{KH: 1, KW: 4, StrideH: 1, StrideW: 3, Pad: around(0, 3, 0, 2), Ceil: ceil}},
		)
	}
	return append(list,
		poolCase{shape(2, 6, 5, 16), Pool{KH: 6, KW: 5, StrideH: 1, StrideW: 1}}, // global
		poolCase{shape(1, 1, 1, 5), square(1, 1, 0, false)},
		poolCase{shape(1, 31, 33, 40), square(3, 2, 0, true)}, // enough for several threads
	)
}

func poolCases() []Case {
	var list []Case
	add := func(c ...Case) { list = append(list, c...) }
	for _, c := range pools() {
		name := c.String()
		distinct := func(b *builder) *Node { return MaxPool(b.inputOf(c.x, distinctNumbers), c.p) }
		ties := func(b *builder) *Node { return MaxPool(b.inputOf(c.x, tiedNumbers), c.p) }
		negative := func(b *builder) *Node { return MaxPool(b.inputOf(c.x, negativeNumbers), c.p) }
		add(
			one("maxPool", name, distinct),
			kinked(one("maxPool", name+" ties", ties)),
			one("maxPool", name+" negative", negative),
			gradOf("maxPoolGrad", name, 0, distinct),
			kinked(gradOf("maxPoolGrad", name+" ties", 0, ties)),
			gathering(name, c, distinctNumbers),
			kinked(gathering(name+" ties", c, tiedNumbers)),
		)
		for _, count := range []bool{false, true} {
			p := c.p
			p.CountPad = count
			if count {
				name += " counted"
			}
			avg := func(b *builder) *Node { return AvgPool(b.input(c.x), p) }
			add(one("avgPool", name, avg), gradOf("avgPoolGrad", name, 0, avg))
		}
	}
	add(one("avgPool", "GlobalAvgPool", func(b *builder) *Node {
		return GlobalAvgPool(b.input(shape(3, 5, 7, 6)))
	}))
	return list
}

// gathering is a case of maxPoolGather, which is the gradient of maxPoolGrad with respect to dy.
func gathering(name string, c poolCase, g generator) Case {
	return one("maxPoolGather", name, func(b *builder) *Node {
		y := MaxPool(b.inputOf(c.x, g), c.p)
		grad := y.Op.Grad(y, b.input(y.Shape), all)[0]
		return grad.Op.Grad(grad, b.input(c.x), all)[1]
	})
}
