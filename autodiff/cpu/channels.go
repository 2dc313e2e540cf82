package cpu

import "oneiro/autodiff"

func init() {
	lowerings["concat"] = func(b *builder, s *autodiff.Step) {
		y := s.Out
		p := b.program
		c := y.Shape.C
		b.each(y.Shape.Rows(), c, func(lo, hi, _ int) {
			at := 0
			for _, in := range s.In {
				w := in.Shape.C
				copyColumns(p.data(y)[lo*c+at:], c, p.data(in)[lo*w:], w, w, hi-lo)
				at += w
			}
		})
	}
	lowerings["slice"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		p := b.program
		from, c, w := autodiff.SliceFrom(y), x.Shape.C, y.Shape.C
		b.each(y.Shape.Rows(), w, func(lo, hi, _ int) {
			copyColumns(p.data(y)[lo*w:], w, p.data(x)[lo*c+from:], c, w, hi-lo)
		})
	}
	lowerings["embed"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		p := b.program
		from, c, w := s.Attr.(autodiff.ChannelRange).From, y.Shape.C, x.Shape.C
		b.each(y.Shape.Rows(), c, func(lo, hi, _ int) {
			dst := p.data(y)[lo*c : hi*c]
			clear(dst)
			copyColumns(dst[from:], c, p.data(x)[lo*w:], w, w, hi-lo)
		})
	}
	lowerings["affine"] = affine
}

// copyColumns copies rows of width floats between matrices with the given strides.
func copyColumns(dst []float32, dstStride int, src []float32, srcStride, width, rows int) {
	for r := range rows {
		copy(dst[r*dstStride:][:width], src[r*srcStride:][:width])
	}
}

func affine(b *builder, s *autodiff.Step) {
	a := s.Attr.(*autodiff.AffineAttr)
	x, y := s.In[0], s.Out
	p := b.program
	c, out := x.Shape.C, a.Out
	offset := a.Offset
	if offset == nil {
		offset = make([]float32, out)
	}
	b.each(y.Shape.Rows(), c*out, func(lo, hi, _ int) {
		src, dst := p.data(x)[lo*c:hi*c], p.data(y)[lo*out:hi*out]
		if c == 3 && out == 3 {
			m, o := (*[9]float32)(a.Matrix), (*[3]float32)(offset)
			for len(src) >= 3 && len(dst) >= 3 {
				r, g, b := src[0], src[1], src[2]
				dst[0] = m[0]*r + m[1]*g + m[2]*b + o[0]
				dst[1] = m[3]*r + m[4]*g + m[5]*b + o[1]
				dst[2] = m[6]*r + m[7]*g + m[8]*b + o[2]
				src, dst = src[3:], dst[3:]
			}
			return
		}
		for r := range hi - lo {
			for i := range out {
				sum := offset[i]
				for j, v := range src[r*c:][:c] {
					sum += a.Matrix[i*c+j] * v
				}
				dst[r*out+i] = sum
			}
		}
	})
}
