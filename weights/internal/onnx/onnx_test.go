package onnx_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func TestONNX(t *testing.T) {
	f := opentest.Open(t, "testdata/model.onnx")
	want := []string{
		"float_w 4x3x2x5 OIHW float32", "float_b 4 O float32", "half_w 4x3x2x5 OIHW float16", "half_b 4 O float16",
		"half_raw_w 4x3x2x5 OIHW float16", "half_raw_b 4 O float16", "double_w 4x3x2x5 OIHW float64", "double_b 4 O float64",
		"double_raw_w 4x3x2x5 OIHW float64", "double_raw_b 4 O float64", "brain_w 4x3x2x5 OIHW bfloat16", "brain_b 4 O bfloat16",
		"constant_w 4x3x2x5 OIHW float32", "scale 4 O float32", "shift 4 O float32", "mean 4 O float32", "variance 4 O float32",
		"gemm_oi 6x12 OI float32", "gemm_b 6 O float32", "gemm_io 12x6 IO float32", "matmul 12x6 IO float32",
		"unused 3 O float32", "sizes 2 O int64",
	}
	if got := opentest.Listing(f); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, kind := range []string{"float", "half", "half_raw", "double", "double_raw", "constant"} {
		if got, err := f.Tensor(kind+"_w", 2, 5, 3, 4); err != nil ||
			!slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
		if kind == "constant" {
			continue
		}
		if got, err := f.Tensor(kind+"_b", 4); err != nil || !slices.Equal(got, weightstest.Vector(4)) {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
	}
	if got, err := f.Tensor("brain_b", 4); err != nil || !slices.Equal(got, weightstest.Vector(4)) {
		t.Errorf("%v, %v", got, err)
	}
	for i, name := range []string{"scale", "shift", "mean", "variance"} {
		start := float32(i + 1)
		if got, err := f.Tensor(name, 4); err != nil ||
			!slices.Equal(got, []float32{start, start + .125, start + .25, start + .375}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("gemm_oi", 12, 6); err != nil ||
		!slices.Equal(got, weightstest.Counted(6, 12, 1, 1)) {
		t.Errorf("%v, %v", got, err)
	}
	for _, name := range []string{"gemm_io", "matmul"} {
		if got, err := f.Tensor(name, 12, 6); err != nil || !slices.Equal(got, weightstest.Vector(72)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := f.Tensor("sizes", 2)
	weightstest.Refused[*weights.TypeError](t, err)
}

// bfloat16 has 8 bits: what was counted is rounded.
func TestONNXRoundsToBrain(t *testing.T) {
	got, err := opentest.Open(t, "testdata/model.onnx").Tensor("brain_w", 2, 5, 3, 4)
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
	f := opentest.Open(t, "testdata/external.onnx")
	if got, err := f.Tensor("w", 2, 5, 3, 4); err != nil ||
		!slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := f.Tensor("b", 4); err != nil || !slices.Equal(got, weightstest.Vector(4)) {
		t.Errorf("%v, %v", got, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := f.Tensor("b", 4)
	weightstest.Refused[*weights.ReadError](t, err)
}

// elsewhere is a model whose one tensor, of six numbers, is in another file.
func elsewhere(location, offset, length string) []byte {
	tensor := weightstest.Concat(weightstest.PB(1, 6), weightstest.PB(2, 1), weightstest.PB(8, "a"),
		weightstest.PB(14, 1))
	for _, pair := range [][2]string{{"location", location}, {"offset", offset}, {"length", length},
		{"checksum", "0"}} {
		if pair[1] != "" {
			tensor = append(tensor, weightstest.PB(13,
				weightstest.Concat(weightstest.PB(1, pair[0]), weightstest.PB(2, pair[1])))...)
		}
	}
	return onnxModel(weightstest.PB(5, tensor))
}

func onnxModel(graph ...[]byte) []byte {
	return weightstest.Concat(weightstest.PB(1, 8), weightstest.PB(2, "oneiro"),
		weightstest.PB(7, weightstest.Concat(graph...)))
}

func TestONNXOtherFilesThatAreRefused(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "model")
	weightstest.Write(t, filepath.Join(outside, "out.bin"), weightstest.Float32s(weightstest.Vector(6)))
	weightstest.Write(t, filepath.Join(dir, "in.bin"), weightstest.Float32s(weightstest.Vector(6)))
	weightstest.Write(t, filepath.Join(dir, "sub", "in.bin"), weightstest.Float32s(weightstest.Vector(6)))
	for link, to := range map[string]string{"inner": "in.bin", "outer": "../out.bin", "circle": "circle",
		"abs": filepath.Join(outside, "out.bin")} {
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
		"parent":          {"../out.bin", "", "", weightstest.Is[*weights.FormatError]},
		"inner parent":    {"sub/../../out.bin", "", "", weightstest.Is[*weights.FormatError]},
		"absolute":        {filepath.Join(outside, "out.bin"), "", "", weightstest.Is[*weights.FormatError]},
		"a folder inside": {"sub/in.bin", "", "", nil},
		"there and back":  {"sub/../in.bin", "", "", nil},
		"backslash":       {`..\out.bin`, "", "", weightstest.Is[*weights.FormatError]},
		"a drive":         {"C:out.bin", "", "", weightstest.Is[*weights.FormatError]},
		"a NUL":           {"in.bin\x00", "", "", weightstest.Is[*weights.FormatError]},
		"no location":     {"", "", "", weightstest.Is[*weights.FormatError]},
		"itself a folder": {".", "", "", weightstest.Is[*weights.FormatError]},
		"the parent":      {"..", "", "", weightstest.Is[*weights.FormatError]},
		"a folder":        {"sub", "", "", weightstest.Is[*weights.FormatError]},
		"a link":          {"inner", "", "", nil},
		"a link out":      {"outer", "", "", weightstest.Is[*weights.FormatError]},
		"a circle":        {"circle", "", "", weightstest.Is[*weights.ReadError]},
		"an absolute one": {"abs", "", "", weightstest.Is[*weights.FormatError]},
		"missing":         {"none.bin", "", "", weightstest.Is[*weights.ReadError]},
		"beyond the end":  {"in.bin", "1", "", weightstest.Is[*weights.TruncatedError]},
		"far beyond":      {"in.bin", "281474976710655", "", weightstest.Is[*weights.TruncatedError]},
		"2^63":            {"in.bin", "9223372036854775808", "", weightstest.Is[*weights.FormatError]},
		"negative":        {"in.bin", "-1", "", weightstest.Is[*weights.FormatError]},
		"another length":  {"in.bin", "0", "20", weightstest.Is[*weights.FormatError]},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := weights.Open(weightstest.Write(t, filepath.Join(dir, "a.onnx"),
				elsewhere(c.location, c.offset, c.length)))
			if c.err != nil {
				c.err(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got, err := f.Tensor("a", 6); err != nil || !slices.Equal(got, weightstest.Vector(6)) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	// it changed since it was opened
	f := opentest.Open(t, weightstest.Write(t, filepath.Join(dir, "a.onnx"), elsewhere("in.bin", "", "")))
	weightstest.Write(t, filepath.Join(dir, "in.bin"), make([]byte, 20))
	_, err := f.Tensor("a", 6)
	if e := weightstest.Refused[*weights.TruncatedError](t, err); e.Have != 20 || e.Want != 24 ||
		!strings.HasSuffix(e.File, "in.bin") {
		t.Errorf("%+v", e)
	}
}

// A snapshot in Hugging Face's cache has links in place of files: to blobs beside the snapshots, and to nothing
// else.
func TestONNXInACache(t *testing.T) {
	cache := t.TempDir()
	snapshot := filepath.Join(cache, "models--a--b", "snapshots", "0123", "onnx")
	blobs := filepath.Join(cache, "models--a--b", "blobs")
	weightstest.Write(t, filepath.Join(blobs, "aaa"), elsewhere("model.onnx_data", "", ""))
	weightstest.Write(t, filepath.Join(blobs, "bbb"), weightstest.Float32s(weightstest.Vector(6)))
	weightstest.Write(t, filepath.Join(cache, "models--c", "blobs", "ccc"), make([]byte, 24))
	link := func(to, at string) {
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		os.Remove(at)
		if err := os.Symlink(to, at); err != nil {
			t.Skip(err)
		}
	}
	model, data := filepath.Join(snapshot, "model.onnx"), filepath.Join(snapshot, "model.onnx_data")
	link("../../../blobs/aaa", model)
	link("../../../blobs/bbb", data)
	f := opentest.Open(t, model)
	if got, err := f.Tensor("a", 6); err != nil || !slices.Equal(got, weightstest.Vector(6)) {
		t.Errorf("%v, %v", got, err)
	}
	for _, to := range []string{"../../../../models--c/blobs/ccc", filepath.Join(blobs, "bbb")} {
		link(to, data)
		_, err := weights.Open(model)
		weightstest.Refused[*weights.FormatError](t, err)
	}
}

func TestONNXThatLies(t *testing.T) {
	six := weightstest.PB(9, weightstest.Float32s(weightstest.Vector(6)))
	tensor := func(fields ...[]byte) []byte {
		return weightstest.PB(5, weightstest.Concat(weightstest.PB(8, "a"), weightstest.Concat(fields...)))
	}
	node := func(op string, inputs ...string) []byte {
		var b []byte
		for _, name := range inputs {
			b = append(b, weightstest.PB(1, name)...)
		}
		return weightstest.PB(1, append(b, weightstest.PB(4, op)...))
	}
	float, dims := weightstest.PB(2, 1), weightstest.PB(1, weightstest.Uvarints(2, 3))
	sound := tensor(float, dims, six)
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"sound": {onnxModel(sound), nil},
		"sound, sizes alone": {onnxModel(tensor(float, weightstest.PB(1, 2), weightstest.PB(1, 3), six)),
			nil},
		"sound, one by one": {onnxModel(tensor(float, weightstest.PB(1, 2), weightstest.PB(4, float32(1)),
			weightstest.PB(4, float32(2)))), nil},
		"sound, type behind":   {onnxModel(tensor(six, dims, float)), nil},
		"sound, tensors first": {onnxModel(sound, node("Gemm", "x", "a", "b")), nil},
		"cut":                  {onnxModel(sound)[:30], weightstest.Is[*weights.TruncatedError]},
		"too few numbers": {onnxModel(tensor(float, weightstest.PB(1, 7), six)),
			weightstest.Is[*weights.FormatError]},
		"too many": {onnxModel(tensor(float, weightstest.PB(1, 5), six)),
			weightstest.Is[*weights.FormatError]},
		"none": {onnxModel(tensor(float, weightstest.PB(1, 5))),
			weightstest.Is[*weights.FormatError]},
		"half a number": {onnxModel(tensor(float, weightstest.PB(1, 5),
			weightstest.PB(9, make([]byte, 23)))), weightstest.Is[*weights.FormatError]},
		"raw and listed": {onnxModel(tensor(float, dims, six,
			weightstest.PB(4, weightstest.Float32s(weightstest.Vector(6))))), weightstest.Is[*weights.FormatError]},
		"raw and elsewhere": {onnxModel(tensor(float, dims, six, weightstest.PB(14, 1))),
			weightstest.Is[*weights.FormatError]},
		"doubles for floats": {onnxModel(tensor(float, weightstest.PB(1, 1), weightstest.PB(10, 1.0))),
			weightstest.Is[*weights.FormatError]},
		"no type": {onnxModel(tensor(dims, six)), weightstest.Is[*weights.FormatError]},
		"an unknown type": {onnxModel(tensor(weightstest.PB(2, 99), dims, six)),
			weightstest.Is[*weights.FormatError]},
		"a segment": {onnxModel(tensor(float, dims, six, weightstest.PB(3, weightstest.PB(1, 0)))),
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64": {onnxModel(tensor(float, weightstest.PB(1, 1<<32), weightstest.PB(1, 1<<32),
			six)), weightstest.Is[*weights.FormatError]},
		"a product of 2^64+6": {onnxModel(tensor(float, weightstest.PB(1, 274177),
			weightstest.PB(1, 67280421310721), six)), weightstest.Is[*weights.FormatError]},
		"a negative size": {onnxModel(tensor(float, weightstest.PB(1, -6), six)),
			weightstest.Is[*weights.FormatError]},
		"33 sizes": {onnxModel(tensor(float, weightstest.PB(1, bytes.Repeat([]byte{1}, 33)),
			weightstest.PB(4, float32(1)))), weightstest.Is[*weights.FormatError]},
		"a name twice": {onnxModel(sound, sound), weightstest.Is[*weights.FormatError]},
		"no name": {onnxModel(weightstest.PB(5, weightstest.Concat(float, dims, six))),
			weightstest.Is[*weights.FormatError]},
		"fewer half numbers": {onnxModel(tensor(weightstest.PB(2, 10), dims,
			weightstest.PB(5, weightstest.Uvarints(1, 2, 3)))), weightstest.Is[*weights.FormatError]},
		"no tensors": {onnxModel(node("Relu", "x")), weightstest.Is[*weights.UnsupportedError]},
		"no graph": {weightstest.Concat(weightstest.PB(1, 8), weightstest.PB(2, "oneiro")),
			weightstest.Is[*weights.UnsupportedError]},
		"whole numbers": {onnxModel(node("QLinearConv", "x"), sound),
			weightstest.Is[*weights.UnsupportedError]},
		"whole and back": {onnxModel(sound, node("DequantizeLinear", "a", "b")),
			weightstest.Is[*weights.UnsupportedError]},
		"whole weights": {onnxModel(node("Conv", "x", "a"),
			tensor(weightstest.PB(2, 3), dims,
				weightstest.PB(9, make([]byte, 6)))), weightstest.Is[*weights.UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			opentest.One(t, c.data, c.err)
		})
	}
	// as many numbers as bytes: that they are fewer is known when they are read
	f := opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
		onnxModel(tensor(weightstest.PB(2, 10), dims,
			weightstest.PB(5, weightstest.Uvarints(1, 2, 3, 4, 300))))))
	_, err := f.Tensor("a", 3, 2)
	weightstest.Refused[*weights.TruncatedError](t, err)
	f = opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
		onnxModel(tensor(weightstest.PB(2, 10), dims,
			weightstest.PB(5, weightstest.Uvarints(1, 2, 3, 4, 5, 1<<16))))))
	_, err = f.Tensor("a", 3, 2)
	weightstest.Refused[*weights.FormatError](t, err)
	f = opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
		onnxModel(tensor(weightstest.PB(2, 10), dims,
			weightstest.PB(5, weightstest.Uvarints(1, 2, 3, 4, 5, 6, 7))))))
	_, err = f.Tensor("a", 3, 2)
	weightstest.Refused[*weights.FormatError](t, err)

	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
		onnxModel(node("QLinearConv", "x"), sound)))
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(),
		"vgg16-12.onnx") {
		t.Error(e.Hint())
	}
}

func FuzzONNX(f *testing.F) {
	opentest.Fixtures(f, "model.onnx", "external.onnx", "legacy_norm.onnx", "legacy_before.onnx", "dynamo_plain.onnx",
		"parts.onnx", "extended.onnx", "blocked.onnx")
	f.Add(elsewhere("../a", "1", "2"))
	dir := f.TempDir()
	weightstest.Write(f, filepath.Join(dir, "external.bin"), make([]byte, 256))
	f.Fuzz(func(t *testing.T, data []byte) {
		opentest.Try(t, filepath.Join(dir, "fuzz"), data, 256)
	})
}
