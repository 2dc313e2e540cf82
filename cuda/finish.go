//go:build cuda

package cuda

import "oneiro/autodiff"

// finish adds the launches that mask a step's result and note its signs. Builders of steps that do both
// by themselves set b.finished.
func (b *builder) finish(s *autodiff.Step) {
	y := b.at(s.Node)
	if s.Mask != nil {
		b.keep(s.Node.Shape, y, y, s.Mask)
	}
	if s.Signs != nil {
		b.warps("signs", s.Signs.Shape.Len(), b.at(s.Signs), y, int32(s.Node.Shape.C))
	}
}

// keep sets y to x where the bit is set, else to 0.
func (b *builder) keep(s autodiff.Shape, y, x place, bits *autodiff.Node) {
	b.quads("keep", s.Len(), y, x, b.at(bits), int32(s.C))
}

func init() {
	ops["keep"] = func(b *builder, s *autodiff.Step) {
		b.keep(s.Node.Shape, b.at(s.Node), b.at(s.In[0]), s.In[1])
	}
}
