package conformance

import "oneiro/autodiff"

func init() {
	oracle["maxPool"] = func(n *autodiff.Node, in []array, out array) {
		maxima(n.Attr.(autodiff.Pool), in[0], out, func(b, oy, ox, iy, ix, c int) {
			out.add(b, oy, ox, c, in[0].at(b, iy, ix, c))
		})
	}
	oracle["maxPoolGrad"] = func(n *autodiff.Node, in []array, dx array) {
		x, dy := in[0], in[1]
		maxima(n.Attr.(autodiff.Pool), x, dy, func(b, oy, ox, iy, ix, c int) {
			dx.add(b, iy, ix, c, dy.at(b, oy, ox, c))
		})
	}
	oracle["maxPoolGather"] = func(n *autodiff.Node, in []array, out array) {
		maxima(n.Attr.(autodiff.Pool), in[0], out, func(b, oy, ox, iy, ix, c int) {
			out.add(b, oy, ox, c, in[1].at(b, iy, ix, c))
		})
	}
	oracle["avgPool"] = func(n *autodiff.Node, in []array, out array) {
		means(n.Attr.(autodiff.Pool), in[0], out, func(b, oy, ox, iy, ix, c int, area float64) {
			out.add(b, oy, ox, c, in[0].at(b, iy, ix, c)/area)
		})
	}
	oracle["avgPoolGrad"] = func(n *autodiff.Node, in []array, dx array) {
		dy := in[0]
		means(n.Attr.(autodiff.PoolTo).Pool, dx, dy, func(b, oy, ox, iy, ix, c int, area float64) {
			dx.add(b, iy, ix, c, dy.at(b, oy, ox, c)/area)
		})
	}
}

// maxima visits, for every element (b, oy, ox, c) of the pooled y, the element (b, iy, ix, c) of x
// that is the first in reading order of the largest ones of its window.
func maxima(p autodiff.Pool, x, y array, visit func(b, oy, ox, iy, ix, c int)) {
	y.each(func(b, oy, ox, c int) {
		bestY, bestX := -1, -1
		window(p, x, oy, ox, func(iy, ix int) {
			if bestY < 0 || x.at(b, iy, ix, c) > x.at(b, bestY, bestX, c) {
				bestY, bestX = iy, ix
			}
		})
		visit(b, oy, ox, bestY, bestX, c)
	})
}

// means visits, for every element (b, oy, ox, c) of the pooled y, the elements (b, iy, ix, c) of x
// in its window and what the window's sum is divided by: how many pixels of the picture it covers,
// or of the padded picture if the padding counts.
func means(p autodiff.Pool, x, y array, visit func(b, oy, ox, iy, ix, c int, area float64)) {
	y.each(func(b, oy, ox, c int) {
		area := 0.0
		if p.CountPad {
			for ky := range p.KH {
				for kx := range p.KW {
					iy, ix := oy*p.StrideH-p.Pad.Top+ky, ox*p.StrideW-p.Pad.Left+kx
					if iy < x.H+p.Pad.Bottom && ix < x.W+p.Pad.Right {
						area++
					}
				}
			}
		} else {
			window(p, x, oy, ox, func(iy, ix int) { area++ })
		}
		window(p, x, oy, ox, func(iy, ix int) { visit(b, oy, ox, iy, ix, c, area) })
	})
}

// window visits the pixels of x that the window of pixel (oy, ox) of the result covers.
func window(p autodiff.Pool, x array, oy, ox int, visit func(iy, ix int)) {
	for ky := range p.KH {
		for kx := range p.KW {
			iy, ix := oy*p.StrideH-p.Pad.Top+ky, ox*p.StrideW-p.Pad.Left+kx
			if iy >= 0 && iy < x.H && ix >= 0 && ix < x.W {
				visit(iy, ix)
			}
		}
	}
}
