package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// winogradConv is a Winograd convolution in a program. The source is (N,H,W,C), the result (N,DstH,DstW,OutC)
// before a pool.
type winogradConv struct {
	*winograd
	p *program

	src     *autodiff.Node
	unpool  *maxPool2x2    // that gives the source from src, or nil
	indices *autodiff.Node // its argmax

	dst      *autodiff.Node
	bias     func() []float32 // (OutC), or nil
	relu     bool
	pool     *maxPool2x2    // of the result, or nil; its step is that of a strip
	argMax   *autodiff.Node // of the pool, or nil
	epilogue *epilogue
}

// unpoolSource makes the result of an unpooling, a step of Pre, the source.
func (c *winogradConv) unpoolSource(s *autodiff.Step) {
	c.src, c.indices = s.In[0], s.In[1]
	c.unpool = &maxPool2x2{s.Shape, c.src.Shape, c.C, c.C}
}

// tileBlock is tiles t0..t1-1 in the hands of a worker.
type tileBlock struct {
	t0, t1 int
	worker int
	v      []float32 // the transformed source, (points,t1-t0,C)
	vStep  int       // floats from one point of it to the next
	m      []float32 // the products with a group of columns, (points,t1-t0,columns)
	strip  []float32 // room for a strip
}

// strip is some tiles of a row of tiles as rows of pixels: columns n0..n1-1 of so many rows and pixels, from
// pixel y, x of a picture on.
type strip struct {
	data         []float32
	line         int // floats from one row to the next
	image, y, x  int
	rows, pixels int
	n0, n1       int
}

// stripFloats is the room for a strip of either transform.
func (w *winograd) stripFloats() int {
	return max(w.side()*(stripTiles*w.Tile+4)*w.C, w.Tile*stripTiles*w.Tile*w.cols)
}

// multiply takes the products of transformed tiles with the filters u of a group of columns,
// and transforms them back. ahead returns what to fetch while the product of a point is taken, or nil.
func (c *winogradConv) multiply(t *tileBlock, u []float32, group int, ahead func(q int) []float32) {
	k := c.p.dev.simd
	n0, n1 := c.columns(group)
	tiles, cols := t.t1-t.t0, n1-n0
	step, uStep := stride(tiles, cols), c.filterStep(k, cols)
	size := k.PackedSize(c.C, cols)
	for q := range c.points {
		k.Gemm(simd.Gemm{
			M: tiles, N: cols, K: c.C, A: t.v[q*t.vStep:], ARowStride: c.C, AColStride: 1,
			B: u[q*uStep:][:size], C: t.m[q*step:], LDC: cols,
			Ahead: ahead(q),
		})
	}
	c.outputTransform(t, step, n0, n1)
}

// What a piece reads and writes in memory is fetched while the products before are taken: a third of the
// points for the source of the tiles that come next, one for where the result goes, and one for the
// features of a Gram matrix that is added there.

// ahead returns what to fetch at point q of a block of tiles; the next ones are n0..n1-1.
func (c *winogradConv) ahead(t *tileBlock, n0, n1, q int) []float32 {
	parts := c.points / 3
	switch q / parts {
	case 0:
		if n0 < n1 {
			return c.sourcePart(n0, n1, q, parts)
		}
	case 1:
		if c.pool == nil {
			return c.resultPart(c.dst, t.t0, t.t1, q-parts, parts)
		}
	case 2:
		if g := c.epilogue.gram; g != nil && g.recompute == nil {
			return c.resultPart(g.x, t.t0, t.t1, q-2*parts, parts)
		}
	}
	return nil
}

// sourcePart returns one of parts of what tiles t0..t1-1 read.
func (c *winogradConv) sourcePart(t0, t1, q, parts int) []float32 {
	image, ty, tx := c.at(t0)
	r := region{ty*c.Tile - c.PadTop, tx * c.Tile, c.side(), (t1 - t0) * c.Tile}
	s := autodiff.Shape{H: c.H, W: c.W, C: c.C}
	if c.unpool != nil {
		r = region{max(r.y/2, 0), r.x / 2, r.rows / 2, r.pixels / 2}
		s.H, s.W = c.unpool.pooled.H, c.unpool.pooled.W
	}
	return r.part(c.p.data(c.src)[image*s.H*s.W*s.C:], s, q, parts)
}

// resultPart returns one of parts of the pixels of tiles t0..t1-1 of a value with the shape of the result.
func (c *winogradConv) resultPart(v *autodiff.Node, t0, t1, q, parts int) []float32 {
	image, ty, tx := c.at(t0)
	s := autodiff.Shape{H: c.DstH, W: c.DstW, C: c.OutC}
	r := region{ty * c.Tile, tx * c.Tile, c.Tile, (t1 - t0) * c.Tile}
	return r.part(c.p.data(v)[image*s.H*s.W*s.C:], s, q, parts)
}

// region is rows x pixels of a picture from pixel y, x on.
type region struct{ y, x, rows, pixels int }

// part returns one of parts of the region of a picture v of shape s: a piece of
// a row. Rows that are not in the picture have none.
func (r region) part(v []float32, s autodiff.Shape, q, parts int) []float32 {
	of := parts / r.rows // parts of a row
	y := r.y + q/of
	n := min(r.pixels, s.W-r.x)
	if q/of >= r.rows || y < 0 || y >= s.H || n <= 0 {
		return nil
	}
	x0, x1 := parallel.Split(n, of, q%of)
	return v[(y*s.W+r.x+x0)*s.C : (y*s.W+r.x+x1)*s.C]
}

