package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

// The convolution of most layers, 3x3 with stride 1, as Winograd's F(4x4,3x3) (Lavin and Gray,
// arXiv:1509.09308): a tile of 6x6 source pixels and the filter are transformed to 36 points, their
// products over the channels are 36 small matrix products, and transforming back gives 4x4 pixels
// for a quarter of the multiplications. A block of tiles stays in the second-level cache from one
// transform to the other.
const (
	tileIn  = 6
	tileOut = 4
	points  = tileIn * tileIn
)

// Sizes of blocks, in floats where not said otherwise. They were chosen by measurement.
const (
	winogradCols  = 64        // columns of the filter whose products are held at a time
	winogradBlock = 176 << 10 // transformed source and products that a piece keeps in its cache
	minTiles      = 16        // fewer tiles than that and reading the filter dominates
	sharedTiles   = 60        // tiles of a piece where the threads share the transformed source
	sharedChunk   = 256       // tiles that are transformed before the products are taken
	stripTiles    = 8         // tiles at a border that are copied and clipped at a time
	filterBlock   = 16        // rows of the filter that a piece transforms
)

// winograd is a gather computed that way.
type winograd struct {
	*gather
	tilesH, tilesW int
	cols           int // columns of a group of panels, the last one's may be fewer
	block          int // tiles of a piece
}

// winograd returns nil if the gather is not one for this algorithm.
func (d *Device) winograd(g *gather) *winograd {
	if d.direct || g.kh != 3 || g.kw != 3 || g.strideH != 1 || g.strideW != 1 || !g.dense() || min(g.c, g.out) < 16 ||
		g.gridH*g.gridW < minTiles {
		return nil
	}
	nr := d.simd.NR
	w := &winograd{
		gather: g,
		tilesH: (g.gridH + tileOut - 1) / tileOut, tilesW: (g.gridW + tileOut - 1) / tileOut,
		cols: max(winogradCols/nr, 1) * nr,
	}
	// whole register tiles of Gemm, unless that would leave the threads with little to share
	w.block = winogradBlock / (points * (g.c + w.cols)) / d.simd.MR * d.simd.MR
	return w
}

func (w *winograd) tiles() int { return w.tilesH * w.tilesW }

// stride returns the distance of two points of rows x cols numbers, such that the 36 streams of a
// transform do not all fall into the same sets of the cache.
func stride(rows, cols int) int { return rows*cols + 16 }

// group returns the columns of a group of panels, where its transformed filters begin, and how far
// apart their points are.
func (w *winograd) group(d *Device, i int) (n0, n1, at, step int) {
	n0 = i * w.cols
	n1 = min(n0+w.cols, w.out)
	return n0, n1, i * points * stride(w.c, w.cols), stride(1, d.simd.PackedSize(w.c, n1-n0))
}

// groups returns how many there are, and filterFloats the size of all transformed filters.
func (w *winograd) groups() int { return (w.out + w.cols - 1) / w.cols }

func (w *winograd) filterFloats(d *Device) int {
	_, _, at, step := w.group(d, w.groups()-1)
	return at + points*step
}

// tiled is what a Winograd convolution reads and writes, beside filters.
type tiled struct {
	src    *autodiff.Node
	unpool *autodiff.Node // picks by which src is to be unpooled, or nil

	dst   *autodiff.Node
	bias  func() []float32 // or nil
	relu  bool
	full  autodiff.Shape // of the result before a pool
	pools bool           // the result is max pooled
	picks *autodiff.Node // of the pool, or nil
	fin   *finisher
}

// winogradRun is a Winograd convolution in a program.
type winogradRun struct {
	*winograd
	*tiled
	p    *program
	from *pool2x2 // of an unpooled source
	to   *pool2x2 // of a pooled result
}

func (b *builder) winogradRun(w *winograd, t *tiled) *winogradRun {
	r := &winogradRun{winograd: w, tiled: t, p: b.program}
	if t.unpool != nil {
		r.from = &pool2x2{autodiff.Shape{N: w.n, H: w.h, W: w.w, C: w.c}, t.src.Shape, w.c, w.c}
	}
	if t.pools {
		r.to = &pool2x2{t.full, t.dst.Shape, 0, w.out}
	}
	return r
}

