package conformance

import (
	"math"

	"oneiro/autodiff"
)

func init() {
	oracle["sum"] = func(n *autodiff.Node, in []array, out array) {
		for _, x := range in[0].v {
			out.v[0] += n.Attr.(float64) * x
		}
	}
	oracle["sumRows"] = func(_ *autodiff.Node, in []array, out array) {
		for i, x := range in[0].v {
			out.v[i%in[0].C] += x
		}
	}
	oracle["squaredError"] = func(n *autodiff.Node, in []array, out array) {
		scale := n.Attr.(autodiff.Factor).Value()
		for i := range in[0].v {
			d := difference(in, i)
			out.v[0] += scale * d * d
		}
	}
	oracle["squaredErrorGrad"] = func(n *autodiff.Node, in []array, out array) {
		scale := n.Attr.(autodiff.Factor).Value()
		for i := range out.v {
			out.v[i] = scale * in[0].v[0] * difference(in[1:], i)
		}
	}
	oracle["totalVariation"] = func(n *autodiff.Node, in []array, out array) {
		a := n.Attr.(autodiff.TVAttr)
		neighbours(a, in[0], func(p, q int, scale float64) {
			d := in[0].v[q] - in[0].v[p]
			if a.Squared {
				out.v[0] += scale * d * d
			} else {
				out.v[0] += scale * math.Abs(d)
			}
		})
	}
	oracle["totalVariationGrad"] = func(n *autodiff.Node, in []array, out array) {
		a, dy, x := n.Attr.(autodiff.TVAttr), in[0].v[0], in[1]
		neighbours(a, x, func(p, q int, scale float64) {
			d := x.v[q] - x.v[p]
			slope := 2 * d
			if !a.Squared {
				slope = sign(d)
			}
			out.v[q] += scale * slope * dy
			out.v[p] -= scale * slope * dy
		})
	}
}

// difference returns element i of x-target, or of x if there is no target.
func difference(xt []array, i int) float64 {
	if len(xt) == 1 {
		return xt[0].v[i]
	}
	return xt[0].v[i] - xt[1].v[i]
}

// neighbours visits the indices of all pairs of vertical and horizontal neighbours and the factor of
// their difference.
func neighbours(a autodiff.TVAttr, x array, visit func(p, q int, scale float64)) {
	x.each(func(n, y, xx, c int) {
		if y+1 < x.H {
			visit(x.index(n, y, xx, c), x.index(n, y+1, xx, c), a.ScaleY)
		}
		if xx+1 < x.W {
			visit(x.index(n, y, xx, c), x.index(n, y, xx+1, c), a.ScaleX)
		}
	})
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
