package npy_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/opentest"
)

func TestNumPyFile(t *testing.T) {
	f := opentest.Open(t, "testdata/array.npy")
	opentest.ExpectCounted(t, f, "array")
	if i := f.Tensors(); len(i) != 1 || i[0].Layout != weights.OIHW || i[0].DType != "float32" {
		t.Errorf("%+v", i)
	}
	f = opentest.Open(t, "testdata/array_fortran.npy")
	opentest.ExpectCounted(t, f, "array")
}

// Dictionaries of arrays, as TensorFlow has them: the arrays of 4x3x2x5 and 6x12 count in C order.
func TestNumPyDictionaries(t *testing.T) {
	for file, want := range map[string][]string{
		"dict_py2.npy":    {"conv1_1.weight", "conv1_1.bias", "fc6.weight", "fc6.bias"},
		"dict_py3.npy":    {"conv1_1.weight", "conv1_1.bias", "fc6.weight", "fc6.bias"},
		"dict_latin1.npy": {"conv1_1.weight", "conv1_1.bias", "fc6.weight", "fc6.bias"},
		"dict_named.npy":  {"conv1.weights", "conv1.biases"},
	} {
		f := opentest.Open(t, "testdata/"+file)
		if !slices.Equal(opentest.Names(f), want) {
			t.Fatalf("%s: %q, want %q", file, opentest.Names(f), want)
		}
		for i, shape := range [][]int{{4, 3, 2, 5}, {5}, {6, 12}, {12}}[:len(want)] {
			n, _ := container.Product(shape)
			got, err := f.Tensor(want[i], shape...)
			if err != nil || !slices.Equal(got, weightstest.Vector(int(n))) {
				t.Errorf("%s, %s: %v, %v", file, want[i], got, err)
			}
		}
		if layout := f.Tensors()[0].Layout; layout != weights.HWIO {
			t.Errorf("%s: %s", file, layout)
		}
	}
}

func TestNumPyFilesThatLie(t *testing.T) {
	good := weightstest.NPY([]int{2, 3}, 1, 2, 3, 4, 5, 6)
	for n := range len(good) {
		_, err := opentest.Bytes(good[:n])
		if n < 6 {
			weightstest.Refused[*weights.UnsupportedError](t, err)
		} else if e := weightstest.Refused[*weights.TruncatedError](t, err); n > len(good)-24 &&
			(e.Have != int64(n-len(good)+24) || e.Want != 24) {
			t.Errorf("cut after %d of %d bytes: %+v", n, len(good), e)
		}
	}
	latin1 := func(text string) string {
		return weightstest.PkCall("_codecs.encode", weightstest.PkText(text), weightstest.PkText("latin1"))
	}
	ok := weightstest.NpyPickled(weightstest.PkDict("a",
		weightstest.PkArray([]int64{2}, "f4", weightstest.PkBytes(weightstest.Float32s([]float32{1, 2})))))
	if got, err := opentest.File(t, ok).Tensor("a", 2); err != nil || !slices.Equal(got, []float32{1, 2}) {
		t.Errorf("%v, %v", got, err)
	}
	for name, data := range map[string][]byte{
		"more behind": append(bytes.Clone(good), 0),
		"too many bytes": weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4",
			weightstest.PkBytes(make([]byte, 9)))),
		"a product of 2^64": weightstest.NpyPickled(weightstest.PkArray([]int64{1 << 32, 1 << 32}, "f4",
			weightstest.PkBytes(nil))),
		"a size below 0": weightstest.NpyPickled(weightstest.PkArray([]int64{-2}, "f4",
			weightstest.PkBytes(make([]byte, 8)))),
		"no bytes": weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4", "N")),
		"objects of bytes": weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "O8",
			weightstest.PkBytes(make([]byte, 16)))),
		"too little text": weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4",
			latin1("1234567"))),
		"too much text": weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4",
			latin1("123456789012345678"))),
		"text encoded twice": weightstest.NpyPickled(weightstest.PkCall("_codecs.encode", latin1("1234"),
			weightstest.PkText("latin1"))),
		"a tensor of PyTorch": weightstest.NpyPickled(weightstest.Eight),
	} {
		_, err := opentest.Bytes(data)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.FormatError](t, err) })
	}
	_, err := opentest.Bytes(weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4",
		weightstest.PkBytes(make([]byte, 7)))))
	weightstest.Refused[*weights.TruncatedError](t, err)
	_, err = opentest.Bytes(weightstest.NpyPickled(weightstest.PkDict("a", weightstest.PkInt(1))))
	weightstest.Refused[*weights.UnsupportedError](t, err)

	// what only reading finds
	for name, text := range map[string]string{
		"a character above 255": "1234567\u0100", "no UTF-8": "123456\xc2\x41\x41", "half a character": "1234567\xc2",
	} {
		_, err := opentest.File(t, weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4",
			latin1(text)))).Tensor("array", 2)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.FormatError](t, err) })
	}
	_, err = opentest.File(t, weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "f4",
		latin1("1234\u00ff\u00ff")))).Tensor("array", 2)
	weightstest.Refused[*weights.TruncatedError](t, err)
	_, err = opentest.File(t, weightstest.NpyPickled(weightstest.PkArray([]int64{2}, "i4",
		weightstest.PkBytes(make([]byte, 8))))).Tensor("array", 2)
	weightstest.Refused[*weights.TypeError](t, err)
	// one without numbers is sound, and of use to nobody
	f := opentest.File(t, weightstest.NpyPickled(weightstest.PkArray([]int64{0, 4}, "f4", weightstest.PkBytes(nil))))
	if got, err := f.Plain("array"); len(got) != 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := f.Stats("array"); got != (weights.Stats{}) || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	_, err = f.Tensor("array", 2)
	weightstest.Refused[*weights.ShapeError](t, err)
}

