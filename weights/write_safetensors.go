package weights

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// WriteSafetensors writes tensors as a safetensors file. One tensor is in memory at a time. The errors are those of Values and w.
func WriteSafetensors(w io.Writer, facts Facts, tensors []Output) error {
	type header struct {
		DType   string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	metadata := facts.metadata()
	metadata["format"] = "pt" // what others look for before they read it
	text, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	text = append([]byte(`{"__metadata__":`), text...)
	at := int64(0)
	for _, t := range tensors {
		n, ok := product(t.Shape)
		if !ok {
			return &FormatError{"", t.Name, "the shape " + by(t.Shape), "sizes above 0"}
		}
		h := header{"F32", t.Shape, [2]int64{at, at + 4*n}}
		if t.Half {
			h.DType, h.Offsets[1] = "F16", at+2*n
		}
		at = h.Offsets[1]
		name, err := json.Marshal(t.Name)
		if err != nil {
			return err
		}
		entry, err := json.Marshal(h)
		if err != nil {
			return err
		}
		text = fmt.Appendf(text, ",%s:%s", name, entry)
	}
	text = append(text, '}')
	for len(text)%8 > 0 { // so that the numbers are aligned
		text = append(text, ' ')
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text)))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, t := range tensors {
		values, err := t.Values()
		if err != nil {
			return err
		}
		if n, _ := product(t.Shape); int64(len(values)) != n {
			return fmt.Errorf("weights: %d numbers for %s of %s", len(values), t.Name, by(t.Shape))
		}
		write := writeFloat32s
		if t.Half {
			write = writeFloat16s
		}
		if err := write(w, values); err != nil {
			return err
		}
	}
	return nil
}

func writeFloat16s(w io.Writer, values []float32) error {
	buffer := make([]byte, 0, 2*chunk)
	for len(values) > 0 {
		n := min(chunk, len(values))
		buffer = buffer[:0]
		for _, v := range values[:n] {
			buffer = binary.LittleEndian.AppendUint16(buffer, toHalf(v))
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// toHalf returns the binary16 nearest to v, of two equally near ones the even one. Numbers too large become
// infinite.
func toHalf(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	magnitude := math.Float32frombits(b &^ (1 << 31))
	switch {
	case magnitude != magnitude:
		return sign | 0x7e00
	case magnitude >= 65520: // half way from the largest number to the next power of two
		return sign | 0x7c00
	case magnitude < 1.0/(1<<14): // subnormal: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(magnitude)*(1<<24)))
	}
	b = math.Float32bits(magnitude)
	b += 0xfff + b>>13&1 // rounds at bit 13, to even
	return sign | uint16((b-112<<23)>>13)
}
