//go:build cuda

package cuda

import "oneiro/autodiff"

// matmul adds launches for y = x·w and what becomes of that: the matrix that is added may be y. There is no
// bias.
func (b *builder) matmul(p product, y, x, w place, e epilogue) { b.multiply("matmul", p, y, e, x, w) }

// multiply adds the launches of a product of operands that a kernel knows.
func (b *builder) multiply(kernel string, p product, y place, e epilogue, operands ...any) {
	p = b.dev.choose(p)
	to, here := b.room(p, y), e
	if p.parts > 1 {
		here = epilogue{scale: 1}
	}
	args := append(append([]any{to}, operands...), here.addend, here.mask)
	b.launchProduct(kernel, p, append(append(args, p.sizes()...), here.scale)...)
	if p.parts > 1 {
		b.addParts(p, y, to, e)
	}
	b.performed(e)
}

func init() {
	lowerings["matmul"] = func(b *builder, s *autodiff.Step) {
		t := s.Attr.(autodiff.MatMulAttr)
		x, w, y := s.In[0], s.In[1], b.at(s.Out)
		p := product{rows: x.Shape.Rows(), cols: w.Shape.C, depth: x.Shape.C, count: 1}
		right := b.at(w)
		if t.TransposeB {
			right = b.inOrder(filter{right, []int32{0}, w.Shape.Rows(), w.Shape.C})
			p.cols = w.Shape.Rows()
		}
		if !t.TransposeA {
			b.matmul(p, y, b.at(x), right, epilogue{scale: 1})
			return
		}
		p.rows, p.depth = p.depth, p.rows
		p = b.dev.choose(p)
		to := b.room(p, y)
		b.launchProduct("matmulTurned", p, append([]any{to, b.at(x), right}, p.sizes()...)...)
		if to != y {
			b.addParts(p, y, to, epilogue{scale: 1})
		}
	}
}
