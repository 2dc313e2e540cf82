package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// The filter gradient of a 3x3 convolution with stride 1 in Winograd's domain (Lavin and Gray,
// arXiv:1509.09308, section 4.2): tiles of 6x6 pixels of x and of 4x4 of dy are transformed to 36
// points, of which 36 matrix products take the sum over the tiles of all pictures, and transforming
// back gives the 3x3 weights, for a quarter of the multiplications. What hangs over a border counts
// as zeros. The error is less than 1e-6 of the gradient's root mean square, two to four times that of
// the direct way (TestWinogradGradError).

// Sides of a tile of dy and of x, and to how many points either is transformed.
const (
	gradTile   = 4
	gradSide   = gradTile + 2
	gradPoints = gradSide * gradSide
)

// Sizes in floats where not said otherwise. They were chosen by measurement.
const (
	gradPixels     = 64        // of dy: with fewer, reading and writing the sums dominates
	gradTilePixels = 6         // of dy, for each tile on average
	gradSums       = 128 * 128 // a filter with more weights for each tap is cut into blocks
	gradTiles      = 64        // tiles that a piece transforms at a time if it is not cut
	gradPieces     = 16        // its partial sums
	gradChannels   = 64        // channels of x by channels of dy in a block
	gradShared     = 4 << 20   // transformed x and dy that the threads share for blocks
)

// winogradGrad is a filter gradient computed that way. The geometry is the convolution's, from x
// (N,H,W,C) to the grid of dy (N,GridH,GridW,OutC); tiles are numbered through all pictures.
type winogradGrad struct {
	*geometry
	dev            *Device
	tilesH, tilesW int
}

// winogradGrad returns nil if this algorithm does not suit the gradient.
func (d *Device) winogradGrad(g *geometry) *winogradGrad {
	if d.direct || !g.Winograd() {
		return nil
	}
	w := &winogradGrad{
		geometry: g, dev: d,
		tilesH: (g.GridH + gradTile - 1) / gradTile, tilesW: (g.GridW + gradTile - 1) / gradTile,
	}
	if g.N*g.GridH*g.GridW < max(gradPixels, gradTilePixels*w.tiles()) {
		return nil
	}
	return w
}

func (w *winogradGrad) tiles() int { return w.N * w.tilesH * w.tilesW }

// runs calls f for the tiles t0..t1-1, a few of one row at a time: the first of them is tile t0+at,
// and at the pixel y, x of the grid.
func (w *winogradGrad) runs(t0, t1 int, f func(at, image, y, x, tiles int)) {
	for t := t0; t < t1; {
		row, tx := t/w.tilesW, t%w.tilesW
		n := min(w.tilesW-tx, t1-t, stripTiles)
		f(t-t0, row/w.tilesH, row%w.tilesH*gradTile, tx*gradTile, n)
		t += n
	}
}

// transformed is data at the points of the transform, which lie step apart.
type transformed struct {
	data []float32
	step int
}

// from returns the data that begins so many floats later.
func (t transformed) from(floats int) transformed { return transformed{t.data[floats:], t.step} }

// inputTransform transforms some tiles, rows of the block, and channels of x (N,H,W,C) to v
// (points,tiles,channels).
func (w *winogradGrad) inputTransform(v transformed, x []float32, at block, strip []float32) {
	width := at.n1 - at.n0
	w.runs(at.m0, at.m1, func(tile, image, py, px, tiles int) {
		pixels := tiles*gradTile + 2
		p := patch{y: py - w.PadTop, x: px - w.PadLeft, rows: gradSide, pixels: pixels, c0: at.n0, c1: at.n1}
		p.copy(strip, width, w.picture(x, image), w.H, w.W, w.C)
		w.dev.simd.F43.In(v.data[tile*width:], strip, simd.Tiles{
			Tiles: tiles, Channels: width, Row: pixels * width, Pixel: width, Point: v.step,
		})
	})
}

