package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestSafetensors(t *testing.T) {
	f := open(t, "testdata/torch.safetensors")
	for _, name := range []string{"f4", "f8", "f2"} {
		if got, err := f.Tensor(name+".weight", 2, 5, 3, 4); err != nil || !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("dense.weight", 12, 6); err != nil || !slices.Equal(got, weightstest.Counted(6, 12, 1, 1)) {
		t.Errorf("dense: %v, %v", got, err)
	}
	for _, name := range []string{"f4.bias", "brain.bias"} {
		if got, err := f.Tensor(name, 7); err != nil || !slices.Equal(got, weightstest.Counted(7, 1, 1, 1)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := f.Tensor("num_batches_tracked", 1)
	if e := weightstest.Refused[*TypeError](t, err); e.Have != "int64" {
		t.Errorf("%+v", e)
	}
	_, err = f.Tensor("flags", 3)
	weightstest.Refused[*TypeError](t, err)
	for _, name := range []string{"empty", "scalar"} {
		_, err = f.Tensor(name, 1)
		weightstest.Refused[*ShapeError](t, err)
	}
	if all := f.Tensors(); len(all) != 10 || all[1].Name != "f8.weight" || !slices.Equal(all[1].Shape, []int{4, 3, 2, 5}) || all[1].Layout != OIHW || all[1].DType != "float64" {
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
		"sound":                  {"{" + a + "}", 24, nil},
		"sound, filled":          {"{" + a + "}    ", 24, nil},
		"sound, other order":     {`{` + one("b", "F16", "2", "24,28") + `,` + a + `,"__metadata__":{"a":"b"}}`, 28, nil},
		"sound, a scalar":        {"{" + one("a", "F32", "", "0,4") + "}", 4, nil},
		"too few bytes":          {"{" + a + "}", 23, weightstest.Is[*TruncatedError]},
		"too many":               {"{" + a + "}", 25, weightstest.Is[*FormatError]},
		"a name twice":           {"{" + a + "," + one("a", "F32", "1", "24,28") + "}", 28, weightstest.Is[*FormatError]},
		"metadata twice":         {`{"__metadata__":{},"__metadata__":{},` + a + "}", 24, weightstest.Is[*FormatError]},
		"metadata of numbers":    {`{"__metadata__":{"a":1},` + a + "}", 24, weightstest.Is[*FormatError]},
		"a hole":                 {"{" + a + "," + one("b", "F32", "1", "28,32") + "}", 32, weightstest.Is[*FormatError]},
		"a hole at the start":    {"{" + one("a", "F32", "1", "4,8") + "}", 8, weightstest.Is[*FormatError]},
		"an overlap":             {"{" + a + "," + one("b", "F32", "1", "20,24") + "}", 24, weightstest.Is[*FormatError]},
		"the same bytes twice":   {"{" + a + "," + one("b", "F32", "2,3", "0,24") + "}", 24, weightstest.Is[*FormatError]},
		"an end before":          {"{" + one("a", "F32", "1", "4,0") + "}", 4, weightstest.Is[*FormatError]},
		"a false shape":          {"{" + one("a", "F32", "2,2", "0,24") + "}", 24, weightstest.Is[*FormatError]},
		"a product of 2^64":      {"{" + one("a", "F32", "4294967296,4294967296", "0,0") + "}", 0, weightstest.Is[*FormatError]},
		"a product of 2^64+1":    {"{" + one("a", "F64", "274177,67280421310721", "0,8") + "}", 8, weightstest.Is[*FormatError]},
		"a huge size":            {"{" + one("a", "F32", "99999999999999999999", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"a negative size":        {"{" + one("a", "F32", "-1", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"half a size":            {"{" + one("a", "F32", "1.0", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"a size in words":        {"{" + one("a", "F32", `"1"`, "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"a size with exponent":   {"{" + one("a", "F32", "1e0", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"a huge offset":          {"{" + one("a", "F32", "1", "0,18446744073709551615") + "}", 4, weightstest.Is[*FormatError]},
		"one offset":             {"{" + one("a", "F32", "1", "4") + "}", 4, weightstest.Is[*FormatError]},
		"another type":           {"{" + one("a", "F31", "1", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"half a byte":            {"{" + one("a", "F4", "1", "0,0") + "}", 0, weightstest.Is[*FormatError]},
		"33 dimensions":          {"{" + one("a", "F32", strings.Repeat("1,", 32)+"1", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"a key twice":            {`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, weightstest.Is[*FormatError]},
		"a key twice, escaped":   {`{"a":{"dtype":"F32","\u0064type":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, weightstest.Is[*FormatError]},
		"another key":            {`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4, weightstest.Is[*FormatError]},
		"no shape":               {`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4, weightstest.Is[*FormatError]},
		"a list":                 {`{"a":[1]}`, 4, weightstest.Is[*FormatError]},
		"nested lists":           {`{"a":{"shape":` + strings.Repeat("[", 100000) + `}}`, 4, weightstest.Is[*FormatError]},
		"no end":                 {"{" + a, 24, weightstest.Is[*FormatError]},
		"more behind":            {"{" + a + "}{}", 24, weightstest.Is[*FormatError]},
		"a comma too many":       {"{" + a + ",}", 24, weightstest.Is[*FormatError]},
		"no UTF-8":               {"{" + one("\xff", "F32", "1", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"no tensors":             {"{}", 0, weightstest.Is[*UnsupportedError]},
		"no tensors, but bytes":  {"{}", 8, weightstest.Is[*UnsupportedError]},
		"a line in a name":       {"{" + one(`\n`, "F31", "1", "0,4") + "}", 4, weightstest.Is[*FormatError]},
		"an empty one in a hole": {"{" + a + "," + one("b", "F32", "0", "28,28") + "}", 28, weightstest.Is[*FormatError]},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), rawSafetensors(c.header, c.data)))
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
		100_000_001: weightstest.Is[*FormatError], 1 << 47: weightstest.Is[*FormatError], 99_999_999: weightstest.Is[*TruncatedError],
		1 << 63: weightstest.Is[*UnsupportedError], math.MaxUint64: weightstest.Is[*UnsupportedError], 0: weightstest.Is[*FormatError], 20: weightstest.Is[*FormatError],
	} {
		binary.LittleEndian.PutUint64(whole, length)
		_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), whole))
		check(t, err)
	}
	many := new(strings.Builder)
	for i := range maxTensors + 2 {
		fmt.Fprintf(many, `,"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, i)
	}
	_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), rawSafetensors("{"+many.String()[1:]+"}", 0)))
	weightstest.Refused[*FormatError](t, err)
}

// handed gives the values in pieces of n.
func handed(values []float32, n int) func(put func([]float32) error) error {
	return func(put func([]float32) error) error {
		for piece := range slices.Chunk(values, n) {
			if err := put(piece); err != nil {
				return err
			}
		}
		return nil
	}
}

// An array that counts, in the order of its shape.
func plain(n int) []float32 { return weightstest.Counted(n, 1, 1, 1) }

func TestWriteSafetensors(t *testing.T) {
	var b bytes.Buffer
	if err := writeSafetensors(&b, []outTensor{
		{"a.weight", []int{4, 3, 2, 5}, false, handed(plain(120), 7)},
		{"b é\"<.bias", []int{7}, false, handed(plain(7), 7)},
	}, map[string]string{"by": "oneiro"}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/plain.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%q, want %q", b.Bytes()[:200], want[:200])
	}

	b.Reset()
	const n = 2*chunk + 3
	if err := writeSafetensors(&b, []outTensor{
		{"b", []int{1}, true, handed([]float32{-1.5}, 1)},
		{"a", []int{n}, false, handed(plain(n), n)},
		{"scalar", nil, false, handed([]float32{3}, 1)},
		{"weight", []int{4, 3, 2, 5}, true, handed(plain(120), 1)},
	}, nil); err != nil {
		t.Fatal(err)
	}
	f := open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"), b.Bytes()))
	if got, err := f.Tensor("a", n); err != nil || !slices.Equal(got, plain(n)) {
		t.Errorf("a: %v", err)
	}
	if got, err := f.Tensor("b", 1); err != nil || got[0] != -1.5 {
		t.Errorf("b: %v, %v", got, err)
	}
	if got, err := f.Tensor("weight", 2, 5, 3, 4); err != nil || !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
		t.Errorf("weight: %v, %v", got, err)
	}
	var names []string
	for _, i := range f.Tensors() {
		names = append(names, i.Name+" "+i.DType)
	}
	if !slices.Equal(names, []string{"b float16", "a float32", "scalar float32", "weight float16"}) {
		t.Error(names)
	}
}

type fullDisk struct{ left int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteSafetensorsRefuses(t *testing.T) {
	sound := outTensor{"a", []int{2}, false, handed(plain(2), 1)}
	for name, tensors := range map[string][]outTensor{
		"a name twice":  {sound, sound},
		"metadata":      {{"__metadata__", []int{2}, false, handed(plain(2), 1)}},
		"no UTF-8":      {{"\xff", []int{2}, false, handed(plain(2), 1)}},
		"no shape":      {{"a", []int{0}, false, handed(nil, 1)}},
		"too few":       {{"a", []int{3}, false, handed(plain(2), 1)}},
		"too many":      {{"a", []int{1}, false, handed(plain(2), 1)}},
		"too many once": {{"a", []int{1}, false, handed(plain(2), 2)}},
	} {
		if err := writeSafetensors(new(bytes.Buffer), tensors, nil); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
	err := writeSafetensors(new(bytes.Buffer), []outTensor{{"a", []int{2}, true, handed([]float32{1, -65520}, 2)}}, nil)
	if e := weightstest.Refused[*HalfError](t, err); e.Index != 1 || e.Value != -65520 {
		t.Errorf("%+v", e)
	}
	for left := range 72 {
		if err := writeSafetensors(&fullDisk{left}, []outTensor{sound}, nil); !errors.Is(err, errFull) {
			t.Errorf("a disk with %d bytes: %v", left, err)
		}
	}
}

func TestToHalf(t *testing.T) {
	for bits := range uint16(0x7c00) {
		if h, ok := toHalf(half(bits)); !ok || h != bits {
			t.Fatalf("%#x becomes %#x", bits, h)
		}
		// half way to the next, which float32 holds exactly, and a little to both sides
		next := float32(65536)
		if bits < 0x7bff {
			next = half(bits + 1)
		}
		middle := (half(bits) + next) / 2
		want := map[float32]uint16{
			math.Nextafter32(middle, 0): bits, middle: bits + bits&1, math.Nextafter32(middle, math.MaxFloat32): bits + 1,
		}
		for v, want := range want {
			h, ok := toHalf(v)
			if ok != (want < 0x7c00) || ok && h != want {
				t.Fatalf("%v becomes %#x, want %#x", v, h, want)
			}
			if h, _ := toHalf(-v); ok && h != want|0x8000 {
				t.Fatalf("%v becomes %#x", -v, h)
			}
		}
	}
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), 65520, math.MaxFloat32} {
		if _, ok := toHalf(float32(v)); ok {
			t.Errorf("%v fits", v)
		}
	}
	if h, ok := toHalf(float32(math.Copysign(0, -1))); !ok || h != 0x8000 {
		t.Errorf("-0 becomes %#x", h)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		v := float32(random.NormFloat64())
		h, _ := toHalf(v)
		if diff := math.Abs(float64(half(h) - v)); diff > math.Abs(float64(v))*0x1p-11 && diff > 0x1p-25 {
			t.Fatalf("%v becomes %v", v, half(h))
		}
	}
}

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
		tryOpen(t, openPlain, "fuzz", file, 0)
	})
}
