package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const gemmSignature = "(blocks, k int, a *float32, ars, aks int, b, c *float32, ldc int, " +
	"bias *float32, flags, columns int, ahead *float32, step int)"

const gemmDoc = `for i := range %[1]d * blocks {
	for j := range columns { // at most %[2]d
		sum := float32(0)
		for p := range k {
			sum += a[i*ars+p*aks] * b[p*%[3]d+j]
		}
		if flags&rawAccumulate != 0 {
			sum += c[i*ldc+j]
		}
		if bias != nil {
			sum += bias[j]
		}
		if flags&rawReLU != 0 && sum < 0 {
			sum = 0
		}
		c[i*ldc+j] = sum
	}
}
// at each of the blocks*k steps of the products a line of memory is fetched, from ahead on, step bytes apart`

// gemms writes a kernel for every number of rows, over a whole panel and over its left half.
func (v isa) gemms() {
	for rows := 1; rows <= v.rows; rows++ {
		for vectors := 2; vectors >= 1; vectors-- {
			v.gemm(rows, vectors)
		}
	}
}

// gemm writes the kernel for blocks of that many rows and vectors. The tile stays in registers for
// all of k; one element of A at a time is broadcast and multiplied by a row of the panel.
func (v isa) gemm(rows, vectors int) {
	panel := 2 * v.width
	v.function(fmt.Sprintf("gemm%dx%d", rows, vectors*v.width), gemmSignature,
		fmt.Sprintf(gemmDoc, rows, vectors*v.width, panel))

	ars, aks := loadStride("ars"), loadStride("aks")
	rowsOfA := newRowPointers(rows, ars)
	nextPanel, panelStep := v.nextPanel(panel)
	ahead, step := loadInt("ahead"), loadInt("step")

	Label("block")
	rowsOfA.start(loadInt("a"))
	bp, k := loadInt("b"), loadInt("k")
	tile := make([][]reg.VecVirtual, rows)
	for r := range tile {
		tile[r] = v.vecs(vectors)
		for _, acc := range tile[r] {
			v.zero(acc)
		}
	}
	v.prefetchTile(rows, vectors)
	TESTQ(k, k)
	JZ(LabelRef("finish"))

	Label("product")
	row := v.vecs(vectors)
	for j := range row {
		VMOVUPS(Mem{Base: bp, Disp: j * v.bytes()}, row[j])
	}
	for r := range tile {
		e := v.vec()
		VBROADCASTSS(rowsOfA.at(r), e)
		for j := range row {
			VFMADD231PS(row[j], e, tile[r][j])
		}
	}
	PREFETCHT1(Mem{Base: nextPanel})
	ADDQ(panelStep, nextPanel)
	PREFETCHT1(Mem{Base: ahead})
	ADDQ(step, ahead)
	rowsOfA.advance(aks)
	ADDQ(I32(int32(panel*floatBytes)), bp)
	DECQ(k)
	JNZ(LabelRef("product"))

	Label("finish")
	c := loadInt("c")
	v.finish(tile, c)
	MOVQ(c, address("c"))
	rowsOfA.skip(address("a"))
	DECQ(address("blocks"))
	JNZ(LabelRef("block"))
	ret()
}

// loadStride loads a parameter in floats as bytes.
func loadStride(param string) reg.GPVirtual {
	r := loadInt(param)
	SHLQ(U8(2), r)
	return r
}

// nextPanel returns a pointer to the panel after B and how far to move it after every step of the product,
// so that all blocks together fetch that panel once: it is what comes next, in this matrix or, in a batch
// that is laid out well, in the next one.
func (v isa) nextPanel(panel int) (ahead, step reg.GPVirtual) {
	ahead, step = loadInt("k"), GP64()
	IMUL3Q(I32(int32(panel*floatBytes)), ahead, ahead)
	ADDQ(address("b"), ahead)
	BSRQ(address("blocks"), reg.RCX)
	MOVQ(U32(uint32(panel*floatBytes)), step)
	SHRQ(reg.CL, step)
	return ahead, step
}

// prefetchTile fetches the lines of C that finish needs.
func (v isa) prefetchTile(rows, vectors int) {
	p, ldc := loadInt("c"), loadStride("ldc")
	for r := range rows {
		for line := 0; line < vectors*v.bytes(); line += 64 {
			PREFETCHT0(Mem{Base: p, Disp: line})
		}
		if r < rows-1 {
			ADDQ(ldc, p)
		}
	}
}

