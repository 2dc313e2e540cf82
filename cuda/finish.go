//go:build cuda

package cuda

import "oneiro/autodiff"

// did notes what of a step's mask and signs its kernels do.
func (b *builder) did(e epilogue) {
	if e.mask != none {
		b.mask = none
	}
	if e.signs != none {
		b.signs = none
	}
}

// finish adds the launches that mask a step's result and note its signs, if its kernels did not.
func (b *builder) finish(s *autodiff.Step) {
	y := b.at(s.Node)
	if b.mask != none {
		b.keep(s.Node.Shape, y, y, b.mask)
	}
	if b.signs != none {
		b.warps("signs", s.Signs.Shape.Len(), b.signs, y, int32(s.Node.Shape.C))
	}
}

// keep sets y to x where the bit is set, else to 0.
func (b *builder) keep(s autodiff.Shape, y, x, bits place) {
	b.quads("keep", s.Len(), y, x, bits, int32(s.C))
}

func init() {
	ops["keep"] = func(b *builder, s *autodiff.Step) {
		b.keep(s.Node.Shape, b.at(s.Node), b.at(s.In[0]), b.at(s.In[1]))
	}
}
