package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bits writes the kernels that store a bit for every element, or read such bits. Bit i of a row is bit i%8
// of byte i/8: the bits of a vector are whole bytes, also those of a masked one.
func (v isa) bits() {
	v.positive()
	v.applyMask()
	v.maxPoolArgMax()
	v.maxUnpool()
}

func (v isa) positive() {
	v.function("positive", "(bits *uint32, src *float32, words, stride, rows, n int)", `for r := range rows {
	for i := range n {
		// distances between rows are in bytes; so they are in mask, maxPoolArgMax and maxUnpool
		bit i of bits + r*words = src[r*stride+4*i] > 0
	}
}`)
	bits, src := loadInt("bits"), loadInt("src")
	zero := v.zero(v.vec())
	v.bitRows("rows", "n", 4, []rowPointer{{bits, "words"}, {src, "stride"}}, func(b bitLanes) {
		b.storeBits(v.less(zero, b.load(b.floats(src))), b.bits(bits))
	})
}

func (v isa) applyMask() {
	v.function("mask", "(dst, src *float32, bits *uint32, stride, words, rows, n int)", `for r := range rows {
	for i := range n {
		dst[r*stride+4*i] = 0
		if bit i of bits + r*words {
			dst[r*stride+4*i] = src[r*stride+4*i]
		}
	}
}`)
	dst, src, bits := loadInt("dst"), loadInt("src"), loadInt("bits")
	weights := v.bitWeights()
	pointers := []rowPointer{{dst, "stride"}, {src, "stride"}, {bits, "words"}}
	v.bitRows("rows", "n", 4, pointers, func(b bitLanes) {
		r := b.load(b.floats(src))
		b.store(v.where(v.loadBits(b.bits(bits), weights), r), b.floats(dst))
	})
}

func (v isa) maxPoolArgMax() {
	v.function("maxPoolArgMax", "(dst *float32, right, low *uint32, src *float32, "+
		"windows, channels, step, toRight, toDown, pixel, words int)", `for x := range windows {
	for i := range channels {
		at := src + x*step + 4*i
		w := *at, at[toRight], at[toDown], at[toRight+toDown]
		dst[x*pixel+4*i] = max(w...) // NaN if any is
		first w with !(w < max(w...)): bit i of right + x*words, bit i of low + x*words = its column, its row
	}
}`)
	dst, right, low := loadInt("dst"), loadInt("right"), loadInt("low")
	var window [4]reg.GPVirtual // its pixels in reading order
	pointers := []rowPointer{{dst, "pixel"}, {right, "words"}, {low, "words"}}
	for i := range window {
		window[i] = loadInt("src")
		if i&1 != 0 {
			ADDQ(address("toRight"), window[i])
		}
		if i&2 != 0 {
			ADDQ(address("toDown"), window[i])
		}
		pointers = append(pointers, rowPointer{window[i], "step"})
	}
	v.bitRows("windows", "channels", 2, pointers, func(b bitLanes) {
		var x [4]reg.VecVirtual
		for i, p := range window {
			x[i] = b.load(b.floats(p))
		}
		top := v.copyOf(x[0])
		for _, other := range x[1:] {
			v.maxNaN(top, other)
		}
		b.store(top, b.floats(dst))
		isBCD := v.less(x[0], top) // whether the maximum is one of these pixels, A to D
		isCD := v.and(isBCD, v.less(x[1], top))
		isD := v.and(isCD, v.less(x[2], top))
		b.storeBits(isCD, b.bits(low))
		b.storeBits(v.xor(v.xor(isBCD, isCD), isD), b.bits(right))
	})
}

