package weights

import (
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

// TestSafetensorsLengths opens safetensors files whose first bytes, the length of the header, are also those
// that other formats begin with: pickles begin with 80 02 to 80 05.
func TestSafetensorsLengths(t *testing.T) {
	for _, length := range []int{0x280, 0x380, 0x480, 0x580, 0x4b50, 0x0a08} {
		header := `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
		header += strings.Repeat(" ", length-len(header))
		data := binary.LittleEndian.AppendUint64(nil, uint64(length))
		data = append(append(data, header...), 0, 0, 0x80, 0x3f)
		path := filepath.Join(t.TempDir(), "a.bin")
		weightstest.Write(t, path, data)
		f, err := Open(path)
		if err != nil {
			t.Errorf("%#x: %v", length, err)
			continue
		}
		if values, err := f.Tensor("a", 1); err != nil || values[0] != 1 {
			t.Errorf("%#x: %v, %v", length, values, err)
		}
		f.Close()
	}
}
