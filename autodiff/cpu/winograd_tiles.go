package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

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

// multiply takes the products of the transformed tiles t0..t1-1 with the filters u of a group of columns,
// and transforms them back.
// ahead returns what to fetch while the product of a point is taken, or nil.
func (r *winogradRun) multiply(v []float32, vStep int, u, m []float32, t0, t1, group, worker int, strip []float32, ahead func(q int) []float32) {
	k := r.p.dev.simd
	n0, n1 := r.columns(group)
	cols := n1 - n0
	step, uStep := stride(t1-t0, cols), r.filterStep(k, cols)
	size := k.PackedSize(r.C, cols)
	for q := range r.points {
		k.Gemm(simd.Gemm{
			M: t1 - t0, N: cols, K: r.C, A: v[q*vStep:], ARowStride: r.C, AColStride: 1, B: u[q*uStep:][:size],
			C: m[q*step:], LDC: cols, Ahead: ahead(q),
		})
	}
	r.back(m, step, t0, t1, n0, n1, worker, strip)
}

// What a piece reads and writes in memory is fetched while the products before are taken: a third of the
// points for the source of the tiles that come next, one for where the result goes, and one for the
// features of a Gram matrix that is added there.

// ahead returns what to fetch at point q of tiles t0..t1-1; the next ones are n0..n1-1.
func (r *winogradRun) ahead(t0, t1, n0, n1, q int) []float32 {
	parts := r.points / 3
	switch q / parts {
	case 0:
		if n0 < n1 {
			return r.source(n0, n1, q, parts)
		}
	case 1:
		if !r.pools {
			return r.result(r.dst, t0, t1, q-parts, parts)
		}
	case 2:
		if g := r.fin.plus; g != nil && g.again == nil {
			return r.result(g.x, t0, t1, q-2*parts, parts)
		}
	}
	return nil
}

// source returns one of parts of what tiles t0..t1-1 read.
func (r *winogradRun) source(t0, t1, q, parts int) []float32 {
	image, ty, tx := r.at(t0)
	y, x := ty*r.Tile-r.PadTop, tx*r.Tile
	s := autodiff.Shape{H: r.H, W: r.W, C: r.C}
	rows, n := r.side(), (t1-t0)*r.Tile
	if r.from != nil {
		y, x, rows, n = max(y/2, 0), x/2, rows/2, n/2
		s.H, s.W = r.from.pooled.H, r.from.pooled.W
	}
	return region(r.p.data(r.src)[image*s.H*s.W*s.C:], s, y, x, rows, n, q, parts)
}

// result returns one of parts of the pixels of tiles t0..t1-1 of a value with the shape of the result.
func (r *winogradRun) result(v *autodiff.Node, t0, t1, q, parts int) []float32 {
	image, ty, tx := r.at(t0)
	s := autodiff.Shape{H: r.DstH, W: r.DstW, C: r.OutC}
	return region(r.p.data(v)[image*s.H*s.W*s.C:], s, ty*r.Tile, tx*r.Tile, r.Tile, (t1-t0)*r.Tile, q, parts)
}

// region returns one of parts of rows x n pixels of a picture of shape s from pixel (y, x) on: a piece of
// a row. Rows that are not in the picture have none.
func region(v []float32, s autodiff.Shape, y, x, rows, n, q, parts int) []float32 {
	of := parts / rows // parts of a row
	y += q / of
	n = min(n, s.W-x)
	if q/of >= rows || y < 0 || y >= s.H || n <= 0 {
		return nil
	}
	x0, x1 := parallel.Split(n, of, q%of)
	return v[(y*s.W+x+x0)*s.C : (y*s.W+x+x1)*s.C]
}