// in transforms the tiles t0..t1-1 of a picture of the source to v, whose points lie step apart.
func (r *winogradRun) in(v []float32, step, image, t0, t1 int, strip []float32) {
	c, line := r.c, r.w*r.c
	d := r.p.dev
	var src []float32
	if r.from == nil {
		src = r.p.data(r.src)[image*r.h*line:][:r.h*line]
	}
	for t := t0; t < t1; {
		ty, tx := t/r.tilesW, t%r.tilesW
		y, x := ty*tileOut-r.padTop, tx*tileOut-r.padLeft
		run := min(r.tilesW-tx, t1-t) // tiles of this row
		to := v[(t-t0)*c:]
		whole := 0 // tiles that lie inside the picture and need no copy
		if src != nil && y >= 0 && y+tileIn <= r.h && x >= 0 {
			whole = min(run, max((r.w-x-2)/tileOut, 0))
		}
		if whole > 0 {
			d.simd.WinogradIn(to, step, src[y*line+x*c:], line, c, whole)
			t += whole
			continue
		}
		if src != nil && y >= 0 && y+tileIn <= r.h && x < 0 {
			run = 1 // the next one may be inside
		}
		run = min(run, stripTiles)
		pixels := run*tileOut + 2
		width := (pixels + 2) * c // with a pixel on either side, where windows of a pool hang over
		for i := range tileIn {
			to := strip[i*width:][:width]
			if src != nil {
				clip(to[c:][:pixels*c], src, y+i, r.h, x*c, line)
			} else {
				r.unpoolRow(to, image, y+i, x, pixels)
			}
		}
		d.simd.WinogradIn(to, step, strip[c:], width, c, run)
		t += run
	}
}

// unpoolRow writes pixels x, x+1, ... of a row of the unpooled source to dst from its second pixel on,
// zeros where there are none. The first and the last pixel of dst become anything.
func (r *winogradRun) unpoolRow(dst []float32, image, y, x, pixels int) {
	c := r.c
	if y < 0 || y >= r.h {
		clear(dst)
		return
	}
	x0, x1 := max(x, 0)&^1, min(x+pixels, r.w)
	at := (x0 - x + 1) * c
	r.from.backward(r.p.dev, dst[at:], r.p.data(r.src), r.p.bits(r.unpool), image*r.h+y, x0, x1)
	clear(dst[:max(-x+1, 0)*c])
	clear(dst[(x1-x+1)*c:])
}

// back transforms the products m of the tiles t0..t1-1 and columns n0..n1-1 to a picture of the result.
func (r *winogradRun) back(m []float32, step, image, t0, t1, n0, n1 int, strip []float32) {
	d, cols := r.p.dev, n1-n0
	line := r.dstW * r.out
	first := image * r.dstH * r.dstW // pixel
	var bias []float32
	if r.bias != nil {
		bias = r.bias()[n0:n1]
	}
	for t := t0; t < t1; {
		ty, tx := t/r.tilesW, t%r.tilesW
		y, x := ty*tileOut, tx*tileOut
		run := min(r.tilesW-tx, t1-t)
		from := m[(t-t0)*cols:]
		whole := 0
		if !r.pools && y+tileOut <= r.gridH {
			whole = min(run, (r.gridW-x)/tileOut)
		}
		width := run * tileOut * cols
		if whole > 0 {
			run, width = whole, 0
			d.simd.WinogradOut(r.p.data(r.dst)[first*r.out+y*line+x*r.out+n0:], line, r.out, from, step, cols, run, bias, r.relu)
		} else {
			run = min(run, stripTiles)
			width = run * tileOut * cols
			d.simd.WinogradOut(strip, width, cols, from, step, cols, run, bias, r.relu)
		}
		pixels, rows := min(run*tileOut, r.gridW-x), min(tileOut, r.gridH-y)
		if r.pools {
			r.pool(strip, width, image, y, x, rows, pixels, n0, n1)
		} else {
			for i := range rows {
				at := first + (y+i)*r.dstW + x
				if whole == 0 {
					copyColumns(r.p.data(r.dst)[at*r.out+n0:], r.out, strip[i*width:], cols, cols, pixels)
				}
				r.fin.pixels(at, at+pixels, n0, n1)
			}
		}
		t += run
	}
}

