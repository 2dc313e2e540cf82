package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// gramPieces is how many partial sums of a Gram matrix are taken at a time, at most, and gramRows how many
// positions are packed at a time. Where memory is short no more than smallSums floats of partial sums are
// there at a time, and positions are read again for each part.
const (
	gramPieces = 16
	gramRows   = 256
	smallSums  = 1 << 20
)

// gramSum sums X·Xᵀ over ranges of the positions of each cell, then these sums, and then those of the cells
// (autodiff.Block). The matrix is symmetric: for each panel of columns only the rows down to the diagonal
// are computed, and the rest is copied.
// A last row of the matrix, if there is one, is the mean.
type gramSum struct {
	p       *program
	x, y    *autodiff.Node // (N,H,W,C), (N,1,rows,C)
	weights *autodiff.Node // (N,H,W,1), or nil
	c, rows int
	scale   float32
	cell    int
	cols    int // of the matrix that are summed at a time
	parts   int // partial sums at a time
}

// gramPart is what a piece sums: positions lo..hi-1 of a cell, in reading order.
type gramPart struct {
	cell   autodiff.Cell
	lo, hi int
}

// gramParts returns how many parts a cell has. They follow from its size alone.
func gramParts(c autodiff.Cell) int { return min(gramPieces, (c.H*c.W+gramRows-1)/gramRows) }

// gramPartOf returns a part of the cells of a group, counted from 0.
func gramPartOf(group []autodiff.Cell, i int) gramPart {
	for gramParts(group[0]) <= i {
		i -= gramParts(group[0])
		group = group[1:]
	}
	c := group[0]
	lo, hi := parallel.Split(c.H*c.W, gramParts(c), i)
	return gramPart{c, lo, hi}
}

// gramGroups splits cells into groups that are summed at a time.
func gramGroups(cells []autodiff.Cell) (groups [][]autodiff.Cell, parts int) {
	room, first := gramPieces, 0
	for i, c := range cells {
		n := gramParts(c)
		if n > room {
			groups = append(groups, cells[first:i])
			room, first = gramPieces, i
		}
		room -= n
		parts = max(parts, gramPieces-room)
	}
	return append(groups, cells[first:]), parts
}

func gram(b *builder, s *autodiff.Step) {
	x, d, a := s.In[0].Shape, b.dev, s.Attr.(autodiff.GramAttr)
	cells := autodiff.CellsOf(x.H, x.W, a.Cell)
	groups, parts := gramGroups(cells)
	sums := parts + autodiff.CellSums(cells) - 1 // the first of a cell lies where the result does
	g := &gramSum{
		p: b.program, x: s.In[0], y: s.Out, c: x.C, rows: s.Out.Shape.W,
		scale: float32(a.Scale), cell: a.Cell, cols: x.C, parts: parts,
	}
	if len(s.In) > 1 {
		g.weights = s.In[1]
	}
	if b.space < roomy {
		g.cols = min(max(smallSums/(sums*g.rows)/d.simd.NR, 1)*d.simd.NR, g.c)
	}
	b.needShared(sums * g.size())
	b.needScratch(g.layout(d.simd).all)
	for image := range x.N {
		for first := 0; first < g.c; first += g.cols {
			last, there := min(first+g.cols, g.c), 0
			for _, group := range groups {
				g.sum(b, image, first, last, group)
				there = g.add(b, image, first, last, group, there)
			}
		}
		b.each(g.c, g.c, func(lo, hi, _ int) {
			m := g.p.data(g.y)[image*g.rows*g.c:]
			for r := lo; r < hi; r++ {
				for j := range r {
					m[r*g.c+j] = m[j*g.c+r]
				}
			}
		})
	}
}

// size returns the floats of a sum.
func (g *gramSum) size() int { return g.rows * g.cols }

// gramScratch says where the parts of a worker's scratch begin, behind a packed panel, and how large it is.
type gramScratch struct{ features, weighted, weights, all int }

func (g *gramSum) layout(k *simd.Kernels) gramScratch {
	s := gramScratch{features: k.PackedSize(gramRows, g.cols)}
	s.weighted = s.features
	if 0 < g.cell && g.cell < g.x.Shape.W { // or positions follow each other
		s.weighted += gramRows * g.c
	}
	s.weights, s.all = s.weighted, s.weighted
	if g.weights != nil {
		s.weights += gramRows * g.cols
		s.all = s.weights + gramRows
	}
	return s
}

// sum adds the stage that takes the partial sums of a group of cells for columns first..last-1.
func (g *gramSum) sum(b *builder, image, first, last int, group []autodiff.Cell) {
	parts := 0
	for _, cell := range group {
		parts += gramParts(cell)
	}
	b.stage(parts, func(piece, worker int) {
		part := gramPartOf(group, piece)
		for at := part.lo; at < part.hi; at += gramRows {
			g.chunk(part, at, image, first, last, g.p.shared[piece*g.size():][:g.size()], g.p.scratch[worker])
		}
	})
}

