package conformance

import "oneiro/autodiff"

func init() {
	each := func(a autodiff.SubsampleAttr, from, small array, visit func(n, y, x, c, fullY, fullX int)) {
		in := func(v float64) int { // the square
			return int(min(max(v, 0), float64(a.Stride)-1))
		}
		small.each(func(n, y, x, c int) {
			visit(n, y, x, c, y*a.Stride+in(from.v[0]), x*a.Stride+in(from.v[1]))
		})
	}
	oracle["subsample"] = func(node *autodiff.Node, in []array, out array) {
		each(node.Attr.(autodiff.SubsampleAttr), in[1], out, func(n, y, x, c, fullY, fullX int) {
			out.add(n, y, x, c, in[0].at(n, fullY, fullX, c))
		})
	}
	oracle["subsampleGrad"] = func(node *autodiff.Node, in []array, dx array) {
		each(node.Attr.(autodiff.SubsampleAttr), in[1], in[0], func(n, y, x, c, fullY, fullX int) {
			dx.add(n, fullY, fullX, c, in[0].at(n, y, x, c))
		})
	}
}
