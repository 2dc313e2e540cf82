package main

import "fmt"

// The register tile of the matrix product: 24 accumulators, six elements of A, and two vectors of B
// in turns. An element of A is loaded into the lowest lane of its register and multiplied from there,
// so that A may have any strides and nothing is broadcast.
const (
	tileRows    = 6
	tileColumns = 16

	tileA vec = 24
	tileB vec = 30

	// spare are four registers, once the product is there.
	spare = tileA
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
		"bias *float32, flags, columns int, ahead *float32, step int)", 4*t.rows*t.columns, t.doc())
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

// multiply leaves the product in the accumulators. What a step along k needs is loaded during the
// step before it, because small processors wait for every load that is used at once; the last step
// loads nothing, because there is nothing after the last element.
func (t tile) multiply() {
	for i := 1; i < t.rows; i++ {
		t.i("ADD %v, %v, %v", gRowStride, gA+reg(i-1), gA+reg(i))
	}
	t.each(func(i, j int) { t.zero(t.acc(i, j)) })
	t.i("MOVD %v, %v", gB, gPanel)
	t.i("MOVD $0, %v", gOffset)
	t.i("MOVD %v, %v", gDepth, gLeft)
	last, done := t.label("last"), t.label("multiplied")
	t.i("CBZ %v, %s", gLeft, done)
	t.loadB(0)
	for i := range t.rows {
		t.loadA(i)
	}
	t.i("SUB $1, %v", gLeft)
	t.i("CBZ %v, %s", gLeft, last)
	t.repeat(gLeft, func() { t.step(true) })
	t.at(last)
	t.step(false)
	t.at(done)
}

// step adds one column of A times one row of B, and loads what the next step starts with if there
// is one.
func (t tile) step(next bool) {
	t.i("ADD %v, %v", gDepthStride, gOffset)
	columns := t.columns / 4
	for j := range columns {
		if j+1 < columns || next {
			t.loadB(j + 1)
		}
		for i := range t.rows {
			t.fmlaBy0(t.acc(i, j), tileB+vec(j%2), tileA+vec(i))
			if j+1 == columns && next {
				t.loadA(i)
			}
		}
	}
	t.i("ADD $%d, %v", 4*tileColumns, gPanel)
}

// loadB loads the j-th vector of a row of B, or the first one of the next row if there is no j-th.
func (t tile) loadB(j int) {
	offset := 16 * j
	if j == t.columns/4 {
		offset = 4 * tileColumns
	}
	t.i("FMOVQ %d(%v), %s", offset, gPanel, (tileB + vec(j%2)).f())
}

// loadA loads the element of A in row i.
func (t tile) loadA(i int) {
	t.i("FMOVS (%v)(%v), %s", gA+reg(i), gOffset, (tileA + vec(i)).f())
}

// finish writes a whole tile to C, and leaves the row after it in gRow.
func (t tile) finish() {
	t.unless("TBZ $%d, %v, %%s", accumulateBit, gFlags)(func() {
		t.i("MOVD %v, %v", gC, gRow)
		for i := range t.rows {
			if i > 0 {
				t.i("ADD %v, %v", gStride, gRow)
			}
			t.peek(gRow, spare, t.columns)
			for j := range t.columns / 4 {
				t.fadd(t.acc(i, j), t.acc(i, j), spare+vec(j))
			}
		}
	})
	t.unless("CBZ %v, %%s", gBias)(func() {
		t.peek(gBias, spare, t.columns)
		t.each(func(i, j int) { t.fadd(t.acc(i, j), t.acc(i, j), spare+vec(j)) })
	})
	t.unless("TBZ $%d, %v, %%s", reluBit, gFlags)(func() {
		t.zero(spare)
		t.each(func(i, j int) { t.fmax(t.acc(i, j), t.acc(i, j), spare) })
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
