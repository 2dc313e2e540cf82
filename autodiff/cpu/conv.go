package cpu

import (
	"oneiro/autodiff"
	"oneiro/simd"
)

// convolution is a convolution in a program: its geometry, what it reads and writes, all looked up
// when a stage runs, and the ReLU after it.
type convolution struct {
	geometry
	dev    *Device
	chunks []int            // of K
	src    func() []float32 // (N,H,W,C)
	filter func() []float32 // (K,OutC), packed
	bias   func() []float32 // (OutC), or nil
	relu   bool
	dst    func() []float32 // (N,DstH,DstW,OutC)
}

// newConvolution returns a convolution without bias and ReLU.
func (b *builder) newConvolution(g geometry, src, filter, dst func() []float32) *convolution {
	return &convolution{geometry: g, dev: b.dev, chunks: chunks(g.K()), src: src, filter: filter, dst: dst}
}

// scratchFloats returns the scratch that a block of so many rows takes.
func (c *convolution) scratchFloats(rows int) int {
	if c.isPointwise() {
		return 0
	}
	widest, k0 := 0, 0
	for _, k1 := range c.chunks {
		widest, k0 = max(widest, k1-k0), k1
	}
	return rows * widest
}

// block computes a block of the grid of one picture, whose source is src. If the grid is dense dst begins with
// the block's first row, else with the picture's first pixel.
func (c *convolution) block(dst, src []float32, at block, scratch []float32) {
	if c.fewInputs() {
		c.direct(dst, src, at, scratch)
		return
	}
	k0 := 0
	for _, k1 := range c.chunks {
		a, stride := scratch, k1-k0
		if c.isPointwise() {
			a, stride = src[at.m0*c.C+k0:], c.C
		} else {
			c.im2col(a, src, block{at.m0, at.m1, k0, k1})
		}
		c.multiply(dst, a, stride, at, k0, k1)
		k0 = k1
	}
}

// multiply computes a block's products of columns k0..k1-1 of A, whose rows lie stride apart, with
// these rows of the filter. They are added to those before, if there are any.
func (c *convolution) multiply(dst, a []float32, stride int, at block, k0, k1 int) {
	last := k1 == c.K()
	var add []float32
	if last && c.bias != nil {
		add = c.bias()[at.n0:at.n1]
	}
	part := c.dev.chunk(c.filter(), c.OutC, k0, k1, at.n0)
	for m := at.m0; m < at.m1; { // one product, unless the grid's rows lie apart
		rows, to := at.m1-m, m-at.m0
		if !c.IsDense() {
			rows = min(rows, c.GridW-m%c.GridW)
			to = (m/c.GridW*c.StepH+c.AtH)*c.DstW + m%c.GridW*c.StepW + c.AtW
		}
		c.dev.simd.Gemm(simd.Gemm{
			M: rows, N: at.n1 - at.n0, K: k1 - k0, A: a[(m-at.m0)*stride:], ARowStride: stride, AColStride: 1, B: part,
			C: dst[to*c.OutC+at.n0:], LDC: c.OutC * c.StepW, Accumulate: k0 > 0, Bias: add, ReLU: c.relu && last,
		})
		m += rows
	}
}

// stage adds the stage of the whole convolution, with an epilogue if the grid is dense.
func (c *convolution) stage(b *builder, e *epilogue) {
	p := b.program
	tl := c.dev.tile(c.GridH*c.GridW, c.OutC)
	b.needScratch(c.scratchFloats(min(blockRows, tl.m)))
	pieces, pixels := tl.pieces(), c.DstH*c.DstW
	b.stage(pieces*c.N, func(piece, worker int) {
		image, at := piece/pieces, tl.at(piece%pieces)
		first := image * pixels // pixel of dst
		if !c.IsDense() {
			c.block(c.dst()[first*c.OutC:], c.picture(c.src(), image), at, p.scratch[worker])
			return
		}
		c.block(c.dst()[(first+at.m0)*c.OutC:], c.picture(c.src(), image), at, p.scratch[worker])
		e.run(block{first + at.m0, first + at.m1, at.n0, at.n1}, worker)
	})
}

func init() {
	lowerings["conv2d"] = conv2d
	lowerings["conv2dInputGrad"] = convInputGrad
	lowerings["conv2dFilterGrad"] = convFilterGrad
}

func convGeometry(c autodiff.Conv, x, w, y autodiff.Shape) geometry {
	return geometry{c.Geometry(x, w, y)}
}

