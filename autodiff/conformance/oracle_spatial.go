package conformance

import (
	"oneiro/autodiff"
)

func init() {
	oracle["pad"] = func(node *autodiff.Node, in []array, out array) {
		a, x := node.Attr.(autodiff.PadAttr), in[0]
		padded(a, x, out, func(n, oy, ox, iy, ix, c int) { out.add(n, oy, ox, c, x.at(n, iy, ix, c)) })
	}
	oracle["padGrad"] = func(node *autodiff.Node, in []array, dx array) {
		a, dy := node.Attr.(autodiff.PadAttr), in[0]
		padded(a, dx, dy, func(n, oy, ox, iy, ix, c int) { dx.add(n, iy, ix, c, dy.at(n, oy, ox, c)) })
	}
	oracle["roll"] = func(node *autodiff.Node, in []array, out array) {
		x, sign := in[0], node.Attr.(int)
		down, right := sign*int(in[1].v[0]), sign*int(in[1].v[1])
		x.each(func(n, y, xx, c int) {
			out.add(n, mod(y+down, x.H), mod(xx+right, x.W), c, x.at(n, y, xx, c))
		})
	}
	oracle["filter"] = func(node *autodiff.Node, in []array, out array) {
		filterTaps(node.Attr.(*autodiff.FilterAttr), out, func(n, oy, ox, iy, ix, c int, w float64) {
			out.add(n, oy, ox, c, w*in[0].at(n, iy, ix, c))
		})
	}
	oracle["filterGrad"] = func(node *autodiff.Node, in []array, dx array) {
		dy := in[0]
		filterTaps(node.Attr.(*autodiff.FilterAttr), dy, func(n, oy, ox, iy, ix, c int, w float64) {
			dx.add(n, iy, ix, c, w*dy.at(n, oy, ox, c))
		})
	}
}

// source returns the pixel of an axis that stands for pixel i, and whether one does.
func source(m autodiff.PadMode, i, size int) (int, bool) {
	for i < 0 || i >= size {
		switch m {
		case autodiff.PadReflect: // in the pixel at the edge
			if i < 0 {
				i = -i
			} else {
				i = (size - 1) - (i - (size - 1))
			}
		case autodiff.PadReplicate:
			if i < 0 {
				i = 0
			} else {
				i = size - 1
			}
		case autodiff.PadWrap:
			if i < 0 {
				i += size
			} else {
				i -= size
			}
		default:
			return 0, false
		}
	}
	return i, true
}

// padded visits every element (n, oy, ox, c) of the padded y that is not zero padding and the element
// (n, iy, ix, c) of x that it is a copy of.
func padded(a autodiff.PadAttr, x, y array, visit func(n, oy, ox, iy, ix, c int)) {
	y.each(func(n, oy, ox, c int) {
		iy, insideY := source(a.Mode, oy-a.Top, x.H)
		ix, insideX := source(a.Mode, ox-a.Left, x.W)
		if insideY && insideX {
			visit(n, oy, ox, iy, ix, c)
		}
	})
}

// filterTaps visits every product that the filtered y is a sum of.
func filterTaps(f *autodiff.FilterAttr, y array, visit func(n, oy, ox, iy, ix, c int, w float64)) {
	y.each(func(n, oy, ox, c int) {
		for ky := range f.KH {
			for kx := range f.KW {
				visit(n, oy, ox, oy*f.Stride+ky, ox*f.Stride+kx, c, float64(f.Weights[ky*f.KW+kx]))
			}
		}
	})
}

// mod returns i modulo n, which is never negative.
func mod(i, n int) int { return ((i % n) + n) % n }
