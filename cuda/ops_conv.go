//go:build cuda

package cuda

import "oneiro/autodiff"

// gather is a convolution as every one of them is computed here.
type gather autodiff.Gather

// convGather returns the gather of a convolution of x by w with the result y.
func convGather(c autodiff.Conv, x, w, y autodiff.Shape) *gather {
	g := gather(autodiff.ConvGather(c, x, w, y))
	return &g
}

// k is the number of taps, each of one channel.
func (g *gather) k() int { return g.KH * g.KW * g.C }

// dense reports whether the grid is the destination.
func (g *gather) dense() bool {
	return g.StepH*g.StepW == 1 && g.GridH == g.DstH && g.GridW == g.DstW
}

// tapEnd is how many taps that see nothing a table ends with: kernels read whole tiles of it.
const tapEnd = 256

// taps is the table of Taps of kernels/gemm.h.
func (g *gather) taps() []int32 {
	t := make([]int32, 0, 2*(g.k()+tapEnd))
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

// geometry returns the arguments that say what a gather reads.
func (g *gather) geometry() []any {
	return ints(g.H, g.W, g.C, g.GridH, g.GridW, g.StrideH, g.StrideW, g.PadTop, g.PadLeft)
}

// steps returns the place of the grid in the destination, and its distances there.
func (g *gather) steps(y place) (place, []any) {
	line := g.DstW * g.OutC
	return y.plus(g.AtH*line + g.AtW*g.OutC), ints(g.DstH*line, g.StepH*line, g.StepW*g.OutC)
}

// conv adds launches of a gather. There is nothing to add to its result.
func (b *builder) conv(g *gather, y, x place, f filter, e epilogue) {
	if b.dev.winograd(g) {
		b.winogradConv(g, y, x, f, e)
		return
	}
	p := b.dev.choose(product{rows: g.N * g.GridH * g.GridW, cols: g.OutC, depth: g.k(), count: 1, whole: !g.dense()})
	to, steps := y, ints(0, 0, 0)
	if !g.dense() {
		to, steps = g.steps(y)
		e.mask = none
	}
	e.scale, e.signs = 1, none
	to = b.room(p, to)
	here := e
	if p.parts > 1 {
		here = epilogue{}
	}
	args := []any{to, x, b.inOrder(f), here.bias, here.mask, table(b, g.taps()), int32(p.rows), int32(p.cols), int32(p.depth), int32(p.span)}
	args = append(append(args, g.geometry()...), steps...)
	b.launchProduct("conv", p, append(args, flag(here.relu))...)
	if p.parts > 1 {
		b.addParts(p, y, to, e)
	}
	b.did(e)
}

// conv2d adds launches for a convolution with its ReLU. Without a pool the result goes to y.
func (b *builder) conv2d(s *autodiff.Step, y place) {
	x, w, full := s.In[0], s.In[1], s.Node.Shape
	if s.Pool != nil {
		full = s.Pool.Shape
	}
	e := epilogue{relu: s.ReLU, mask: b.at(s.Mask), signs: b.at(s.Signs)}
	if len(s.In) == 3 {
		e.bias = b.at(s.In[2])
	}
	g := convGather(s.Attr.(autodiff.Conv), x.Shape, w.Shape, full)
	f := filter{at: b.at(w)}
	switch {
	case s.Pool == nil:
		b.conv(g, y, b.at(x), f, e)
	case b.dev.winograd(g) && wholeWords(g.OutC):
		b.winogradPool(g, s, b.at(x), f, e)
	default:
		all := b.need(full.Len())
		b.conv(g, all, b.at(x), f, epilogue{bias: e.bias, relu: e.relu})
		b.maxPool(all, full, s.Node, s.Picks, s.Node.Attr.(autodiff.Pool))
	}
}

// convInputGrad adds launches for the input gradient of a convolution by w, of that shape.
func (b *builder) convInputGrad(c autodiff.Conv, dx, dy, w place, to, from, shape autodiff.Shape, e epilogue) {
	for atH := range min(c.StrideH, to.H) {
		for atW := range min(c.StrideW, to.W) {
			phase, lastH, lastW := autodiff.InputGradGather(c, to, from, shape, atH, atW)
			g := (*gather)(&phase)
			if g.KH*g.KW == 0 { // pixels that no window touches
				at, steps := g.steps(dx)
				b.each("clearPixels", g.N*g.GridH*g.GridW*g.OutC, append([]any{at, int32(g.OutC), int32(g.GridH), int32(g.GridW)}, steps...)...)
				continue
			}
			f := filter{at: w, rows: shape.W, cols: shape.C} // of the taps that the phase sees, in its order
			for y := range g.KH {
				for x := range g.KW {
					tap := (lastH-y*c.StrideH)*shape.H + lastW - x*c.StrideW
					f.places = append(f.places, int32(tap*shape.W*shape.C))
				}
			}
			b.conv(g, dx, dy, f, e)
		}
	}
}

func init() {
	ops["conv2d"] = func(b *builder, s *autodiff.Step) { b.conv2d(s, b.at(s.Node)) }
	ops["conv2dInputGrad"] = func(b *builder, s *autodiff.Step) {
		w, dx := s.In[1], s.Node
		dy, from := b.at(s.In[0]), s.In[0].Shape
		if s.Unpool != nil {
			from = s.Unpool.In[0].In[0].Shape
			full := b.need(from.Len())
			b.unpool(dy, s.Unpool, from, s.In[0].Shape, full)
			dy = full
		}
		var e epilogue
		if s.Plus == nil {
			e = epilogue{mask: b.at(s.Mask), signs: b.at(s.Signs)}
		}
		b.convInputGrad(autodiff.ConvOf(s.Attr), b.at(dx), dy, b.at(w), dx.Shape, from, w.Shape, e)
		if s.Plus != nil {
			b.gramGrad(s.Plus, b.at(dx), b.at(dx))
		}
	}
	ops["conv2dFilterGrad"] = func(b *builder, s *autodiff.Step) {
		x, dy, dw := s.In[0], s.In[1], s.Node
		g := convGather(autodiff.ConvOf(s.Attr), x.Shape, dw.Shape, dy.Shape)
		p := b.dev.choose(product{rows: g.k(), cols: g.OutC, depth: dy.Shape.Rows(), count: 1})
		to := b.room(p, b.at(dw))
		args := []any{to, b.at(x), b.at(dy), table(b, g.taps()), int32(p.rows), int32(p.cols), int32(p.depth), int32(p.span)}
		b.launchProduct("filterGrad", p, append(args, g.geometry()...)...)
		if p.parts > 1 {
			b.addParts(p, b.at(dw), to, epilogue{scale: 1})
		}
	}
}
