package cpu

import "oneiro/autodiff"

// The gradient of a convolution's border is computed the other way round from all others: a product for each
// tap, of the filter, which lies as such a product wants it, and dy. A filter's taps would have to be packed
// for each side of the picture, which takes longer than the products.
const (
	borderPixels   = 64 // of a piece, and up to as many more
	borderChannels = 64
)

// borderGrad is the gradient of the border of a convolution by w (KH,KW,C,K), given dy.
type borderGrad struct {
	*autodiff.Border
	p      *program
	filter *autodiff.Node
	dy     *autodiff.Node
	unpool *maxPool2x2      // that gives the gradient from dy, or nil
	argMax *autodiff.Node   // of it
	blocks []borderBlock    // they lie in the shared workspace, packed, one after the other
	sums   func() []float32 // of Border
}

// borderBlock is some pixels of a strip, neighbours across or down.
type borderBlock struct {
	*autodiff.InputGradPhase
	strip       *autodiff.Strip
	down        bool
	image       int
	line, n0, n int // of the grid: column n0.. of row line, or rows n0.. of column line
	packed      int // where it begins
}

// addBorder adds the stages that compute the gradient of the border, if the convolution has one, and has the
// epilogue add it to the input gradient dx. unpool gives dy, or is nil.
func (b *builder) addBorder(e *epilogue, c autodiff.Conv, dy, w, dx *autodiff.Node, unpool *autodiff.Step) {
	full := dy.Shape
	if unpool != nil {
		full = unpool.Shape
	}
	around := c.Border(dx.Shape, full, w.Shape)
	if around == nil {
		return
	}
	g := &borderGrad{Border: around, p: b.program, filter: w, dy: dy, sums: b.needSpare(around.Len())}
	if unpool != nil {
		g.dy, g.argMax = unpool.In[0], unpool.In[1]
		g.unpool = &maxPool2x2{full, g.dy.Shape, full.C, full.C}
	}
	shared, scratch := 0, 0
	for i := range around.Strips {
		strip := &around.Strips[i]
		for j := range strip.Phases {
			shared = g.cut(strip, &strip.Phases[j], shared)
		}
	}
	for i := range g.blocks {
		k := &g.blocks[i]
		rows, pixels := k.size()
		scratch = max(scratch, rows*(pixels+2)*k.C, borderChannels*k.n)
	}
	b.needShared(shared)
	b.needScratch(scratch)
	p := b.program
	b.stage(len(g.blocks), func(piece, worker int) { g.pack(&g.blocks[piece], p.scratch[worker]) })
	parts := (dx.Shape.C + borderChannels - 1) / borderChannels
	b.stage(len(g.blocks)*parts, func(piece, worker int) {
		c0 := piece % parts * borderChannels
		g.multiply(&g.blocks[piece/parts], c0, min(c0+borderChannels, dx.Shape.C), p.scratch[worker])
	})
	e.ops = append([]func(at block, worker int){func(at block, _ int) { g.add(dx, at) }}, e.ops...)
}

// cut adds the blocks of a phase, which are packed from a place on, and returns where they end.
func (g *borderGrad) cut(s *autodiff.Strip, p *autodiff.InputGradPhase, packed int) int {
	k := borderBlock{InputGradPhase: p, strip: s, down: p.GridH > p.GridW}
	lines, n := p.GridH, p.GridW
	if k.down {
		lines, n = n, lines
	}
	count := max(n/borderPixels, 1)
	for i := range p.N * lines * count {
		k.image, k.line, k.n0 = i/(lines*count), i/count%lines, i%count*borderPixels
		if k.n = borderPixels; i%count == count-1 {
			k.n = n - k.n0
		}
		k.packed = packed
		packed += len(p.Taps) * g.p.dev.simd.PackedSize(p.C, k.n)
		g.blocks = append(g.blocks, k)
	}
	return packed
}

// size returns the rows and pixels of dy that a block sees.
func (k *borderBlock) size() (rows, pixels int) {
	if k.down {
		return k.n + k.KH - 1, k.KW
	}
	return k.KH, k.n + k.KW - 1
}

// pack packs what a block sees of dy, for each tap a matrix of channels by pixels.
func (g *borderGrad) pack(k *borderBlock, scratch []float32) {
	rows, pixels := k.size()
	y, x := k.line-k.PadTop, k.n0-k.PadLeft
	if k.down {
		y, x = k.n0-k.PadTop, k.line-k.PadLeft
	}
	line := (pixels + 2) * k.C // with a pixel on either side, where windows of a pool hang over
	dy := g.p.data(g.dy)
	for i := range rows {
		to := scratch[i*line:][:line]
		if g.unpool != nil {
			g.unpool.backwardRow(g.p.dev, to, dy, g.p.bits(g.argMax), k.image, y+i, x, pixels)
		} else {
			picture := dy[k.image*k.H*k.W*k.C:][:k.H*k.W*k.C]
			clip(to[k.C:][:pixels*k.C], picture, y+i, k.H, x*k.C, k.W*k.C)
		}
	}
	step := k.C
	if k.down {
		step = line
	}
	size := g.p.dev.simd.PackedSize(k.C, k.n)
	for i := range k.Taps {
		from := scratch[i/k.KW*line+(1+i%k.KW)*k.C:]
		g.p.dev.packMatrix(g.p.shared[k.packed+i*size:][:size], from, k.C, k.n, 1, step)
	}
}

// multiply computes channels c0..c1-1 of the gradient of a block.
func (g *borderGrad) multiply(k *borderBlock, c0, c1 int, scratch []float32) {
	d, in, out := g.p.dev, k.OutC, k.C
	size := d.simd.PackedSize(out, k.n)
	if len(k.Taps) == 0 {
		clear(scratch[:(c1-c0)*k.n])
	}
	for i, tap := range k.Taps {
		xw := product{
			a: g.p.data(g.filter)[(tap*in+c0)*out:], rowStride: out, stride: 1,
			b: g.p.shared[k.packed+i*size:][:size], k: out, n: k.n, c: scratch, add: i > 0,
		}
		d.gemm(&xw, block{0, c1 - c0, 0, k.n})
	}
	sums := g.sums()[k.strip.At:]
	for j := range k.n {
		y, x := k.line, k.n0+j
		if k.down {
			y, x = x, y
		}
		pixel := (k.image*k.DstH+y*k.StepH+k.AtH)*k.DstW + x*k.StepW + k.AtW
		to := sums[pixel*in+c0:][:c1-c0]
		for c := range to {
			to[c] = scratch[c*k.n+j]
		}
	}
}

// add adds to a block of the input gradient what the border has for it.
func (g *borderGrad) add(dx *autodiff.Node, at block) {
	v, sums, s := g.p.data(dx), g.sums(), dx.Shape
	for m := at.m0; m < at.m1; {
		row, x := m/s.W, m%s.W
		n := min(at.m1-m, s.W-x)
		g.Row(row/s.H, row%s.H, x, x+n, func(x, from int) {
			to := v[(row*s.W+x)*s.C:][at.n0:at.n1]
			g.p.dev.simd.Add(to, to, sums[from+at.n0:from+at.n1])
		})
		m += n
	}
}
