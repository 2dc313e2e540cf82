package autodiff

import "slices"

// What a backward pass has to know of an activation is often a few bits of it: a ReLU's gradient
// where it is above 0, a max pool's which pixel of a window was the largest. The plan keeps those
// instead, so that the activation is free as soon as the forward pass has gone by.
//
// Bits lie in words of 32, as many whole words as the channels of a pixel need; bit i%32 of word i/32
// belongs to channel i. A word takes the place of a float32. Picks have for each pixel first the words
// that say whether the maximum was in the right column of its window, and then those for the lower row.

// The operations that only plans make. Their gradients are of no use, and no graph holds them.
var (
	// signs of a value: a bit for each element, set if it is above 0.
	signsOp = &Op{Name: "signs"}
	// picks of a max pool's result.
	picksOp = &Op{Name: "picks"}
	// keep(dy, signs) is dy where the bit is set, else 0: the gradient of a ReLU.
	keepOp = &Op{Name: "keep", InPlace: []int{0}}
	// unpool(dy, picks) gives each element of dy to the pixel that was picked, 0 to the others.
	unpoolOp = &Op{Name: "unpool"}
)

// Words returns how many words the bits of n channels take.
func Words(n int) int { return (n + 31) / 32 }

func signsOf(y *Node) *Node {
	s := y.Shape
	s.C = Words(s.C)
	return &Node{Op: signsOp, In: []*Node{y}, Shape: s, Name: "signs of " + y.label()}
}

func picksOf(y *Node) *Node {
	s := y.Shape
	s.C = 2 * Words(s.C)
	return &Node{Op: picksOp, In: []*Node{y}, Shape: s, Name: "picks of " + y.label()}
}

func (n *Node) label() string {
	if n.Name != "" {
		return n.Name
	}
	return n.Op.Name
}

// picks2x2 reports whether two bits tell which pixel of a window a max pool picked: 2x2 pixels that
// do not overlap, from the corner of the picture on. At the right and the lower border windows may be
// cut off, or pixels be left over.
func picks2x2(p Pool) bool {
	return p.KH == 2 && p.KW == 2 && p.StrideH == 2 && p.StrideW == 2 && p.Pad == Pad{}
}

// poolFirst turns the gradient of a ReLU behind that of a max pool, reluGrad(maxPoolGrad(y, dp), y),
// into maxPoolGrad(y, reluGrad(dp, p)), p being the pool's result: the pixel that was picked is above
// 0 exactly if p is. That is done on a quarter of the elements, and y need not be looked at.
func poolFirst(steps []Step, outputs []*Node) []Step {
	of, readers := index(steps), countReaders(steps, outputs)
	pooled := map[pooling]*Node{}
	dropped := map[*Node]bool{}
	var out []Step
	for _, s := range steps {
		switch s.Op.Name {
		case "maxPool":
			pooled[poolingOf(&s)] = s.Node
		case "reluGrad":
			i, ok := of[s.In[0]]
			if !ok || s.In[1].Op.Name != "relu" {
				break
			}
			m := &steps[i]
			if m.Op.Name != "maxPoolGrad" || m.In[0] != s.In[1] || readers[m.Node] != 1 {
				break
			}
			if p := pooled[poolingOf(m)]; p != nil {
				dp := &Node{Op: s.Op, In: []*Node{m.In[1], p}, Shape: p.Shape, Name: m.In[1].Name}
				out = append(out, stepOf(dp))
				s.Op, s.Attr, s.In, s.FLOPs = m.Op, m.Attr, []*Node{m.In[0], dp}, m.FLOPs
				dropped[m.Node] = true
			}
		}
		out = append(out, s)
	}
	return slices.DeleteFunc(out, func(s Step) bool { return dropped[s.Node] })
}

// pooling is a max pool of a value.
type pooling struct {
	x *Node
	p Pool
}

// poolingOf returns what maxPool or maxPoolGrad is about.
func poolingOf(s *Step) pooling { return pooling{s.In[0], s.Attr.(Pool)} }

// compact lets gradients of ReLUs and max pools read bits.
func compact(steps []Step) {
	of := index(steps)
	pooled := map[pooling]int{}
	for i := range steps {
		s := &steps[i]
		switch s.Op.Name {
		case "maxPool":
			pooled[poolingOf(s)] = i
		case "maxPoolGrad":
			j, ok := pooled[poolingOf(s)]
			if !ok || !picks2x2(s.Attr.(Pool)) {
				continue
			}
			p := &steps[j]
			if p.Picks == nil {
				p.Picks = picksOf(p.Node)
			}
			s.Op, s.In = unpoolOp, []*Node{s.In[1], p.Picks}
		case "reluGrad":
			j, ok := of[s.In[1]]
			if !ok || steps[j].Op.View {
				continue
			}
			y := &steps[j]
			if y.Signs == nil {
				y.Signs = signsOf(y.Node)
			}
			s.Op, s.In = keepOp, []*Node{s.In[0], y.Signs}
		}
	}
}
