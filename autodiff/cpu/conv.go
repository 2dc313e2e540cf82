package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// gather is a convolution as every one of them is computed here: element (row q, tap t) of the matrix A is what
// the grid's pixel q takes of the source for tap t; A times the packed filter gives the grid's pixels.
type gather autodiff.Gather

// k is the length of a row of A.
func (g *gather) k() int { return g.KH * g.KW * g.C }

// direct reports whether A is the source itself: a 1x1 kernel on every pixel.
func (g *gather) direct() bool {
	return g.KH*g.KW == 1 && g.StrideH*g.StrideW == 1 && g.PadTop|g.PadLeft == 0 &&
		g.GridH == g.H && g.GridW == g.W
}

// dense reports whether the grid's pixels are neighbours in the destination.
func (g *gather) dense() bool { return g.StepH*g.StepW == 1 && g.GridW == g.DstW }

// narrow reports whether the pixels of a kernel's row are so few numbers that copying them costs more
// than what is done with them: a picture's colours.
func (g *gather) narrow() bool { return g.KW*g.C <= 32 && g.KH > 1 && g.k() <= maxK && g.dense() }

// rowByRow computes rows m0..m1-1, which begin at to, and columns n0..n1-1 of a narrow gather without
// copying: where the kernel's row lies inside the picture, the rows of A for it are the picture itself,
// each beginning a stride after the last, and overlapping. The products for the kernel's rows are added
// up.
func (g *gather) rowByRow(d *Device, from, to, weights []float32, m0, m1, n0, n1 int, bias func() []float32, relu bool, scratch []float32) {
	run, k, nr := g.KW*g.C, g.k(), d.simd.NR
	first := (g.PadLeft + g.StrideW - 1) / g.StrideW // of the grid's columns that lie inside
	end := (g.W-g.KW+g.PadLeft)/g.StrideW + 1
	for m := m0; m < m1; {
		y, x := m/g.GridW, m%g.GridW
		stop := min(m1, m-x+g.GridW) // of this row of the grid
		row := y*g.StrideH - g.PadTop
		top, bottom := max(-row, 0), min(g.KH, g.H-row) // of the kernel's rows
		n := stop - m
		inside := x >= first && x < end && top < bottom
		switch {
		case inside:
			n = min(n, end-x)
		case x < first && top < bottom:
			n = min(n, first-x)
		}
		for j := n0; j < n1; j += nr {
			width := min(nr, n1-j)
			panel := weights[j*k:][:k*nr]
			dst := to[(m-m0)*g.OutC+j:]
			var add []float32
			if bias != nil {
				add = bias()[j : j+width]
			}
			if !inside {
				if j == n0 {
					g.rows(scratch, from, m, m+n, 0, k)
				}
				d.simd.Gemm(simd.Gemm{
					M: n, N: width, K: k, A: scratch, ARowStride: k, AColStride: 1, B: panel, C: dst, LDC: g.OutC,
					Bias: add, ReLU: relu,
				})
				continue
			}
			for ky := top; ky < bottom; ky++ {
				a := from[((row+ky)*g.W+x*g.StrideW-g.PadLeft)*g.C:]
				last := ky == bottom-1
				var b []float32
				if last {
					b = add
				}
				d.simd.Gemm(simd.Gemm{
					M: n, N: width, K: run, A: a, ARowStride: g.StrideW * g.C, AColStride: 1,
					B: panel[ky*run*nr:][:run*nr], C: dst, LDC: g.OutC,
					Accumulate: ky > top, Bias: b, ReLU: relu && last,
				})
			}
		}
		m += n
	}
}

// rows writes elements k0..k1-1 of rows m0..m1-1 of A to dst. Rows are numbered through the grid of
// one picture, whose pixels are src. As channels come last, the taps of one kernel row lie next to
// each other in the source, and what hangs over a border is a matter of clipping one range.
func (g *gather) rows(dst, src []float32, m0, m1, k0, k1 int) {
	run := g.KW * g.C
	line := g.W * g.C
	y, x := m0/g.GridW, m0%g.GridW
	for range m1 - m0 {
		x0 := (x*g.StrideW - g.PadLeft) * g.C
		for k := k0; k < k1; {
			ky, a := k/run, k%run
			n := min(run-a, k1-k)
			part := dst[:n]
			dst = dst[n:]
			k += n
			clip(part, src, y*g.StrideH-g.PadTop+ky, g.H, x0+a, line)
		}
		if x++; x == g.GridW {
			x, y = 0, y+1
		}
	}
}

