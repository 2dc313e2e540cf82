package main

import "fmt"

// The Go assembler lacks most vector arithmetic on floats: these instructions are written as words.
// Operands are in the order of the Arm manual, the destination first; so is the comment beside each
// word, which the test compares with what the disassembler makes of it.

func (a *asm) word(code uint32, format string, args ...any) {
	fmt.Fprintf(&a.text, "\tWORD\t$0x%08x // %s\n", code, fmt.Sprintf(format, args...))
}

// three writes an instruction d = op(n, m), the lanes being 4s, 2d or 16b.
func (a *asm) three(code uint32, name, lanes string, d, n, m vec) {
	code |= uint32(m)<<16 | uint32(n)<<5 | uint32(d)
	a.word(code, "%s v%d.%s, v%d.%s, v%d.%s", name, d, lanes, n, lanes, m, lanes)
}

func (a *asm) fadd(d, n, m vec)  { a.three(0x4e20d400, "fadd", "4s", d, n, m) }
func (a *asm) fsub(d, n, m vec)  { a.three(0x4ea0d400, "fsub", "4s", d, n, m) }
func (a *asm) fmul(d, n, m vec)  { a.three(0x6e20dc00, "fmul", "4s", d, n, m) }
func (a *asm) fdiv(d, n, m vec)  { a.three(0x6e20fc00, "fdiv", "4s", d, n, m) }
func (a *asm) fmax(d, n, m vec)  { a.three(0x4e20f400, "fmax", "4s", d, n, m) }
func (a *asm) fmla(d, n, m vec)  { a.three(0x4e20cc00, "fmla", "4s", d, n, m) }
func (a *asm) fmls(d, n, m vec)  { a.three(0x4ea0cc00, "fmls", "4s", d, n, m) }
func (a *asm) fcmgt(d, n, m vec) { a.three(0x6ea0e400, "fcmgt", "4s", d, n, m) }
func (a *asm) cmtst(d, n, m vec) { a.three(0x4ea08c00, "cmtst", "4s", d, n, m) }

func (a *asm) fadd2(d, n, m vec) { a.three(0x4e60d400, "fadd", "2d", d, n, m) }
func (a *asm) fmla2(d, n, m vec) { a.three(0x4e60cc00, "fmla", "2d", d, n, m) }
func (a *asm) fsub2(d, n, m vec) { a.three(0x4ee0d400, "fsub", "2d", d, n, m) }

func (a *asm) and(d, n, m vec) { a.three(0x4e201c00, "and", "16b", d, n, m) }
func (a *asm) bic(d, n, m vec) { a.three(0x4e601c00, "bic", "16b", d, n, m) }
func (a *asm) bit(d, n, m vec) { a.three(0x6ea01c00, "bit", "16b", d, n, m) }

// fmlaBy0 adds to d the vector n times the lowest lane of m: a scalar needs no broadcast.
func (a *asm) fmlaBy0(d, n, m vec) {
	a.word(0x4f801000|uint32(m)<<16|uint32(n)<<5|uint32(d), "fmla v%d.4s, v%d.4s, v%d.s[0]", d, n, m)
}

// two writes an instruction d = op(n).
func (a *asm) two(code uint32, d, n vec, format string) {
	a.word(code|uint32(n)<<5|uint32(d), format, d, n)
}

func (a *asm) fsqrt(d, n vec)    { a.two(0x6ea1f800, d, n, "fsqrt v%d.4s, v%d.4s") }
func (a *asm) positive(d, n vec) { a.two(0x4ea0c800, d, n, "fcmgt v%d.4s, v%d.4s, #0") }

// widen and widenHigh turn the lower and the upper two floats of n into float64.
func (a *asm) widen(d, n vec)     { a.two(0x0e617800, d, n, "fcvtl v%d.2d, v%d.2s") }
func (a *asm) widenHigh(d, n vec) { a.two(0x4e617800, d, n, "fcvtl2 v%d.2d, v%d.4s") }

// addPair adds the two float64 of n.
func (a *asm) addPair(d, n vec) { a.two(0x7e70d800, d, n, "faddp d%d, v%d.2d") }
