package main

import (
	"fmt"
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set: what differs between the tiers.
type isa struct {
	suffix string // of the names of functions
	width  int    // floats in a vector
	rows   int    // height of the register tile of Gemm, which is two vectors wide
	masks  bool   // has opmask registers; without them a mask is a vector
}

var isas = map[string]isa{
	"avx2":   {suffix: "AVX2", width: 8, rows: 6},
	"avx512": {suffix: "AVX512", width: 16, rows: 12, masks: true},
}

const floatBytes = 4

// bytes is the size of a vector.
func (v isa) bytes() int { return v.width * floatBytes }

func (v isa) vec() reg.VecVirtual {
	if v.masks {
		return ZMM()
	}
	return YMM()
}

func (v isa) vecs(n int) []reg.VecVirtual {
	r := make([]reg.VecVirtual, n)
	for i := range r {
		r[i] = v.vec()
	}
	return r
}

// half is a register for half a vector of floats.
func (v isa) half() reg.VecVirtual {
	if v.masks {
		return YMM()
	}
	return XMM()
}

func (v isa) zero(r reg.VecVirtual) reg.VecVirtual {
	if v.masks {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
	return r
}

// copyOf returns a register with the same contents.
func (v isa) copyOf(r reg.VecVirtual) reg.VecVirtual {
	c := v.vec()
	VMOVAPS(r, c)
	return c
}

// broadcast loads a parameter into every element of a vector.
func (v isa) broadcast(param string) reg.VecVirtual {
	r := v.vec()
	VBROADCASTSS(address(param), r)
	return r
}

// address is where a parameter is on the stack.
func address(param string) Mem {
	b, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func loadInt(param string) reg.GPVirtual {
	r := GP64()
	Load(Param(param), r)
	return r
}

// function begins a function whose doc says that it replaces the Go code in doc.
func (v isa) function(name, signature, doc string) {
	TEXT(name+v.suffix, NOSPLIT, "func"+signature)
	Pragma("noescape")
	lines := []string{fmt.Sprintf("%s%s does in assembly:", name, v.suffix), ""}
	for line := range strings.SplitSeq(doc, "\n") {
		lines = append(lines, "\t"+line)
	}
	Doc(lines...)
}

// ret ends a function.
func ret() {
	VZEROUPPER()
	RET()
}

// mask is a register for a mask.
func (v isa) mask() reg.Register {
	if v.masks {
		return K()
	}
	return YMM()
}

// less returns the mask of a < b, false for NaN.
func (v isa) less(a, b reg.VecVirtual) reg.Register {
	m := v.mask()
	VCMPPS(lessThan, b, a, m)
	return m
}

// and and xor combine masks.
func (v isa) and(a, b reg.Register) reg.Register {
	m := v.mask()
	if v.masks {
		KANDW(a, b, m)
	} else {
		VANDPS(a, b, m)
	}
	return m
}

func (v isa) xor(a, b reg.Register) reg.Register {
	m := v.mask()
	if v.masks {
		KXORW(a, b, m)
	} else {
		VXORPS(a, b, m)
	}
	return m
}

// where returns r, but 0 outside the mask.
func (v isa) where(mask reg.Register, r reg.VecVirtual) reg.VecVirtual {
	out := v.vec()
	if v.masks {
		VMOVAPS_Z(r, mask, out)
	} else {
		VANDPS(mask, r, out)
	}
	return out
}

// lanes are the elements of a vector that a kernel may touch: all, or those of a mask.
type lanes struct {
	isa
	mask reg.Register // nil for all
}

func (l lanes) load(m Op) reg.VecVirtual {
	r := l.vec()
	switch {
	case l.mask == nil:
		VMOVUPS(m, r)
	case l.masks:
		VMOVUPS_Z(m, l.mask, r)
	default:
		VMASKMOVPS(m, l.mask, r)
	}
	return r
}

func (l lanes) store(r reg.VecVirtual, m Op) {
	switch {
	case l.mask == nil:
		VMOVUPS(r, m)
	case l.masks:
		VMOVUPS(r, l.mask, m)
	default:
		VMASKMOVPS(r, l.mask, m)
	}
}

// doubles loads half a vector of floats as a vector of doubles. Its mask, if any, has half the width.
func (l lanes) doubles(m Op) reg.VecVirtual {
	r := l.vec()
	switch {
	case l.mask == nil:
		VCVTPS2PD(m, r)
	case l.masks:
		VCVTPS2PD_Z(m, l.mask, r)
	default:
		h := l.half()
		VMASKMOVPS(m, l.mask, h)
		VCVTPS2PD(h, r)
	}
	return r
}

// first returns the first n lanes, n being a register below the width. wide is the mask's width.
func (v isa) first(n reg.GPVirtual, wide int) lanes {
	if v.masks {
		Comment("The mask is (1<<n)-1.")
		bits, k := GP64(), K()
		MOVQ(I32(-1), bits)
		BZHIQ(n, bits, bits)
		KMOVW(bits.As32(), k)
		return lanes{v, k}
	}
	Comment("The mask lies n elements before the end of the ones in front of the zeros.")
	table, at := GP64(), GP64()
	LEAQ(maskTable(), table)
	MOVQ(U32(8), at)
	SUBQ(n, at)
	mask := reg.VecVirtual(YMM())
	if wide == 4 {
		mask = XMM()
	}
	VMOVUPS(Mem{Base: table, Index: at, Scale: floatBytes}, mask)
	return lanes{v, mask}
}

// maskTable is eight elements of ones and eight of zeros.
func maskTable() Mem {
	return table("avx2Mask", 16, func(i int) uint32 {
		if i < 8 {
			return math.MaxUint32
		}
		return 0
	})
}

var tables = map[string]Mem{}

// table is n constants in memory, stored once however often it is called.
func table(name string, n int, element func(i int) uint32) Mem {
	m, ok := tables[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i := range n {
			DATA(4*i, U32(element(i)))
		}
		tables[name] = m
	}
	return m
}
