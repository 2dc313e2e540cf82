//go:build cuda

package cuda

import "oneiro/autodiff"

// matmul adds launches for y = x·w and what becomes of that: the matrix that is added may be y. There is no
// bias.
func (b *builder) matmul(p product, y, x, w place, e epilogue) {
	p = b.dev.choose(p)
	to, here := b.room(p, y), e
	if p.parts > 1 {
		here = epilogue{scale: 1}
	}
	b.launchProduct("matmul", p, to, x, w, here.plus, here.mask, int32(p.rows), int32(p.cols), int32(p.depth), int32(p.span), here.scale)
	if p.parts > 1 {
		b.addParts(p, y, to, e)
	}
	b.did(e)
}

// matmulTurned adds the launch for xᵀ·w, of a product that has been chosen.
func (b *builder) matmulTurned(p product, y, x, w place) {
	b.launchProduct("matmulTurned", p, y, x, w, int32(p.rows), int32(p.cols), int32(p.depth), int32(p.span), flag(p.symmetric))
}

// gramGrad adds launches for y = scale·x·(dG + dGᵀ) + plus, with the mask of the step being built.
func (b *builder) gramGrad(s *autodiff.Step, y, plus place) {
	x, dg := s.In[0], s.In[1]
	from := b.at(x)
	if s.Again != nil {
		from = b.need(x.Shape.Len())
		b.conv2d(s.Again, from)
	}
	sum := b.need(dg.Shape.Len())
	b.each("plusTranspose", dg.Shape.Len(), sum, b.at(dg), int32(x.Shape.C), scaleOf(s))
	p := product{rows: x.Shape.H * x.Shape.W, cols: x.Shape.C, depth: x.Shape.C, count: x.Shape.N}
	b.matmul(p, y, from, sum, epilogue{scale: 1, plus: plus, mask: b.mask})
}

func init() {
	ops["matmul"] = func(b *builder, s *autodiff.Step) {
		t := s.Attr.(autodiff.MatMulAttr)
		x, w, y := s.In[0], s.In[1], b.at(s.Node)
		p := product{rows: x.Shape.Rows(), cols: w.Shape.C, depth: x.Shape.C, count: 1}
		right := b.at(w)
		if t.TransposeB {
			right = b.inOrder(filter{right, []int32{0}, w.Shape.Rows(), w.Shape.C})
			p.cols = w.Shape.Rows()
		}
		if !t.TransposeA {
			b.matmul(p, y, b.at(x), right, epilogue{scale: 1, mask: b.mask})
			return
		}
		p.rows, p.depth = p.depth, p.rows
		p = b.dev.choose(p)
		to := b.room(p, y)
		b.matmulTurned(p, to, b.at(x), right)
		if to != y {
			b.addParts(p, y, to, epilogue{scale: 1})
		}
	}
	// The matrix is symmetric: half of it is computed, and always in workspace, from which it is mirrored.
	ops["gram"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0].Shape
		p := b.dev.choose(product{rows: x.C, cols: x.C, depth: x.H * x.W, count: x.N, symmetric: true})
		parts := b.need(p.parts * s.Node.Shape.Len())
		b.matmulTurned(p, parts, b.at(s.In[0]), b.at(s.In[0]))
		b.each("addSymmetric", s.Node.Shape.Len(), b.at(s.Node), parts, int32(p.parts), int32(x.C), scaleOf(s))
	}
	ops["gramGrad"] = func(b *builder, s *autodiff.Step) {
		plus := none
		if len(s.In) == 3 {
			plus = b.at(s.In[2])
		}
		b.gramGrad(s, b.at(s.Node), plus)
	}
}
