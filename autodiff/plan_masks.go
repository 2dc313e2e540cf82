package autodiff

import "slices"

// What a backward pass has to know of an activation is often a few bits of it: a ReLU's gradient
// where it is above 0, a max pool's which pixel of a window was the largest. The plan keeps those
// instead, so that the activation is free as soon as the forward pass has gone by.
//
// Bits lie in words of 32, as many whole words as the channels of a pixel need; bit i%32 of word i/32
// belongs to channel i. A word takes the place of a float32. An argmax has for each pixel first the words
// that say whether the maximum was in the right column of its window, and then those for the lower row.

// The operations that only plans make. Their gradients are of no use, and no graph holds them.
var (
	// signMask notes a bit for each element of a value, set if it is above 0.
	signMaskOp = &Op{Name: "signMask"}
	// argMax notes two bits for each element of the result of a max pool, which comes just before it: which
	// pixel of the window it was. Its parameter is the Pool.
	argMaxOp = &Op{Name: "argMax"}
	// mask(dy, signs) is dy where the bit is set, else 0: the gradient of a ReLU.
	maskOp = &Op{Name: "mask", InPlace: []int{0}}
	// maxUnpool(dy, argMax) gives each element of dy to the pixel that was the largest, 0 to the others: the
	// gradient of a max pool. Its parameter is the Pool.
	maxUnpoolOp = &Op{Name: "maxUnpool"}
)

// Words returns how many words the bits of n channels take.
func Words(n int) int { return (n + 31) / 32 }

func (n *Node) label() string {
	if n.Name != "" {
		return n.Name
	}
	return n.Op.Name
}

// isMaxPool2x2 reports whether two bits are enough for the argmax of a window: 2x2 pixels that
// do not overlap, from the corner of the picture on. At the right and the lower border windows may be
// cut off, or pixels be left over.
func isMaxPool2x2(p Pool) bool {
	return p.KH == 2 && p.KW == 2 && p.StrideH == 2 && p.StrideW == 2 && p.Pad == Pad{}
}

// maskPooled turns the gradient of a ReLU after that of a max pool, reluGrad(maxPoolGrad(y, dp), y),
// into maxPoolGrad(y, reluGrad(dp, p)), p being the pool's result: the largest pixel is above
// 0 exactly if p is. That is done on a quarter of the elements, and y need not be looked at.
func maskPooled(steps []Step, outputs []*Node) []Step {
	of, readers := index(steps), countReaders(steps, outputs)
	pooled := map[pooling]*Node{}
	dropped := map[*Node]bool{}
	var out []Step
	for _, s := range steps {
		switch s.Op.Name {
		case "maxPool":
			pooled[poolingOf(&s)] = s.Out
		case "reluGrad":
			i, ok := of[s.In[0]]
			if !ok || s.In[1].Op.Name != "relu" {
				break
			}
			m := &steps[i]
			if m.Op.Name != "maxPoolGrad" || m.In[0] != s.In[1] || readers[m.Out] != 1 {
				break
			}
			if p := pooled[poolingOf(m)]; p != nil {
				dp := &Node{Op: s.Op, In: []*Node{m.In[1], p}, Shape: p.Shape, Name: m.In[1].Name}
				out = append(out, stepOf(dp))
				s.Op, s.Attr, s.In, s.FLOPs = m.Op, m.Attr, []*Node{m.In[0], dp}, m.FLOPs
				dropped[m.Out] = true
			}
		}
		out = append(out, s)
	}
	return slices.DeleteFunc(out, func(s Step) bool { return dropped[s.Out] })
}

// pooling is a max pool of a value.
type pooling struct {
	x *Node
	p Pool
}

// poolingOf returns what maxPool or maxPoolGrad is about.
func poolingOf(s *Step) pooling { return pooling{s.In[0], s.Attr.(Pool)} }

// keepMasks lets gradients of ReLUs and max pools read bits instead of activations.
func keepMasks(steps []Step) {
	of := index(steps)
	pooled := map[pooling]int{}
	for i := range steps {
		s := &steps[i]
		switch s.Op.Name {
		case "maxPool":
			pooled[poolingOf(s)] = i
		case "maxPoolGrad":
			if j, ok := pooled[poolingOf(s)]; ok && isMaxPool2x2(s.Attr.(Pool)) {
				s.Op, s.In = maxUnpoolOp, []*Node{s.In[1], steps[j].argMax()}
			}
		case "reluGrad":
			if j, ok := of[s.In[1]]; ok && !steps[j].Op.View {
				s.Op, s.In = maskOp, []*Node{s.In[0], steps[j].signMask()}
			}
		}
	}
}

// argMax returns the argmax of a step that is a max pool, and lets it note that.
func (s *Step) argMax() *Node {
	if len(s.Post) > 0 && s.Post[0].Op == argMaxOp {
		return s.Post[0].Note
	}
	n := s.bits(argMaxOp, 2, "argmax of ")
	s.Post = append([]PostOp{{Op: argMaxOp, Attr: s.Attr, Shape: s.Shape, Note: n}}, s.Post...)
	return n
}

// signMask returns the signs of a step's result, and lets it note them.
func (s *Step) signMask() *Node {
	for _, p := range s.Post {
		if p.Op == signMaskOp {
			return p.Note
		}
	}
	n := s.bits(signMaskOp, 1, "signs of ")
	s.Post = append(s.Post, PostOp{Op: signMaskOp, Shape: s.Shape, Note: n})
	return n
}

// bits returns a node for so many bits of each element of the result.
func (s *Step) bits(op *Op, each int, what string) *Node {
	shape := s.Out.Shape
	shape.C = each * Words(shape.C)
	return &Node{Op: op, In: []*Node{s.Out}, Shape: shape, Name: what + s.Out.label()}
}
