package conformance

import "oneiro/autodiff"

func init() {
	oracle["conv2d"] = func(n *autodiff.Node, in []array, y array) {
		x, w := in[0], in[1]
		if len(in) == 3 {
			for i := range y.v {
				y.v[i] = repeated(in[2], i)
			}
		}
		convTaps(autodiff.ConvOf(n.Attr), x, w, y, func(xi, wi, yi int) { y.v[yi] += x.v[xi] * w.v[wi] })
	}
	oracle["conv2dInputGrad"] = func(n *autodiff.Node, in []array, dx array) {
		dy, w := in[0], in[1]
		convTaps(autodiff.ConvOf(n.Attr), dx, w, dy, func(xi, wi, yi int) { dx.v[xi] += dy.v[yi] * w.v[wi] })
	}
	oracle["conv2dFilterGrad"] = func(n *autodiff.Node, in []array, dw array) {
		x, dy := in[0], in[1]
		convTaps(autodiff.ConvOf(n.Attr), x, dw, dy, func(xi, wi, yi int) { dw.v[wi] += dy.v[yi] * x.v[xi] })
	}
}

// convTaps visits every product that a convolution of x by the filter w into y is a sum of: element
// yi of y is the sum over all visits of element xi of x times element wi of w. Taps on the padding,
// which is zero, are left out.
func convTaps(c autodiff.Conv, x, w, y array, visit func(xi, wi, yi int)) {
	kh, kw, cin, cout := w.N, w.H, w.W, w.C
	for b := range y.N {
		for oy := range y.H {
			for ox := range y.W {
				for ky := range kh {
					for kx := range kw {
						iy := oy*c.StrideH + ky - c.Pad.Top
						ix := ox*c.StrideW + kx - c.Pad.Left
						if iy < 0 || iy >= x.H || ix < 0 || ix >= x.W {
							continue
						}
						xi, wi, yi := x.index(b, iy, ix, 0), w.index(ky, kx, 0, 0), y.index(b, oy, ox, 0)
						for ci := range cin {
							for co := range cout {
								visit(xi+ci, wi+ci*cout+co, yi+co)
							}
						}
					}
				}
			}
		}
	}
}
