package weights

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// TestLengthLikePickle opens safetensors files whose header is as long as makes them begin like a pickle.
func TestLengthLikePickle(t *testing.T) {
	one := TensorSource{Name: "a", Shape: []int{1}, Layout: O,
		Values: func() ([]float32, error) { return []float32{1}, nil }}
	tried := 0
	for n := range 1200 {
		var b bytes.Buffer
		if err := WriteSafetensors(&b, Metadata{"x": strings.Repeat("x", n)}, []TensorSource{one}); err != nil {
			t.Fatal(err)
		}
		length := binary.LittleEndian.Uint64(b.Bytes())
		if length&0xff != 0x80 || length>>8 < 2 || length>>8 > 5 {
			continue
		}
		tried++
		f, err := OpenBytes("a", b.Bytes())
		if err != nil || !strings.Contains(f.Format(), "safetensors") {
			t.Fatalf("a header of %d bytes: %v", length, err)
		}
	}
	if tried == 0 {
		t.Error("no header has such a length")
	}
}