// clip copies the floats lo, lo+1, ... of a row of the picture to dst, zeros where there are none.
func clip(dst, src []float32, row, rows, lo, line int) {
	hi := lo + len(dst)
	if row < 0 || row >= rows || hi <= 0 || lo >= line {
		clear(dst)
		return
	}
	left, right := max(-lo, 0), max(hi-line, 0)
	clear(dst[:left])
	copy(dst[left:len(dst)-right], src[row*line+lo+left:])
	clear(dst[len(dst)-right:])
}

// conv adds the stages of a gather from src to dst, both looked up when a stage runs, as are the packed
// filter and the bias, or nil. f finishes the pixels, unless the grid lies apart in the destination.
func (b *builder) conv(g *gather, src, dst, filter, bias func() []float32, relu bool, f *finisher) {
	p, d := b.program, b.dev
	k := g.k()
	tl := d.tile(g.GridH*g.GridW, g.OutC)
	ends := chunks(k)
	widest := 0
	for i, k0 := 0, 0; i < len(ends); i++ {
		widest = max(widest, ends[i]-k0)
		k0 = ends[i]
	}
	if !g.direct() {
		b.needScratch(min(blockRows, tl.m) * widest)
	}
	pieces := tl.pieces()
	b.stage(pieces*g.N, func(piece, worker int) {
		image := piece / pieces
		m0, m1, n0, n1 := tl.at(piece % pieces)
		from := src()[image*g.H*g.W*g.C:][:g.H*g.W*g.C]
		to := dst()[image*g.DstH*g.DstW*g.OutC:]
		if g.dense() && !f.idle() {
			first := image * g.DstH * g.DstW
			defer f.pixels(first+m0, first+m1, n0, n1, worker)
		}
		weights := filter()
		if g.narrow() {
			g.rowByRow(d, from, to[m0*g.OutC:], weights, m0, m1, n0, n1, bias, relu, p.scratch[worker])
			return
		}
		k0 := 0
		for _, k1 := range ends {
			last := k1 == k
			var a, add []float32
			stride := k1 - k0
			if g.direct() {
				a, stride = from[m0*g.C+k0:], g.C
			} else {
				a = p.scratch[worker]
				g.rows(a, from, m0, m1, k0, k1)
			}
			if last && bias != nil {
				add = bias()[n0:n1]
			}
			part := d.chunk(weights, g.OutC, k0, k1, n0)
			for m := m0; m < m1; { // one product, unless the grid's rows lie apart
				rows := m1 - m
				at := m
				if !g.dense() {
					rows = min(rows, g.GridW-m%g.GridW)
					at = (m/g.GridW*g.StepH+g.AtH)*g.DstW + m%g.GridW*g.StepW + g.AtW
				}
				d.simd.Gemm(simd.Gemm{
					M: rows, N: n1 - n0, K: k1 - k0, A: a[(m-m0)*stride:], ARowStride: stride, AColStride: 1, B: part,
					C: to[at*g.OutC+n0:], LDC: g.OutC * g.StepW,
					Accumulate: k0 > 0, Bias: add, ReLU: relu && last,
				})
				m += rows
			}
			k0 = k1
		}
	})
}

func init() {
	kernels["conv2d"] = conv2d
	kernels["conv2dInputGrad"] = convInputGrad
	kernels["conv2dFilterGrad"] = convFilterGrad
}

// convGather returns the gather of a convolution of x by w with the result y.
func convGather(c autodiff.Conv, x, w, y autodiff.Shape) *gather {
	g := gather(autodiff.ConvGather(c, x, w, y))
	return &g
}

