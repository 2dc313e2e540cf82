package autodiff

import "slices"

// fuse merges steps with the only reader of their result, as far as the device fuses that, so that the
// result is never stored:
//
//   - a convolution with the ReLU after it, and both with a 2x2 max pool after them;
//   - the gradient of a Gram matrix with the sum that it is a summand of, and both with the input
//     gradient of a convolution that is the other summand;
//   - any of these gradients with the gradient of a ReLU, which masks it;
//   - the gradient of a max pool with the input gradient of a convolution that reads it.
//
// The operation of an absorbed step becomes that of the step, whose own becomes its first post-operation.
func fuse(d Fuser, steps []Step, outputs []*Node) []Step {
	f := &fusion{d, steps, index(steps), countReaders(steps, outputs), map[*Node]bool{}}
	var out []Step
	for i := len(steps) - 1; i >= 0; i-- { // readers come first this way
		s := steps[i]
		if f.absorbed[s.Out] {
			continue
		}
		for f.absorb(&s) {
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

type fusion struct {
	Fuser
	steps    []Step
	of       map[*Node]int
	readers  map[*Node]int
	absorbed map[*Node]bool
}

// alone returns the step that computes n if it is of the operation, nobody else reads it, and nobody
// asks for its bits.
func (f *fusion) alone(n *Node, op string) *Step {
	i, ok := f.of[n]
	if !ok || f.readers[n] != 1 {
		return nil
	}
	if s := &f.steps[i]; s.Op.Name == op && len(s.Post) == 0 {
		return s
	}
	return nil
}

// onto returns the step in with the operation of s, which reads its result, as first post-operation.
func (s *Step) onto(in *Step) *Step {
	others := slices.DeleteFunc(slices.Clone(s.In), func(n *Node) bool { return n == in.Out })
	first := PostOp{Op: s.Op, Attr: s.Attr, In: others, Shape: s.Shape}
	return &Step{
		Out: s.Out, Op: in.Op, Attr: in.Attr, In: in.In, Shape: in.Shape,
		Pre: slices.Concat(in.Pre, s.Pre), Post: append([]PostOp{first}, s.Post...), FLOPs: s.FLOPs + in.FLOPs,
	}
}

// replace makes s the fused step, in place of it and others, if the device fuses it.
func (f *fusion) replace(s, fused *Step, others ...*Step) bool {
	if !f.Fuses(fused) {
		return false
	}
	for _, o := range others {
		f.absorbed[o.Out] = true
	}
	*s = *fused
	return true
}

// absorb lets s absorb what it can at once, and reports whether that was anything.
func (f *fusion) absorb(s *Step) bool {
	switch s.Op.Name {
	case "relu":
		if conv := f.alone(s.In[0], "conv2d"); conv != nil {
			return f.replace(s, s.onto(conv), conv)
		}
	case "maxPool":
		return f.absorbConv(s)
	case "add":
		if gram := f.gramSummand(s); gram != nil {
			return f.replace(s, s.onto(gram), gram)
		}
	case "mask":
		for _, op := range []string{"conv2dInputGrad", "gramGrad"} {
			if in := f.alone(s.In[0], op); in != nil {
				return f.replace(s, s.onto(in), in)
			}
		}
		if sum := f.alone(s.In[0], "add"); sum != nil {
			if gram := f.gramSummand(sum); gram != nil {
				return f.replace(s, s.onto(sum).onto(gram), sum, gram)
			}
		}
	case "gramGrad":
		return f.absorbSummand(s)
	case "conv2dInputGrad":
		if un := f.alone(s.In[0], "maxUnpool"); un != nil && s.Producer(un.Out) == nil {
			fused := *s
			fused.Pre = append(slices.Clone(s.Pre), *un)
			fused.FLOPs += un.FLOPs
			return f.replace(s, &fused, un)
		}
	}
	return false
}

// absorbConv lets a max pool absorb a convolution, with the ReLU between them if there is one.
func (f *fusion) absorbConv(s *Step) bool {
	if !isMaxPool2x2(s.Attr.(Pool)) {
		return false
	}
	if conv := f.alone(s.In[0], "conv2d"); conv != nil {
		return f.replace(s, s.onto(conv), conv)
	}
	if relu := f.alone(s.In[0], "relu"); relu != nil {
		if conv := f.alone(relu.In[0], "conv2d"); conv != nil {
			return f.replace(s, s.onto(relu).onto(conv), relu, conv)
		}
	}
	return false
}

// gramSummand returns the gradient of a Gram matrix that is one summand of a sum, the other being as large, or
// nil.
func (f *fusion) gramSummand(sum *Step) *Step {
	for i, in := range sum.In {
		if gram := f.alone(in, "gramGrad"); gram != nil && sum.In[1-i].Shape == sum.Shape {
			return gram
		}
	}
	return nil
}

// absorbSummand lets the gradient of a Gram matrix that is added to the input gradient of a convolution
// absorb that: the convolution becomes the operation, and the Gram gradient an operand of the sum.
func (f *fusion) absorbSummand(s *Step) bool {
	if len(s.Post) == 0 || s.Post[0].Op.Name != "add" {
		return false
	}
	conv := f.alone(s.Post[0].In[0], "conv2dInputGrad")
	if conv == nil {
		return false
	}
	gram := Step{Op: s.Op, Attr: s.Attr, In: s.In, Shape: s.Shape}
	gram.Out = &Node{Op: s.Op, Attr: s.Attr, In: s.In, Shape: s.Shape, Name: "gradient by " + s.In[0].label()}
	sum := s.Post[0]
	sum.In = []*Node{gram.Out}
	return f.replace(s, &Step{
		Out: s.Out, Op: conv.Op, Attr: conv.Attr, In: conv.In, Shape: conv.Shape, Pre: []Step{gram},
		Post: append([]PostOp{sum}, s.Post[1:]...), FLOPs: s.FLOPs + conv.FLOPs,
	}, conv)
}

// cheapTaps is how many multiplications an element may take to be computed twice: those of a
// convolution of 3x3 taps on three colours.
const cheapTaps = 32

// recompute lets gradients of Gram matrices compute cheap features again. What is cheap is the first
// layer of a network whose parameters are constants; its features are the largest value that a style
// needs in the backward pass.
func recompute(d Fuser, steps []Step) {
	of := index(steps)
	for i := range steps {
		s := &steps[i]
		features := gramFeatures(s)
		j, ok := of[features]
		if !ok || !isCheap(&steps[j]) {
			continue
		}
		again := steps[j]
		again.Post = slices.DeleteFunc(slices.Clone(again.Post), func(p PostOp) bool { return p.Note != nil })
		fused := *s
		fused.Pre = append([]Step{again}, s.Pre...)
		fused.FLOPs += again.FLOPs
		if d.Fuses(&fused) {
			*s = fused
		}
	}
}

// gramFeatures returns the features that a step computes the gradient of a Gram matrix with, or nil.
func gramFeatures(s *Step) *Node {
	if s.Op.Name == "gramGrad" {
		return s.In[0]
	}
	for _, p := range s.Pre {
		if p.Op.Name == "gramGrad" {
			return p.In[0]
		}
	}
	return nil
}

// isCheap reports whether what a step computes may be computed twice.
func isCheap(s *Step) bool {
	return s.Op.Name == "conv2d" && s.Shape == s.Out.Shape && s.In[1].Tensor() != nil &&
		s.In[1].Shape.Len()/s.In[1].Shape.C <= cheapTaps
}
