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
// yi of y is the sum over all visits of element xi of x times element wi of w. Taps on padding
// that is zero are left out; on other padding they see the pixel of x that stands there.
func convTaps(c autodiff.Conv, x, w, y array, visit func(xi, wi, yi int)) {
	kh, kw, cin, cout := w.N, w.H, w.W, w.C
	for b := range y.N {
		for oy := range y.H {
			for ox := range y.W {
				for ky := range kh {
					for kx := range kw {
						iy, insideY := source(c.Mode, oy*c.StrideH+ky-c.Pad.Top, x.H)
						ix, insideX := source(c.Mode, ox*c.StrideW+kx-c.Pad.Left, x.W)
						if !insideY || !insideX {
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