// finish adds C and bias, clamps, stores the tile, and moves c to the next block.
func (v isa) finish(tile [][]reg.VecVirtual, c reg.GPVirtual) {
	ldc, flags, columns := loadStride("ldc"), loadInt("flags"), loadInt("columns")
	if v.masks {
		v.finishLanes("", v.columnMasks(columns, len(tile[0])), tile, c, ldc, flags)
		return
	}
	CMPQ(columns, U32(uint32(len(tile[0])*v.width)))
	JB(LabelRef("masked"))
	v.finishLanes("full", make([]reg.Register, len(tile[0])), tile, c, ldc, flags)
	JMP(LabelRef("stored"))
	Label("masked")
	v.finishLanes("part", v.columnMasks(columns, len(tile[0])), tile, c, ldc, flags)
	Label("stored")
}

// columnMasks returns the masks of all vectors of a row of the tile.
func (v isa) columnMasks(columns reg.GPVirtual, vectors int) []reg.Register {
	masks := make([]reg.Register, vectors)
	if v.masks {
		bits := GP64()
		MOVQ(I32(-1), bits)
		BZHIQ(columns, bits, bits)
		for j := range masks {
			k := K()
			KMOVW(bits.As32(), k)
			masks[j] = k
			if j < vectors-1 {
				SHRQ(U8(uint8(v.width)), bits)
			}
		}
		return masks
	}
	for j := range masks {
		Comment("The mask lies n elements before the end of the ones, with n clamped to 0..8.")
		n, limit := GP64(), GP64()
		MOVQ(columns, n)
		SUBQ(I32(int32(j*v.width)), n)
		XORQ(limit, limit)
		CMPQ(n, limit)
		CMOVQLT(limit, n)
		MOVQ(U32(8), limit)
		CMPQ(n, limit)
		CMOVQGT(limit, n)
		masks[j] = v.first(n, v.width).mask
	}
	return masks
}

func (v isa) finishLanes(
	label string, masks []reg.Register, tile [][]reg.VecVirtual, c, ldc, flags reg.GPVirtual,
) {
	vectors := len(masks)
	each := func(p reg.GPVirtual, f func(l lanes, m Mem, acc reg.VecVirtual)) {
		for r := range tile {
			for j, acc := range tile[r] {
				f(lanes{v, masks[j]}, Mem{Base: p, Disp: j * v.bytes()}, acc)
			}
			if p == c || r < len(tile)-1 {
				ADDQ(ldc, p)
			}
		}
	}

	TESTQ(U32(1), flags)
	JZ(LabelRef(label + "add_bias"))
	old := GP64()
	MOVQ(c, old)
	each(old, func(l lanes, m Mem, acc reg.VecVirtual) { VADDPS(l.load(m), acc, acc) })

	Label(label + "add_bias")
	bias := loadInt("bias")
	TESTQ(bias, bias)
	JZ(LabelRef(label + "clamp"))
	for j := range vectors {
		row := lanes{v, masks[j]}.load(Mem{Base: bias, Disp: j * v.bytes()})
		for r := range tile {
			VADDPS(row, tile[r][j], tile[r][j])
		}
	}

	Label(label + "clamp")
	TESTQ(U32(2), flags)
	JZ(LabelRef(label + "store"))
	zero := v.zero(v.vec())
	for r := range tile {
		for _, acc := range tile[r] {
			VMAXPS(acc, zero, acc)
		}
	}

	Label(label + "store")
	each(c, func(l lanes, m Mem, acc reg.VecVirtual) { l.store(acc, m) })
}

// rowPointers addresses up to twelve rows of A with five registers: an address can hold a base and
// an index times 1, 2 or 4, and with the stride, three and five strides as indices that is six rows
// for each base.
type rowPointers struct {
	bases     []reg.GPVirtual // of rows 0 and 6
	s, s3, s5 reg.GPVirtual   // multiples of the stride
	rows      int
}

func newRowPointers(rows int, stride reg.GPVirtual) *rowPointers {
	p := &rowPointers{rows: rows, s: stride}
	p.s3, p.s5 = GP64(), GP64()
	if rows > 3 {
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, p.s3)
	}
	if rows > 5 {
		LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, p.s5)
	}
	for range (rows + 5) / 6 {
		p.bases = append(p.bases, GP64())
	}
	return p
}

func (p *rowPointers) start(a reg.GPVirtual) {
	MOVQ(a, p.bases[0])
	if len(p.bases) > 1 {
		LEAQ(Mem{Base: a, Index: p.s3, Scale: 2}, p.bases[1])
	}
}

func (p *rowPointers) at(r int) Mem {
	base := p.bases[r/6]
	switch r % 6 {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: p.s3, Scale: 1}
	case 5:
		return Mem{Base: base, Index: p.s5, Scale: 1}
	default:
		return Mem{Base: base, Index: p.s, Scale: uint8(r % 6)}
	}
}

func (p *rowPointers) advance(by Op) {
	for _, b := range p.bases {
		ADDQ(by, b)
	}
}

// skip moves a to the next block.
func (p *rowPointers) skip(a Mem) {
	t := GP64()
	IMUL3Q(I32(int32(p.rows)), p.s, t)
	ADDQ(t, a)
}
