package main

import "fmt"

// The register tile of the matrix product: 24 accumulators, four vectors of B, and four registers
// through which the elements of A pass. Every element of A is loaded into the lowest lane of its
// register and multiplied from there, so that A may have any strides and nothing is broadcast.
const (
	tileRows    = 6
	tileColumns = 16

	tileB vec = 24
	tileA vec = 28
)

// Registers of a matrix product; distances are in bytes.
const (
	gBlocks reg = iota
	gDepth
	gRowStride
	gDepthStride
	gB
	gC
	gStride
	gBias
	gFlags
	gColumns
	gA     // the rows of A, tileRows registers
	_      //
	_      //
	_      //
	_      //
	_      //
	_      // the linker's
	_      // the linker's
	_      // the platform's
	gPanel // runs through the panel of B
	gLeft
	gOffset // of the element of A in its row
	gRow    // runs through the rows of C
	gTile
	gCell
	gCellBias
)

// gemmFlags are the bits of flags: rawAccumulate and rawReLU.
const (
	accumulateBit = iota
	reluBit
)

// gemmKernels writes the products of 1 to tileRows rows with all columns of a panel and with its
// left half.
func gemmKernels(a *asm) {
	for _, columns := range []int{tileColumns, tileColumns / 2} {
		for rows := 1; rows <= tileRows; rows++ {
			t := tile{a, rows, columns}
			t.write()
		}
	}
}

func gemmName(rows, columns int) string { return fmt.Sprintf("gemm%dx%dNEON", rows, columns) }

// tile is the product of some rows of A with some columns of a panel of B.
type tile struct {
	*asm
	rows, columns int
}

// acc is the accumulator of row i and the j-th vector of columns.
func (t tile) acc(i, j int) vec { return vec(i*t.columns/4 + j) }

func (t tile) each(f func(i, j int)) {
	for i := range t.rows {
		for j := range t.columns / 4 {
			f(i, j)
		}
	}
}

func (t tile) write() {
	t.function(gemmName(t.rows, t.columns), "(blocks, k int, a *float32, ars, aks int, b, c *float32, ldc int, "+
		"bias *float32, flags, columns int)", 4*t.rows*t.columns, t.doc())
	for _, p := range []struct {
		name string
		at   reg
	}{{"blocks", gBlocks}, {"k", gDepth}, {"a", gA}, {"ars", gRowStride}, {"aks", gDepthStride}, {"b", gB},
		{"c", gC}, {"ldc", gStride}, {"bias", gBias}, {"flags", gFlags}, {"columns", gColumns}} {
		t.argument(p.name, p.at)
	}
	for _, stride := range []reg{gRowStride, gDepthStride, gStride} {
		t.i("LSL $2, %v", stride)
	}
	block, edge, next, none := t.label("rows"), t.label("edge"), t.label("next"), t.label("none")
	t.i("CBZ %v, %s", gBlocks, none)
	t.at(block)
	t.multiply()
	t.i("CMP $%d, %v", t.columns, gColumns)
	t.i("BNE %s", edge)
	t.finish()
	t.i("B %s", next)
	t.at(edge)
	t.finishEdge()
	t.at(next)
	t.comment("The next rows of A start one row below the last one; C has been walked through.")
	t.i("ADD %v, %v, %v", gRowStride, gA+reg(t.rows-1), gA)
	t.i("MOVD %v, %v", gRow, gC)
	t.i("SUBS $1, %v", gBlocks)
	t.i("BNE %s", block)
	t.at(none)
	t.i("RET")
}

// multiply leaves the product in the accumulators.
func (t tile) multiply() {
	for i := 1; i < t.rows; i++ {
		t.i("ADD %v, %v, %v", gRowStride, gA+reg(i-1), gA+reg(i))
	}
	t.each(func(i, j int) { t.zero(t.acc(i, j)) })
	t.i("MOVD %v, %v", gB, gPanel)
	t.i("MOVD $0, %v", gOffset)
	t.i("MOVD %v, %v", gDepth, gLeft)
	done := t.label("multiplied")
	t.i("CBZ %v, %s", gLeft, done)
	t.repeat(gLeft, func() {
		t.peek(gPanel, tileB, t.columns)
		for i := range t.rows {
			element := tileA + vec(i%4)
			t.i("FMOVS (%v)(%v), %s", gA+reg(i), gOffset, element.f())
			for j := range t.columns / 4 {
				t.fmlaBy0(t.acc(i, j), tileB+vec(j), element)
			}
		}
		t.i("ADD $%d, %v", 4*tileColumns, gPanel)
		t.i("ADD %v, %v", gDepthStride, gOffset)
	})
	t.at(done)
}

