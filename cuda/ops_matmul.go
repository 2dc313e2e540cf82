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
	args := append([]any{to, x, w, here.addend, here.mask}, p.sizes()...)
	b.launchProduct("matmul", p, append(args, here.scale)...)
	if p.parts > 1 {
		b.addParts(p, y, to, e)
	}
	b.performed(e)
}

// matmulTransposed adds the launch for xᵀ·w, of a product that has been chosen.
func (b *builder) matmulTransposed(p product, y, x, w place) {
	args := append([]any{y, x, w}, p.sizes()...)
	b.launchProduct("matmulTurned", p, append(args, flag(p.symmetric))...)
}

// gramGrad adds launches for y = scale·x·(dG + dGᵀ) + addend, x being (N,H,W,C) and dG (N,1,C,C), with
// the mask that is next: those of gram, which is the step s or one of its Pre.
func (b *builder) gramGrad(s, gram *autodiff.Step, y, addend place) {
	x, dg := gram.In[0], gram.In[1]
	var from place
	if features := s.Producer(x); features != nil {
		from = b.recompute(features)
	} else {
		from = b.at(x)
	}
	sum := b.need(dg.Shape.Len())
	b.each("plusTranspose", dg.Shape.Len(), sum, b.at(dg), int32(x.Shape.C), gramScale(gram))
	p := product{rows: x.Shape.H * x.Shape.W, cols: x.Shape.C, depth: x.Shape.C, count: x.Shape.N}
	e := b.masks(epilogue{scale: 1, addend: addend})
	e.signs = none
	b.matmul(p, y, from, sum, e)
}

// gramScale returns the factor of a Gram matrix, or of its gradient.
func gramScale(s *autodiff.Step) float32 { return float32(s.Attr.(autodiff.GramAttr).Scale) }

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
		b.matmulTransposed(p, to, b.at(x), right)
		if to != y {
			b.addParts(p, y, to, epilogue{scale: 1})
		}
	}
	// The matrix is symmetric: half of it is computed, and always in workspace, from which it is mirrored.
	lowerings["gram"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0].Shape
		p := b.dev.choose(product{rows: x.C, cols: x.C, depth: x.H * x.W, count: x.N, symmetric: true})
		parts := b.need(p.parts * s.Out.Shape.Len())
		b.matmulTransposed(p, parts, b.at(s.In[0]), b.at(s.In[0]))
		b.each("addSymmetric", s.Out.Shape.Len(), b.at(s.Out), parts, int32(p.parts), int32(x.C), gramScale(s))
	}
	lowerings["gramGrad"] = func(b *builder, s *autodiff.Step) {
		addend := none
		if sum := b.take("add"); sum != nil {
			addend = b.at(sum.In[0])
		}
		b.gramGrad(s, s, b.at(s.Out), addend)
	}
}
