package protobuf

import (
	"encoding/binary"
	"math"
)

// Schema says which wire types the fields of a message have.
type Schema map[int]int

// SchemaOf is a schema with these fields of whole numbers, and these of bytes: texts, messages, and packed
// numbers.
func SchemaOf(varints, bytes []int) Schema {
	s := Schema{}
	for _, number := range varints {
		s[number] = VarintType
	}
	for _, number := range bytes {
		s[number] = BytesType
	}
	return s
}

// Starts says which fields the message has that head is the beginning of, in their order and the last one
// perhaps cut short. It is nil if one of them is not in the schema.
func (s Schema) Starts(head []byte) []Field {
	var all []Field
	for at := 0; at < len(head); {
		key, n := binary.Uvarint(head[at:])
		if n == 0 {
			break
		}
		f := Field{Number: int(key >> 3 & math.MaxInt32), Wire: int(key & 7), Start: int64(at)}
		if wire, ok := s[f.Number]; n < 0 || !ok || wire != f.Wire {
			return nil
		}
		at += n
		v, n := binary.Uvarint(head[at:])
		at = min(at+max(n, 1), len(head))
		f.Value, f.At = v, int64(at)
		if f.Wire == BytesType {
			at += int(min(v, uint64(len(head)-at)))
		}
		f.End = int64(at)
		all = append(all, f)
	}
	return all
}