// pool pools a strip of rows of pixels, from pixel (y, x) of the result before the pool on, lines
// floats apart.
func (r *winogradRun) pool(strip []float32, line, image, y, x, rows, pixels, n0, n1 int) {
	g := *r.to
	g.step = n1 - n0
	var picks []uint32
	if r.picks != nil {
		picks = r.p.bits(r.picks)
	}
	for i := 0; i < rows && (y+i)/2 < g.pooled.H; i += 2 {
		row := image*g.pooled.H + (y+i)/2
		n := g.forward(r.p.dev, r.p.data(r.dst), picks, strip[i*line:], line, row, x/2, pixels, n0, n1)
		at := row*g.pooled.W + x/2
		if n > 0 {
			r.fin.pixels(at, at+n, n0, n1)
		}
	}
}

// stripFloats is the room for a strip of in or back.
func (w *winograd) stripFloats() int {
	return max(tileIn*(stripTiles*tileOut+4)*w.c, tileOut*stripTiles*tileOut*w.cols)
}

// winogradConv adds the stages of a Winograd convolution.
func (b *builder) winogradConv(w *winograd, t *tiled, filter transformed) {
	p, d := b.program, b.dev
	r := b.winogradRun(w, t)
	groups := w.groups()
	// multiply takes the products of tiles rows of v with one group of columns and transforms them.
	multiply := func(v []float32, vStep int, m []float32, image, t0, t1, group int, strip []float32) {
		n0, n1, at, uStep := w.group(d, group)
		cols := n1 - n0
		step := stride(t1-t0, cols)
		u := filter.get()[at:]
		size := d.simd.PackedSize(w.c, cols)
		for q := range points {
			d.simd.Gemm(t1-t0, cols, w.c, v[q*vStep:], w.c, 1, u[q*uStep:][:size], m[q*step:], cols, false, nil, false)
		}
		r.back(m, step, image, t0, t1, n0, n1, strip)
	}

	if w.block >= minTiles { // a piece keeps its tiles to itself
		block := min(w.block, (w.tiles()+fewPieces-1)/fewPieces)
		pieces := (w.tiles() + block - 1) / block
		vSize, mSize := points*stride(block, w.c), points*stride(block, w.cols)
		b.needScratch(vSize + mSize + w.stripFloats())
		b.stage(w.n*pieces, func(piece, worker int) {
			image := piece / pieces
			t0 := piece % pieces * block
			t1 := min(t0+block, w.tiles())
			v := p.scratch[worker][:vSize]
			m := p.scratch[worker][vSize:][:mSize]
			strip := p.scratch[worker][vSize+mSize:]
			step := stride(t1-t0, w.c)
			r.in(v, step, image, t0, t1, strip)
			for group := range groups {
				multiply(v, step, m, image, t0, t1, group, strip)
			}
		})
		return
	}

	// With many channels a block of tiles is too small to be worth reading the filter for: the
	// threads transform a chunk together, and then each takes some columns of the filter.
	base := filter.shared
	chunks := (w.tiles() + sharedChunk - 1) / sharedChunk
	chunkTiles := (w.tiles() + chunks - 1) / chunks
	vStep := stride(chunkTiles, w.c)
	b.needShared(base + points*vStep)
	mSize := points * stride(sharedTiles, w.cols)
	b.needScratch(mSize + w.stripFloats())
	for image := range w.n {
		for chunk := range chunks {
			c0, c1 := parallel.Split(w.tiles(), chunks, chunk)
			inPieces := (c1 - c0 + stripTiles - 1) / stripTiles
			b.stage(inPieces, func(piece, worker int) {
				t0, t1 := parallel.Split(c1-c0, inPieces, piece)
				r.in(p.shared[base+t0*w.c:], vStep, image, c0+t0, c0+t1, p.scratch[worker])
			})
			blocks := (c1 - c0 + sharedTiles - 1) / sharedTiles
			b.stage(groups*blocks, func(piece, worker int) {
				t0, t1 := parallel.Split(c1-c0, blocks, piece%blocks)
				m, strip := p.scratch[worker][:mSize], p.scratch[worker][mSize:]
				multiply(p.shared[base+t0*w.c:], vStep, m, image, c0+t0, c0+t1, piece/blocks, strip)
			})
		}
	}
}