// gradTransform transforms some tiles, rows of the block, and at most a panel of channels of dy
// (N,GridH,GridW,OutC) to u (points,tiles,NR).
func (w *winogradGrad) gradTransform(u transformed, dy []float32, at block, strip []float32) {
	k, nr, size := w.dev.simd, w.dev.simd.NR, w.GridH*w.GridW*w.OutC
	w.runs(at.m0, at.m1, func(tile, image, y, x, tiles int) {
		src, pixels := dy[image*size:][:size], tiles*gradTile
		to := u.data[tile*nr:]
		if at.n1-at.n0 == nr && y+gradTile <= w.GridH && x+pixels <= w.GridW {
			k.WinogradGradIn(to, src[(y*w.GridW+x)*w.OutC+at.n0:], simd.Tiles{
				Tiles: tiles, Channels: nr, Row: w.GridW * w.OutC, Pixel: w.OutC, Point: u.step,
			})
			return
		}
		p := patch{y: y, x: x, rows: gradTile, pixels: pixels, c0: at.n0, c1: at.n1}
		p.copy(strip, nr, src, w.GridH, w.GridW, w.OutC)
		k.WinogradGradIn(to, strip, simd.Tiles{
			Tiles: tiles, Channels: nr, Row: pixels * nr, Pixel: nr, Point: u.step,
		})
	})
}

// stripFloats is the room for a strip of inputTransform, with that many channels, or gradTransform.
func (w *winogradGrad) stripFloats(channels int) int {
	return max(gradSide*(stripTiles*gradTile+2)*channels, gradTile*stripTiles*gradTile*w.dev.simd.NR)
}

// patch is a part of a picture that may hang over its borders: rows x pixels from y, x on, and
// channels c0..c1-1.
type patch struct{ y, x, rows, pixels, c0, c1 int }

// copy copies the patch of a picture of h x w pixels of c channels, zeros where there is none. Its
// pixels lie width floats apart, which are filled up with zeros.
func (p *patch) copy(dst []float32, width int, src []float32, h, w, c int) {
	lo := min(max(-p.x, 0), p.pixels)
	hi := max(min(w-p.x, p.pixels), lo) // lo..hi-1 are inside
	for i := range p.rows {
		line := dst[i*p.pixels*width:][:p.pixels*width]
		y := p.y + i
		if y < 0 || y >= h || lo == hi {
			clear(line)
			continue
		}
		if p.c1-p.c0 < width {
			clear(line)
		}
		clear(line[:lo*width])
		copyColumns(line[lo*width:], width, src[(y*w+p.x+lo)*c+p.c0:], c, p.c1-p.c0, hi-lo)
		clear(line[hi*width:])
	}
}

// gradBlock is channels r0.. of x by channels n0.. of dy, of some tiles: v is (points,tiles,rows), u
// (points,tiles,cols) as panels for Gemm.
type gradBlock struct {
	r0, n0, rows, cols int
	tiles              int
	v, u               transformed
}

func (w *winogradGrad) block(r0, n0, rows, cols, tiles int, v, u []float32) gradBlock {
	b := gradBlock{r0: r0, n0: n0, rows: min(rows, w.C-r0), cols: min(cols, w.OutC-n0), tiles: tiles}
	b.v = transformed{v, stride(tiles, b.rows)}
	b.u = transformed{u, stride(1, w.dev.simd.PackedSize(tiles, b.cols))}
	return b
}

// step returns the distance between two points of the sums.
func (b *gradBlock) step() int { return stride(b.rows, b.cols) }

// sum sums over the tiles, for each point, into m (points,rows,cols).
func (b *gradBlock) sum(d *Device, m []float32, accumulate bool) {
	size := d.simd.PackedSize(b.tiles, b.cols)
	for q := range gradPoints {
		d.simd.Gemm(simd.Gemm{
			M: b.rows, N: b.cols, K: b.tiles, A: b.v.data[q*b.v.step:], ARowStride: 1, AColStride: b.rows,
			B: b.u.data[q*b.u.step:][:size], C: m[q*b.step():], LDC: b.cols,
			Accumulate: accumulate,
		})
	}
}

// filterTransform transforms the sums to their place in the gradient dw (3,3,C,OutC).
func (w *winogradGrad) filterTransform(b *gradBlock, dw, m []float32, accumulate bool) {
	for r := range b.rows {
		to := dw[(b.r0+r)*w.OutC+b.n0:]
		w.dev.simd.WinogradFilterGrad(to, w.C*w.OutC, m[r*b.cols:], b.step(), b.cols, accumulate)
	}
}

func (b *builder) winogradFilterGrad(w *winogradGrad, x, dy, dw *autodiff.Node) {
	if w.C*w.OutC <= gradSums {
		b.winogradGradWhole(w, x, dy, dw)
	} else {
		b.winogradGradBlocks(w, x, dy, dw)
	}
}