func (v isa) maxUnpool() {
	v.function("maxUnpool", "(dst, src *float32, right, low *uint32, upper, "+
		"windows, channels, step, toRight, pixel, words int)",
		`for x := range windows {
	for i := range channels {
		at := dst + x*step + 4*i
		hit := bit i of low + x*words ^ upper // upper is 0 or -1
		at[toRight] = src[x*pixel+4*i] if hit and bit i of right + x*words, else 0
		*at = src[x*pixel+4*i] if hit and not that, else 0 // after the other one: toRight may be 0
	}
}`)
	first, second, src := loadInt("dst"), loadInt("dst"), loadInt("src")
	ADDQ(address("toRight"), second)
	right, low := loadInt("right"), loadInt("low")
	weights, upper := v.bitWeights(), v.broadcastMask("upper")
	pointers := []rowPointer{{first, "step"}, {second, "step"}, {src, "pixel"}, {right, "words"}, {low, "words"}}
	v.bitRows("windows", "channels", 2, pointers, func(b bitLanes) {
		r := b.load(b.floats(src))
		hit := v.xor(upper, v.loadBits(b.bits(low), weights))
		hitRight := v.and(hit, v.loadBits(b.bits(right), weights))
		b.store(v.where(hitRight, r), b.floats(second))
		b.store(v.where(v.xor(hit, hitRight), r), b.floats(first))
	})
}

// rowPointer moves from row to row by a distance in bytes, which is a parameter.
type rowPointer struct {
	at     reg.GPVirtual
	stride string
}

// bitLanes is a vector of a row. floats and bits return its address from a pointer to the floats or the bits
// of the row.
type bitLanes struct {
	lanes
	floats, bits func(row reg.GPVirtual) Mem
}

// bitRows writes the loops over rows, as many as the parameter count says, and over vectors of their
// elements, as many as the parameter n says, and the end of the function.
func (v isa) bitRows(count, n string, unroll int, pointers []rowPointer, body func(b bitLanes)) {
	float, bit, left := GP64(), GP64(), GP64() // float and bit are distances in bytes from the row's start
	Label("row")
	XORQ(float, float)
	MOVQ(address(n), left)
	v.each(left, v.width, unroll, []reg.GPVirtual{float}, func(l lanes, u int, at func(reg.GPVirtual) Mem) {
		const floatsPerBit = 8 * floatBytes
		if u == 0 {
			MOVQ(float, bit)
			SHRQ(U8(5), bit)
		}
		disp := at(float).Disp
		body(bitLanes{l,
			func(row reg.GPVirtual) Mem { return Mem{Base: row, Index: float, Scale: 1, Disp: disp} },
			func(row reg.GPVirtual) Mem { return Mem{Base: row, Index: bit, Scale: 1, Disp: disp / floatsPerBit} },
		})
	})
	for _, p := range pointers {
		ADDQ(address(p.stride), p.at)
	}
	DECQ(address(count))
	JNZ(LabelRef("row"))
	ret()
}

// storeBits writes a bit for every element of a vector.
func (v isa) storeBits(mask reg.Register, m Mem) {
	if v.masks {
		KMOVW(mask, m)
		return
	}
	bits := GP32()
	VMOVMSKPS(mask, bits)
	MOVB(bits.As8(), m)
}

// loadBits returns the bits of a vector as a mask.
func (v isa) loadBits(m Mem, weights reg.VecVirtual) reg.Register {
	if v.masks {
		k := K()
		KMOVW(m, k)
		return k
	}
	r := YMM()
	VPBROADCASTB(m, r)
	VPAND(weights, r, r)
	VPCMPEQD(weights, r, r)
	return r
}

// bitWeights returns what loadBits needs to separate the bits of a byte.
func (v isa) bitWeights() reg.VecVirtual {
	if v.masks {
		return nil
	}
	r := YMM()
	VMOVUPS(table("avx2BitWeights", 8, func(i int) uint32 { return 1 << i }), r)
	return r
}

// broadcastMask returns a parameter that is 0 or -1 as a mask.
func (v isa) broadcastMask(param string) reg.Register {
	r := v.mask()
	if v.masks {
		KMOVW(loadInt(param).As32(), r)
	} else {
		VPBROADCASTQ(address(param), r)
	}
	return r
}
