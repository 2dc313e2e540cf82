package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// The convolution of most layers, 3x3 with stride 1, by Winograd's method (Lavin and Gray,
// arXiv:1509.09308). For F(4x4,3x3) a tile of 6x6 source pixels and the filter are transformed to 36
// points, their products over the channels are 36 small matrix products, and transforming back gives
// 4x4 pixels for a quarter of the multiplications. A block of tiles stays in the second-level cache
// from one transform to the other.

// Sizes of blocks, in floats where not said otherwise. They were chosen by measurement.
const (
	winogradCols   = 64        // columns of the filter whose products are held at a time
	privateBlock   = 200 << 10 // transformed source and products that a piece keeps in its cache
	privateTiles   = 16        // fewer tiles than that and reading the filter dominates
	sharedProducts = 138 << 10 // products of a piece where the threads share the transformed source
	sharedSource   = 5 << 20   // transformed source that the threads share
	smallSource    = 2 << 20   // the same where memory is tight
	stripTiles     = 8         // tiles that are copied at a time where the source or the result is not plain
	filterBlock    = 64        // rows of the filter that a piece transforms
	filterSet      = 9 << 19   // transformed filters that are there at a time, if it can be so
	smallSet       = 1 << 20   // the same where memory is short, and then
	smallCols      = 32        // columns of a group
)

// winograd is a convolution computed that way.
type winograd struct {
	*geometry
	simd.Winograd
	points         int
	tilesH, tilesW int
	cols           int // columns of a group of panels, the last one's may be fewer
	block          int // tiles of a piece
}

// winograd returns nil if this algorithm does not suit the convolution.
func (d *Device) winograd(g *geometry) *winograd {
	if d.direct || !g.Winograd() || g.ForH*g.ForW < 16 {
		return nil
	}
	k := d.simd.F43
	if d.tiles.Choose(g.C, g.OutC, g.ForH, g.ForW) == 6 {
		k = d.simd.F63
	}
	w := &winograd{
		geometry: g, Winograd: k, points: (k.Tile + 2) * (k.Tile + 2),
		tilesH: (g.GridH + k.Tile - 1) / k.Tile, tilesW: (g.GridW + k.Tile - 1) / k.Tile,
		cols: d.panels(winogradCols),
	}
	// whole register tiles of Gemm, unless that would leave the threads with little to share
	w.block = privateBlock / (w.points * (g.C + w.cols)) / d.simd.MR * d.simd.MR
	return w
}

// ConvTile implements autodiff.ConvTiler.
func (d *Device) ConvTile(in, out, h, w int) int { return d.tiles.Choose(in, out, h, w) }

// panels returns a number of columns near n that is a multiple of Gemm's panels.
func (d *Device) panels(n int) int { return max(n/d.simd.NR, 1) * d.simd.NR }

// side returns the side of a tile of the source.
func (w *winograd) side() int { return w.Tile + 2 }

// tiles returns the number of tiles. They are counted through all pictures, so that small ones share a
// product.
func (w *winograd) tiles() int { return w.N * w.tilesH * w.tilesW }

// at returns the picture of tile t, and its row and column among the picture's tiles.
func (w *winograd) at(t int) (image, ty, tx int) {
	return t / (w.tilesH * w.tilesW), t / w.tilesW % w.tilesH, t % w.tilesW
}

// stride returns the distance between two points of rows x cols numbers. It keeps the streams of a
// transform out of the same sets of the cache.
func stride(rows, cols int) int { return rows*cols + 16 }

// stages adds the stages of the convolution with a filter, which is to be flipped if it is for the input
// gradient.
func (c *winogradConv) stages(b *builder, filter *autodiff.Node, flipped bool) {
	c.p = b.program
	if c.block >= privateTiles {
		c.addPrivate(b, b.winogradFilter(c.winograd, filter, flipped))
		return
	}
	if b.space < roomy {
		c.cols = b.dev.panels(smallCols)
	}
	c.addShared(b, b.winogradFilter(c.winograd, filter, flipped))
}

