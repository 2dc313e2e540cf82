package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// blockRows is how many rows of A a piece multiplies at most, and fewPieces how many pieces a
// product should have so that threads finish together.
const (
	blockRows = 96
	fewPieces = 8
)

// tiling splits an m x n result into pieces: blocks of rows and, where there are few of those,
// blocks of columns, whole panels wide.
type tiling struct {
	m, n       int
	rows, cols int // pieces each way
	width      int // columns of a piece
}

func (d *Device) tile(m, n int) tiling {
	t := tiling{m: m, n: n, rows: (m + blockRows - 1) / blockRows, cols: 1, width: n}
	if t.rows < fewPieces {
		// whole panels, and whole words of bits (see finisher)
		nr := max(d.simd.NR, 32)
		panels := (n + nr - 1) / nr
		per := max(panels*t.rows/fewPieces, 1)
		t.width = per * nr
		t.cols = (n + t.width - 1) / t.width
	}
	return t
}

func (t tiling) pieces() int { return t.rows * t.cols }

// at returns the rows and columns of a piece.
func (t tiling) at(piece int) (m0, m1, n0, n1 int) {
	m0, m1 = parallel.Split(t.m, t.rows, piece/t.cols)
	n0 = piece % t.cols * t.width
	return m0, m1, n0, min(n0+t.width, t.n)
}

// chunk returns the part of a packed k x n matrix that holds rows k0..k1-1, a whole chunk, from
// column n0 on, the first of a panel.
func (d *Device) chunk(b []float32, n, k0, k1, n0 int) []float32 {
	return b[d.simd.PackedSize(k0, n)+n0*(k1-k0) : d.simd.PackedSize(k1, n)]
}

// gemm computes rows m0..m1-1 and columns n0..n1-1 of C = A·B, or C += A·B, for an unpacked A.
func (d *Device) gemm(m0, m1, n0, n1 int, a []float32, ars, aks int, b []float32, k, n int, c []float32, add bool) {
	k0 := 0
	for _, k1 := range chunks(k) {
		d.simd.Gemm(simd.Gemm{
			M: m1 - m0, N: n1 - n0, K: k1 - k0, A: a[m0*ars+k0*aks:], ARowStride: ars, AColStride: aks,
			B: d.chunk(b, n, k0, k1, n0), C: c[m0*n+n0:], LDC: n, Accumulate: add || k0 > 0,
		})
		k0 = k1
	}
}

// operand prepares a step's k x n operand B, whose element [p][j] lies at p*rowStride+j*colStride,
// and returns a function that gives it packed when a stage runs: once and for all if it is constant,
// else by a stage into the shared workspace.
func (b *builder) operand(n *autodiff.Node, k, cols, rowStride, colStride int) func() []float32 {
	p, d := b.program, b.dev
	if t := n.Tensor(); t != nil {
		form := [3]int{rowStride, colStride, cols}
		pk := b.pack(t, form, d.simd.PackedSize(k, cols), func(dst []float32) {
			d.packMatrix(dst, t.Data, k, cols, rowStride, colStride)
		})
		return func() []float32 { return pk.data }
	}
	size := d.simd.PackedSize(k, cols)
	b.needShared(size)
	shared := func() []float32 { return p.shared[:size] }
	b.packStage(shared, b.view(n), k, cols, rowStride, colStride)
	return shared
}

// packStage adds a stage that packs a k x n matrix, a piece for each chunk and panel.
func (b *builder) packStage(to, src func() []float32, k, n, rowStride, colStride int) {
	d := b.dev
	nr := d.simd.NR
	panels := (n + nr - 1) / nr
	ends := chunks(k)
	b.stage(len(ends)*panels, func(piece, _ int) {
		c, j := piece/panels, piece%panels*nr
		k0 := 0
		if c > 0 {
			k0 = ends[c-1]
		}
		k1 := ends[c]
		dst := to()[d.simd.PackedSize(k0, n)+j*(k1-k0):]
		d.simd.PackB(dst[:nr*(k1-k0)], src()[k0*rowStride+j*colStride:], k1-k0, min(nr, n-j), rowStride, colStride)
	})
}