// in transforms the tiles t0..t1-1 of the source to v, whose points lie step apart.
func (r *winogradRun) in(v []float32, step, t0, t1 int, strip []float32) {
	c, line := r.C, r.W*r.C
	all := r.p.data(r.src)
	for t := t0; t < t1; {
		image, ty, tx := r.at(t)
		var src []float32
		if r.from == nil {
			src = all[image*r.H*line:][:r.H*line]
		}
		y, x := ty*r.Tile-r.PadTop, tx*r.Tile-r.PadLeft
		run := min(r.tilesW-tx, t1-t) // tiles of this row
		to := v[(t-t0)*c:]
		whole := 0 // tiles that lie inside the picture and need no copy
		if src != nil && y >= 0 && y+r.side() <= r.H && x >= 0 {
			whole = min(run, max((r.W-x-2)/r.Tile, 0))
		}
		if whole > 0 {
			r.In(to, src[y*line+x*c:], simd.Tiles{Tiles: whole, Channels: c, Row: line, Pixel: c, Point: step})
			t += whole
			continue
		}
		if src != nil && y >= 0 && y+r.side() <= r.H && x < 0 {
			run = 1 // the next one may be inside
		}
		run = min(run, stripTiles)
		pixels := run*r.Tile + 2
		width := (pixels + 2) * c // with a pixel on either side, where windows of a pool hang over
		for i := range r.side() {
			to := strip[i*width:][:width]
			if src != nil {
				clip(to[c:][:pixels*c], src, y+i, r.H, x*c, line)
			} else {
				r.unpoolRow(to, image, y+i, x, pixels)
			}
		}
		r.In(to, strip[c:], simd.Tiles{Tiles: run, Channels: c, Row: width, Pixel: c, Point: step})
		t += run
	}
}

// unpoolRow writes pixels x, x+1, ... of a row of the unpooled source to dst from its second pixel on,
// zeros where there are none. The first and the last pixel of dst become anything.
func (r *winogradRun) unpoolRow(dst []float32, image, y, x, pixels int) {
	c := r.C
	if y < 0 || y >= r.H {
		clear(dst)
		return
	}
	x0, x1 := max(x, 0)&^1, min(x+pixels, r.W)
	at := (x0 - x + 1) * c
	r.from.backward(r.p.dev, dst[at:], r.p.data(r.src), r.p.bits(r.unpool), image*r.H+y, x0, x1)
	clear(dst[:max(-x+1, 0)*c])
	clear(dst[(x1-x+1)*c:])
}

// back transforms the products m of the tiles t0..t1-1 and columns n0..n1-1 to the result.
func (r *winogradRun) back(m []float32, step, t0, t1, n0, n1, worker int, strip []float32) {
	cols := n1 - n0
	line := r.DstW * r.OutC
	result := r.p.data(r.dst)
	var bias []float32
	if r.bias != nil {
		bias = r.bias()[n0:n1]
	}
	for t := t0; t < t1; {
		image, ty, tx := r.at(t)
		first := image * r.DstH * r.DstW // pixel
		y, x := ty*r.Tile, tx*r.Tile
		run := min(r.tilesW-tx, t1-t)
		from := m[(t-t0)*cols:]
		whole := 0
		if !r.pools && y+r.Tile <= r.GridH {
			whole = min(run, (r.GridW-x)/r.Tile)
		}
		var width int // of a line of the strip
		if whole > 0 {
			run = whole
			r.Out(result[first*r.OutC+y*line+x*r.OutC+n0:], from, simd.Tiles{
				Tiles: run, Channels: cols, Row: line, Pixel: r.OutC, Point: step,
			}, bias, r.relu)
		} else {
			run = min(run, stripTiles)
			width = run * r.Tile * cols
			r.Out(strip, from, simd.Tiles{
				Tiles: run, Channels: cols, Row: width, Pixel: cols, Point: step,
			}, bias, r.relu)
		}
		pixels, rows := min(run*r.Tile, r.GridW-x), min(r.Tile, r.GridH-y)
		if r.pools {
			r.pool(strip, width, image, y, x, rows, pixels, n0, n1, worker)
		} else {
			for i := range rows {
				at := first + (y+i)*r.DstW + x
				if whole == 0 {
					copyColumns(result[at*r.OutC+n0:], r.OutC, strip[i*width:], cols, cols, pixels)
				}
				r.fin.pixels(at, at+pixels, n0, n1, worker)
			}
		}
		t += run
	}
}

// pool pools a strip of rows of pixels, from pixel (y, x) of the result before the pool on, lines
// floats apart.
func (r *winogradRun) pool(strip []float32, line, image, y, x, rows, pixels, n0, n1, worker int) {
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
			r.fin.pixels(at, at+n, n0, n1, worker)
		}
	}
}

// stripFloats is the room for a strip of in or back.
func (w *winograd) stripFloats() int {
	return max(w.side()*(stripTiles*w.Tile+4)*w.C, w.Tile*stripTiles*w.Tile*w.cols)
}