// addPrivate adds stages whose pieces each transform tiles and multiply them.
func (c *winogradConv) addPrivate(b *builder, u *winogradFilter) {
	u.prepare(b, 0, c.groups())
	block := min(c.block, (c.tiles()+fewPieces-1)/fewPieces)
	pieces := (c.tiles() + block - 1) / block
	vSize, mSize := c.points*stride(block, c.C), c.points*stride(block, c.cols)
	b.needShared(u.room(c.groups()))
	b.needScratch(vSize + mSize + c.stripFloats())
	p := b.program
	b.stage(pieces, func(piece, worker int) {
		s := p.scratch[worker]
		t := tileBlock{
			t0: piece * block, t1: min((piece+1)*block, c.tiles()), worker: worker,
			v: s[:vSize], m: s[vSize:][:mSize], strip: s[vSize+mSize:],
		}
		t.vStep = stride(t.t1-t.t0, c.C)
		c.inputTransform(&t)
		n0 := (piece + len(p.scratch)) * block // of the piece that is likely to be this worker's next one
		n1 := min(n0+block, c.tiles())
		for group := range c.groups() {
			c.multiply(&t, u.group(group, 0), group, func(q int) []float32 {
				if group > 0 {
					return nil
				}
				return c.ahead(&t, n0, n1, q)
			})
		}
	})
}

// addShared adds stages for many channels, of which a block of tiles is too small to be worth reading
// the filter for: the threads transform a chunk of tiles together, and then each takes some columns of
// the filter. If one chunk is all, the filter need not be there as a whole, but set by set; and where memory
// is short it is transformed again for every chunk.
func (c *winogradConv) addShared(b *builder, u *winogradFilter) {
	groups := c.groups()
	source, set := sharedSource, filterSet
	if b.space < roomy {
		set = smallSet
	}
	if b.space == tight {
		source = smallSource
	}
	chunk := max(source/(c.points*c.C), 1)
	chunks := (c.tiles() + chunk - 1) / chunk
	sets := 1
	bySet := chunks == 1 || b.space < roomy
	if bySet {
		sets = max(min((u.room(groups)+set-1)/set, groups), 1)
	} else {
		u.prepare(b, 0, groups)
	}
	base := u.room((groups + sets - 1) / sets)
	vStep := stride((c.tiles()+chunks-1)/chunks, c.C)
	b.needShared(base + c.points*vStep)
	most := sharedProducts / (c.points * c.cols) // tiles of a piece
	mSize := c.points * stride(most, c.cols)
	b.needScratch(mSize + c.stripFloats())
	p := b.program
	for i := range chunks {
		c0, c1 := parallel.Split(c.tiles(), chunks, i)
		inPieces := (c1 - c0 + stripTiles - 1) / stripTiles
		b.stage(inPieces, func(piece, worker int) {
			t0, t1 := parallel.Split(c1-c0, inPieces, piece)
			c.inputTransform(&tileBlock{
				t0: c0 + t0, t1: c0 + t1, worker: worker,
				v: p.shared[base+t0*c.C:], vStep: vStep, strip: p.scratch[worker],
			})
		})
		blocks := (c1 - c0 + most - 1) / most
		for set := range sets {
			g0, g1 := parallel.Split(groups, sets, set)
			if bySet {
				u.prepare(b, g0, g1)
			}
			b.stage((g1-g0)*blocks, func(piece, worker int) {
				t0, t1 := parallel.Split(c1-c0, blocks, piece%blocks)
				group := g0 + piece/blocks
				s := p.scratch[worker]
				t := tileBlock{
					t0: c0 + t0, t1: c0 + t1, worker: worker,
					v: p.shared[base+t0*c.C:], vStep: vStep, m: s[:mSize], strip: s[mSize:],
				}
				c.multiply(&t, u.group(group, g0), group, func(q int) []float32 {
					if q+1 < c.points {
						return t.v[(q+1)*vStep:][:(t1-t0)*c.C]
					}
					return nil
				})
			})
		}
	}
}
