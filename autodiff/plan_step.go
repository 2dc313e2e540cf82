package autodiff

import "slices"

// Step computes one value of a plan and stores it: an operation, those fused before it, and those fused
// after it.
type Step struct {
	// Out is the value that is stored.
	Out *Node
	// Op, Attr and In are the step's operation, its parameter and its operands. Shape is the shape
	// of its result, which post-operations may change.
	Op    *Op
	Attr  any
	In    []*Node
	Shape Shape

	// Pre are steps that compute operands of this one, in this order, a piece at a time where the
	// piece is read. They do not store their results: what nobody else reads is never stored, and
	// what another step has stored and given up since is recomputed.
	Pre []Step
	// Post are the operations on the result, performed in this order before it is stored.
	Post []PostOp

	// FLOPs counts floating-point operations, a multiply-add as two.
	FLOPs float64
}

// PostOp is an operation on the result of a step.
type PostOp struct {
	Op   *Op
	Attr any
	// In are the operands beside the value itself, which is the first.
	In []*Node
	// Shape is the shape of the value afterwards.
	Shape Shape
	// Note is what signMask and argMax store beside the value, which they leave as it is. It is nil
	// for all other operations.
	Note *Node
}

// stepOf returns a step that computes n and nothing else.
func stepOf(n *Node) Step {
	return Step{Out: n, Op: n.Op, Attr: n.Attr, In: n.In, Shape: n.Shape, FLOPs: flops(n)}
}

// Producer returns the step of Pre that computes the operand n, or nil if n is stored.
func (s *Step) Producer(n *Node) *Step {
	for i := range s.Pre {
		if s.Pre[i].Out == n {
			return &s.Pre[i]
		}
	}
	return nil
}

// Reads returns the stored values that the step reads: its operands, those of a step of Pre in place of its
// result.
func (s *Step) Reads() []*Node { return s.reads(s) }

func (s *Step) reads(outer *Step) []*Node {
	var in []*Node
	add := func(operands []*Node) {
		for _, n := range operands {
			if p := outer.Producer(n); p != nil {
				in = append(in, p.reads(outer)...)
			} else {
				in = append(in, n)
			}
		}
	}
	add(s.In)
	for _, p := range s.Post {
		add(p.In)
	}
	return in
}

// Notes returns what the step stores beside Out.
func (s *Step) Notes() []*Node {
	var notes []*Node
	for _, p := range s.Post {
		if p.Note != nil {
			notes = append(notes, p.Note)
		}
	}
	return notes
}

// Writes returns the values that the step stores.
func (s *Step) Writes() []*Node { return append(s.Notes(), s.Out) }

// InPlace returns the operands whose memory Out may take over, if nobody else needs it.
func (s *Step) InPlace() []*Node {
	var in []*Node
	for _, k := range s.Op.InPlace {
		if k < len(s.In) {
			in = append(in, s.In[k])
		}
	}
	for _, p := range s.Post {
		for _, k := range p.Op.InPlace {
			if k > 0 && k <= len(p.In) {
				in = append(in, p.In[k-1])
			}
		}
	}
	return slices.DeleteFunc(in, func(n *Node) bool { return s.Producer(n) != nil })
}