func FuzzNPYFile(f *testing.F) {
	opentest.Fixtures(f, "array.npy", "array_fortran.npy", "dict_py2.npy", "dict_py3.npy", "dict_latin1.npy",
		"dict_named.npy")
	f.Add(weightstest.NPY([]int{2, 2}, 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, data []byte) { opentest.Try(t, "fuzz", data, 0) })
}

// A matrix and a vector are a layer's weight and bias, in either order.
func TestPairsOfArrays(t *testing.T) {
	array := func(shape ...int64) string {
		n := int64(4)
		for _, d := range shape {
			n *= d
		}
		return weightstest.PkArray(shape, "f4", weightstest.PkBytes(make([]byte, n)))
	}
	for value, want := range map[string][]string{
		weightstest.PkDict("c", weightstest.PkList(array(3, 2), array(2))):           {"c.weight", "c.bias"},
		weightstest.PkDict("c", weightstest.PkTuple(array(2), array(1, 1, 3, 2))):    {"c.bias", "c.weight"},
		weightstest.PkDict("c", weightstest.PkList(array(2), array(2))):              {"c.0", "c.1"},
		weightstest.PkDict("c", weightstest.PkList(array(3, 2), array(2), array(2))): {"c.0", "c.1", "c.2"},
	} {
		if got := opentest.Names(opentest.File(t, weightstest.NpyPickled(value))); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The same in an archive, where each layer is a member of its own.
func TestObjectsInArchives(t *testing.T) {
	pair := weightstest.PkList(weightstest.PkArray([]int64{1, 2}, "f4",
		weightstest.PkBytes(weightstest.Float32s([]float32{1, 2}))),
		weightstest.PkArray([]int64{2}, "f4", weightstest.PkBytes(weightstest.Float32s([]float32{3, 4}))))
	members := []weightstest.Member{weightstest.File("conv1_1.npy", weightstest.NpyPickled(pair)),
		weightstest.File("meta.npy", weightstest.NpyPickled(weightstest.PkDict("a", "N")))}
	f := opentest.File(t, weightstest.Zipped(zip.Store, members...))
	if got := opentest.Names(f); !slices.Equal(got, []string{"conv1_1.weight", "conv1_1.bias", "meta"}) {
		t.Errorf("%q", got)
	}
	if got, err := f.Tensor("conv1_1.bias", 2); err != nil || !slices.Equal(got, []float32{3, 4}) {
		t.Errorf("%v, %v", got, err)
	}
	f = opentest.File(t, weightstest.Zipped(zip.Deflate, members...))
	if got := opentest.Names(f); !slices.Equal(got, []string{"conv1_1", "meta"}) {
		t.Errorf("%q", got)
	}
}
