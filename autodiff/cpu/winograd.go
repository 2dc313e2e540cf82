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
	sharedChunk   = 240       // tiles that are transformed before the products are taken
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

// in transforms the tiles t0..t1-1 of the picture src to v, whose points lie step apart.
func (w *winograd) in(d *Device, v []float32, step int, src []float32, t0, t1 int, strip []float32) {
	c, line := w.c, w.w*w.c
	for t := t0; t < t1; {
		ty, tx := t/w.tilesW, t%w.tilesW
		y, x := ty*tileOut-w.padTop, tx*tileOut-w.padLeft
		run := min(w.tilesW-tx, t1-t) // tiles of this row
		to := v[(t-t0)*c:]
		whole := 0 // tiles that lie inside the picture
		if y >= 0 && y+tileIn <= w.h && x >= 0 {
			whole = min(run, max((w.w-x-2)/tileOut, 0))
		}
		if whole > 0 {
			d.simd.F43.In(to, step, src[y*line+x*c:], line, c, whole)
			t += whole
			continue
		}
		if y >= 0 && y+tileIn <= w.h && x < 0 {
			run = 1 // the next one may be inside
		}
		run = min(run, stripTiles)
		width := (run*tileOut + 2) * c
		for i := range tileIn {
			clip(strip[i*width:][:width], src, y+i, w.h, x*c, line)
		}
		d.simd.F43.In(to, step, strip, width, c, run)
		t += run
	}
}

// back transforms the products m of the tiles t0..t1-1 and columns n0..n1-1 to the picture dst.
func (w *winograd) back(d *Device, dst []float32, m []float32, step, t0, t1, n0, n1 int, bias []float32, relu bool, strip []float32) {
	cols := n1 - n0
	line := w.dstW * w.out
	for t := t0; t < t1; {
		ty, tx := t/w.tilesW, t%w.tilesW
		y, x := ty*tileOut, tx*tileOut
		run := min(w.tilesW-tx, t1-t)
		from := m[(t-t0)*cols:]
		whole := 0
		if y+tileOut <= w.gridH {
			whole = min(run, (w.gridW-x)/tileOut)
		}
		if whole > 0 {
			d.simd.F43.Out(dst[y*line+x*w.out+n0:], line, w.out, from, step, cols, whole, bias, relu)
			t += whole
			continue
		}
		run = min(run, stripTiles)
		width := run * tileOut * cols
		d.simd.F43.Out(strip, width, cols, from, step, cols, run, bias, relu)
		pixels := min(run*tileOut, w.gridW-x)
		for i := range min(tileOut, w.gridH-y) {
			copyColumns(dst[(y+i)*line+x*w.out+n0:], w.out, strip[i*width:], cols, cols, pixels)
		}
		t += run
	}
}

// stripFloats is the room for a strip of in or back.
func (w *winograd) stripFloats() int {
	return max(tileIn*(stripTiles*tileOut+2)*w.c, tileOut*stripTiles*tileOut*w.cols)
}

// winogradConv adds the stages of a gather from src to dst.
func (b *builder) winogradConv(w *winograd, src, dst *autodiff.Node, filter transformed, bias func() []float32, relu bool) {
	p, d := b.program, b.dev
	groups := w.groups()
	picture := func(data []float32, image, size int) []float32 { return data[image*size:][:size] }
	in, out := w.h*w.w*w.c, w.dstH*w.dstW*w.out
	biasOf := func(n0, n1 int) []float32 {
		if bias == nil {
			return nil
		}
		return bias()[n0:n1]
	}
	// multiply takes the products of tiles rows of v with one group of columns and transforms them.
	multiply := func(v []float32, vStep int, m []float32, t0, t1, group int, to []float32, strip []float32) {
		n0, n1, at, uStep := w.group(d, group)
		cols := n1 - n0
		step := stride(t1-t0, cols)
		u := filter.get()[at:]
		size := d.simd.PackedSize(w.c, cols)
		for q := range points {
			d.simd.Gemm(t1-t0, cols, w.c, v[q*vStep:], w.c, 1, u[q*uStep:][:size], m[q*step:], cols, false, nil, false)
		}
		w.back(d, to, m, step, t0, t1, n0, n1, biasOf(n0, n1), relu, strip)
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
			w.in(d, v, step, picture(p.data(src), image, in), t0, t1, strip)
			for group := range groups {
				multiply(v, step, m, t0, t1, group, picture(p.data(dst), image, out), strip)
			}
		})
		return
	}

	// With many channels a block of tiles is too small to be worth reading the filter for: the
	// threads transform a chunk together, and then each takes some columns of the filter.
	base := filter.shared
	chunkTiles := min(sharedChunk, w.tiles())
	vStep := stride(chunkTiles, w.c)
	b.needShared(base + points*vStep)
	mSize := points * stride(sharedTiles, w.cols)
	b.needScratch(mSize + w.stripFloats())
	for image := range w.n {
		for c0 := 0; c0 < w.tiles(); c0 += chunkTiles {
			c1 := min(c0+chunkTiles, w.tiles())
			inPieces := (c1 - c0 + stripTiles - 1) / stripTiles
			b.stage(inPieces, func(piece, worker int) {
				t0, t1 := parallel.Split(c1-c0, inPieces, piece)
				w.in(d, p.shared[base+t0*w.c:], vStep, picture(p.data(src), image, in), c0+t0, c0+t1, p.scratch[worker])
			})
			blocks := (c1 - c0 + sharedTiles - 1) / sharedTiles
			b.stage(groups*blocks, func(piece, worker int) {
				t0, t1 := parallel.Split(c1-c0, blocks, piece%blocks)
				m, strip := p.scratch[worker][:mSize], p.scratch[worker][mSize:]
				multiply(p.shared[base+t0*w.c:], vStep, m, c0+t0, c0+t1, piece/blocks, picture(p.data(dst), image, out), strip)
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
				d.simd.F43.Filter(to, step, filter[r*n+j:], k*n, width)
			}
		}
	}
}
