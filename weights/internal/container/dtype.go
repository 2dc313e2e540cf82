package container

import (
	"encoding/binary"
	"math"
)

// DType is how a number is stored.
type DType struct {
	Name string // for people
	Size int    // bytes
	// Decode turns len(dst)·Size bytes into numbers; nil for a type that no parameter has.
	Decode func(dst []float32, src []byte)
	Advice string // what to do about a type that no parameter has, if there is something special
}

// The types of parameters.
var (
	Float16LE  = DType{Name: "float16", Size: 2, Decode: decode16(binary.LittleEndian)}
	Float16BE  = DType{Name: "float16, big-endian", Size: 2, Decode: decode16(binary.BigEndian)}
	BFloat16LE = DType{Name: "bfloat16", Size: 2, Decode: decodeBrain}
	Float32LE  = DType{Name: "float32", Size: 4, Decode: decode32(binary.LittleEndian)}
	Float32BE  = DType{Name: "float32, big-endian", Size: 4, Decode: decode32(binary.BigEndian)}
	Float64LE  = DType{Name: "float64", Size: 8, Decode: decode64(binary.LittleEndian)}
	Float64BE  = DType{Name: "float64, big-endian", Size: 8, Decode: decode64(binary.BigEndian)}

	// 8 bits: of exponent and mantissa as the names say (arXiv:2209.05433). FN has NaN in place of infinities,
	// FNUZ no negative zero either (arXiv:2206.02915); E8M0 is a power of two.
	Float8E4M3     = DType{Name: "float8 (E4M3)", Size: 1, Decode: decode8(3, 7, finite)}
	Float8E5M2     = DType{Name: "float8 (E5M2)", Size: 1, Decode: decode8(2, 15, infinite)}
	Float8E4M3FNUZ = DType{Name: "float8 (E4M3FNUZ)", Size: 1, Decode: decode8(3, 8, unsignedZero)}
	Float8E5M2FNUZ = DType{Name: "float8 (E5M2FNUZ)", Size: 1, Decode: decode8(2, 16, unsignedZero)}
	Float8E8M0     = DType{Name: "float8 (E8M0)", Size: 1, Decode: decodePower}
)

// What the largest exponent of a float8 means.
const (
	infinite     = iota // infinities and NaN, as in IEEE 754
	finite              // numbers, but for the largest, which is NaN
	unsignedZero        // numbers; negative zero is NaN
)

// decode8 widens numbers of 8 bits, so many of them in the mantissa, which is exact.
func decode8(mantissa, bias int, kind int) func([]float32, []byte) {
	var table [256]float32
	for b := range table {
		exponent, fraction := b>>mantissa&(1<<(7-mantissa)-1), float64(b&(1<<mantissa-1))
		v := math.Ldexp(fraction, 1-bias-mantissa)
		if exponent > 0 {
			v = math.Ldexp(fraction+float64(int(1)<<mantissa), exponent-bias-mantissa)
		}
		switch top := exponent == 1<<(7-mantissa)-1; {
		case kind == unsignedZero && b == 0x80, kind == finite && b&0x7f == 0x7f, kind == infinite && top &&
			fraction > 0:
			v = math.NaN()
		case kind == infinite && top:
			v = math.Inf(1)
		}
		if b >= 0x80 {
			v = -v
		}
		table[b] = float32(v)
	}
	return func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = table[src[i]]
		}
	}
}

// decodePower widens exponents: 2 to the power of each less 127. The largest is NaN.
func decodePower(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = float32(math.Ldexp(1, int(src[i])-127))
		if src[i] == 0xff {
			dst[i] = float32(math.NaN())
		}
	}
}

func decode32(order binary.ByteOrder) func([]float32, []byte) {
	return func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = math.Float32frombits(order.Uint32(src[4*i:]))
		}
	}
}

// decode64 rounds; a number too large for a float32 becomes an infinity, which the reader refuses.
func decode64(order binary.ByteOrder) func([]float32, []byte) {
	return func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = float32(math.Float64frombits(order.Uint64(src[8*i:])))
		}
	}
}

func decode16(order binary.ByteOrder) func([]float32, []byte) {
	return func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = Half(order.Uint16(src[2*i:]))
		}
	}
}

// decodeBrain widens bfloat16, the upper half of a float32.
func decodeBrain(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
	}
}

// Half widens an IEEE 754 binary16, which is exact.
func Half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero or subnormal: fraction·2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// PythonObjects is the type of an array of NumPy's that is a pickle.
var PythonObjects = DType{Name: "Python objects"}

// NumPyType returns the type that NumPy describes as, say, "<f4".
func NumPyType(descr string) DType {
	known := map[string]DType{
		"<f2": Float16LE, ">f2": Float16BE, "<f4": Float32LE, ">f4": Float32BE,
		"<f8": Float64LE, ">f8": Float64BE,
		"|O": PythonObjects,
	}
	if d, ok := known[descr]; ok {
		return d
	}
	return DType{Name: "NumPy's type " + descr}
}
