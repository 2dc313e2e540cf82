package mat

import (
	"encoding/binary"
	"fmt"

	"oneiro/weights/internal/container"
)

// numberTypes are the types in which an array of floating-point numbers is stored. MATLAB takes the smallest
// that holds them all.
var numberTypes = map[uint32]container.DType{
	miINT8: integer("int8", 1), miUINT8: integer("uint8", 1),
	3: integer("int16", 2), miUINT16: integer("uint16", 2),
	miINT32:  integer("int32", 4),
	miUINT32: integer("uint32", 4), 7: container.Float32LE, 9: container.Float64LE,
	12: integer("int64", 8), 13: integer("uint64", 8),
}

// integer is a whole number of that many bytes in place of a floating-point one.
func integer(name string, size int) container.DType {
	signed := name[0] == 'i'
	return container.DType{Name: "float, stored as " + name, Size: size,
		Decode: func(dst []float32, src []byte) {
			word := make([]byte, 8)
			for i := range dst {
				copy(word, src[size*i:][:size])
				v := binary.LittleEndian.Uint64(word)
				if shift := 64 - 8*size; signed {
					dst[i] = float32(int64(v<<shift) >> shift)
				} else {
					dst[i] = float32(v)
				}
			}
		}}
}

// numbers reads the beginning of the contents of an array of numbers: where they are, and how they are stored.
func (s *stream) numbers(x array) (at int64, d container.DType, err error) {
	t, err := s.tag(x.end)
	if err != nil {
		return 0, d, err
	}
	d, ok := numberTypes[t.kind]
	switch {
	case !ok:
		return 0, d, s.Wrong(fmt.Sprintf("the type %d", t.kind), "numbers")
	case x.n != t.size/int64(d.Size) || t.size%int64(d.Size) != 0:
		return 0, d, s.Wrong(fmt.Sprintf("%d bytes", t.size),
			fmt.Sprintf("%s numbers of %d bytes", container.By(x.shape), d.Size))
	case x.complex:
		d = container.DType{Name: "complex numbers"}
	case x.class != mxDOUBLE && x.class != mxSINGLE:
		d.Name, d.Decode = classNames[x.class-mxSINGLE-1], nil
	}
	return t.at, d, s.leave(x)
}

// classNames are the classes of whole numbers, in their order after mxSINGLE.
var classNames = [...]string{"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"}

// cString is what comes before the first zero.
func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
