package main

// Registers of the kernels with a bit for each element. The first ones are for the arguments.
const (
	bRows   reg = 10 // still to be done, count being elements of the row
	bN      reg = 11 // elements of a row
	bShift  reg = 12 // bits of the halfword at hand that are done
	bBits   reg = 13
	bBits2  reg = 14
	bDone   reg = 15 // those bits, one register for each array that is written
	bDone2  reg = 19
	bGap    reg = 20 // and the ones after it: from the end of a row to the next row
	bGapEnd reg = 27 // the assembler's own
)

// Vector registers.
const (
	vWeights vec = 24 // of the bits of a block, four registers
	vBits    vec = 28 // all bits in every lane
)

// rows are pointers into rows that lie stride bytes apart, stride being an argument. Each moves along
// its row, those to bits by halfwords.
type rows struct {
	stride   string
	bits     bool
	pointers []reg
}

// bitRows writes the rest of a function that walks through rows. block does a block of a row.
func (a *asm) bitRows(number, n string, all []rows, block func(floats int)) {
	a.bitWeights()
	a.argument(number, bRows)
	a.argument(n, bN)
	for i, r := range all {
		gap := bGap + reg(i)
		if gap >= bGapEnd {
			panic("too many strides")
		}
		a.argument(r.stride, gap)
		if r.bits {
			a.i("LSR $4, %v, %v", bN, count)
			a.i("SUB %v<<1, %v", count, gap)
		} else {
			a.i("SUB %v<<2, %v", bN, gap)
		}
	}
	a.repeat(bRows, func() {
		a.i("MOVD %v, %v", bN, count)
		for _, r := range []reg{bShift, bDone, bDone2} {
			a.i("MOVD $0, %v", r)
		}
		a.strip(count, widest, func(floats int) {
			block(floats)
			if floats < 16 {
				a.i("ADD $%d, %v", floats, bShift)
			}
		})
		for i, r := range all {
			for _, p := range r.pointers {
				a.i("ADD %v, %v", bGap+reg(i), p)
			}
		}
	})
	a.i("RET")
}

// bitWeights puts 1<<i into lane i of the four registers of a block.
func (a *asm) bitWeights() {
	a.i("MOVD $0x0000000200000001, %v", bBits)
	a.i("MOVD $0x0000000800000004, %v", bBits2)
	a.i("VMOV %v, %v.D[0]", bBits, vWeights)
	a.i("VMOV %v, %v.D[1]", bBits2, vWeights)
	for i := range vec(3) {
		a.i("VSHL $%d, %v.S4, %v.S4", 4*(i+1), vWeights, vWeights+i+1)
	}
}

// storeBits writes the bits of a block from its masks, which are lost. Of a smaller block than a
// halfword the bits are joined to done, and what there is of the halfword is written.
func (a *asm) storeBits(masks vec, p, done reg, floats int) {
	each(floats, func(i vec) { a.and(masks+i, masks+i, vWeights+i) })
	each(floats, func(i vec) {
		if i > 0 {
			a.i("VORR %v.B16, %v.B16, %v.B16", masks+i, masks, masks)
		}
	})
	a.i("VADDV %v.S4, %v", masks, masks)
	a.i("VMOV %v.S[0], %v", masks, bBits)
	if floats == 16 {
		a.i("MOVH.P %v, 2(%v)", bBits, p)
		return
	}
	a.i("LSL %v, %v, %v", bShift, bBits, bBits)
	a.i("ORR %v, %v", bBits, done)
	a.i("MOVH %v, (%v)", done, p)
}

// loadBits reads the bits of a block, the lowest one first; above them may be others.
func (a *asm) loadBits(p, to reg, floats int) {
	if floats == 16 {
		a.i("MOVHU.P 2(%v), %v", p, to)
		return
	}
	a.i("MOVHU (%v), %v", p, to)
	a.i("LSR %v, %v, %v", bShift, to, to)
}

// masks makes the masks of a block of its bits.
func (a *asm) masks(bits reg, to vec, floats int) {
	a.i("VDUP %v, %v.S4", bits, vBits)
	each(floats, func(i vec) { a.cmtst(to+i, vBits, vWeights+i) })
}

func bitKernels(a *asm) {
	positive(a)
	applyMask(a)
	maxPoolArgMax(a)
	maxUnpool(a)
}

func positive(a *asm) {
	a.function("positiveNEON", "(bits *uint32, src *float32, words, stride, rows, n int)", 0,
		`positiveNEON does in assembly, but for distances in bytes:

	for r := range rows {
		for i := range n {
			bit i%32 of bits[r*words+i/32] = src[r*stride+i] > 0
		}
	}`)
	const bits, src = reg(0), reg(1)
	a.argument("bits", bits)
	a.argument("src", src)
	a.bitRows("rows", "n", []rows{{"words", true, []reg{bits}}, {"stride", false, []reg{src}}}, func(floats int) {
		a.load(src, 0, floats)
		each(floats, func(i vec) { a.positive(i, i) })
		a.storeBits(0, bits, bDone, floats)
	})
}

