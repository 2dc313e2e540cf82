package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"oneiro/weights/internal/container"
)

// Source is a tensor to be written.
type Source struct {
	Name  string
	Shape []int
	Half  bool // round to float16, rather than keep float32
	// Values hands the numbers to put in the order of the shape, the last index fastest, in pieces of any
	// length. It stops at the first error of put and returns it.
	Values func(put func([]float32) error) error
}

// HalfError reports a number that float16 cannot hold.
type HalfError struct {
	Tensor string
	Index  int64 // in the order of the file
	Value  float32
}

func (e *HalfError) Error() string {
	return fmt.Sprintf("tensor %s: %v at index %d does not fit into float16", container.Clean(e.Tensor),
		e.Value, e.Index)
}

// Hint says what to do.
func (e *HalfError) Hint() string { return "write float32" }

// Write writes tensors in the order in which they are given, each as it is handed over, and
// metadata for people. The header is that of the reference implementation: without spaces, but filled with
// them to a multiple of 8 bytes.
//
// The errors are HalfError, those of w, and those of the tensors' values. Names that are given twice, and
// values that are not as many as a shape asks for, are mistakes of the caller, who gets an error for them too.
func Write(w io.Writer, tensors []Source, metadata map[string]string) error {
	header, err := head(tensors, metadata)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for i := range tensors {
		if err := tensors[i].WriteValues(w); err != nil {
			return err
		}
	}
	return nil
}

// head returns what comes before the numbers.
func head(tensors []Source, metadata map[string]string) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, 8)) // the length of the header
	text := json.NewEncoder(&b)
	text.SetEscapeHTML(false)
	put := func(v any) {
		text.Encode(v) // strings, and whole numbers, which cannot fail
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('{')
	if len(metadata) > 0 {
		b.WriteString(`"__metadata__":`)
		put(metadata)
	}
	seen := map[string]bool{"__metadata__": true}
	var at int64
	for _, t := range tensors {
		n, ok := container.Product(t.Shape)
		switch {
		case seen[t.Name]:
			return nil, fmt.Errorf("tensor %s: the name is taken", container.Clean(t.Name))
		case strings.ToValidUTF8(t.Name, "") != t.Name:
			return nil, fmt.Errorf("tensor %s: the name is not UTF-8", container.Clean(t.Name))
		case !ok:
			return nil, fmt.Errorf("tensor %s: nothing has the shape %s", container.Clean(t.Name),
				container.By(t.Shape))
		}
		seen[t.Name] = true
		kind, size := "F32", int64(4)
		if t.Half {
			kind, size = "F16", 2
		}
		if b.Len() > 9 {
			b.WriteByte(',')
		}
		put(t.Name)
		fmt.Fprintf(&b, `:{"dtype":%q,"shape":`, kind)
		put(append([]int{}, t.Shape...))
		fmt.Fprintf(&b, `,"data_offsets":[%d,%d]}`, at, at+n*size)
		at += n * size
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	header := b.Bytes()
	binary.LittleEndian.PutUint64(header, uint64(len(header)-8))
	return header, nil
}

// WriteValues writes the numbers of a tensor, and nothing else.
func (t *Source) WriteValues(w io.Writer) error {
	want, _ := container.Product(t.Shape)
	var done int64
	var buf []byte
	err := t.Values(func(values []float32) error {
		if int64(len(values)) > want-done {
			return fmt.Errorf("tensor %s: more than %d numbers", container.Clean(t.Name), want)
		}
		for len(values) > 0 {
			n := min(16<<10, len(values))
			buf = buf[:0]
			for i, v := range values[:n] {
				if !t.Half {
					buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
					continue
				}
				h, ok := toHalf(v)
				if !ok {
					return &HalfError{t.Name, done + int64(i), v}
				}
				buf = binary.LittleEndian.AppendUint16(buf, h)
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
			values = values[n:]
			done += int64(n)
		}
		return nil
	})
	if err == nil && done < want {
		err = fmt.Errorf("tensor %s: %d numbers rather than %d", container.Clean(t.Name), done, want)
	}
	return err
}

// toHalf rounds to the nearest IEEE 754 binary16, and of two that are as near to the one that is even. ok is
// false for what rounds to an infinity or is not a number.
func toHalf(v float32) (h uint16, ok bool) {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	switch magnitude := math.Float32frombits(b &^ (1 << 31)); {
	case !(magnitude < 65520): // half way from the largest binary16 to the next power of two
		return 0, false
	case magnitude < 0x1p-14: // subnormal: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(magnitude)*(1<<24))), true
	}
	b &^= 1 << 31
	b += 0xfff + b>>13&1 // a carry out of the fraction is one into the exponent, as it should be
	return sign | uint16(b>>13-(127-15)<<10), true
}
