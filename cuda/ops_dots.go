//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	lowerings["dots"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0].Shape
		b.warps("dots", x.Rows(), b.at(s.Out), b.at(s.In[0]), b.at(s.In[1]), int32(x.C))
	}
	lowerings["dotsGrad"] = func(b *builder, s *autodiff.Step) {
		x := s.Out.Shape
		b.each("dotsGrad", x.Len(), b.at(s.Out), b.at(s.In[0]), b.at(s.In[1]), b.at(s.In[2]), int32(x.C))
	}
	lowerings["upsample"] = func(b *builder, s *autodiff.Step) {
		a, x, y := s.Attr.(autodiff.UpsampleAttr), s.In[0], s.Out
		b.resample(y, x, enlarged(a, y.Shape.H, x.Shape.H), enlarged(a, y.Shape.W, x.Shape.W))
	}
	lowerings["upsampleGrad"] = func(b *builder, s *autodiff.Step) {
		a, dy, dx := s.Attr.(autodiff.UpsampleAttr), s.In[0].Shape, s.Out.Shape
		b.resample(s.Out, s.In[0], enlarged(a, dy.H, dx.H).transposed(dx.H), enlarged(a, dy.W, dx.W).transposed(dx.W))
	}
}

// enlarged is the axis of so many positions between those of an axis of n.
func enlarged(u autodiff.UpsampleAttr, positions, n int) axis {
	a := make(axis, positions)
	for i := range a {
		lo, hi, w := u.Between(i, n)
		if a[i] = []tap{{lo, 1 - w}}; w > 0 {
			a[i] = append(a[i], tap{hi, w})
		}
	}
	return a
}
