package cpu

import (
	"unsafe"

	"oneiro/autodiff"
)

// finisher does what a step is to do with pixels of its result while they are still in the cache: it
// adds the gradient of a Gram matrix, masks them, and notes their signs.
type finisher struct {
	p                 *program
	node, mask, signs *autodiff.Node
	plus              *gramGradient // or nil
}

// finish returns a step's finisher, which may have nothing to do. It may add stages.
func (b *builder) finish(s *autodiff.Step) *finisher {
	f := &finisher{p: b.program, node: s.Node, mask: s.Mask, signs: s.Signs}
	if s.Plus != nil {
		f.plus = b.gramGradient(s.Plus)
	}
	return f
}

func (f *finisher) idle() bool { return f.mask == nil && f.signs == nil && f.plus == nil }

// pixels finishes the channels n0..n1-1 of the pixels p0..p1-1, counted through all pictures. n0 is a
// multiple of 32, and so is n1 unless it is the last channel: no two pieces share a word of bits.
func (f *finisher) pixels(p0, p1, n0, n1, worker int) {
	c := f.node.Shape.C
	if f.plus != nil {
		f.plus.write(f.p.data(f.node)[p0*c:p1*c], p0, p1, n0, n1, worker, true)
	}
	words, at := autodiff.Words(c), n0/32
	v := f.p.data(f.node)[p0*c+n0 : (p1-1)*c+n1]
	if f.mask != nil {
		f.p.dev.simd.Mask(v, v, c, f.p.bits(f.mask)[p0*words+at:], words, p1-p0, n1-n0)
	}
	if f.signs != nil {
		f.p.dev.simd.Positive(f.p.bits(f.signs)[p0*words+at:], words, v, c, p1-p0, n1-n0)
	}
}

// after adds a stage that finishes the whole result of a step whose kernel does not.
func (f *finisher) after(b *builder) {
	if !f.idle() {
		s := f.node.Shape
		b.each(s.Rows(), s.C, func(lo, hi, worker int) { f.pixels(lo, hi, 0, s.C, worker) })
	}
}

// bits returns where the words of signs or picks lie.
func (p *program) bits(n *autodiff.Node) []uint32 {
	v := p.data(n)
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

func init() {
	kernels["keep"] = func(b *builder, s *autodiff.Step) {
		dy, signs, dx := s.In[0], s.In[1], s.Node
		p, d, c := b.program, b.dev, dx.Shape.C
		words := autodiff.Words(c)
		b.each(dx.Shape.Rows(), c, func(lo, hi, _ int) {
			d.simd.Mask(p.data(dx)[lo*c:hi*c], p.data(dy)[lo*c:hi*c], c, p.bits(signs)[lo*words:], words, hi-lo, c)
		})
	}
}