// conv2d computes y (N,OH,OW,K) = x (N,H,W,C) * w (KH,KW,C,K) + bias (K), and a ReLU and a max pool of it.
func conv2d(b *builder, s *autodiff.Step) {
	x, w, y := s.In[0], s.In[1], s.Out
	g := convGeometry(s.Attr.(autodiff.Conv), x.Shape, w.Shape, s.Shape)
	post := s.Post
	relu, pool := take(&post, "relu") != nil, take(&post, "maxPool") != nil
	argMax := note(take(&post, "argMax"))
	var bias func() []float32
	if len(s.In) == 3 {
		bias = b.view(s.In[2])
	}
	e := b.epilogue(s, post)
	if wg := b.dev.winograd(&g); wg != nil {
		c := &winogradConv{winograd: wg, src: x, dst: y, bias: bias, relu: relu, epilogue: e}
		if pool {
			c.pool = &maxPool2x2{full: s.Shape, pooled: y.Shape, pixel: g.OutC}
			c.argMax = argMax
		}
		c.stages(b, w, false)
		return
	}
	c := b.newConvolution(g, b.view(x), b.operand(w, g.K(), g.OutC, g.OutC, 1), b.view(y))
	c.bias, c.relu = bias, relu
	if !pool {
		c.stage(b, e)
		return
	}
	c.dst = b.needSpare(s.Shape.Len())
	c.stage(b, &epilogue{})
	b.maxPool2x2(c.dst, s.Shape, y, argMax)
	e.stage(b)
}

// recompute prepares a convolution, a step of Pre, that a worker computes piece by piece where its
// result is read, and returns a function for the reader's stages: it computes pixels m0..m1-1 of a
// picture in dst.
func (b *builder) recompute(s *autodiff.Step) func(dst []float32, image, m0, m1, worker int) {
	p, x, w := b.program, s.In[0], s.In[1]
	g := convGeometry(s.Attr.(autodiff.Conv), x.Shape, w.Shape, s.Shape)
	c := b.newConvolution(g, b.view(x), b.operand(w, g.K(), g.OutC, g.OutC, 1), nil)
	post := s.Post
	c.relu = take(&post, "relu") != nil
	if len(post) > 0 {
		panic("cpu: " + post[0].Op.Name + " of a value that is recomputed")
	}
	if len(s.In) == 3 {
		c.bias = b.view(s.In[2])
	}
	b.needFeatures(blockRows*g.OutC, blockRows*g.K())
	return func(dst []float32, image, m0, m1, worker int) {
		c.block(dst, c.picture(c.src(), image), block{m0, m1, 0, c.OutC}, p.features[worker][blockRows*c.OutC:])
	}
}

// convInputGrad computes dx (N,H,W,C), given dy (N,OH,OW,K) and w (KH,KW,C,K). An unpool may give dy.
func convInputGrad(b *builder, s *autodiff.Step) {
	conv := autodiff.ConvOf(s.Attr)
	dy, w, dx := s.In[0], s.In[1], s.Out
	unpool := s.Producer(dy)
	e := b.epilogue(s, s.Post)
	b.addBorder(e, conv, dy, w, dx, unpool)
	if c, t := newCol2im(conv, dy.Shape, w.Shape, dx.Shape), w.Tensor(); c != nil && t != nil && unpool == nil {
		c.stage(b, dy, dx, t)
		e.stage(b)
		return
	}
	for _, phase := range conv.InputGradPhases(dx.Shape, dy.Shape, w.Shape) {
		g := geometry{phase.ConvGeometry}
		if len(phase.Taps) == 0 {
			b.clearGrid(&g, dx)
			continue
		}
		if wg := b.dev.winograd(&g); wg != nil {
			c := &winogradConv{winograd: wg, src: dy, dst: dx, epilogue: e}
			if unpool != nil {
				c.unpoolSource(unpool)
			}
			c.stages(b, w, true)
			continue
		}
		src := b.view(dy)
		if unpool != nil {
			src = b.needSpare(dy.Shape.Len())
			b.maxUnpool(unpool, src)
		}
		b.newConvolution(g, src, b.flipped(w, phase.Taps), b.view(dx)).stage(b, e)
	}
	if conv.StrideH*conv.StrideW > 1 { // else the one phase is dense
		e.stage(b)
	}
}

// clearGrid adds the stage that sets the pixels of a grid of dx to 0.
func (b *builder) clearGrid(g *geometry, dx *autodiff.Node) {
	p := b.program
	b.stage(1, func(_, _ int) {
		for i := range g.N * g.GridH * g.GridW {
			y, x := i/g.GridW%g.GridH, i%g.GridW
			at := ((i/(g.GridW*g.GridH))*g.DstH+y*g.StepH+g.AtH)*g.DstW + x*g.StepW + g.AtW
			clear(p.data(dx)[at*g.OutC:][:g.OutC])
		}
	})
}
