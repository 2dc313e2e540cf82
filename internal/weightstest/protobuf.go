package weightstest

import (
	"encoding/binary"
	"math"
	"slices"
)

// PB is a field of a message in the wire format: a whole number, a float32, a float64, a text, or the bytes of
// several fields or of packed numbers.
func PB(number int, value any) []byte {
	key := func(wire uint64) []byte { return binary.AppendUvarint(nil, uint64(number)<<3|wire) }
	switch v := value.(type) {
	case int:
		return binary.AppendUvarint(key(0), uint64(v))
	case float32:
		return binary.LittleEndian.AppendUint32(key(5), math.Float32bits(v))
	case float64:
		return binary.LittleEndian.AppendUint64(key(1), math.Float64bits(v))
	case string:
		return append(binary.AppendUvarint(key(2), uint64(len(v))), v...)
	case []byte:
		return append(binary.AppendUvarint(key(2), uint64(len(v))), v...)
	}
	panic("not a value")
}

// Uvarints are packed whole numbers.
func Uvarints(values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

// Concat is fields one after the other.
func Concat(fields ...[]byte) []byte { return slices.Concat(fields...) }
