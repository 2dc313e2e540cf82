package cpu

import "oneiro/autodiff"

// geometry is a convolution as it is computed here: element (row q, tap t) of the
// matrix A is what the grid's pixel q takes of the source for tap t; A times the packed filter gives
// the grid's pixels.
type geometry struct{ autodiff.ConvGeometry }

// isPointwise reports whether A is the source itself: a 1x1 kernel on every pixel.
func (g *geometry) isPointwise() bool {
	return g.KH*g.KW == 1 && g.StrideH*g.StrideW == 1 && g.PadTop|g.PadLeft == 0 &&
		g.GridH == g.H && g.GridW == g.W
}

// fewInputs reports whether the pixels of a kernel's row are so few numbers that copying them costs more
// than what is done with them: a picture's colours.
func (g *geometry) fewInputs() bool {
	return g.KW*g.C <= 32 && g.KH > 1 && g.K() <= maxK && g.IsDense()
}

// picture returns picture i of a source.
func (g *geometry) picture(source []float32, i int) []float32 {
	n := g.H * g.W * g.C
	return source[i*n:][:n]
}

// im2col writes a block of A, (rows,columns), to dst. Rows are numbered through the grid of
// one picture src, (H,W,C). As channels come last, the taps of one kernel row lie next to
// each other in the source, and what hangs over a border is a matter of clipping one range.
func (g *geometry) im2col(dst, src []float32, a block) {
	run := g.KW * g.C
	y, x := a.m0/g.GridW, a.m0%g.GridW
	for range a.m1 - a.m0 {
		x0 := (x*g.StrideW - g.PadLeft) * g.C
		for k := a.n0; k < a.n1; {
			ky, at := k/run, k%run
			n := min(run-at, a.n1-k)
			part := dst[:n]
			dst = dst[n:]
			k += n
			g.row(part, src, y*g.StrideH-g.PadTop+ky, x0+at)
		}
		if x++; x == g.GridW {
			x, y = 0, y+1
		}
	}
}

// row copies the floats lo, lo+1, ... of a row of the picture src to dst, and where there are none, what stands
// for them.
func (g *geometry) row(dst, src []float32, row, lo int) {
	line := g.W * g.C
	if g.Mode == autodiff.PadZero {
		clip(dst, src, row, g.H, lo, line)
		return
	}
	clip(dst, src, g.Rows().Source(row), g.H, lo, line)
	hi := lo + len(dst)
	g.outside(dst[:min(max(-lo, 0), len(dst))], src, row, lo)
	if right := min(hi-line, len(dst)); right > 0 {
		g.outside(dst[len(dst)-right:], src, row, hi-right)
	}
}

// outside is row beside the picture.
func (g *geometry) outside(dst, src []float32, row, lo int) {
	columns := g.Columns()
	y := g.Rows().Source(row)
	for len(dst) > 0 {
		x := floorDiv(lo, g.C)
		at := lo - x*g.C // of its channels
		n := min(g.C-at, len(dst))
		if from := columns.Source(x); y >= 0 && from >= 0 {
			copy(dst[:n], src[(y*g.W+from)*g.C+at:])
		} else {
			clear(dst[:n])
		}
		dst = dst[n:]
		lo += n
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// clip copies the floats lo, lo+1, ... of a row of the picture to dst, zeros where there are none.
func clip(dst, src []float32, row, rows, lo, line int) {
	hi := lo + len(dst)
	if row < 0 || row >= rows || hi <= 0 || lo >= line {
		clear(dst)
		return
	}
	left, right := max(-lo, 0), max(hi-line, 0)
	clear(dst[:left])
	copy(dst[left:len(dst)-right], src[row*line+lo+left:])
	clear(dst[len(dst)-right:])
}
