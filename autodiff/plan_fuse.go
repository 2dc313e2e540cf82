package autodiff

import "slices"

// fuse lets steps swallow, as far as the device fuses them, what they alone read, so that it is never stored:
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
		if f.swallowed[s.Node] {
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
	if s := &f.steps[i]; s.Op.Name == op && s.Signs == nil && s.Picks == nil {
		return s
	}
	return nil
}

// try makes s do what in does, with the rest noted by note, if the device fuses that.
func (f *fusion) try(s, in *Step, note func(s *Step)) bool {
	fused := *s
	fused.Op, fused.Attr, fused.In = in.Op, in.Attr, in.In
	fused.FLOPs += in.FLOPs
	note(&fused)
	if !f.Fuses(&fused) {
		return false
	}
	f.swallowed[in.Node] = true
	*s = fused
	return true
}

// swallow lets s swallow one step, and reports whether it did.
func (f *fusion) swallow(s *Step) bool {
	switch s.Op.Name {
	case "relu":
		if conv := f.alone(s.In[0], "conv2d"); conv != nil {
			return f.try(s, conv, func(s *Step) { s.ReLU = true })
		}
	case "maxPool":
		return f.swallowConv(s)
	case "add":
		for i, in := range s.In {
			other := s.In[1-i]
			if g := f.alone(in, "gramGrad"); g != nil && other.Shape == s.Node.Shape {
				return f.try(s, g, func(s *Step) { s.In = append(slices.Clone(s.In), other) })
			}
		}
	case "keep":
		for _, op := range []string{"conv2dInputGrad", "add", "gramGrad"} {
			if in := f.alone(s.In[0], op); in != nil && (op != "add" || f.addsGram(in)) {
				signs := s.In[1]
				return f.try(s, in, func(s *Step) { s.Mask = signs })
			}
		}
	case "gramGrad":
		if len(s.In) < 3 {
			return false
		}
		if conv := f.alone(s.In[2], "conv2dInputGrad"); conv != nil {
			gram := &Step{Op: s.Op, Attr: s.Attr, In: s.In[:2]}
			return f.try(s, conv, func(s *Step) { s.Plus = gram })
		}
	case "conv2dInputGrad":
		if un := f.alone(s.In[0], "unpool"); un != nil && s.Unpool == nil {
			fused := *s
			fused.In = []*Node{un.In[0], s.In[1]}
			fused.Unpool = un.In[1]
			fused.FLOPs += un.FLOPs
			if !f.Fuses(&fused) {
				return false
			}
			f.swallowed[un.Node] = true
			*s = fused
			return true
		}
	}
	return false
}

// swallowConv lets a max pool swallow a convolution, with the ReLU between them if there is one.
func (f *fusion) swallowConv(s *Step) bool {
	x := s.In[0]
	if !picks2x2(s.Attr.(Pool)) {
		return false
	}
	relu := f.alone(x, "relu")
	conv := f.alone(x, "conv2d")
	if relu != nil {
		conv = f.alone(relu.In[0], "conv2d")
	}
	if conv == nil {
		return false
	}
	if relu == nil {
		return f.try(s, conv, func(s *Step) { s.Pool = x })
	}
	fused := *s
	fused.FLOPs += relu.FLOPs
	if !f.try(&fused, conv, func(s *Step) { s.ReLU, s.Pool = true, x }) {
		return false
	}
	f.swallowed[relu.Node] = true
	*s = fused
	return true
}

// addsGram reports whether a sum is about to swallow the gradient of a Gram matrix.
func (f *fusion) addsGram(s *Step) bool {
	for i, in := range s.In {
		if f.alone(in, "gramGrad") != nil && s.In[1-i].Shape == s.Node.Shape {
			return true
		}
	}
	return false
}

// cheapTaps is how many multiplications an element may take to be computed twice: those of a
// convolution of 3x3 taps on three colours.
const cheapTaps = 32

// recompute lets gradients of Gram matrices compute cheap features again. What is cheap is the first
// layer of a network whose parameters are constants; its features are the largest value that a style
// needs in the backward pass.
func recompute(steps []Step) {
	of := index(steps)
	for i := range steps {
		s := &steps[i]
		if s.Plus != nil {
			s = s.Plus
		}
		if s.Op.Name != "gramGrad" {
			continue
		}
		j, ok := of[s.In[0]]
		if !ok {
			continue
		}
		c := &steps[j]
		if c.Op.Name == "conv2d" && c.Pool == nil && c.In[1].Tensor() != nil && c.In[1].Shape.Len()/c.In[1].Shape.C <= cheapTaps {
			s.Again = &Step{Node: c.Node, Op: c.Op, Attr: c.Attr, In: c.In, ReLU: c.ReLU, FLOPs: c.FLOPs}
			s.FLOPs += c.FLOPs
		}
	}
}