// convAgain prepares a convolution that is computed piece by piece for a reader of its own, and returns
// a function for its stages: it computes pixels m0..m1-1 of a picture in dst.
func (b *builder) convAgain(s *autodiff.Step) func(dst []float32, image, m0, m1, worker int) {
	p, d := b.program, b.dev
	x, w := s.In[0], s.In[1]
	g := convGather(s.Attr.(autodiff.Conv), x.Shape, w.Shape, s.Node.Shape)
	k := g.k() // few, so there is one chunk
	filter := b.operand(w, k, g.OutC, g.OutC, 1)
	var bias func() []float32
	if len(s.In) == 3 {
		bias = b.view(s.In[2])
	}
	b.needFeatures(blockRows*g.OutC, blockRows*k)
	return func(dst []float32, image, m0, m1, worker int) {
		from := p.data(x)[image*g.H*g.W*g.C:][:g.H*g.W*g.C]
		scratch := p.features[worker][blockRows*g.OutC:]
		if g.narrow() {
			g.rowByRow(d, from, dst, filter(), m0, m1, 0, g.OutC, bias, s.ReLU, scratch)
			return
		}
		g.rows(scratch, from, m0, m1, 0, k)
		var add []float32
		if bias != nil {
			add = bias()
		}
		d.simd.Gemm(simd.Gemm{
			M: m1 - m0, N: g.OutC, K: k, A: scratch, ARowStride: k, AColStride: 1, B: filter(), C: dst, LDC: g.OutC,
			Bias: add, ReLU: s.ReLU,
		})
	}
}

func conv2d(b *builder, s *autodiff.Step) {
	c := s.Attr.(autodiff.Conv)
	x, w, y := s.In[0], s.In[1], s.Node
	full := y.Shape // of the result before a pool
	if s.Pool != nil {
		full = s.Pool.Shape
	}
	g := convGather(c, x.Shape, w.Shape, full)
	var bias func() []float32
	if len(s.In) == 3 {
		bias = b.view(s.In[2])
	}
	fin := b.finish(s)
	if wg := b.dev.winograd(g); wg != nil {
		b.winogradConv(wg, &tiled{src: x, dst: y, bias: bias, relu: s.ReLU, full: full, pools: s.Pool != nil, picks: s.Picks, fin: fin},
			w, false)
		return
	}
	filter := b.operand(w, g.k(), g.OutC, g.OutC, 1)
	if s.Pool == nil {
		b.conv(g, b.view(x), b.view(y), filter, bias, s.ReLU, fin)
		return
	}
	spare := b.needSpare(full.Len())
	b.conv(g, b.view(x), spare, filter, bias, s.ReLU, b.finish(&autodiff.Step{Node: s.Pool}))
	b.maxPoolPicks(spare, full, y, s.Picks)
	fin.after(b)
}

func convInputGrad(b *builder, s *autodiff.Step) {
	c := autodiff.ConvOf(s.Attr)
	dy, w, dx := s.In[0], s.In[1], s.Node
	p := b.program
	from := dy.Shape
	if s.Unpool != nil {
		from = s.Unpool.In[0].In[0].Shape
	}
	fin := b.finish(s)
	if s, t := newScatter(c, from, w.Shape, dx.Shape), w.Tensor(); s != nil && t != nil {
		b.scatterConv(s, from.N, dy, dx, t)
		fin.after(b)
		return
	}
	sh := dx.Shape
	whole := c.StrideH*c.StrideW == 1 // one phase, which is the whole result
	for atH := range min(c.StrideH, sh.H) {
		for atW := range min(c.StrideW, sh.W) {
			phase, lastH, lastW := autodiff.InputGradGather(c, sh, from, w.Shape, atH, atW)
			g := (*gather)(&phase)
			if g.KH*g.KW == 0 { // pixels that no window touches
				b.stage(1, func(_, _ int) {
					for i := range g.N * g.GridH * g.GridW {
						y, x := i/g.GridW%g.GridH, i%g.GridW
						at := ((i/(g.GridW*g.GridH))*sh.H+y*c.StrideH+atH)*sh.W + x*c.StrideW + atW
						clear(p.data(dx)[at*sh.C:][:sh.C])
					}
				})
				continue
			}
			if wg := b.dev.winograd(g); wg != nil {
				b.winogradConv(wg, &tiled{src: dy, unpool: s.Unpool, dst: dx, full: sh, fin: fin}, w, true)
				continue
			}
			src := b.view(dy)
			if s.Unpool != nil {
				src = b.needSpare(from.Len())
				b.unpool(dy, s.Unpool, from, src)
			}
			b.conv(g, src, b.view(dx), b.turned(w, g, lastH, lastW, c), nil, false, fin)
		}
	}
	if !whole {
		fin.after(b)
	}
}

