package safetensors_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/opentest"
)

func TestSafetensors(t *testing.T) {
	f := opentest.Open(t, "testdata/torch.safetensors")
	for _, name := range []string{"f4", "f8", "f2"} {
		if got, err := f.Tensor(name+".weight", 2, 5, 3, 4); err != nil ||
			!slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("dense.weight", 12, 6); err != nil ||
		!slices.Equal(got, weightstest.Counted(6, 12, 1, 1)) {
		t.Errorf("dense: %v, %v", got, err)
	}
	for _, name := range []string{"f4.bias", "brain.bias"} {
		if got, err := f.Tensor(name, 7); err != nil || !slices.Equal(got, weightstest.Counted(7, 1, 1, 1)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := f.Tensor("num_batches_tracked", 1)
	if e := weightstest.Refused[*weights.TypeError](t, err); e.Have != "int64" {
		t.Errorf("%+v", e)
	}
	_, err = f.Tensor("flags", 3)
	weightstest.Refused[*weights.TypeError](t, err)
	for _, name := range []string{"empty", "scalar"} {
		_, err = f.Tensor(name, 1)
		weightstest.Refused[*weights.ShapeError](t, err)
	}
	if all := f.Tensors(); len(all) != 10 || all[1].Name != "f8.weight" ||
		!slices.Equal(all[1].Shape, []int{4, 3, 2, 5}) || all[1].Layout != weights.OIHW ||
		all[1].DType != "float64" {
		t.Errorf("%+v", all)
	}
}

// rawSafetensors is a file with that header and so many zeros.
func rawSafetensors(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestSafetensorsThatLie(t *testing.T) {
	one := func(name, dtype, shape, offsets string) string {
		return fmt.Sprintf(`"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%s]}`, name, dtype, shape, offsets)
	}
	a := one("a", "F32", "2,3", "0,24")
	for name, c := range map[string]struct {
		header string
		data   int
		err    func(testing.TB, error)
	}{
		"sound":         {"{" + a + "}", 24, nil},
		"sound, filled": {"{" + a + "}    ", 24, nil},
		"sound, other order": {`{` + one("b", "F16", "2", "24,28") + `,` + a +
			`,"__metadata__":{"a":"b"}}`, 28, nil},
		"sound, a scalar": {"{" + one("a", "F32", "", "0,4") + "}", 4, nil},
		"too few bytes":   {"{" + a + "}", 23, weightstest.Is[*weights.TruncatedError]},
		"too many":        {"{" + a + "}", 25, weightstest.Is[*weights.FormatError]},
		"a name twice": {"{" + a + "," + one("a", "F32", "1", "24,28") + "}", 28,
			weightstest.Is[*weights.FormatError]},
		"metadata twice": {`{"__metadata__":{},"__metadata__":{},` + a + "}", 24,
			weightstest.Is[*weights.FormatError]},
		"metadata of numbers": {`{"__metadata__":{"a":1},` + a + "}", 24,
			weightstest.Is[*weights.FormatError]},
		"a hole": {"{" + a + "," + one("b", "F32", "1", "28,32") + "}", 32,
			weightstest.Is[*weights.FormatError]},
		"a hole at the start": {"{" + one("a", "F32", "1", "4,8") + "}", 8,
			weightstest.Is[*weights.FormatError]},
		"an overlap": {"{" + a + "," + one("b", "F32", "1", "20,24") + "}", 24,
			weightstest.Is[*weights.FormatError]},
		"the same bytes twice": {"{" + a + "," + one("b", "F32", "2,3", "0,24") + "}", 24,
			weightstest.Is[*weights.FormatError]},
		"an end before": {"{" + one("a", "F32", "1", "4,0") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"a false shape": {"{" + one("a", "F32", "2,2", "0,24") + "}", 24,
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64": {"{" + one("a", "F32", "4294967296,4294967296", "0,0") + "}", 0,
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64+1": {"{" + one("a", "F64", "274177,67280421310721", "0,8") + "}", 8,
			weightstest.Is[*weights.FormatError]},
		"a huge size": {"{" + one("a", "F32", "99999999999999999999", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"a negative size": {"{" + one("a", "F32", "-1", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"half a size": {"{" + one("a", "F32", "1.0", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"a size in words": {"{" + one("a", "F32", `"1"`, "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"a size with exponent": {"{" + one("a", "F32", "1e0", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"a huge offset": {"{" + one("a", "F32", "1", "0,18446744073709551615") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"one offset": {"{" + one("a", "F32", "1", "4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"another type": {"{" + one("a", "F31", "1", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"half a byte": {"{" + one("a", "F4", "1", "0,0") + "}", 0,
			weightstest.Is[*weights.FormatError]},
		"33 dimensions": {"{" + one("a", "F32", strings.Repeat("1,", 32)+"1", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"a key twice": {`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4,
			weightstest.Is[*weights.FormatError]},
		"a key twice, escaped": {`{"a":{"dtype":"F32","\u0064type":"F32","shape":[1],"data_offsets":[0,4]}}`,
			4, weightstest.Is[*weights.FormatError]},
		"another key": {`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4,
			weightstest.Is[*weights.FormatError]},
		"no shape": {`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4,
			weightstest.Is[*weights.FormatError]},
		"a list": {`{"a":[1]}`, 4, weightstest.Is[*weights.FormatError]},
		"nested lists": {`{"a":{"shape":` + strings.Repeat("[", 100000) + `}}`, 4,
			weightstest.Is[*weights.FormatError]},
		"no end":           {"{" + a, 24, weightstest.Is[*weights.FormatError]},
		"more behind":      {"{" + a + "}{}", 24, weightstest.Is[*weights.FormatError]},
		"a comma too many": {"{" + a + ",}", 24, weightstest.Is[*weights.FormatError]},
		"no UTF-8": {"{" + one("\xff", "F32", "1", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"no tensors":            {"{}", 0, weightstest.Is[*weights.UnsupportedError]},
		"no tensors, but bytes": {"{}", 8, weightstest.Is[*weights.UnsupportedError]},
		"a line in a name": {"{" + one(`\n`, "F31", "1", "0,4") + "}", 4,
			weightstest.Is[*weights.FormatError]},
		"an empty one in a hole": {"{" + a + "," + one("b", "F32", "0", "28,28") + "}", 28,
			weightstest.Is[*weights.FormatError]},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
				rawSafetensors(c.header, c.data)))
			if c.err == nil && err == nil {
				f.Close()
				return
			}
			if c.err == nil {
				t.Fatal(err)
			}
			c.err(t, err)
		})
	}
	whole := rawSafetensors("{"+a+"}", 24)
	for length, check := range map[uint64]func(testing.TB, error){
		100_000_001: weightstest.Is[*weights.FormatError], 1 << 47: weightstest.Is[*weights.FormatError], 99_999_999: weightstest.Is[*weights.TruncatedError],
		1 << 63: weightstest.Is[*weights.UnsupportedError], math.MaxUint64: weightstest.Is[*weights.UnsupportedError], 0: weightstest.Is[*weights.FormatError], 20: weightstest.Is[*weights.FormatError],
	} {
		binary.LittleEndian.PutUint64(whole, length)
		_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), whole))
		check(t, err)
	}
	many := new(strings.Builder)
	for i := range container.MaxTensors + 2 {
		fmt.Fprintf(many, `,"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, i)
	}
	_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
		rawSafetensors("{"+many.String()[1:]+"}", 0)))
	weightstest.Refused[*weights.FormatError](t, err)
}

// An array that counts, in the order of its shape.

func FuzzSafetensors(f *testing.F) {
	for _, name := range []string{"torch.safetensors", "plain.safetensors"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		length := binary.LittleEndian.Uint64(data)
		f.Add(string(data[8:8+length]), uint16(len(data)-8-int(length)))
	}
	f.Fuzz(func(t *testing.T, header string, data uint16) {
		file := rawSafetensors(header, int(data))
		opentest.Try(t, "fuzz", file, 0)
	})
}
