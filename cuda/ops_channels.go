//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	lowerings["concat"] = func(b *builder, s *autodiff.Step) {
		at := 0
		for _, in := range s.In {
			c := in.Shape.C
			b.copyChannels(b.at(s.Out).plus(at), b.at(in), in.Shape.Rows(), c, s.Out.Shape.C, c)
			at += c
		}
	}
	lowerings["slice"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		c := y.Shape.C
		b.copyChannels(b.at(y), b.at(x).plus(autodiff.SliceFrom(y)), y.Shape.Rows(), c, c, x.Shape.C)
	}
	lowerings["embed"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		args := append([]any{b.at(y), b.at(x)}, ints(y.Shape.C, x.Shape.C, s.Attr.(autodiff.ChannelRange).From)...)
		b.each("embed", y.Shape.Len(), args...)
	}
	lowerings["affine"] = func(b *builder, s *autodiff.Step) {
		a, x, y := s.Attr.(*autodiff.AffineAttr), s.In[0], s.Out
		offset := a.Offset
		if offset == nil {
			offset = make([]float32, a.Out)
		}
		args := append([]any{b.at(y), b.at(x), table(b, a.Matrix), table(b, offset)}, ints(x.Shape.C, a.Out)...)
		b.each("affine", y.Shape.Len(), args...)
	}
}

// copyChannels adds the launch that copies width channels of each pixel from x, where a pixel has from of
// them, to y, where it has to.
func (b *builder) copyChannels(y, x place, pixels, width, to, from int) {
	b.each("copyChannels", pixels*width, y, x, int32(width), int32(to), int32(from))
}
