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
	gradTiles      = 64        // tiles that a piece of one that is not cut transforms at a time
	gradPieces     = 16        // partial sums of such a one
	gradChannels   = 64        // channels of x by channels of dy in a block
	gradShared     = 4 << 20   // transformed x and dy that the threads share for blocks
)

// winogradGrad is such a gradient. The geometry is the convolution's, from x (N,H,W,C) to the grid of dy
// (N,GridH,GridW,OutC); tiles are numbered through all pictures.
type winogradGrad struct {
	*geometry
	dev            *Device
	tilesH, tilesW int
}

// winogradGrad returns nil if the gradient is not one for this algorithm.
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

// inputTransform transforms channels c0..c1-1 of the tiles t0..t1-1 of x to v, whose points lie step apart.
func (w *winogradGrad) inputTransform(v []float32, step int, x []float32, t0, t1, c0, c1 int, strip []float32) {
	width, size := c1-c0, w.H*w.W*w.C
	w.runs(t0, t1, func(at, image, py, px, tiles int) {
		pixels := tiles*gradTile + 2
		p := patch{y: py - w.PadTop, x: px - w.PadLeft, rows: gradSide, pixels: pixels, c0: c0, c1: c1}
		p.copy(strip, width, x[image*size:][:size], w.H, w.W, w.C)
		w.dev.simd.F43.In(v[at*width:], strip, simd.Tiles{
			Tiles: tiles, Channels: width, Row: pixels * width, Pixel: width, Point: step,
		})
	})
}

// gradTransform transforms the panel of channels of dy that starts with n0 to u.
func (w *winogradGrad) gradTransform(u []float32, step int, dy []float32, t0, t1, n0 int, strip []float32) {
	nr, size := w.dev.simd.NR, w.GridH*w.GridW*w.OutC
	n1 := min(n0+nr, w.OutC)
	w.runs(t0, t1, func(at, image, y, x, tiles int) {
		src, pixels := dy[image*size:][:size], tiles*gradTile
		if n1-n0 == nr && y+gradTile <= w.GridH && x+pixels <= w.GridW {
			w.dev.simd.WinogradGradIn(u[at*nr:], src[(y*w.GridW+x)*w.OutC+n0:], simd.Tiles{
				Tiles: tiles, Channels: nr, Row: w.GridW * w.OutC, Pixel: w.OutC, Point: step,
			})
			return
		}
		p := patch{y: y, x: x, rows: gradTile, pixels: pixels, c0: n0, c1: n1}
		p.copy(strip, nr, src, w.GridH, w.GridW, w.OutC)
		w.dev.simd.WinogradGradIn(u[at*nr:], strip, simd.Tiles{
			Tiles: tiles, Channels: nr, Row: pixels * nr, Pixel: nr, Point: step,
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

// gradBlock is channels r0.. of x by channels n0.. of dy, of some tiles: v holds rows channels for each
// tile, u panels for Gemm.
type gradBlock struct {
	r0, n0, rows, cols int
	tiles              int
	v, u               []float32
	vStep, uStep       int // from one point to the next
}

func (w *winogradGrad) block(r0, n0, rows, cols, tiles int, v, u []float32) gradBlock {
	rows, cols = min(rows, w.C-r0), min(cols, w.OutC-n0)
	return gradBlock{r0, n0, rows, cols, tiles, v, u, stride(tiles, rows), stride(1, w.dev.simd.PackedSize(tiles, cols))}
}

// step is the distance of two points of the sums.
func (b *gradBlock) step() int { return stride(b.rows, b.cols) }

// sum sums over the tiles, for each point, into m.
func (b *gradBlock) sum(d *Device, m []float32, accumulate bool) {
	size := d.simd.PackedSize(b.tiles, b.cols)
	for q := range gradPoints {
		d.simd.Gemm(simd.Gemm{
			M: b.rows, N: b.cols, K: b.tiles, A: b.v[q*b.vStep:], ARowStride: 1, AColStride: b.rows,
			B: b.u[q*b.uStep:][:size], C: m[q*b.step():], LDC: b.cols, Accumulate: accumulate,
		})
	}
}

// filterTransform transforms the sums to their place in the gradient dw.
func (w *winogradGrad) filterTransform(b *gradBlock, dw, m []float32, accumulate bool) {
	for r := range b.rows {
		w.dev.simd.WinogradFilterGrad(dw[(b.r0+r)*w.OutC+b.n0:], w.C*w.OutC, m[r*b.cols:], b.step(), b.cols, accumulate)
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
			w.inputTransform(v, part.vStep, p.data(x), t, end, 0, w.C, strip)
			for n := 0; n < w.OutC; n += d.simd.NR {
				w.gradTransform(u[n*part.tiles:], part.uStep, p.data(dy), t, end, n, strip)
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
		return w.block(i*gradChannels, j*cols, gradChannels, cols, tiles, p.shared[i*vSize:], p.shared[down*vSize+j*uSize:])
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
				w.inputTransform(part.v[s0*part.rows:], part.vStep, p.data(x), t0+s0, t0+s1, part.r0, part.r0+part.rows, strip)
			}
			for j := range across {
				part := at(0, j, tiles)
				for n := 0; n < part.cols; n += nr {
					w.gradTransform(part.u[n*tiles+s0*nr:], part.uStep, p.data(dy), t0+s0, t0+s1, part.n0+n, strip)
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
