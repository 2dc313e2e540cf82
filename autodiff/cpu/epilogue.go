package cpu

import (
	"fmt"
	"unsafe"

	"oneiro/autodiff"
)

// epilogue performs post-operations of a step on pixels of its result while they are still in the cache.
type epilogue struct {
	out  *autodiff.Node // (N,H,W,C)
	ops  []func(at block, worker int)
	gram *gramGradient // that is added, or nil
}

// block is a part of a matrix: rows m0..m1-1 and columns n0..n1-1. Rows of a value are its pixels, counted
// through all pictures, and columns its channels.
type block struct{ m0, m1, n0, n1 int }

// postLowerings has an entry for each operation that is performed on pixels after others.
var postLowerings = map[string]func(b *builder, e *epilogue, s *autodiff.Step, p autodiff.PostOp){
	"add":      addGramGradient,
	"mask":     maskPixels,
	"signMask": noteSigns,
}

// epilogue returns the epilogue of a step that performs the post-operations post. It may add stages.
func (b *builder) epilogue(s *autodiff.Step, post []autodiff.PostOp) *epilogue {
	e := &epilogue{out: s.Out}
	for _, p := range post {
		lower := postLowerings[p.Op.Name]
		if lower == nil {
			panic(fmt.Sprintf("cpu: %s is not fused into %s", p.Op.Name, s.Op.Name))
		}
		lower(b, e, s, p)
	}
	return e
}

// run performs the operations on a block. n0 is a multiple of 32, and so is n1 unless it is the last channel:
// no two pieces share a word of bits.
func (e *epilogue) run(at block, worker int) {
	for _, op := range e.ops {
		op(at, worker)
	}
}

// stage adds a stage that performs the operations on the whole result, for a step whose stages do not.
func (e *epilogue) stage(b *builder) {
	if len(e.ops) > 0 {
		s := e.out.Shape
		b.each(s.Rows(), s.C, func(lo, hi, worker int) { e.run(block{lo, hi, 0, s.C}, worker) })
	}
}

// take removes the first of the post-operations and returns it if it is the operation, else it returns nil.
func take(post *[]autodiff.PostOp, op string) *autodiff.PostOp {
	if len(*post) == 0 || (*post)[0].Op.Name != op {
		return nil
	}
	p := &(*post)[0]
	*post = (*post)[1:]
	return p
}

// note returns the value that p notes, nil if p is nil.
func note(p *autodiff.PostOp) *autodiff.Node {
	if p == nil {
		return nil
	}
	return p.Note
}

// addGramGradient adds the gradient of a Gram matrix, a step of Pre.
func addGramGradient(b *builder, e *epilogue, s *autodiff.Step, p autodiff.PostOp) {
	g, out, c := b.gramGradient(s, s.Producer(p.In[0])), b.view(s.Out), s.Out.Shape.C
	e.gram = g
	e.ops = append(e.ops, func(at block, worker int) { g.write(out()[at.m0*c:at.m1*c], at, worker, true) })
}

// maskPixels sets to 0 where the bits are not set.
func maskPixels(b *builder, e *epilogue, s *autodiff.Step, p autodiff.PostOp) {
	k, out, bits := b.dev.simd, b.pixels(s.Out), b.maskWords(p.In[0], s.Out)
	e.ops = append(e.ops, func(at block, _ int) {
		v, c := out(at)
		words, stride := bits(at)
		k.Mask(v, v, c, words, stride, at.m1-at.m0, at.n1-at.n0)
	})
}

// noteSigns sets the bits of what is above 0.
func noteSigns(b *builder, e *epilogue, s *autodiff.Step, p autodiff.PostOp) {
	k, out, bits := b.dev.simd, b.pixels(s.Out), b.maskWords(p.Note, s.Out)
	e.ops = append(e.ops, func(at block, _ int) {
		v, c := out(at)
		words, stride := bits(at)
		k.Positive(words, stride, v, c, at.m1-at.m0, at.n1-at.n0)
	})
}

// pixels returns a function that looks up a block of a value: its floats, and how far apart its pixels are.
func (b *builder) pixels(n *autodiff.Node) func(at block) ([]float32, int) {
	p, c := b.program, n.Shape.C
	return func(at block) ([]float32, int) { return p.data(n)[at.m0*c+at.n0 : (at.m1-1)*c+at.n1], c }
}

// maskWords returns a function that looks up the bits for a block of value: the words from its first
// on, and how far apart those of its pixels are.
func (b *builder) maskWords(bits, value *autodiff.Node) func(at block) ([]uint32, int) {
	p, words := b.program, autodiff.Words(value.Shape.C)
	return func(at block) ([]uint32, int) { return p.bits(bits)[at.m0*words+at.n0/32:], words }
}

// bits returns where the words of bits lie.
func (p *program) bits(n *autodiff.Node) []uint32 {
	v := p.data(n)
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

func init() {
	lowerings["mask"] = func(b *builder, s *autodiff.Step) {
		dy, signs, dx := s.In[0], s.In[1], s.Out
		p, d, c := b.program, b.dev, dx.Shape.C
		words := autodiff.Words(c)
		b.each(dx.Shape.Rows(), c, func(lo, hi, _ int) {
			d.simd.Mask(p.data(dx)[lo*c:hi*c], p.data(dy)[lo*c:hi*c], c, p.bits(signs)[lo*words:], words, hi-lo, c)
		})
	}
}