// finish writes a whole tile to C, and leaves the row after it in gRow.
func (t tile) finish() {
	t.unless("TBZ $%d, %v, %%s", accumulateBit, gFlags)(func() {
		t.i("MOVD %v, %v", gC, gRow)
		for i := range t.rows {
			t.peek(gRow, tileB, t.columns)
			t.i("ADD %v, %v", gStride, gRow)
			for j := range t.columns / 4 {
				t.fadd(t.acc(i, j), t.acc(i, j), tileB+vec(j))
			}
		}
	})
	t.unless("CBZ %v, %%s", gBias)(func() {
		t.peek(gBias, tileB, t.columns)
		t.each(func(i, j int) { t.fadd(t.acc(i, j), t.acc(i, j), tileB+vec(j)) })
	})
	t.unless("TBZ $%d, %v, %%s", reluBit, gFlags)(func() {
		t.zero(tileB)
		t.each(func(i, j int) { t.fmax(t.acc(i, j), t.acc(i, j), tileB) })
	})
	t.i("MOVD %v, %v", gC, gRow)
	for i := range t.rows {
		t.poke(t.acc(i, 0), gRow, t.columns)
		t.i("ADD %v, %v", gStride, gRow)
	}
}

// finishEdge does the same for a tile of which C has only some columns: by way of the stack, from
// which it takes four columns or one at a time.
func (t tile) finishEdge() {
	const columns, done, sum = gLeft, gPanel, vec(0)
	t.i("MOVD $tile-%d(SP), %v", 4*t.rows*t.columns, gTile)
	for i := range t.rows {
		t.store(t.acc(i, 0), gTile, t.columns)
	}
	t.i("SUB $%d, %v", 4*t.rows*t.columns, gTile)
	t.i("MOVD %v, %v", gC, gRow)
	t.i("MOVD $%d, %v", t.rows, gOffset)
	zero, other := vec(1), vec(2)
	t.zero(zero)
	t.repeat(gOffset, func() {
		t.i("MOVD %v, %v", gRow, gCell)
		t.i("MOVD %v, %v", gBias, gCellBias)
		t.i("MOVD %v, %v", gTile, done)
		t.i("MOVD %v, %v", gColumns, columns)
		t.strip(columns, 4, func(floats int) {
			t.load(done, sum, floats)
			t.unless("TBZ $%d, %v, %%s", accumulateBit, gFlags)(func() {
				t.peek(gCell, other, floats)
				t.fadd(sum, sum, other)
			})
			t.unless("CBZ %v, %%s", gBias)(func() {
				t.load(gCellBias, other, floats)
				t.fadd(sum, sum, other)
			})
			t.unless("TBZ $%d, %v, %%s", reluBit, gFlags)(func() { t.fmax(sum, sum, zero) })
			t.store(sum, gCell, floats)
		})
		t.i("ADD $%d, %v", 4*t.columns, gTile)
		t.i("ADD %v, %v", gStride, gRow)
	})
}

// unless writes a branch around what it is given.
func (t tile) unless(branch string, args ...any) func(func()) {
	return func(body func()) {
		skip := t.label("skip")
		t.i(fmt.Sprintf(branch, args...), skip)
		body()
		t.at(skip)
	}
}

func (t tile) doc() string {
	return fmt.Sprintf(`%s does in assembly, rounding a product and its sum once:

	for i := range %d * blocks {
		for j := range columns { // at most %d
			sum := float32(0)
			for p := range k {
				sum += a[i*ars+p*aks] * b[p*%d+j]
			}
			if flags&rawAccumulate != 0 {
				sum += c[i*ldc+j]
			}
			if bias != nil {
				sum += bias[j]
			}
			if flags&rawReLU != 0 {
				sum = max(sum, 0) // NaN if sum is
			}
			c[i*ldc+j] = sum
		}
	}`, gemmName(t.rows, t.columns), t.rows, t.columns, tileColumns)
}
