package autodiff

import "slices"

// fuse lets steps swallow what they alone read, as far as the device fuses it, so that it is never stored:
//
//   - a ReLU the convolution before it, and a max pool both of them;
//   - a sum the gradient of a Gram matrix, which is then added to the other summand while it is
//     computed, or while the other one is, if that is the input gradient of a convolution;
//   - a ReLU's gradient the gradient of a convolution or such a sum, which it masks;
//   - the input gradient of a convolution the gradient of a max pool, which it reads as it is pooled.
func fuse(d Fuser, steps []Step, outputs []*Node) []Step {
	f := &fusion{d, steps, index(steps), countReaders(steps, outputs), map[*Node]bool{}}
	var out []Step
	for i := len(steps) - 1; i >= 0; i-- { // readers come first this way
		s := steps[i]
		if f.swallowed[s.Out] {
			continue
		}
		for f.swallow(&s) {
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

type fusion struct {
	Fuser
	steps     []Step
	of        map[*Node]int
	readers   map[*Node]int
	swallowed map[*Node]bool
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

// onto returns in with the operation of s, which reads its result, as the first post-operation.
func (s *Step) onto(in *Step) *Step {
	others := slices.DeleteFunc(slices.Clone(s.In), func(n *Node) bool { return n == in.Out })
	first := PostOp{Op: s.Op, Attr: s.Attr, In: others, Shape: s.Shape}
	return &Step{
		Out: s.Out, Op: in.Op, Attr: in.Attr, In: in.In, Shape: in.Shape,
		Pre: slices.Concat(in.Pre, s.Pre), Post: append([]PostOp{first}, s.Post...), FLOPs: s.FLOPs + in.FLOPs,
	}
}

// replace makes s the fused step, which does without those others, if the device fuses it.
func (f *fusion) replace(s, fused *Step, others ...*Step) bool {
	if !f.Fuses(fused) {
		return false
	}
	for _, o := range others {
		f.swallowed[o.Out] = true
	}
	*s = *fused
	return true
}

// swallow lets s swallow what it can at once, and reports whether that was anything.
func (f *fusion) swallow(s *Step) bool {
	switch s.Op.Name {
	case "relu":
		if conv := f.alone(s.In[0], "conv2d"); conv != nil {
			return f.replace(s, s.onto(conv), conv)
		}
	case "maxPool":
		return f.swallowConv(s)
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
		return f.swallowSummand(s)
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

// swallowConv lets a max pool swallow a convolution, with the ReLU between them if there is one.
func (f *fusion) swallowConv(s *Step) bool {
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

// swallowSummand lets the gradient of a Gram matrix with a summand swallow the input gradient of a convolution
// that is the summand: the roles are then the other way round.
func (f *fusion) swallowSummand(s *Step) bool {
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
