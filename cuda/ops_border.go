//go:build cuda

package cuda

import "oneiro/autodiff"

// addBorder adds launches that compute the gradient of a convolution's border and add it to the input gradient
// at dx where the mask has bits, given dy at from.
func (b *builder) addBorder(border *autodiff.Border, dx, from place, w *autodiff.Node, mask place) {
	sums := b.need(border.Len())
	for _, s := range border.Strips {
		b.inputGrad(s.Phases, sums.plus(s.At), from, w, epilogue{})
	}
	x := border.X
	var pixels, at []int32
	ends := []int32{0} // in at, of each of pixels
	for row := range x.N * x.H {
		sources := make([][]int32, x.W)
		border.Row(row/x.H, row%x.H, 0, x.W, func(column, source int) {
			sources[column] = append(sources[column], int32(source))
		})
		for column, s := range sources {
			if len(s) > 0 {
				at = append(at, s...)
				pixels, ends = append(pixels, int32(row*x.W+column)), append(ends, int32(len(at)))
			}
		}
	}
	b.each("addBorder", len(pixels)*x.C, dx, sums, mask, table(b, pixels), table(b, ends), table(b, at), int32(x.C))
}

// convBorder adds launches that compute again what a convolution made of padding, if that is not zeros but
// pixels of the picture. Those and their neighbours, four strips, are copied with their padding; Winograd's
// method needs none of this.
func (b *builder) convBorder(g *geometry, y, x place, f filter, e epilogue) {
	if g.Mode == autodiff.PadZero {
		return
	}
	top, bottom := inner(g.GridH, g.H, g.KH, g.StrideH, g.PadTop)
	left, right := inner(g.GridW, g.W, g.KW, g.StrideW, g.PadLeft)
	for _, s := range []struct{ y0, y1, x0, x1 int }{
		{0, top, 0, g.GridW}, {bottom, g.GridH, 0, g.GridW}, {top, bottom, 0, left}, {top, bottom, right, g.GridW},
	} {
		if s.y0 == s.y1 || s.x0 == s.x1 {
			continue
		}
		rows := seen(g.Rows(), s.y0, s.y1, g.StrideH, g.PadTop, g.KH)
		columns := seen(g.Columns(), s.x0, s.x1, g.StrideW, g.PadLeft, g.KW)
		part := b.need(g.N * len(rows) * len(columns) * g.C)
		args := append([]any{part, x}, ints(g.C, g.H, g.W, len(rows), len(columns))...)
		args = append(append(args, b.tapTables(rows)...), b.tapTables(columns)...)
		b.inRows("resample", g.N*len(rows), len(columns)*g.C, args...)
		b.conv(&geometry{autodiff.ConvGeometry{
			N: g.N, H: len(rows), W: len(columns), C: g.C, KH: g.KH, KW: g.KW, StrideH: g.StrideH, StrideW: g.StrideW,
			GridH: s.y1 - s.y0, GridW: s.x1 - s.x0, DstH: g.DstH, DstW: g.DstW, StepH: 1, StepW: 1, AtH: s.y0, AtW: s.x0,
			OutC: g.OutC,
		}}, y, part, f, e)
	}
}

// inner returns the pixels first..end-1 of an axis of a grid, of which there may be none, that see no padding.
func inner(grid, n, kernel, stride, pad int) (first, end int) {
	first = min((pad+stride-1)/stride, grid)
	end = first
	for end < grid && end*stride-pad+kernel <= n {
		end++
	}
	return first, end
}

// seen is the axis that pixels i0..i1-1 of a grid see.
func seen(a autodiff.Axis, i0, i1, stride, pad, kernel int) axis {
	s := make(axis, (i1-1-i0)*stride+kernel)
	for i := range s {
		if j := a.Source(i0*stride - pad + i); j >= 0 {
			s[i] = []tap{{j, 1}}
		}
	}
	return s
}
