package autodiff

import "slices"

// fuse lets steps swallow what they alone read, so that it is never stored:
//
//   - a ReLU the convolution before it, and a max pool both of them;
//   - a sum the gradient of a Gram matrix, which is then added to the other summand while it is
//     computed, or while the other one is, if that is the input gradient of a convolution;
//   - a ReLU's gradient the gradient of a convolution or such a sum, which it masks;
//   - the input gradient of a convolution the gradient of a max pool, which it reads as it is pooled.
func fuse(steps []Step, outputs []*Node) []Step {
	f := &fusion{steps, index(steps), countReaders(steps, outputs), map[*Node]bool{}}
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

// take makes s do what in does.
func (f *fusion) take(s, in *Step) {
	f.swallowed[in.Node] = true
	s.Op, s.Attr, s.In = in.Op, in.Attr, in.In
	s.FLOPs += in.FLOPs
}

// swallow lets s swallow one step, and reports whether it did.
func (f *fusion) swallow(s *Step) bool {
	switch s.Op.Name {
	case "relu":
		if conv := f.alone(s.In[0], "conv2d"); conv != nil {
			f.take(s, conv)
			s.ReLU = true
			return true
		}
	case "maxPool":
		return f.swallowConv(s)
	case "add":
		for i, in := range s.In {
			other := s.In[1-i]
			if g := f.alone(in, "gramGrad"); g != nil && other.Shape == s.Node.Shape {
				f.take(s, g)
				s.In = append(slices.Clone(s.In), other)
				return true
			}
		}
	case "keep":
		for _, op := range []string{"conv2dInputGrad", "add", "gramGrad"} {
			if in := f.alone(s.In[0], op); in != nil && (op != "add" || f.addsGram(in)) {
				s.Mask = s.In[1]
				f.take(s, in)
				return true
			}
		}
	case "gramGrad":
		if len(s.In) < 3 {
			return false
		}
		if conv := f.alone(s.In[2], "conv2dInputGrad"); conv != nil && inTiles(ConvOf(conv.Attr), conv.In[1].Shape) {
			s.Plus = &Step{Op: s.Op, Attr: s.Attr, In: s.In[:2]}
			f.take(s, conv)
			return true
		}
	case "conv2dInputGrad":
		if un := f.alone(s.In[0], "unpool"); un != nil && s.Unpool == nil && inTiles(ConvOf(s.Attr), s.In[1].Shape) {
			f.swallowed[un.Node] = true
			s.In = []*Node{un.In[0], s.In[1]}
			s.Unpool = un.In[1]
			s.FLOPs += un.FLOPs
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
	if conv == nil || !inTiles(conv.Attr.(Conv), conv.In[1].Shape) {
		return false
	}
	if relu != nil {
		f.take(s, relu)
		s.ReLU = true
	}
	f.take(s, conv)
	s.Pool = x
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

// inTiles reports whether a convolution is one that devices compute by tiles, at whose end a pool of
// 2x2 pixels costs nothing: 3x3 taps on every pixel, and channels enough.
func inTiles(c Conv, w Shape) bool {
	return w.N == 3 && w.H == 3 && c.StrideH == 1 && c.StrideW == 1 && min(w.W, w.C) >= 16
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
