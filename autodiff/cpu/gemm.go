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
		// whole panels, and whole words of bits (see epilogue)
		nr := max(d.simd.NR, 32)
		panels := (n + nr - 1) / nr
		per := max(panels*t.rows/fewPieces, 1)
		t.width = per * nr
		t.cols = (n + t.width - 1) / t.width
	}
	return t
}

func (t tiling) pieces() int { return t.rows * t.cols }

// at returns the block that is a piece.
func (t tiling) at(piece int) block {
	m0, m1 := parallel.Split(t.m, t.rows, piece/t.cols)
	n0 := piece % t.cols * t.width
	return block{m0, m1, n0, min(n0+t.width, t.n)}
}

// chunk returns the part of a packed k x n matrix that holds rows k0..k1-1, a whole chunk, from
// column n0 on, the first of a panel.
func (d *Device) chunk(b []float32, n, k0, k1, n0 int) []float32 {
	return b[d.simd.PackedSize(k0, n)+n0*(k1-k0) : d.simd.PackedSize(k1, n)]
}

// product is C = A·B, or C += A·B, for an unpacked A: element [i][p] of it lies at i·rowStride + p·stride.
type product struct {
	a                 []float32 // (m,k)
	rowStride, stride int
	b                 []float32 // (k,n), packed
	k, n              int
	c                 []float32 // (m,n)
	add               bool
}

// gemm computes a block of a product.
func (d *Device) gemm(p *product, at block) {
	k0 := 0
	for _, k1 := range chunks(p.k) {
		d.simd.Gemm(simd.Gemm{
			M: at.m1 - at.m0, N: at.n1 - at.n0, K: k1 - k0,
			A: p.a[at.m0*p.rowStride+k0*p.stride:], ARowStride: p.rowStride, AColStride: p.stride,
			B: d.chunk(p.b, p.n, k0, k1, at.n0),
			C: p.c[at.m0*p.n+at.n0:], LDC: p.n, Accumulate: p.add || k0 > 0,
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
	lowerings["matmul"] = matmul
	lowerings["gram"] = gram
	lowerings["gramGrad"] = gramGrad
}

// matmul computes y (M,N) = x (M,K) · w (K,N), either of which may be transposed.
func matmul(b *builder, s *autodiff.Step) {
	t := s.Attr.(autodiff.MatMulAttr)
	x, w, y := s.In[0], s.In[1], s.Out
	p, d := b.program, b.dev
	m, k, rowStride, stride := x.Shape.Rows(), x.Shape.C, x.Shape.C, 1
	if t.TransposeA {
		m, k, rowStride, stride = k, m, 1, k
	}
	n, rhsRowStride, rhsStride := w.Shape.C, w.Shape.C, 1
	if t.TransposeB {
		n, rhsRowStride, rhsStride = w.Shape.Rows(), 1, w.Shape.C
	}
	rhs := b.operand(w, k, n, rhsRowStride, rhsStride)
	tl := d.tile(m, n)
	b.stage(tl.pieces(), func(piece, _ int) {
		xw := product{a: p.data(x), rowStride: rowStride, stride: stride, b: rhs(), k: k, n: n, c: p.data(y)}
		d.gemm(&xw, tl.at(piece))
	})
}
