package cpu

import (
	"oneiro/autodiff"
	"oneiro/simd"
)

// Transformed filters lie in groups of columns, whose products are held at a time; in a group all
// columns of the first point come first, packed for Gemm, then those of the next.

// groups returns the number of groups, and columns the columns of one.
func (w *winograd) groups() int { return (w.OutC + w.cols - 1) / w.cols }

func (w *winograd) columns(group int) (n0, n1 int) {
	return group * w.cols, min((group+1)*w.cols, w.OutC)
}

// filterStep is how far apart the points of cols columns lie.
func (w *winograd) filterStep(k *simd.Kernels, cols int) int {
	return stride(1, k.PackedSize(w.C, cols))
}

// winogradFilter is the filter of a Winograd convolution on its way to the products. A constant is
// transformed once if the program has room to keep it, which takes four times the filter's size or more;
// else, like any other, at every run into the shared workspace.
type winogradFilter struct {
	w       *winograd
	p       *program
	node    *autodiff.Node
	flipped bool // in both directions, and its channels exchanged
	kept    func() []float32
}

// winogradForm names a transformed filter among the packed forms of a constant.
type winogradForm struct {
	tile    int
	flipped bool
}

func (b *builder) winogradFilter(w *winograd, n *autodiff.Node, flipped bool) *winogradFilter {
	f := &winogradFilter{w: w, p: b.program, node: n, flipped: flipped}
	if flipped {
		b.needScratch(f.flipFloats())
	}
	if t := n.Tensor(); t != nil {
		fill := func(dst func() []float32) stage { return f.stage(dst, 0, w.groups()) }
		f.kept = b.keep(packKey{t, winogradForm{w.Tile, flipped}}, f.room(w.groups()), fill)
	}
	return f
}

// room returns the floats of shared workspace that so many groups take.
func (f *winogradFilter) room(groups int) int {
	if f.kept != nil {
		return 0
	}
	return groups * f.size()
}

// size returns the floats of a group.
func (f *winogradFilter) size() int { return f.w.points * f.w.filterStep(f.p.dev.simd, f.w.cols) }

// group returns a transformed group when a stage runs, if the workspace begins with group first.
func (f *winogradFilter) group(group, first int) []float32 {
	if f.kept != nil {
		return f.kept()[group*f.size():]
	}
	return f.p.shared[(group-first)*f.size():]
}

// prepare adds the stage that transforms the groups g0..g1-1 to the beginning of the shared workspace,
// unless they are kept.
func (f *winogradFilter) prepare(b *builder, g0, g1 int) {
	if f.kept == nil {
		b.add(f.stage(func() []float32 { return f.p.shared }, g0, g1))
	}
}

// stage transforms the groups g0..g1-1 to dst, where group g0 begins.
func (f *winogradFilter) stage(dst func() []float32, g0, g1 int) stage {
	w, k := f.w, f.p.dev.simd
	blocks := (w.C + filterBlock - 1) / filterBlock
	return stage{pieces: (g1 - g0) * blocks, run: func(piece, worker int) {
		group, k0 := g0+piece/blocks, piece%blocks*filterBlock
		n0, n1 := w.columns(group)
		step := w.filterStep(k, n1-n0)
		to := dst()[(group-g0)*f.size():]
		for j := n0; j < n1; j += k.NR {
			at := block{k0, min(k0+filterBlock, w.C), j, min(j+k.NR, n1)}
			f.panel(to[(j-n0)*w.C:], step, f.p.data(f.node), at, f.p.scratch[worker])
		}
	}}
}

// flipFloats returns the scratch that flip needs.
func (f *winogradFilter) flipFloats() int { return 9 * filterBlock * f.p.dev.simd.NR }

// taps are the nine matrices of a filter, (C,OutC), or a part of them.
type taps struct {
	data     []float32
	row, tap int // floats from one row, and one tap, to the next
}

// panel transforms a block of the filter, channels of the source by at most a panel of columns, to
// dst, where the panel begins. Points lie step apart.
func (f *winogradFilter) panel(dst []float32, step int, filter []float32, at block, scratch []float32) {
	w, nr := f.w, f.p.dev.simd.NR
	if f.flipped {
		f.flip(scratch, filter, at)
		f.transform(dst, step, taps{scratch, nr, filterBlock * nr}, at)
		return
	}
	f.transform(dst, step, taps{filter[at.m0*w.OutC+at.n0:], w.OutC, w.C * w.OutC}, at)
}

// transform transforms a block, which begins at the start of from.
func (f *winogradFilter) transform(dst []float32, step int, from taps, at block) {
	nr, width := f.p.dev.simd.NR, at.n1-at.n0
	if width < nr { // zeros where the panel has no column
		for r := at.m0; r < at.m1; r++ {
			for q := range f.w.points {
				clear(dst[q*step+r*nr+width : q*step+(r+1)*nr])
			}
		}
	}
	f.w.Filter(dst[at.m0*nr:], from.data, simd.Filters{
		Filters: width, Rows: at.m1 - at.m0, Weight: from.tap, WeightRow: from.row, Point: step, PointRow: nr,
	})
}

// flip copies a block, at most a panel wide, out of a filter that is to be flipped and is stored with its
// channels the other way: what are columns of the panel are rows there.
func (f *winogradFilter) flip(dst, filter []float32, at block) {
	nr, k, n, width := f.p.dev.simd.NR, f.w.C, at.m1-at.m0, at.n1-at.n0
	for tap := range 9 {
		to, from := dst[tap*filterBlock*nr:], filter[((8-tap)*f.w.OutC+at.n0)*k+at.m0:]
		x := 0
		for ; x+4 <= width; x += 4 { // four at a time, so that stores lie together
			a, b, c, d := from[x*k:][:n], from[(x+1)*k:][:n], from[(x+2)*k:][:n], from[(x+3)*k:][:n]
			for y := range n {
				row := to[y*nr+x:][:4]
				row[0], row[1], row[2], row[3] = a[y], b[y], c[y], d[y]
			}
		}
		for ; x < width; x++ {
			for y, v := range from[x*k:][:n] {
				to[y*nr+x] = v
			}
		}
	}
}
