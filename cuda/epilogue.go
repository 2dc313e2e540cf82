//go:build cuda

package cuda

import (
	"fmt"

	"oneiro/autodiff"
)

// epilogue is what becomes of the sums of a product before they are stored, in this order. All places
// may be left out. Not every kernel does the mask and the signs: see builder.performed.
type epilogue struct {
	scale       float32
	bias        place // a vector over the columns to add
	addend      place // a matrix to add
	relu        bool
	mask, signs place // bits that say where the result is not 0, and bits to set where it is positive
}

// take removes the first post-operation left to the step being built and returns it if it is that one, else it
// returns nil.
func (b *builder) take(op string) *autodiff.PostOp {
	if len(b.post) == 0 || b.post[0].Op.Name != op {
		return nil
	}
	p := &b.post[0]
	b.post = b.post[1:]
	return p
}

// note returns the value that p notes, nil if p is nil.
func note(p *autodiff.PostOp) *autodiff.Node {
	if p == nil {
		return nil
	}
	return p.Note
}

// masks adds to an epilogue the mask and the signs that are next for the step being built. The kernels
// that get it have to say which of them they do.
func (b *builder) masks(e epilogue) epilogue {
	next := b.post
	if len(next) > 0 && next[0].Op.Name == "mask" {
		e.mask = b.at(next[0].In[0])
		next = next[1:]
	}
	if len(next) > 0 && next[0].Op.Name == "signMask" {
		e.signs = b.at(next[0].Note)
	}
	return e
}

// performed takes the post-operations that a kernel with this epilogue does off the list.
func (b *builder) performed(e epilogue) {
	if e.mask != none {
		b.take("mask")
	}
	if e.signs != none {
		b.take("signMask")
	}
}

// finish adds a launch for each post-operation that the kernels of a step have left.
func (b *builder) finish(s *autodiff.Step) {
	y := b.at(s.Out)
	for _, p := range b.post {
		switch p.Op.Name {
		case "mask":
			b.mask(s.Out.Shape, y, y, b.at(p.In[0]))
		case "signMask":
			b.warps("signs", p.Note.Shape.Len(), b.at(p.Note), y, int32(s.Out.Shape.C))
		default:
			panic(fmt.Sprintf("cuda: %s is not fused into %s", p.Op.Name, s.Op.Name))
		}
	}
}

// mask sets y to x where the bit is set, else to 0.
func (b *builder) mask(s autodiff.Shape, y, x, bits place) {
	b.quads("keep", s.Len(), y, x, bits, int32(s.C))
}

func init() {
	lowerings["mask"] = func(b *builder, s *autodiff.Step) {
		b.mask(s.Out.Shape, b.at(s.Out), b.at(s.In[0]), b.at(s.In[1]))
	}
}
