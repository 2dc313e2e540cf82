//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	for _, name := range []string{"add", "sub", "mul", "div"} {
		ops[name] = func(b *builder, s *autodiff.Step) {
			x, w := s.In[0], s.In[1]
			b.each(name, s.Node.Shape.Len(), b.at(s.Node), b.at(x), b.at(w), int32(w.Shape.Len()))
		}
	}
	ops["reshape"] = func(*builder, *autodiff.Step) {} // a view
}
