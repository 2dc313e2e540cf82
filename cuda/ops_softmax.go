//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	lowerings["softmax"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0]
		b.warps("softmax", x.Shape.Rows(), b.at(s.Out), b.at(x), int32(x.Shape.C))
	}
	lowerings["softmaxGrad"] = func(b *builder, s *autodiff.Step) {
		dy, y := s.In[0], s.In[1]
		b.warps("softmaxGrad", y.Shape.Rows(), b.at(s.Out), b.at(dy), b.at(y), int32(y.Shape.C))
	}
	lowerings["crossEntropy"] = func(b *builder, s *autodiff.Step) {
		x, labels := s.In[0], s.In[1]
		rows := x.Shape.Rows()
		losses := b.needSums(rows)
		b.warps("crossEntropy", rows, losses, b.at(x), b.at(labels), int32(x.Shape.C), scaleOf(s))
		b.total(s.Out, losses, rows, 1/float32(rows))
	}
	lowerings["crossEntropyGrad"] = func(b *builder, s *autodiff.Step) {
		dy, x, labels := s.In[0], s.In[1], s.In[2]
		b.warps("crossEntropyGrad", x.Shape.Rows(),
			b.at(s.Out), b.at(dy), b.at(x), b.at(labels), int32(x.Shape.C), scaleOf(s))
	}
}