// chunk adds gramRows positions of a part to its sum, from number at on, or begins the sum.
func (g *gramSum) chunk(part gramPart, at, image, first, last int, sum, scratch []float32) {
	k, in, room := g.p.dev.simd, g.x.Shape, g.layout(g.p.dev.simd)
	depth, n := min(gramRows, part.hi-at), last-first
	features := g.p.data(g.x)[image*in.H*in.W*g.c:]
	rows := positions(features, in.W, g.c, part.cell, at, depth, scratch[room.features:])
	panel := scratch[:k.PackedSize(depth, n)]
	var weights []float32
	if g.weights == nil {
		k.PackB(panel, rows[first:], depth, n, g.c, 1)
	} else {
		all := g.p.data(g.weights)[image*in.H*in.W:]
		weights = positions(all, in.W, 1, part.cell, at, depth, scratch[room.weights:])
		weighted := scratch[room.weighted:]
		for i, w := range weights[:depth] {
			k.Scale(weighted[i*n:][:n], rows[i*g.c+first:], w)
		}
		k.PackB(panel, weighted, depth, n, n, 1)
	}

	// The largest products fetch the features that come next, each those that lie side by side.
	next, end, fetches := at+depth, min(at+2*gramRows, part.hi), (gramRows+part.cell.W-1)/part.cell.W
	for n0 := first; n0 < last; n0 += k.NR {
		n1 := min(n0+k.NR, last)
		var ahead []float32
		if next < end && (last-n1)/k.NR < fetches {
			i, run := sideBySide(in.W, part.cell, next, end-next)
			ahead = features[i*g.c:][:run*g.c]
			next += run
		}
		k.Gemm(simd.Gemm{
			M: n1, N: n1 - n0, K: depth, A: rows, ARowStride: 1, AColStride: g.c, B: panel[(n0-first)*depth:],
			C: sum[n0-first:], LDC: g.cols, Accumulate: at > part.lo, Ahead: ahead,
		})
	}

	if g.rows > g.c {
		mean := sum[g.c*g.cols:][:n]
		if at == part.lo {
			clear(mean)
		}
		for i := range depth {
			k.Axpy(mean, rows[i*g.c+first:], weight(weights, i))
		}
	}
}

// positions returns k positions of a cell, n floats each, from number first on in the cell's reading order.
// v is a map that is width positions wide. They are copied to room unless they lie side by side in the map.
func positions(v []float32, width, n int, cell autodiff.Cell, first, k int, room []float32) []float32 {
	at, run := sideBySide(width, cell, first, k)
	if run == k {
		return v[at*n:][:k*n]
	}
	for to := room; ; {
		to = to[copy(to, v[at*n:][:run*n]):]
		first, k = first+run, k-run
		if k == 0 {
			return room
		}
		at, run = sideBySide(width, cell, first, k)
	}
}

// sideBySide returns where a position lies in the map, and how many of the k from there on lie side by side.
func sideBySide(width int, cell autodiff.Cell, first, k int) (at, run int) {
	y, x := first/cell.W, first%cell.W
	if cell.W < width {
		k = min(k, cell.W-x)
	}
	return (cell.Y+y)*width + cell.X + x, k
}

// add adds the stage that adds up the partial sums of a group of cells, and as many sums of cells as their
// tree says. The sums of so many are there already; it returns how many are there then.
func (g *gramSum) add(b *builder, image, first, last int, group []autodiff.Cell, there int) int {
	p, k := g.p, b.dev.simd
	// where the sum of a cell lies, the first in the result, from column from of row r on
	row := func(cell, r, from int) []float32 {
		if cell == 0 {
			return p.data(g.y)[(image*g.rows+r)*g.c+from:][:last-from]
		}
		return p.shared[(g.parts+cell-1)*g.size()+r*g.cols+from-first:][:last-from]
	}
	then := there
	for _, cell := range group {
		then += 1 - cell.Adds
	}
	b.each(last+g.rows-g.c, g.cols*g.parts, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			r, from := r, max(r, first) // the diagonal
			if r == last {              // the mean
				r, from = g.c, first
			}
			sum := p.shared[r*g.cols+from-first:]
			top := there
			for _, cell := range group {
				dst := row(top, r, from)
				for q := range gramParts(cell) {
					if q == 0 {
						k.Scale(dst, sum, g.scale)
					} else {
						k.Axpy(dst, sum, g.scale)
					}
					sum = sum[min(g.size(), len(sum)):]
				}
				for range cell.Adds {
					top--
					to := row(top, r, from)
					k.Add(to, to, dst)
					dst = to
				}
				top++
			}
		}
	})
	return then
}

