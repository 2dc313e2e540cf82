//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	for _, name := range []string{"add", "sub", "mul", "div", "reluGrad"} {
		lowerings[name] = func(b *builder, s *autodiff.Step) {
			x, w := s.In[0], s.In[1]
			b.quads(name, s.Out.Shape.Len(), b.at(s.Out), b.at(x), b.at(w), int32(w.Shape.Len()))
		}
	}
	for _, name := range []string{"linear", "square", "relu", "exp", "log", "sigmoid", "tanh"} {
		lowerings[name] = func(b *builder, s *autodiff.Step) {
			a, _ := s.Attr.(autodiff.Linear)
			b.quads(name, s.Out.Shape.Len(), b.at(s.Out), b.at(s.In[0]), a.Scale, a.Offset)
		}
	}
	lowerings["fill"] = func(b *builder, s *autodiff.Step) {
		b.quads("fill", s.Out.Shape.Len(), b.at(s.Out), b.at(s.In[0]), int32(s.In[0].Shape.Len()))
	}
	lowerings["squaredErrorGrad"] = func(b *builder, s *autodiff.Step) {
		target := none
		if len(s.In) == 3 {
			target = b.at(s.In[2])
		}
		b.quads("squaredErrorGrad", s.Out.Shape.Len(), b.at(s.Out), b.at(s.In[0]), b.at(s.In[1]), target, factorOf(s))
	}
	lowerings["reshape"] = func(*builder, *autodiff.Step) {}       // a view
	lowerings["givenGradient"] = func(*builder, *autodiff.Step) {} // a view
}