// winogradGradWhole is for few channels: each piece takes some tiles and keeps the sums, which lie in
// its cache or close to it, until the end.
func (b *builder) winogradGradWhole(w *winogradGrad, x, dy, dw *autodiff.Node) {
	p, d := b.program, b.dev
	size := 9 * w.C * w.OutC
	pieces := min(gradPieces, (w.tiles()+gradTiles-1)/gradTiles)
	vSize, uSize := gradPoints*stride(gradTiles, w.C), gradPoints*stride(1, d.simd.PackedSize(gradTiles, w.OutC))
	mSize := gradPoints * stride(w.C, w.OutC)
	b.needScratch(vSize + uSize + mSize + w.stripFloats(w.C))
	b.needShared(pieces * size)
	b.stage(pieces, func(piece, worker int) {
		s := p.scratch[worker]
		v, u, m, strip := s[:vSize], s[vSize:][:uSize], s[vSize+uSize:][:mSize], s[vSize+uSize+mSize:]
		t0, t1 := parallel.Split(w.tiles(), pieces, piece)
		var part gradBlock
		for t := t0; t < t1; t += gradTiles {
			end := min(t+gradTiles, t1)
			part = w.block(0, 0, w.C, w.OutC, end-t, v, u)
			w.inputTransform(part.v, p.data(x), block{t, end, 0, w.C}, strip)
			for n := 0; n < w.OutC; n += d.simd.NR {
				at := block{t, end, n, min(n+d.simd.NR, w.OutC)}
				w.gradTransform(part.u.from(n*part.tiles), p.data(dy), at, strip)
			}
			part.sum(d, m, t > t0)
		}
		w.filterTransform(&part, p.shared[piece*size:][:size], m, false)
	})
	b.each(size, pieces, func(lo, hi, _ int) {
		dst := p.data(dw)[lo:hi]
		copy(dst, p.shared[lo:hi])
		for q := 1; q < pieces; q++ {
			d.simd.Add(dst, dst, p.shared[q*size:][lo:hi])
		}
	})
}

// winogradGradBlocks is for many channels: the threads transform a chunk of tiles together, and then
// each takes blocks of the filter. The gradients of the chunks are added up.
func (b *builder) winogradGradBlocks(w *winogradGrad, x, dy, dw *autodiff.Node) {
	p, d := b.program, b.dev
	nr := d.simd.NR
	cols := max(gradChannels/nr, 1) * nr
	down, across := (w.C+gradChannels-1)/gradChannels, (w.OutC+cols-1)/cols
	chunks := (w.tiles()*gradPoints*(w.C+w.OutC) + gradShared - 1) / gradShared
	most := (w.tiles() + chunks - 1) / chunks // tiles of a chunk
	vSize, uSize := gradPoints*stride(most, gradChannels), gradPoints*stride(most, cols)
	mSize := gradPoints * stride(gradChannels, cols)
	b.needShared(down*vSize + across*uSize)
	b.needScratch(max(mSize, w.stripFloats(gradChannels)))
	at := func(i, j, tiles int) gradBlock {
		v, u := p.shared[i*vSize:], p.shared[down*vSize+j*uSize:]
		return w.block(i*gradChannels, j*cols, gradChannels, cols, tiles, v, u)
	}
	for chunk := range chunks {
		t0, t1 := parallel.Split(w.tiles(), chunks, chunk)
		tiles := t1 - t0
		strips := (tiles + stripTiles - 1) / stripTiles
		b.stage(strips, func(piece, worker int) {
			s0, s1 := parallel.Split(tiles, strips, piece)
			strip := p.scratch[worker]
			for i := range down {
				part := at(i, 0, tiles)
				at := block{t0 + s0, t0 + s1, part.r0, part.r0 + part.rows}
				w.inputTransform(part.v.from(s0*part.rows), p.data(x), at, strip)
			}
			for j := range across {
				part := at(0, j, tiles)
				for n := 0; n < part.cols; n += nr {
					at := block{t0 + s0, t0 + s1, part.n0 + n, min(part.n0+n+nr, w.OutC)}
					w.gradTransform(part.u.from(n*tiles+s0*nr), p.data(dy), at, strip)
				}
			}
		})
		b.stage(down*across, func(piece, worker int) {
			part := at(piece/across, piece%across, tiles)
			m := p.scratch[worker][:mSize]
			part.sum(d, m, false)
			w.filterTransform(&part, p.data(dw), m, chunk > 0)
		})
	}
}
