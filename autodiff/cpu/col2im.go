package cpu

import (
	"oneiro/autodiff"
	"oneiro/simd"
)

// The input gradient of a first layer has many source channels and a picture's three as destination:
// too few columns for a matrix product. It is computed the other way round: a product gives what each
// source pixel contributes to each pixel of its window, and col2im adds these contributions up.
const (
	col2imRows  = 16  // rows of the destination that a piece computes
	col2imIn    = 4   // channels of the destination at most
	col2imWidth = 160 // contributions of a source pixel at most
)

// col2im is an input gradient computed that way, from dy (N,h,w,c) to dx (N,dstH,dstW,in).
type col2im struct {
	autodiff.Conv
	kh, kw, in, c int
	h, w          int
	dstH, dstW    int
}

// newCol2im returns nil if col2im does not suit the gradient.
func newCol2im(c autodiff.Conv, dy, w, dx autodiff.Shape) *col2im {
	s := &col2im{Conv: c, kh: w.N, kw: w.H, in: w.W, c: w.C, h: dy.H, w: dy.W, dstH: dx.H, dstW: dx.W}
	if s.in > col2imIn || s.width() > col2imWidth || s.kh*s.kw == 1 || s.c > maxK {
		return nil
	}
	return s
}

// width returns the number of contributions of a source pixel: one to each number of its window.
func (s *col2im) width() int { return s.kh * s.kw * s.in }

// sources returns the source rows whose windows cover the destination rows y0..y1-1.
func (s *col2im) sources(y0, y1 int) (s0, s1 int) {
	s0 = max(y0+s.Pad.Top-s.kh+s.StrideH, 0) / s.StrideH
	return s0, min((y1-1+s.Pad.Top)/s.StrideH+1, s.h)
}

// col2imForm names a filter packed for col2im.
type col2imForm struct{}

// stage adds the stage of the gradient by the constant filter t.
func (s *col2im) stage(b *builder, dy, dx *autodiff.Node, t *autodiff.Tensor) {
	p, d, n := b.program, b.dev, dy.Shape.N
	width := s.width()
	filter := b.pack(t, col2imForm{}, d.simd.PackedSize(s.c, width), func(packed []float32) {
		d.simd.PackB(packed, t.Data, s.c, width, 1, s.c)
	})
	rows := 0
	pieces := (s.dstH + col2imRows - 1) / col2imRows
	for piece := range pieces {
		s0, s1 := s.sources(piece*col2imRows, min((piece+1)*col2imRows, s.dstH))
		rows = max(rows, s1-s0)
	}
	b.needScratch(rows * s.w * width)
	b.stage(n*pieces, func(piece, worker int) {
		image := piece / pieces
		y0 := piece % pieces * col2imRows
		y1 := min(y0+col2imRows, s.dstH)
		s0, s1 := s.sources(y0, y1)
		part := p.scratch[worker]
		for r := s0; r < s1; r++ { // row by row, so that a block of A stays in the cache
			d.simd.Gemm(simd.Gemm{
				M: s.w, N: width, K: s.c, A: p.data(dy)[(image*s.h+r)*s.w*s.c:], ARowStride: s.c, AColStride: 1,
				B: filter.data, C: part[(r-s0)*s.w*width:], LDC: width,
			})
		}
		for y := y0; y < y1; y++ {
			to := p.data(dx)[(image*s.dstH+y)*s.dstW*s.in:][:s.dstW*s.in]
			clear(to)
			for ky := range s.kh {
				if r := y + s.Pad.Top - ky; r%s.StrideH == 0 && r >= s0*s.StrideH && r < s1*s.StrideH {
					s.collect(to, part[(r/s.StrideH-s0)*s.w*width+ky*s.kw*s.in:], width)
				}
			}
		}
	})
}

// collect adds to a row of the destination what one row of the kernel contributes from one row of
// source pixels: kw x in numbers for each, the pixels being width numbers apart in part.
func (s *col2im) collect(to, part []float32, width int) {
	run, step := s.kw*s.in, s.StrideW*s.in
	at := -s.Pad.Left * s.in
	for x := range s.w {
		from := part[x*width:][:run]
		switch {
		case at >= 0 && at+run <= len(to):
			dst := to[at:][:len(from)]
			for i, v := range from {
				dst[i] += v
			}
		default:
			for i, v := range from {
				if j := at + i; j >= 0 && j < len(to) {
					to[j] += v
				}
			}
		}
		at += step
	}
}
