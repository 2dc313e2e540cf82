package weights

import (
	"encoding/binary"
	"math"
)

// dtype is how a number is stored.
type dtype struct {
	name string // for people
	size int    // bytes
	// decode turns len(dst)·size bytes into numbers; nil for a type that no parameter has.
	decode func(dst []float32, src []byte)
}

var (
	float16LE  = dtype{"float16", 2, decode16(binary.LittleEndian)}
	float16BE  = dtype{"float16, big-endian", 2, decode16(binary.BigEndian)}
	bfloat16LE = dtype{"bfloat16", 2, decodeBrain}
	float32LE  = dtype{"float32", 4, decode32(binary.LittleEndian)}
	float32BE  = dtype{"float32, big-endian", 4, decode32(binary.BigEndian)}
	float64LE  = dtype{"float64", 8, decode64(binary.LittleEndian)}
	float64BE  = dtype{"float64, big-endian", 8, decode64(binary.BigEndian)}
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
			dst[i] = half(order.Uint16(src[2*i:]))
		}
	}
}

// decodeBrain widens bfloat16, the upper half of a float32.
func decodeBrain(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
	}
}

// half widens an IEEE 754 binary16, which is exact.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero or subnormal: fraction·2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
