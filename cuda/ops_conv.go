//go:build cuda

package cuda

import "oneiro/autodiff"

// geometry is a convolution as every one of them is computed here, by implicit GEMM.
type geometry struct{ autodiff.ConvGeometry }

// tapEnd is how many taps that see nothing a table ends with: kernels read whole tiles of it.
const tapEnd = 256

// taps is the table of Taps of kernels/gemm.h.
func (g *geometry) taps() []int32 {
	t := make([]int32, 0, 2*(g.K()+tapEnd))
	for y := range g.KH {
		for x := range g.KW {
			for c := range g.C {
				t = append(t, int32((y*g.W+x)*g.C+c), int32(y<<16|x))
			}
		}
	}
	for range tapEnd {
		t = append(t, 0, -1<<31)
	}
	return t
}

// source returns the arguments that say what a convolution reads.
func (g *geometry) source() []any {
	return ints(g.H, g.W, g.C, g.GridH, g.GridW, g.StrideH, g.StrideW, g.PadTop, g.PadLeft)
}

// steps returns the place of the grid in the destination, and its distances there.
func (g *geometry) steps(y place) (place, []any) {
	line := g.DstW * g.OutC
	return y.plus(g.AtH*line + g.AtW*g.OutC), ints(g.DstH*line, g.StepH*line, g.StepW*g.OutC)
}

// conv adds launches of a convolution. There is nothing to add to its result.
func (b *builder) conv(g *geometry, y, x place, f filter, e epilogue) {
	if b.dev.winograd(g) {
		b.winogradConv(g, y, x, f, e)
		return
	}
	rows := g.N * g.GridH * g.GridW
	p := b.dev.choose(product{rows: rows, cols: g.OutC, depth: g.K(), count: 1, whole: !g.IsDense()})
	to, steps := y, ints(0, 0, 0)
	if !g.IsDense() {
		to, steps = g.steps(y)
		e.mask = none
	}
	e.scale, e.signs = 1, none
	to = b.room(p, to)
	here := e
	if p.parts > 1 {
		here = epilogue{}
	}
	args := append([]any{to, x, b.inOrder(f), here.bias, here.mask, table(b, g.taps())}, p.sizes()...)
	args = append(append(args, g.source()...), steps...)
	b.launchProduct("conv", p, append(args, flag(here.relu))...)
	if p.parts > 1 {
		b.addParts(p, y, to, e)
	}
	b.performed(e)
	b.convBorder(g, y, x, f, e)
}

func init() {
	lowerings["conv2d"] = conv2d
	lowerings["conv2dInputGrad"] = convInputGrad
	lowerings["conv2dFilterGrad"] = convFilterGrad
}

// conv2d computes y (N,OH,OW,K) = x (N,H,W,C) * w (KH,KW,C,K) + bias (K), and a ReLU and a max pool of it.
func conv2d(b *builder, s *autodiff.Step) {
	g, x, f, e := b.forward(s)
	e.relu = b.take("relu") != nil
	pool := b.take("maxPool")
	if pool == nil {
		b.conv(g, b.at(s.Out), x, f, b.masks(e))
		return
	}
	argMax := note(b.take("argMax"))
	if b.dev.winograd(g) && wholeWords(g.OutC) {
		b.winogradPool(g, s.Out, argMax, x, f, b.masks(e))
		return
	}
	all := b.need(s.Shape.Len())
	b.conv(g, all, x, f, e)
	b.maxPool(all, s.Shape, s.Out, argMax, pool.Attr.(autodiff.Pool))
}

// forward returns what a convolution reads.
func (b *builder) forward(s *autodiff.Step) (g *geometry, x place, f filter, e epilogue) {
	g = &geometry{s.Attr.(autodiff.Conv).Geometry(s.In[0].Shape, s.In[1].Shape, s.Shape)}
	if len(s.In) == 3 {
		e.bias = b.at(s.In[2])
	}
	return g, b.at(s.In[0]), filter{at: b.at(s.In[1])}, e
}

// recompute adds launches for a convolution that is a step of Pre, with its ReLU, and returns where
// the result is.
func (b *builder) recompute(s *autodiff.Step) place {
	g, x, f, e := b.forward(s)
	for _, p := range s.Post {
		if p.Op.Name != "relu" {
			panic("cuda: " + p.Op.Name + " of a value that is recomputed")
		}
		e.relu = true
	}
	y := b.need(s.Shape.Len())
	b.conv(g, y, x, f, e)
	return y
}

// convInputGrad computes dx (N,H,W,C), given dy (N,OH,OW,K) and w (KH,KW,C,K). An unpooling may give dy.
func convInputGrad(b *builder, s *autodiff.Step) {
	dy, w, dx := s.In[0], s.In[1], s.Out
	var from place
	if unpool := s.Producer(dy); unpool != nil {
		from = b.need(dy.Shape.Len())
		b.maxUnpool(unpool, from)
	} else {
		from = b.at(dy)
	}
	sum := b.take("add")
	c, e := autodiff.ConvOf(s.Attr), b.masks(epilogue{})
	border, mask := c.Border(dx.Shape, dy.Shape, w.Shape), e.mask
	switch {
	case sum != nil:
		e = epilogue{}
	case border != nil:
		e.signs = none // which are those of the sum with the border
	}
	b.inputGrad(c.InputGradPhases(dx.Shape, dy.Shape, w.Shape), b.at(dx), from, w, e)
	if sum != nil {
		b.gramGrad(s, s.Producer(sum.In[0]), b.at(dx), b.at(dx))
	}
	if border != nil {
		b.addBorder(border, b.at(dx), from, w, mask)
	}
}

// inputGrad adds launches for the phases of an input gradient, which lies at dx, given dy at from.
func (b *builder) inputGrad(phases []autodiff.InputGradPhase, dx, from place, w *autodiff.Node, e epilogue) {
	for _, phase := range phases {
		g := &geometry{phase.ConvGeometry}
		if len(phase.Taps) == 0 { // pixels that no window touches
			at, steps := g.steps(dx)
			args := append([]any{at}, ints(g.OutC, g.GridH, g.GridW)...)
			b.each("clearPixels", g.N*g.GridH*g.GridW*g.OutC, append(args, steps...)...)
			continue
		}
		f := filter{at: b.at(w), rows: w.Shape.W, cols: w.Shape.C}
		for _, tap := range phase.Taps {
			f.places = append(f.places, int32(tap*f.rows*f.cols))
		}
		b.conv(g, dx, from, f, e)
	}
}

// convFilterGrad computes dw (KH,KW,C,K), given x (N,H,W,C) and dy (N,OH,OW,K).
func convFilterGrad(b *builder, s *autodiff.Step) {
	x, dy, dw := s.In[0], s.In[1], s.Out
	g := &geometry{autodiff.ConvOf(s.Attr).Geometry(x.Shape, dw.Shape, dy.Shape)}
	p := b.dev.choose(product{rows: g.K(), cols: g.OutC, depth: dy.Shape.Rows(), count: 1})
	to := b.room(p, b.at(dw))
	args := append([]any{to, b.at(x), b.at(dy), table(b, g.taps())}, p.sizes()...)
	b.launchProduct("filterGrad", p, append(args, g.source()...)...)
	if p.parts > 1 {
		b.addParts(p, b.at(dw), to, epilogue{scale: 1})
	}
}