// turned prepares the filter of an input gradient: the taps lastH, lastH-stride, ... by lastW,
// lastW-stride, ..., each with input and output channels exchanged.
func (b *builder) turned(w *autodiff.Node, g *gather, lastH, lastW int, c autodiff.Conv) func() []float32 {
	p, d := b.program, b.dev
	in, out := w.Shape.W, w.Shape.C
	k := g.k()
	// tap copies one tap, transposed, to its rows of the k x in matrix.
	order := func(dst, src []float32, tap int) {
		ky, kx := lastH-tap/g.KW*c.StrideH, lastW-tap%g.KW*c.StrideW
		transpose(dst[tap*out*in:][:out*in], src[(ky*w.Shape.H+kx)*in*out:][:in*out], in, out)
	}
	taps := g.KH * g.KW
	if t := w.Tensor(); t != nil {
		form := [4]int{lastH, lastW, c.StrideH, c.StrideW}
		pk := b.pack(t, form, d.simd.PackedSize(k, in), func(dst []float32) {
			m := make([]float32, k*in)
			for tap := range taps {
				order(m, t.Data, tap)
			}
			d.packMatrix(dst, m, k, in, in, 1)
		})
		return func() []float32 { return pk.data }
	}
	size := d.simd.PackedSize(k, in)
	b.needShared(size + k*in)
	b.stage(taps, func(tap, _ int) { order(p.shared[size:], p.data(w), tap) })
	packed := func() []float32 { return p.shared[:size] }
	b.packStage(packed, func() []float32 { return p.shared[size:] }, k, in, in, 1)
	return packed
}

// transpose writes the transpose of the rows x cols matrix src, in tiles that the cache can hold.
func transpose(dst, src []float32, rows, cols int) {
	const tile = 16
	for r0 := 0; r0 < rows; r0 += tile {
		for c0 := 0; c0 < cols; c0 += tile {
			for c := c0; c < min(c0+tile, cols); c++ {
				for r := r0; r < min(r0+tile, rows); r++ {
					dst[c*rows+r] = src[r*cols+c]
				}
			}
		}
	}
}

// filterRows is how many pixels a filter gradient multiplies at a time.
const filterRows = 256

// convFilterGrad computes dW = Aᵀ·dY, A being the matrix of the forward convolution. dY is packed
// once; each piece then owns some taps and some output channels and runs over all pixels.
func convFilterGrad(b *builder, s *autodiff.Step) {
	c := autodiff.ConvOf(s.Attr)
	x, dy, dw := s.In[0], s.In[1], s.Node
	p, d := b.program, b.dev
	g := convGather(c, x.Shape, dw.Shape, dy.Shape)
	if w := d.winogradGrad(g); w != nil {
		b.winogradFilterGrad(w, x, dy, dw)
		return
	}
	n, out, pixels := g.N, g.OutC, g.GridH*g.GridW
	blocks := (pixels + filterRows - 1) / filterRows
	size := d.simd.PackedSize(pixels, out)
	b.needShared(n * size)
	b.stage(n*blocks, func(piece, _ int) {
		image, block := piece/blocks, piece%blocks
		r0, r1 := block*filterRows, min((block+1)*filterRows, pixels)
		dst := p.shared[image*size:][d.simd.PackedSize(r0, out):d.simd.PackedSize(r1, out)]
		d.simd.PackB(dst, p.data(dy)[(image*pixels+r0)*out:], r1-r0, out, out, 1)
	})

	perPiece := max(1, 128/g.C) // taps
	tapPieces := (g.KH*g.KW + perPiece - 1) / perPiece
	width := max(128/d.simd.NR, 1) * d.simd.NR
	colPieces := (out + width - 1) / width
	b.needScratch(filterRows * perPiece * g.C)
	b.stage(tapPieces*colPieces, func(piece, worker int) {
		t0, t1 := parallel.Split(g.KH*g.KW, tapPieces, piece/colPieces)
		n0 := piece % colPieces * width
		n1 := min(n0+width, out)
		k0, k1 := t0*g.C, t1*g.C
		to := p.data(dw)[k0*out+n0:]
		for i := range n * blocks {
			image, block := i/blocks, i%blocks
			r0, r1 := block*filterRows, min((block+1)*filterRows, pixels)
			a := p.scratch[worker]
			g.rows(a, p.data(x)[image*g.H*g.W*g.C:][:g.H*g.W*g.C], r0, r1, k0, k1)
			part := p.shared[image*size:][d.simd.PackedSize(r0, out)+n0*(r1-r0):]
			d.simd.Gemm(simd.Gemm{
				M: k1 - k0, N: n1 - n0, K: r1 - r0, A: a, ARowStride: 1, AColStride: k1 - k0, B: part,
				C: to, LDC: out, Accumulate: i > 0,
			})
		}
	})
}
