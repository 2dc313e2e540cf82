//go:build cuda

package cuda

// product is a product of matrices to compute: so many rows and columns, each a sum of depth products.
// There are count of them, one after the other.
type product struct {
	rows, cols, depth, count int
	whole                    bool // its sums must not be taken apart
	exact                    bool // even where TF32 is allowed
	small                    bool // there are kernels for small tiles only

	kernel string // the end of its name
	tile   shape
	parts  int // that sums are taken in
	span   int // the depth of a part
}

// shape is a tile of a result that a block computes. They are the engines of kernels/gemm.h.
type shape struct {
	name       string
	rows, cols int
}

var (
	wide   = shape{"Wide", 128, 128}
	narrow = shape{"Narrow", 128, 64}
	small  = shape{"Small", 64, 64}
	thin   = shape{"Thin", 256, 16}
)

const (
	step    = 16   // of the depth, in a kernel
	least   = 128  // depth of a part
	longest = 4096 // depth that is summed in one go
	fill    = 2    // blocks that a processor works on at a time
)

// choose decides by which tiles a product is computed, and in how many parts its sums are taken so that
// all processors have something to do. It is the same for the same GPU.
func (d *device) choose(p product) product {
	switch {
	case p.cols <= thin.cols:
		p.tile = thin
	case p.small:
		p.tile = small
	default:
		for _, p.tile = range []shape{wide, narrow, small} {
			if p.rows > p.tile.rows/2 && p.cols > p.tile.cols/2 && p.tiles() >= d.info.Processors {
				break
			}
		}
	}
	p.kernel = p.tile.name
	if p.tile != thin {
		p.kernel += d.precision(p.exact)
	}
	p.parts = 1
	if !p.whole {
		p.parts = max(min(fill*d.info.Processors/p.tiles(), p.depth/least), ceil(p.depth, longest), 1)
	}
	p.span = ceil(ceil(p.depth, p.parts), step) * step
	p.parts = ceil(p.depth, p.span)
	return p
}

// precision is how kernels call what they make of a float32. Split factors take three products for one.
func (d *device) precision(exact bool) string {
	switch {
	case d.tensorCores() && d.options.TF32 && !exact:
		return "TF32"
	case d.fastTF32():
		return "Split"
	}
	return ""
}

// fastTF32 reports whether the GPU multiplies matrices of TF32 numbers several times as fast as others.
// Those of the first design of each generation, for data centres, are eight times as fast; those for
// pictures are no faster, only less busy.
func (d *device) fastTF32() bool { return d.tensorCores() && d.info.Minor == 0 && d.info.Major < 12 }

// sizes returns the arguments that say how large a product is.
func (p *product) sizes() []any { return ints(p.rows, p.cols, p.depth, p.span) }

// tiles returns the number of tiles.
func (p *product) tiles() int { return ceil(p.rows, p.tile.rows) * ceil(p.cols, p.tile.cols) * p.count }

// launchProduct adds the launch of a kernel for a product.
func (b *builder) launchProduct(kernel string, p product, args ...any) {
	grid := [3]int{ceil(p.rows, p.tile.rows), ceil(p.cols, p.tile.cols), p.parts * p.count}
	b.launch(kernel+p.kernel, grid, [3]int{threads, 1, 1}, args...)
}

// room returns where a kernel puts its sums: at y, if they are not in parts.
func (b *builder) room(p product, y place) place {
	if p.parts == 1 {
		return y
	}
	return b.need(p.parts * p.rows * p.cols * p.count)
}

// of returns what becomes of product number i of several.
func (e epilogue) of(i int, p product) epilogue {
	if e.addend != none {
		e.addend = e.addend.plus(i * p.rows * p.cols)
	}
	if e.mask != none {
		e.mask = e.mask.plus(i * p.rows * ceil(p.cols, 32))
	}
	return e
}

// addParts adds the launch that adds up what is in parts.
func (b *builder) addParts(p product, y, from place, e epilogue) {
	n := p.rows * p.cols
	for i := range p.count {
		e := e.of(i, p)
		b.each("addParts", n, y.plus(i*n), from.plus(i*p.parts*n), int32(p.parts), int32(p.cols),
			e.scale, e.bias, e.addend, flag(e.relu), e.mask)
	}
}

// transpose adds the launch that writes the transposes of matrices to y, one after the other. The matrices
// begin so many numbers after x.
func (b *builder) transpose(y, x place, places []int32, rows, cols int) {
	b.launch("transpose", [3]int{ceil(cols, 32), ceil(rows, 32), len(places)}, [3]int{32, 8, 1},
		y, x, table(b, places), int32(rows), int32(cols))
}
