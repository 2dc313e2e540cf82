package conformance

import "oneiro/autodiff"

func init() {
	oracle["gram"] = func(n *autodiff.Node, in []array, out array) {
		x, a := in[0], n.Attr.(autodiff.GramAttr)
		x.each(func(b, y, xx, c int) {
			v := a.Scale * x.at(b, y, xx, c) * weight(in[1:], b, y, xx)
			for d := range x.C {
				out.add(b, 0, c, d, v*x.at(b, y, xx, d))
			}
			if a.Mean {
				out.add(b, 0, x.C, c, v)
			}
		})
	}
	oracle["gramGrad"] = func(n *autodiff.Node, in []array, out array) {
		x, dg, a := in[0], in[1], n.Attr.(autodiff.GramAttr)
		x.each(func(b, y, xx, c int) {
			w := a.Scale * weight(in[2:], b, y, xx)
			for d := range x.C {
				out.add(b, y, xx, c, w*x.at(b, y, xx, d)*(dg.at(b, 0, d, c)+dg.at(b, 0, c, d)))
			}
			if a.Mean {
				out.add(b, y, xx, c, w*dg.at(b, 0, x.C, c))
			}
		})
	}
}

// weight returns the weight of a position, which is 1 if there is no map of weights.
func weight(maps []array, b, y, x int) float64 {
	if len(maps) == 0 {
		return 1
	}
	return maps[0].at(b, y, x, 0)
}