// weight returns a weight, 1 if there are none.
func weight(weights []float32, i int) float32 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// gramGradient is scale·w·(X·(dG + dGᵀ) + b), (N,H,W,C), on its way to be added to something. b is the last row
// of dG, if that has one for the mean.
type gramGradient struct {
	p         *program
	x         *autodiff.Node // (N,H,W,C)
	weights   *autodiff.Node // (N,H,W,1), or nil
	c, pixels int
	packed    func() []float32 // (N,C,C): the matrix that X is multiplied by, for each picture
	bias      func() []float32 // (N,C): scale·b; nil if there is none
	// recompute computes pixels m0..m1-1 of a picture of X in dst; it is nil if X is stored.
	recompute func(dst []float32, image, m0, m1, worker int)
}

// gramGradient prepares the gradient of a Gram matrix, gram, which is s or a step of its Pre, and adds
// the stages that make the matrices.
func (b *builder) gramGradient(s, gram *autodiff.Step) *gramGradient {
	x, dg := gram.In[0], gram.In[1]
	p, d := b.program, b.dev
	c, rows, scale := x.Shape.C, dg.Shape.W, float32(gram.Attr.(autodiff.GramAttr).Scale)
	g := &gramGradient{p: p, x: x, c: c, pixels: x.Shape.H * x.Shape.W}
	if features := s.Producer(x); features != nil {
		g.recompute = b.recompute(features)
	}
	if len(gram.In) > 2 {
		g.weights = gram.In[2]
		b.needFeatures(blockRows*c, 0)
	}
	size := d.simd.PackedSize(c, c)
	g.packed = b.needSpare(x.Shape.N * size)
	b.needShared(c * c)
	for i := range x.Shape.N {
		b.each(c, c, func(lo, hi, _ int) {
			g := p.data(dg)[i*rows*c:]
			for r := lo; r < hi; r++ {
				row := p.shared[r*c:][:c]
				for j := range row {
					row[j] = scale * (g[r*c+j] + g[j*c+r])
				}
			}
		})
		packed := func() []float32 { return g.packed()[i*size:] }
		b.packStage(packed, func() []float32 { return p.shared[:c*c] }, c, c, c, 1)
	}
	if rows > c {
		g.bias = b.needSpare(x.Shape.N * c)
		b.stage(x.Shape.N, func(i, _ int) { d.simd.Scale(g.bias()[i*c:][:c], p.data(dg)[(i*rows+c)*c:], scale) })
	}
	return g
}

// write computes a block of the pixels of one picture, counted through all, in dst, where its first
// pixel begins, or adds them to what is there.
func (g *gramGradient) write(dst []float32, at block, worker int, add bool) {
	d := g.p.dev
	image := at.m0 / g.pixels
	matrix := g.packed()[image*d.simd.PackedSize(g.c, g.c):]
	for p0 := at.m0; p0 < at.m1; {
		n := at.m1 - p0
		if g.recompute != nil || g.weights != nil {
			n = min(n, blockRows)
		}
		var x []float32
		room := g.p.features[worker]
		if g.recompute == nil {
			x = g.p.data(g.x)[p0*g.c:]
		} else {
			x = room[:n*g.c]
			g.recompute(x, image, p0-image*g.pixels, p0-image*g.pixels+n, worker)
		}
		var weights []float32
		if g.weights != nil {
			weights = g.p.data(g.weights)[p0:][:n]
			for i, w := range weights {
				d.simd.Scale(room[i*g.c:][:g.c], x[i*g.c:], w)
			}
			x = room
		}
		xg := product{a: x, rowStride: g.c, stride: 1, b: matrix, k: g.c, n: g.c, c: dst, add: add}
		d.gemm(&xg, block{0, n, at.n0, at.n1})
		if g.bias != nil {
			bias := g.bias()[image*g.c+at.n0:]
			for i := range n {
				d.simd.Axpy(dst[i*g.c+at.n0:][:at.n1-at.n0], bias, weight(weights, i))
			}
		}
		p0, dst = p0+n, dst[n*g.c:]
	}
}

// gramGrad is a gramGradient, and may be added to something that is stored.
func gramGrad(b *builder, s *autodiff.Step) {
	y := s.Out
	p, d, c, pixels := b.program, b.dev, y.Shape.C, y.Shape.H*y.Shape.W
	post := s.Post
	sum := take(&post, "add")
	g, e := b.gramGradient(s, s), b.epilogue(s, post)
	tl := d.tile(pixels, c)
	b.stage(y.Shape.N*tl.pieces(), func(piece, worker int) {
		first, at := piece/tl.pieces()*pixels, tl.at(piece%tl.pieces())
		at.m0, at.m1 = first+at.m0, first+at.m1
		to := p.data(y)[at.m0*c : at.m1*c]
		if sum != nil {
			from := p.data(sum.In[0])[at.m0*c:]
			if &to[0] != &from[0] {
				copyColumns(to[at.n0:], c, from[at.n0:], c, at.n1-at.n0, at.m1-at.m0)
			}
		}
		g.write(to, at, worker, sum != nil)
		e.run(at, worker)
	})
}