func applyMask(a *asm) {
	a.function("maskNEON", "(dst, src *float32, bits *uint32, stride, words, rows, n int)", 0,
		`maskNEON does in assembly, but for distances in bytes:

	for r := range rows {
		for i := range n {
			dst[r*stride+i] = 0
			if bit i%32 of bits[r*words+i/32] {
				dst[r*stride+i] = src[r*stride+i]
			}
		}
	}`)
	const dst, src, bits = reg(0), reg(1), reg(2)
	a.argument("dst", dst)
	a.argument("src", src)
	a.argument("bits", bits)
	all := []rows{{"words", true, []reg{bits}}, {"stride", false, []reg{dst, src}}}
	a.bitRows("rows", "n", all, func(floats int) {
		a.load(src, 0, floats)
		a.loadBits(bits, bBits, floats)
		a.masks(bBits, 4, floats)
		each(floats, func(i vec) { a.and(i, i, 4+i) })
		a.store(0, dst, floats)
	})
}

func maxPoolArgMax(a *asm) {
	a.function("maxPoolArgMaxNEON", "(dst *float32, right, low *uint32, src *float32, "+
		"windows, channels, step, toRight, toDown, pixel, words int)", 0,
		`maxPoolArgMaxNEON does in assembly, but for distances in bytes:

	for x := range windows {
		for i := range channels {
			at := src[x*step+i:]
			w := [4]float32{at[0], at[toRight], at[toDown], at[toRight+toDown]}
			best := max(w[0], w[1], w[2], w[3]) // NaN if any is
			dst[x*pixel+i] = best
			j := 0
			for j < 3 && best > w[j] {
				j++
			}
			bit i%32 of right[x*words+i/32] = j&1
			bit i%32 of low[x*words+i/32] = j>>1
		}
	}`)
	const dst, right, low, best = reg(0), reg(1), reg(2), vec(16)
	window := []reg{3, 4, 5, 6} // its pixels in reading order; w[j] is in the registers from 4*j on
	a.argument("dst", dst)
	a.argument("right", right)
	a.argument("low", low)
	a.argument("src", window[0])
	a.argument("toRight", bBits)
	a.argument("toDown", bBits2)
	a.i("ADD %v, %v, %v", bBits, window[0], window[1])
	a.i("ADD %v, %v, %v", bBits2, window[0], window[2])
	a.i("ADD %v, %v, %v", bBits2, window[1], window[3])
	all := []rows{{"pixel", false, []reg{dst}}, {"words", true, []reg{right, low}}, {"step", false, window}}
	a.bitRows("windows", "channels", all, func(floats int) {
		for j, p := range window {
			a.load(p, vec(4*j), floats)
		}
		each(floats, func(i vec) {
			a.fmax(best+i, i, 4+i)
			a.fmax(best+i, best+i, 8+i)
			a.fmax(best+i, best+i, 12+i)
			for j := range vec(3) {
				a.fcmgt(4*j+i, best+i, 4*j+i)
			}
			a.and(4+i, i, 4+i)   // j >= 2, i being j >= 1
			a.and(8+i, 4+i, 8+i) // j == 3
			a.bic(i, i, 4+i)
			a.i("VORR %v.B16, %v.B16, %v.B16", 8+i, i, i)
		})
		a.store(best, dst, floats)
		a.storeBits(0, right, bDone, floats)
		a.storeBits(4, low, bDone2, floats)
	})
}

func maxUnpool(a *asm) {
	a.function("maxUnpoolNEON", "(dst, src *float32, right, low *uint32, upper, "+
		"windows, channels, step, toRight, pixel, words int)", 0,
		`maxUnpoolNEON does in assembly, but for distances in bytes:

	for x := range windows {
		for i := range channels {
			at := dst[x*step+i:]
			hit := bit i%32 of low[x*words+i/32] ^ upper // upper is 0 or -1
			column := bit i%32 of right[x*words+i/32]
			at[toRight] = src[x*pixel+i] if hit&column, else 0
			at[0] = src[x*pixel+i] if hit&^column, else 0 // after the other one: toRight may be 0
		}
	}`)
	const first, second, src, right, low, upper = reg(0), reg(1), reg(2), reg(3), reg(4), reg(5)
	a.argument("dst", first)
	a.argument("toRight", second)
	a.i("ADD %v, %v", first, second)
	a.argument("src", src)
	a.argument("right", right)
	a.argument("low", low)
	a.argument("upper", upper)
	all := []rows{
		{"step", false, []reg{first, second}}, {"pixel", false, []reg{src}}, {"words", true, []reg{right, low}},
	}
	a.bitRows("windows", "channels", all, func(floats int) {
		a.load(src, 0, floats)
		a.loadBits(low, bBits, floats)
		a.loadBits(right, bBits2, floats)
		a.i("EOR %v, %v", upper, bBits)
		a.i("AND %v, %v, %v", bBits, bBits2, bBits2)
		a.i("EOR %v, %v", bBits2, bBits)
		a.masks(bBits2, 4, floats)
		a.masks(bBits, 8, floats)
		each(floats, func(i vec) {
			a.and(4+i, i, 4+i)
			a.and(8+i, i, 8+i)
		})
		a.store(4, second, floats)
		a.store(8, first, floats)
	})
}
