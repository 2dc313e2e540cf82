//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	lowerings["lrn"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0]
		b.each("lrn", x.Shape.Len(), append([]any{b.at(s.Out), b.at(x)}, normalisation(s)...)...)
	}
	lowerings["lrnGrad"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.LRNAttr)
		dy, x := s.In[0], s.In[1]
		n := x.Shape.Len()
		slope := b.need(n)
		b.each("lrnSlope", n, append([]any{slope, b.at(dy), b.at(x)}, normalisation(s)...)...)
		args := append([]any{b.at(s.Out), b.at(dy), b.at(x), slope}, normalisation(s)...)
		b.each("lrnGrad", n, append(args, float32(2*a.Alpha/float64(a.Size)*a.Beta))...)
	}
}

// normalisation returns the arguments that describe the windows and the normaliser.
func normalisation(s *autodiff.Step) []any {
	a := s.Attr.(autodiff.LRNAttr)
	before := a.Size / 2
	args := ints(s.Out.Shape.C, before, a.Size-1-before)
	return append(args, float32(a.Alpha/float64(a.Size)), float32(a.Beta), float32(a.K))
}
