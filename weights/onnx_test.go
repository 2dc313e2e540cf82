package weights

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestONNX(t *testing.T) {
	f := open(t, "testdata/model.onnx")
	want := []string{
		"float_w 4x3x2x5 OIHW float32", "float_b 4 O float32", "half_w 4x3x2x5 OIHW float16", "half_b 4 O float16",
		"half_raw_w 4x3x2x5 OIHW float16", "half_raw_b 4 O float16", "double_w 4x3x2x5 OIHW float64", "double_b 4 O float64",
		"double_raw_w 4x3x2x5 OIHW float64", "double_raw_b 4 O float64", "brain_w 4x3x2x5 OIHW bfloat16", "brain_b 4 O bfloat16",
		"constant_w 4x3x2x5 OIHW float32", "scale 4 O float32", "shift 4 O float32", "mean 4 O float32", "variance 4 O float32",
		"gemm_oi 6x12 OI float32", "gemm_b 6 O float32", "gemm_io 12x6 IO float32", "matmul 12x6 IO float32",
		"unused 3 O float32", "sizes 2 O int64",
	}
	if got := listing(f); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, kind := range []string{"float", "half", "half_raw", "double", "double_raw", "constant"} {
		if got, err := f.Tensor(kind+"_w", 2, 5, 3, 4); err != nil || !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
		if kind == "constant" {
			continue
		}
		if got, err := f.Tensor(kind+"_b", 4); err != nil || !slices.Equal(got, plain(4)) {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
	}
	if got, err := f.Tensor("brain_b", 4); err != nil || !slices.Equal(got, plain(4)) {
		t.Errorf("%v, %v", got, err)
	}
	for i, name := range []string{"scale", "shift", "mean", "variance"} {
		start := float32(i + 1)
		if got, err := f.Tensor(name, 4); err != nil || !slices.Equal(got, []float32{start, start + .125, start + .25, start + .375}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("gemm_oi", 12, 6); err != nil || !slices.Equal(got, weightstest.Counted(6, 12, 1, 1)) {
		t.Errorf("%v, %v", got, err)
	}
	for _, name := range []string{"gemm_io", "matmul"} {
		if got, err := f.Tensor(name, 12, 6); err != nil || !slices.Equal(got, plain(72)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := f.Tensor("sizes", 2)
	weightstest.Refused[*TypeError](t, err)
}

// bfloat16 has 8 bits: what was counted is rounded.
func TestONNXRoundsToBrain(t *testing.T) {
	got, err := open(t, "testdata/model.onnx").Tensor("brain_w", 2, 5, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range weightstest.Counted(4, 3, 2, 5) {
		if diff := got[i] - v; max(diff, -diff) > v/256 {
			t.Errorf("%v at %d, want %v", got[i], i, v)
		}
	}
}

func TestONNXWithAnotherFile(t *testing.T) {
	f := open(t, "testdata/external.onnx")
	if got, err := f.Tensor("w", 2, 5, 3, 4); err != nil || !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := f.Tensor("b", 4); err != nil || !slices.Equal(got, plain(4)) {
		t.Errorf("%v, %v", got, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := f.Tensor("b", 4)
	weightstest.Refused[*ReadError](t, err)
}

// elsewhere is a model whose one tensor, of six numbers, is in another file.
func elsewhere(location, offset, length string) []byte {
	tensor := concat(pb(1, 6), pb(2, 1), pb(8, "a"), pb(14, 1))
	for _, pair := range [][2]string{{"location", location}, {"offset", offset}, {"length", length}, {"checksum", "0"}} {
		if pair[1] != "" {
			tensor = append(tensor, pb(13, concat(pb(1, pair[0]), pb(2, pair[1])))...)
		}
	}
	return onnxModel(pb(5, tensor))
}

func onnxModel(graph ...[]byte) []byte {
	return concat(pb(1, 8), pb(2, "oneiro"), pb(7, concat(graph...)))
}

func TestONNXOtherFilesThatAreRefused(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "model")
	weightstest.Write(t, filepath.Join(outside, "out.bin"), weightstest.Float32s(plain(6)))
	weightstest.Write(t, filepath.Join(dir, "in.bin"), weightstest.Float32s(plain(6)))
	weightstest.Write(t, filepath.Join(dir, "sub", "in.bin"), weightstest.Float32s(plain(6)))
	for link, to := range map[string]string{"inner": "in.bin", "outer": "../out.bin", "circle": "circle", "abs": filepath.Join(outside, "out.bin")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	for name, c := range map[string]struct {
		location, offset, length string
		err                      func(testing.TB, error)
	}{
		"sound":           {"in.bin", "0", "24", nil},
		"sound, no place": {"in.bin", "", "", nil},
		"parent":          {"../out.bin", "", "", weightstest.Is[*FormatError]},
		"inner parent":    {"sub/../../out.bin", "", "", weightstest.Is[*FormatError]},
		"absolute":        {filepath.Join(outside, "out.bin"), "", "", weightstest.Is[*FormatError]},
		"another folder":  {"sub/in.bin", "", "", weightstest.Is[*FormatError]},
		"backslash":       {`..\out.bin`, "", "", weightstest.Is[*FormatError]},
		"a drive":         {"C:out.bin", "", "", weightstest.Is[*FormatError]},
		"a NUL":           {"in.bin\x00", "", "", weightstest.Is[*FormatError]},
		"no location":     {"", "", "", weightstest.Is[*FormatError]},
		"itself a folder": {".", "", "", weightstest.Is[*FormatError]},
		"the parent":      {"..", "", "", weightstest.Is[*FormatError]},
		"a folder":        {"sub", "", "", weightstest.Is[*FormatError]},
		"a link":          {"inner", "", "", weightstest.Is[*FormatError]},
		"a link out":      {"outer", "", "", weightstest.Is[*FormatError]},
		"a circle":        {"circle", "", "", weightstest.Is[*FormatError]},
		"an absolute one": {"abs", "", "", weightstest.Is[*FormatError]},
		"missing":         {"none.bin", "", "", weightstest.Is[*ReadError]},
		"beyond the end":  {"in.bin", "1", "", weightstest.Is[*TruncatedError]},
		"far beyond":      {"in.bin", "281474976710655", "", weightstest.Is[*TruncatedError]},
		"2^63":            {"in.bin", "9223372036854775808", "", weightstest.Is[*FormatError]},
		"negative":        {"in.bin", "-1", "", weightstest.Is[*FormatError]},
		"another length":  {"in.bin", "0", "20", weightstest.Is[*FormatError]},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(weightstest.Write(t, filepath.Join(dir, "a.onnx"), elsewhere(c.location, c.offset, c.length)))
			if c.err != nil {
				c.err(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got, err := f.Tensor("a", 6); err != nil || !slices.Equal(got, plain(6)) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	// it changed since it was opened
	f := open(t, weightstest.Write(t, filepath.Join(dir, "a.onnx"), elsewhere("in.bin", "", "")))
	weightstest.Write(t, filepath.Join(dir, "in.bin"), make([]byte, 20))
	_, err := f.Tensor("a", 6)
	if e := weightstest.Refused[*TruncatedError](t, err); e.Have != 20 || e.Want != 24 || !strings.HasSuffix(e.File, "in.bin") {
		t.Errorf("%+v", e)
	}
}

func TestONNXThatLies(t *testing.T) {
	six := pb(9, weightstest.Float32s(plain(6)))
	tensor := func(fields ...[]byte) []byte { return pb(5, concat(pb(8, "a"), concat(fields...))) }
	node := func(op string, inputs ...string) []byte {
		var b []byte
		for _, name := range inputs {
			b = append(b, pb(1, name)...)
		}
		return pb(1, append(b, pb(4, op)...))
	}
	float, dims := pb(2, 1), pb(1, uvarints(2, 3))
	sound := tensor(float, dims, six)
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"sound":                {onnxModel(sound), nil},
		"sound, sizes alone":   {onnxModel(tensor(float, pb(1, 2), pb(1, 3), six)), nil},
		"sound, one by one":    {onnxModel(tensor(float, pb(1, 2), pb(4, float32(1)), pb(4, float32(2)))), nil},
		"sound, type behind":   {onnxModel(tensor(six, dims, float)), nil},
		"sound, tensors first": {onnxModel(sound, node("Gemm", "x", "a", "b")), nil},
		"cut":                  {onnxModel(sound)[:30], weightstest.Is[*TruncatedError]},
		"too few numbers":      {onnxModel(tensor(float, pb(1, 7), six)), weightstest.Is[*FormatError]},
		"too many":             {onnxModel(tensor(float, pb(1, 5), six)), weightstest.Is[*FormatError]},
		"none":                 {onnxModel(tensor(float, pb(1, 5))), weightstest.Is[*FormatError]},
		"half a number":        {onnxModel(tensor(float, pb(1, 5), pb(9, make([]byte, 23)))), weightstest.Is[*FormatError]},
		"raw and listed":       {onnxModel(tensor(float, dims, six, pb(4, weightstest.Float32s(plain(6))))), weightstest.Is[*FormatError]},
		"raw and elsewhere":    {onnxModel(tensor(float, dims, six, pb(14, 1))), weightstest.Is[*FormatError]},
		"doubles for floats":   {onnxModel(tensor(float, pb(1, 1), pb(10, 1.0))), weightstest.Is[*FormatError]},
		"no type":              {onnxModel(tensor(dims, six)), weightstest.Is[*FormatError]},
		"an unknown type":      {onnxModel(tensor(pb(2, 99), dims, six)), weightstest.Is[*FormatError]},
		"a segment":            {onnxModel(tensor(float, dims, six, pb(3, pb(1, 0)))), weightstest.Is[*FormatError]},
		"a product of 2^64":    {onnxModel(tensor(float, pb(1, 1<<32), pb(1, 1<<32), six)), weightstest.Is[*FormatError]},
		"a product of 2^64+6":  {onnxModel(tensor(float, pb(1, 274177), pb(1, 67280421310721), six)), weightstest.Is[*FormatError]},
		"a negative size":      {onnxModel(tensor(float, pb(1, -6), six)), weightstest.Is[*FormatError]},
		"33 sizes":             {onnxModel(tensor(float, pb(1, bytes.Repeat([]byte{1}, 33)), pb(4, float32(1)))), weightstest.Is[*FormatError]},
		"a name twice":         {onnxModel(sound, sound), weightstest.Is[*FormatError]},
		"no name":              {onnxModel(pb(5, concat(float, dims, six))), weightstest.Is[*FormatError]},
		"fewer half numbers":   {onnxModel(tensor(pb(2, 10), dims, pb(5, uvarints(1, 2, 3)))), weightstest.Is[*FormatError]},
		"no tensors":           {onnxModel(node("Relu", "x")), weightstest.Is[*UnsupportedError]},
		"no graph":             {concat(pb(1, 8), pb(2, "oneiro")), weightstest.Is[*UnsupportedError]},
		"whole numbers":        {onnxModel(node("QLinearConv", "x"), sound), weightstest.Is[*UnsupportedError]},
		"whole and back":       {onnxModel(sound, node("DequantizeLinear", "a", "b")), weightstest.Is[*UnsupportedError]},
		"whole weights":        {onnxModel(node("Conv", "x", "a"), tensor(pb(2, 3), dims, pb(9, make([]byte, 6)))), weightstest.Is[*UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			opensOne(t, c.data, c.err)
		})
	}
	// as many numbers as bytes: that they are fewer is known when they are read
	f := open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"), onnxModel(tensor(pb(2, 10), dims, pb(5, uvarints(1, 2, 3, 4, 300))))))
	_, err := f.Tensor("a", 3, 2)
	weightstest.Refused[*TruncatedError](t, err)
	f = open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"), onnxModel(tensor(pb(2, 10), dims, pb(5, uvarints(1, 2, 3, 4, 5, 1<<16))))))
	_, err = f.Tensor("a", 3, 2)
	weightstest.Refused[*FormatError](t, err)
	f = open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"), onnxModel(tensor(pb(2, 10), dims, pb(5, uvarints(1, 2, 3, 4, 5, 6, 7))))))
	_, err = f.Tensor("a", 3, 2)
	weightstest.Refused[*FormatError](t, err)

	_, err = Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), onnxModel(node("QLinearConv", "x"), sound)))
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Hint(), "vgg16-12.onnx") {
		t.Error(e.Hint())
	}
}

func FuzzONNX(f *testing.F) {
	addFixtures(f, "model.onnx", "external.onnx")
	f.Add(elsewhere("../a", "1", "2"))
	dir := f.TempDir()
	weightstest.Write(f, filepath.Join(dir, "external.bin"), make([]byte, 256))
	f.Fuzz(func(t *testing.T, data []byte) {
		sniff(data)
		tryOpen(t, openONNX, filepath.Join(dir, "fuzz"), data, 256)
	})
}
