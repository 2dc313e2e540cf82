package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// gramPieces is how many partial sums a Gram matrix is added up from, and gramRows how many pixels
// are packed at a time. Where memory is short no more than smallSums floats of partial sums are there at a
// time, and pixels are read again for each part.
const (
	gramPieces = 16
	gramRows   = 256
	smallSums  = 1 << 20
)

// gram sums XᵀX over fixed ranges of pixels, and then the partial sums. The matrix is symmetric: for
// each panel of columns only the rows down to the diagonal are computed, and the rest is copied.
func gram(b *builder, s *autodiff.Step) {
	x, y := s.In[0], s.Out
	p, d := b.program, b.dev
	c, pixels, scale := x.Shape.C, x.Shape.H*x.Shape.W, float32(s.Attr.(float64))
	pieces := min(gramPieces, (pixels+gramRows-1)/gramRows)
	cols := c // of the matrix that are summed at a time
	if b.space < roomy {
		cols = min(max(smallSums/(pieces*c)/d.simd.NR, 1)*d.simd.NR, c)
	}
	size := c * cols
	b.needShared(pieces * size)
	b.needScratch(d.simd.PackedSize(gramRows, cols))
	for i := range x.Shape.N {
		for first := 0; first < c; first += cols {
			last := min(first+cols, c)
			b.stage(pieces, func(piece, worker int) {
				lo, hi := parallel.Split(pixels, pieces, piece)
				src := p.data(x)[i*pixels*c:]
				sum := p.shared[piece*size:][:size]
				for r := lo; r < hi; r += gramRows {
					k := min(gramRows, hi-r)
					panel := p.scratch[worker][:d.simd.PackedSize(k, last-first)]
					rows := src[r*c:][:k*c]
					d.simd.PackB(panel, rows[first:], k, last-first, c, 1)
					for n0 := first; n0 < last; n0 += d.simd.NR {
						n1, at := min(n0+d.simd.NR, last), n0-first
						d.simd.Gemm(simd.Gemm{
							M: n1, N: n1 - n0, K: k, A: rows, ARowStride: 1, AColStride: c, B: panel[at*k:],
							C: sum[at:], LDC: cols, Accumulate: r > lo,
						})
					}
				}
			})
			b.each(last, cols*pieces, func(lo, hi, _ int) {
				for r := lo; r < hi; r++ { // from the diagonal on
					from := max(r, first)
					at, n := r*cols+from-first, last-from
					dst := p.data(y)[i*c*c+r*c+from:][:n]
					d.simd.Scale(dst, p.shared[at:][:n], scale)
					for q := 1; q < pieces; q++ {
						d.simd.Axpy(dst, p.shared[q*size+at:][:n], scale)
					}
				}
			})
		}
		b.each(c, c, func(lo, hi, _ int) {
			g := p.data(y)[i*c*c:]
			for r := lo; r < hi; r++ {
				for j := range r {
					g[r*c+j] = g[j*c+r]
				}
			}
		})
	}
}

// gramGradient is scale·X·(dG + dGᵀ), (N,H,W,C), on its way to be added to something.
type gramGradient struct {
	p         *program
	x         *autodiff.Node // (N,H,W,C)
	c, pixels int
	packed    func() []float32 // (N,C,C): the matrix that X is multiplied by, for each picture
	// recompute computes pixels m0..m1-1 of a picture of X in dst; it is nil if X is stored.
	recompute func(dst []float32, image, m0, m1, worker int)
}

// gramGradient prepares the gradient of a Gram matrix, gram, which is s or a step of its Pre, and adds
// the stages that make the matrices.
func (b *builder) gramGradient(s, gram *autodiff.Step) *gramGradient {
	x, dg := gram.In[0], gram.In[1]
	p, d := b.program, b.dev
	c, scale := x.Shape.C, float32(gram.Attr.(float64))
	g := &gramGradient{p: p, x: x, c: c, pixels: x.Shape.H * x.Shape.W}
	if features := s.Producer(x); features != nil {
		g.recompute = b.recompute(features)
	}
	size := d.simd.PackedSize(c, c)
	g.packed = b.needSpare(x.Shape.N * size)
	b.needShared(c * c)
	for i := range x.Shape.N {
		b.each(c, c, func(lo, hi, _ int) {
			g := p.data(dg)[i*c*c:]
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
		var x []float32
		if g.recompute == nil {
			x = g.p.data(g.x)[p0*g.c:]
		} else {
			n = min(n, blockRows)
			x = g.p.features[worker][:n*g.c]
			g.recompute(x, image, p0-image*g.pixels, p0-image*g.pixels+n, worker)
		}
		xg := product{a: x, rowStride: g.c, stride: 1, b: matrix, k: g.c, n: g.c, c: dst, add: add}
		d.gemm(&xg, block{0, n, at.n0, at.n1})
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
