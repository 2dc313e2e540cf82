//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	lowerings["totalVariation"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0]
		rows := x.Shape.N * x.Shape.H
		blocks := min(rows, maxPieces)
		partials := b.needSums(blocks)
		b.line("totalVariation", blocks, rows, append([]any{partials, b.at(x)}, variation(s, x.Shape)...)...)
		b.total(s.Out, partials, blocks, 1)
	}
	lowerings["totalVariationGrad"] = func(b *builder, s *autodiff.Step) {
		dy, x := s.In[0], s.In[1]
		o := x.Shape
		args := append([]any{b.at(s.Out), b.at(dy), b.at(x)}, variation(s, o)...)
		b.inRows("totalVariationGrad", o.N*o.H, o.W*o.C, args...)
	}
}

// variation returns the arguments that describe the picture and the factors.
func variation(s *autodiff.Step, x autodiff.Shape) []any {
	a := s.Attr.(autodiff.TVAttr)
	return append(ints(x.H, x.W*x.C, x.C), flag(a.Squared), float32(a.ScaleY), float32(a.ScaleX))
}
