package conformance

import "oneiro/autodiff"

func init() {
	oracle["upsample"] = func(node *autodiff.Node, in []array, out array) {
		enlarged(node.Attr.(autodiff.UpsampleAttr).Factor, in[0], out, func(n, oy, ox, iy, ix, c int, w float64) {
			out.add(n, oy, ox, c, w*in[0].at(n, iy, ix, c))
		})
	}
	oracle["upsampleGrad"] = func(node *autodiff.Node, in []array, dx array) {
		dy := in[0]
		enlarged(node.Attr.(autodiff.UpsampleAttr).Factor, dx, dy, func(n, oy, ox, iy, ix, c int, w float64) {
			dx.add(n, iy, ix, c, w*dy.at(n, oy, ox, c))
		})
	}
	oracle["dots"] = func(_ *autodiff.Node, in []array, out array) {
		in[0].each(func(n, y, x, c int) {
			v := in[0].at(n, y, x, c)
			out.add(n, y, x, 0, v*in[1].at(n, y, x, c))
			out.add(n, y, x, 1, v*v)
		})
	}
	oracle["dotsGrad"] = func(_ *autodiff.Node, in []array, dx array) {
		dy, x, t := in[0], in[1], in[2]
		dx.each(func(n, y, xx, c int) {
			dx.add(n, y, xx, c, dy.at(n, y, xx, 0)*t.at(n, y, xx, c)+2*dy.at(n, y, xx, 1)*x.at(n, y, xx, c))
		})
	}
}

// enlarged visits every product that the enlarged y is a sum of: a pixel of x counts by its distance, 1 at its
// centre and 0 from the next centre on.
func enlarged(factor int, x, y array, visit func(n, oy, ox, iy, ix, c int, w float64)) {
	weight := func(i, j, size int) float64 { // of position j of an axis in position i of the result
		at := (float64(i)+0.5)/float64(factor) - 0.5
		if at < 0 {
			at = 0
		}
		if last := float64(size - 1); at > last {
			at = last
		}
		distance := at - float64(j)
		if distance < 0 {
			distance = -distance
		}
		return max(1-distance, 0)
	}
	y.each(func(n, oy, ox, c int) {
		for iy := range x.H {
			for ix := range x.W {
				if w := weight(oy, iy, x.H) * weight(ox, ix, x.W); w > 0 {
					visit(n, oy, ox, iy, ix, c, w)
				}
			}
		}
	})
}