func init() {
	kernels["matmul"] = func(b *builder, s *autodiff.Step) {
		t := s.Attr.(autodiff.MatMulAttr)
		x, w := s.In[0], s.In[1]
		p, d := b.program, b.dev
		m, k, ars, aks := x.Shape.Rows(), x.Shape.C, x.Shape.C, 1
		if t.TransposeA {
			m, k, ars, aks = k, m, 1, k
		}
		n, rowStride, colStride := w.Shape.C, w.Shape.C, 1
		if t.TransposeB {
			n, rowStride, colStride = w.Shape.Rows(), 1, w.Shape.C
		}
		rhs := b.operand(w, k, n, rowStride, colStride)
		tl := d.tile(m, n)
		y := s.Node
		b.stage(tl.pieces(), func(piece, _ int) {
			m0, m1, n0, n1 := tl.at(piece)
			d.gemm(m0, m1, n0, n1, p.data(x), ars, aks, rhs(), k, n, p.data(y), false)
		})
	}
	kernels["gram"] = gram
	kernels["gramGrad"] = gramGrad
}

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
	x, y := s.In[0], s.Node
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

// gramGradient is scale·X·(dG + dGᵀ) on its way to be added to something.
type gramGradient struct {
	p         *program
	x         *autodiff.Node
	c, pixels int
	packed    func() []float32 // the matrix that X is multiplied by, for each picture
	// again computes pixels m0..m1-1 of a picture of X in dst; it is nil if X is stored.
	again func(dst []float32, image, m0, m1, worker int)
}

// gramGradient prepares the gradient of a Gram matrix and adds the stages that make the matrices.
func (b *builder) gramGradient(s *autodiff.Step) *gramGradient {
	x, dg := s.In[0], s.In[1]
	p, d := b.program, b.dev
	c, scale := x.Shape.C, float32(s.Attr.(float64))
	g := &gramGradient{p: p, x: x, c: c, pixels: x.Shape.H * x.Shape.W}
	if s.Again != nil {
		g.again = b.convAgain(s.Again)
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
		b.packStage(func() []float32 { return g.packed()[i*size:] }, func() []float32 { return p.shared[:c*c] }, c, c, c, 1)
	}
	return g
}

// write computes columns n0..n1-1 of pixels p0..p1-1, of one picture and counted through all, in dst, where
// pixel p0 begins, or adds them to what is there.
func (g *gramGradient) write(dst []float32, p0, p1, n0, n1, worker int, add bool) {
	d := g.p.dev
	image := p0 / g.pixels
	matrix := g.packed()[image*d.simd.PackedSize(g.c, g.c):]
	for p0 < p1 {
		n := p1 - p0
		var x []float32
		if g.again == nil {
			x = g.p.data(g.x)[p0*g.c:]
		} else {
			n = min(n, blockRows)
			x = g.p.features[worker][:n*g.c]
			g.again(x, image, p0-image*g.pixels, p0-image*g.pixels+n, worker)
		}
		d.gemm(0, n, n0, n1, x, g.c, 1, matrix, g.c, g.c, dst, add)
		p0, dst = p0+n, dst[n*g.c:]
	}
}

// gramGrad is a gramGradient added to the third operand, or to nothing.
func gramGrad(b *builder, s *autodiff.Step) {
	y := s.Node
	p, d, c, pixels := b.program, b.dev, y.Shape.C, y.Shape.H*y.Shape.W
	g, fin := b.gramGradient(s), b.finish(s)
	tl := d.tile(pixels, c)
	b.stage(y.Shape.N*tl.pieces(), func(piece, worker int) {
		first := piece / tl.pieces() * pixels
		m0, m1, n0, n1 := tl.at(piece % tl.pieces())
		to := p.data(y)[(first+m0)*c : (first+m1)*c]
		if len(s.In) == 3 {
			from := p.data(s.In[2])[(first+m0)*c:]
			if &to[0] != &from[0] {
				copyColumns(to[n0:], c, from[n0:], c, n1-n0, m1-m0)
			}
		}
		g.write(to, first+m0, first+m1, n0, n1, worker, len(s.In) == 3)
		fin.pixels(first+m0, first+m1, n0, n1, worker)
	})
}