// winogradFilter prepares the transformed filter of a gather: of the convolution's own filter, or
// turned round for the input gradient. A constant is transformed once if the device has room to keep
// it, which takes four times the filter's size, and else, like any other, at every run into the
// workspace.
func (b *builder) winogradFilter(n *autodiff.Node, w *winograd, turned bool) transformed {
	p, d := b.program, b.dev
	k, size := w.c, w.filterFloats(d)
	if t, form := n.Tensor(), (winogradForm{turned}); t != nil && b.keep(packKey{t, form}, 4*int64(size)) {
		pk := b.pack(t, form, size, func(dst []float32) {
			filter := t.Data
			if turned {
				filter = make([]float32, len(t.Data))
				w.turn(filter, t.Data)
			}
			d.filterRows(w, dst, filter, 0, k)
		})
		return transformed{get: func() []float32 { return pk.data }}
	}
	filter := func() []float32 { return p.data(n) }
	if turned {
		filter = b.turnedRound(n, w, size)
	}
	b.needShared(size)
	pieces := (k + filterBlock - 1) / filterBlock
	b.stage(pieces, func(piece, _ int) {
		r := piece * filterBlock
		d.filterRows(w, p.shared[:size], filter(), r, min(r+filterBlock, k))
	})
	return transformed{func() []float32 { return p.shared[:size] }, size}
}

// transformed is a filter ready for the products: get returns it when a stage runs, and shared is how
// much of the shared workspace it takes.
type transformed struct {
	get    func() []float32
	shared int
}

// winogradForm names a transformed filter among the packed forms of a constant, and turnedForm one
// that is only turned round.
type (
	winogradForm struct{ turned bool }
	turnedForm   struct{}
)

// turnedRound prepares the filter of an input gradient: a second copy of a constant, or what a stage
// writes to the shared workspace from float at on.
func (b *builder) turnedRound(n *autodiff.Node, w *winograd, at int) func() []float32 {
	p, size := b.program, 9*w.c*w.out
	if t := n.Tensor(); t != nil {
		pk := b.pack(t, turnedForm{}, size, func(dst []float32) { w.turn(dst, t.Data) })
		return func() []float32 { return pk.data }
	}
	b.needShared(at + size)
	b.stage(9, func(tap, _ int) { w.turnTap(p.shared[at:], p.data(n), tap) })
	return func() []float32 { return p.shared[at : at+size] }
}

// turn writes a filter turned by half a turn and with its channels exchanged: its input channels are
// the filter's output channels, the source of the gather.
func (w *winograd) turn(dst, filter []float32) {
	for tap := range 9 {
		w.turnTap(dst, filter, tap)
	}
}

func (w *winograd) turnTap(dst, filter []float32, tap int) {
	size := w.c * w.out
	transpose(dst[tap*size:][:size], filter[(8-tap)*size:][:size], w.out, w.c)
}

// filterRows transforms the rows k0..k1-1 (source channels) of a filter, which is stored by kernel
// position, source channel and destination channel, into panels for Gemm: all points of the first
// group of columns, then of the next.
func (d *Device) filterRows(w *winograd, dst, filter []float32, k0, k1 int) {
	k, n, nr := w.c, w.out, d.simd.NR
	for group := range w.groups() {
		n0, n1, at, step := w.group(d, group)
		for j := n0; j < n1; j += nr {
			width := min(nr, n1-j)
			for r := k0; r < k1; r++ {
				to := dst[at+(j-n0)*k+r*nr:]
				if width < nr { // zeros where the panel has no column
					for q := range points {
						clear(to[q*step+width : q*step+nr])
					}
				}
				d.simd.WinogradFilter(to, step, filter[r*n+j:], k*n, width)
			}
		}
	}
}
