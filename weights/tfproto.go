package weights

import "fmt"

// wireField is a field of a message in the wire format of protocol buffers
// (protobuf.dev/programming-guides/encoding).
type wireField struct {
	number uint64
	value  uint64 // of a varint or a fixed number
	extent        // of a field of bytes; empty for others
	bytes  bool   // whether it is one of bytes: a message, a text, or numbers packed together
}

// message hands the fields of a message to visit, up to the first error. The errors are those of visit,
// FormatError and ReadError.
func (w *window) message(m extent, visit func(wireField) error) error {
	for c := w.cursor("a message", m); c.at < c.end; {
		key, err := c.uvarint()
		if err != nil {
			return err
		}
		f := wireField{number: key >> 3}
		switch key & 7 {
		case 0:
			f.value, err = c.uvarint()
		case 1:
			f.value, err = c.fixed(8)
		case 2:
			f.bytes = true
			var n uint64
			if n, err = c.uvarint(); err == nil {
				f.extent, err = c.skip(n)
			}
		case 5:
			f.value, err = c.fixed(4)
		default:
			err = c.wrong("", fmt.Sprintf("wire type %d", key&7), "a field of a message")
		}
		if err == nil {
			err = visit(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fixed reads a little-endian number of n bytes.
func (c *cursor) fixed(n uint64) (v uint64, err error) {
	b, err := c.bytes(n)
	for i := range b {
		v |= uint64(b[i]) << (8 * i)
	}
	return v, err
}

// ckptName reads the name of a tensor.
func (w *window) ckptName(f extent) (string, error) {
	if f.length > maxTensorName {
		return "", w.wrong("", fmt.Sprintf("one of %d bytes", f.length), fmt.Sprintf("a name of at most %d bytes", maxTensorName))
	}
	b, err := w.read(f.at, f.length)
	return string(b), err
}

// maxTensorName bounds a name, all scopes or groups in it included.
const maxTensorName = 1024

// ckptShape reads a TensorShapeProto (tensorflow/core/framework/tensor_shape.proto).
func (w *window) ckptShape(m extent) (shape []int, err error) {
	shape = []int{}
	err = w.message(m, func(f wireField) error {
		if f.number != 2 || !f.bytes {
			return nil
		}
		size := uint64(0)
		err := w.message(f.extent, func(f wireField) error {
			if f.number == 1 {
				size = f.value
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case size > 1<<48:
			return w.wrong("", fmt.Sprint(int64(size)), "a size that a file can hold")
		case len(shape) == mostAxes:
			return w.wrong("", "more", fmt.Sprintf("at most %d dimensions", mostAxes))
		}
		shape = append(shape, int(size))
		return nil
	})
	return shape, err
}

// ckptTypes are the types of tensorflow/core/framework/types.proto.
var ckptTypes = map[uint64]dtype{
	1: float32LE, 2: float64LE, 3: {name: "int32"}, 4: {name: "uint8"}, 5: {name: "int16"}, 6: {name: "int8"},
	7: {name: "text"}, 8: {name: "complex64"}, 9: {name: "int64"}, 10: {name: "bool"}, 14: bfloat16LE,
	17: {name: "uint16"}, 18: {name: "complex128"}, 19: float16LE, 22: {name: "uint32"}, 23: {name: "uint64"},
}

// ckptType returns a type by its number in types.proto.
func ckptType(n uint64) dtype {
	if t, ok := ckptTypes[n]; ok {
		return t
	}
	return dtype{name: fmt.Sprintf("TensorFlow's type %d", n)}
}

// channelsLast is the layout of a tensor of that many dimensions in TensorFlow and Keras.
func channelsLast(dimensions int) Layout {
	switch dimensions {
	case 4:
		return HWIO
	case 2:
		return IO
	case 1:
		return O
	}
	return ""
}
