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
}

// The types of parameters.
var (
	Float16LE  = DType{"float16", 2, decode16(binary.LittleEndian)}
	Float16BE  = DType{"float16, big-endian", 2, decode16(binary.BigEndian)}
	BFloat16LE = DType{"bfloat16", 2, decodeBrain}
	Float32LE  = DType{"float32", 4, decode32(binary.LittleEndian)}
	Float32BE  = DType{"float32, big-endian", 4, decode32(binary.BigEndian)}
	Float64LE  = DType{"float64", 8, decode64(binary.LittleEndian)}
	Float64BE  = DType{"float64, big-endian", 8, decode64(binary.BigEndian)}
)

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
