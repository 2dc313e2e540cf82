package cpu

import (
	"fmt"

	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// flipped prepares the filter of an input gradient, (taps,K,C) from w (KH,KW,C,K): those taps, each with input
// and output channels exchanged.
func (b *builder) flipped(w *autodiff.Node, taps []int) func() []float32 {
	p, d := b.program, b.dev
	in, out := w.Shape.W, w.Shape.C
	k := len(taps) * out
	// order copies tap i, transposed, to its rows of the k x in matrix.
	order := func(dst, src []float32, i int) {
		transpose(dst[i*out*in:][:out*in], src[taps[i]*in*out:][:in*out], in, out)
	}
	size := d.simd.PackedSize(k, in)
	if t := w.Tensor(); t != nil {
		pk := b.pack(t, fmt.Sprint("flipped taps ", taps), size, func(dst []float32) {
			m := make([]float32, k*in)
			for i := range taps {
				order(m, t.Data, i)
			}
			d.packMatrix(dst, m, k, in, in, 1)
		})
		return func() []float32 { return pk.data }
	}
	b.needShared(size + k*in)
	b.stage(len(taps), func(i, _ int) { order(p.shared[size:], p.data(w), i) })
	packed := func() []float32 { return p.shared[:size] }
	b.packStage(packed, func() []float32 { return p.shared[size:] }, k, in, in, 1)
	return packed
}

// transpose writes the transpose of the rows x cols matrix src, in tiles that the cache can hold.
func transpose(dst, src []float32, rows, cols int) {
	const tile = 16
	for r0 := 0; r0 < rows; r0 += tile {
		for c0 := 0; c0 < cols; c0 += tile {
			for c := c0; c < min(c0+tile, cols); c++ {
				for r := r0; r < min(r0+tile, rows); r++ {
					dst[c*rows+r] = src[r*cols+c]
				}
			}
		}
	}
}

// filterRows is how many pixels a filter gradient multiplies at a time.
const filterRows = 256

// convFilterGrad computes dw (KH,KW,C,K), given x (N,H,W,C) and dy (N,OH,OW,K): dW = Aᵀ·dY, A being
// the matrix of the forward convolution. dY is packed once; each piece then owns some taps and some
// output channels and runs over all pixels.
func convFilterGrad(b *builder, s *autodiff.Step) {
	x, dy, dw := s.In[0], s.In[1], s.Out
	p, d := b.program, b.dev
	g := convGeometry(autodiff.ConvOf(s.Attr), x.Shape, dw.Shape, dy.Shape)
	if w := d.winogradGrad(&g); w != nil {
		b.winogradFilterGrad(w, x, dy, dw)
		return
	}
	n, out, pixels := g.N, g.OutC, g.GridH*g.GridW
	blocks := (pixels + filterRows - 1) / filterRows
	size := d.simd.PackedSize(pixels, out)
	b.needShared(n * size)
	b.stage(n*blocks, func(piece, _ int) {
		image, block := piece/blocks, piece%blocks
		r0, r1 := block*filterRows, min((block+1)*filterRows, pixels)
		dst := p.shared[image*size:][d.simd.PackedSize(r0, out):d.simd.PackedSize(r1, out)]
		d.simd.PackB(dst, p.data(dy)[(image*pixels+r0)*out:], r1-r0, out, out, 1)
	})

	perPiece := max(1, 128/g.C) // taps
	tapPieces := (g.KH*g.KW + perPiece - 1) / perPiece
	width := max(128/d.simd.NR, 1) * d.simd.NR
	colPieces := (out + width - 1) / width
	b.needScratch(filterRows * perPiece * g.C)
	b.stage(tapPieces*colPieces, func(piece, worker int) {
		t0, t1 := parallel.Split(g.KH*g.KW, tapPieces, piece/colPieces)
		n0 := piece % colPieces * width
		n1 := min(n0+width, out)
		k0, k1 := t0*g.C, t1*g.C
		to := p.data(dw)[k0*out+n0:]
		for i := range n * blocks {
			image, r0 := i/blocks, i%blocks*filterRows
			r1 := min(r0+filterRows, pixels)
			a := p.scratch[worker]
			g.im2col(a, g.picture(p.data(x), image), block{r0, r1, k0, k1})
			part := p.shared[image*size:][d.simd.PackedSize(r0, out)+n0*(r1-r0):]
			d.simd.Gemm(simd.Gemm{
				M: k1 - k0, N: n1 - n0, K: r1 - r0, A: a, ARowStride: 1, AColStride: k1 - k0, B: part,
				C: to, LDC: out, Accumulate: i > 0,
			})
		}
	})
}