// inputTransform transforms the source of a block of tiles.
func (c *winogradConv) inputTransform(t *tileBlock) {
	line := c.W * c.C
	all := c.p.data(c.src)
	for i := t.t0; i < t.t1; {
		image, ty, tx := c.at(i)
		var src []float32
		if c.unpool == nil {
			src = c.picture(all, image)
		}
		y, x := ty*c.Tile-c.PadTop, tx*c.Tile-c.PadLeft
		run := min(c.tilesW-tx, t.t1-i) // tiles of this row
		to := t.v[(i-t.t0)*c.C:]
		whole := 0 // tiles that lie inside the picture and need no copy
		if src != nil && y >= 0 && y+c.side() <= c.H && x >= 0 {
			whole = min(run, max((c.W-x-2)/c.Tile, 0))
		}
		if whole > 0 {
			c.In(to, src[y*line+x*c.C:], simd.Tiles{Tiles: whole, Channels: c.C, Row: line, Pixel: c.C, Point: t.vStep})
			i += whole
			continue
		}
		if src != nil && y >= 0 && y+c.side() <= c.H && x < 0 {
			run = 1 // the next one may be inside
		}
		run = min(run, stripTiles)
		s := strip{data: t.strip, image: image, y: y, x: x, rows: c.side(), pixels: run*c.Tile + 2}
		s.line = (s.pixels + 2) * c.C // with a pixel on either side, where windows of a pool hang over
		c.copySource(&s, src)
		c.In(to, t.strip[c.C:], simd.Tiles{Tiles: run, Channels: c.C, Row: s.line, Pixel: c.C, Point: t.vStep})
		i += run
	}
}

// copySource fills a strip, from its second pixel on, with pixels of the picture src, and what stands for them
// where there are none, or of the unpooled source if that is nil, and zeros. The first and the last pixel of
// its rows become anything.
func (c *winogradConv) copySource(s *strip, src []float32) {
	for i := range s.rows {
		to := s.data[i*s.line:][:s.line]
		if src != nil {
			c.row(to[c.C:][:s.pixels*c.C], src, s.y+i, s.x*c.C)
		} else {
			c.unpool.backwardRow(c.p.dev, to, c.p.data(c.src), c.p.bits(c.indices), s.image, s.y+i, s.x, s.pixels)
		}
	}
}

// outputTransform transforms the products of a block of tiles, whose points lie step apart, to columns
// n0..n1-1 of the result.
func (c *winogradConv) outputTransform(t *tileBlock, step, n0, n1 int) {
	cols := n1 - n0
	line := c.DstW * c.OutC
	result := c.p.data(c.dst)
	var bias []float32
	if c.bias != nil {
		bias = c.bias()[n0:n1]
	}
	for i := t.t0; i < t.t1; {
		image, ty, tx := c.at(i)
		s := strip{data: t.strip, image: image, y: ty * c.Tile, x: tx * c.Tile, n0: n0, n1: n1}
		run := min(c.tilesW-tx, t.t1-i)
		from := t.m[(i-t.t0)*cols:]
		whole := 0 // tiles that lie inside the result and are written to it
		if c.pool == nil && s.y+c.Tile <= c.GridH {
			whole = min(run, (c.GridW-s.x)/c.Tile)
		}
		if whole > 0 {
			run = whole
			c.Out(result[(image*c.DstH+s.y)*line+s.x*c.OutC+n0:], from, simd.Tiles{
				Tiles: run, Channels: cols, Row: line, Pixel: c.OutC, Point: step,
			}, bias, c.relu)
		} else {
			run = min(run, stripTiles)
			s.line = run * c.Tile * cols
			c.Out(s.data, from, simd.Tiles{Tiles: run, Channels: cols, Row: s.line, Pixel: cols, Point: step}, bias, c.relu)
		}
		s.pixels, s.rows = min(run*c.Tile, c.GridW-s.x), min(c.Tile, c.GridH-s.y)
		if c.pool != nil {
			c.poolStrip(&s, t.worker)
		} else {
			c.finishRows(&s, whole == 0, t.worker)
		}
		i += run
	}
}

// finishRows performs the epilogue on the pixels of a strip in the result, after copying them there if
// they are to be.
func (c *winogradConv) finishRows(s *strip, copies bool, worker int) {
	cols := s.n1 - s.n0
	for i := range s.rows {
		at := (s.image*c.DstH+s.y+i)*c.DstW + s.x
		if copies {
			copyColumns(c.p.data(c.dst)[at*c.OutC+s.n0:], c.OutC, s.data[i*s.line:], cols, cols, s.pixels)
		}
		c.epilogue.run(block{at, at + s.pixels, s.n0, s.n1}, worker)
	}
}

// poolStrip pools a strip of the result and performs the epilogue on what that gives.
func (c *winogradConv) poolStrip(s *strip, worker int) {
	g := *c.pool
	g.step = s.n1 - s.n0
	row := poolRow{dst: c.p.data(c.dst), line: s.line, x0: s.x / 2, pixels: s.pixels, n0: s.n0, n1: s.n1}
	if c.argMax != nil {
		row.argMax = c.p.bits(c.argMax)
	}
	for i := 0; i < s.rows && (s.y+i)/2 < g.pooled.H; i += 2 {
		row.y, row.src = s.image*g.pooled.H+(s.y+i)/2, s.data[i*s.line:]
		n := g.forward(c.p.dev, &row)
		at := row.y*g.pooled.W + row.x0
		if n > 0 {
			c.epilogue.run(block{at, at + n, s.n0, s.n1}, worker)
		}
	}
}
