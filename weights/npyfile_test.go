package weights

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
)

func TestNumPyFile(t *testing.T) {
	f := open(t, "testdata/array.npy")
	expectCounted(t, f, "array")
	if i := f.Tensors(); len(i) != 1 || i[0].Layout != OIHW || i[0].DType != "float32" {
		t.Errorf("%+v", i)
	}
	f = open(t, "testdata/array_fortran.npy")
	expectCounted(t, f, "array")
}

// Dictionaries of arrays, as TensorFlow has them: the arrays of 4x3x2x5 and 6x12 count in C order.
func TestNumPyDictionaries(t *testing.T) {
	for file, want := range map[string][]string{
		"dict_py2.npy":    {"conv1_1.weight", "conv1_1.bias", "fc6.weight", "fc6.bias"},
		"dict_py3.npy":    {"conv1_1.weight", "conv1_1.bias", "fc6.weight", "fc6.bias"},
		"dict_latin1.npy": {"conv1_1.weight", "conv1_1.bias", "fc6.weight", "fc6.bias"},
		"dict_named.npy":  {"conv1.weights", "conv1.biases"},
	} {
		f := open(t, "testdata/"+file)
		if !slices.Equal(names(f), want) {
			t.Fatalf("%s: %q, want %q", file, names(f), want)
		}
		for i, shape := range [][]int{{4, 3, 2, 5}, {5}, {6, 12}, {12}}[:len(want)] {
			n, _ := product(shape)
			got, err := f.Tensor(want[i], shape...)
			if err != nil || !slices.Equal(got, weightstest.Vector(int(n))) {
				t.Errorf("%s, %s: %v, %v", file, want[i], got, err)
			}
		}
		if layout := f.Tensors()[0].Layout; layout != HWIO {
			t.Errorf("%s: %s", file, layout)
		}
	}
}

// pkArray is an array of numbers in a pickle, whose bytes the program data makes.
func pkArray(shape []int64, kind, data string) string {
	numpyType := pkCall("numpy.dtype", pkText(kind), "\x89", "\x88") + pkTuple(pkInt(3), pkText("<"), "N", "N", "N", pkInt(-1), pkInt(-1), pkInt(0)) + "b"
	return pkCall("numpy.core.multiarray._reconstruct", pkGlobal("numpy.ndarray"), pkInts(0), pkText("b")) +
		pkTuple(pkInt(1), pkInts(shape...), numpyType, "\x89", data) + "b"
}

func pkBytes(b []byte) string {
	return "B" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(b)))) + string(b)
}

func TestNumPyFilesThatLie(t *testing.T) {
	good := weightstest.NPY([]int{2, 3}, 1, 2, 3, 4, 5, 6)
	for n := range len(good) {
		_, err := openBytes(good[:n])
		if n < 6 {
			weightstest.Refused[*UnsupportedError](t, err)
		} else if e := weightstest.Refused[*TruncatedError](t, err); n > len(good)-24 && (e.Have != int64(n-len(good)+24) || e.Want != 24) {
			t.Errorf("cut after %d of %d bytes: %+v", n, len(good), e)
		}
	}
	latin1 := func(text string) string { return pkCall("_codecs.encode", pkText(text), pkText("latin1")) }
	ok := npyPickled(pkDict("a", pkArray([]int64{2}, "f4", pkBytes(weightstest.Float32s([]float32{1, 2})))))
	if got, err := fileOf(t, ok).Tensor("a", 2); err != nil || !slices.Equal(got, []float32{1, 2}) {
		t.Errorf("%v, %v", got, err)
	}
	for name, data := range map[string][]byte{
		"more behind":         append(bytes.Clone(good), 0),
		"too many bytes":      npyPickled(pkArray([]int64{2}, "f4", pkBytes(make([]byte, 9)))),
		"a product of 2^64":   npyPickled(pkArray([]int64{1 << 32, 1 << 32}, "f4", pkBytes(nil))),
		"a size below 0":      npyPickled(pkArray([]int64{-2}, "f4", pkBytes(make([]byte, 8)))),
		"no bytes":            npyPickled(pkArray([]int64{2}, "f4", "N")),
		"objects of bytes":    npyPickled(pkArray([]int64{2}, "O8", pkBytes(make([]byte, 16)))),
		"too little text":     npyPickled(pkArray([]int64{2}, "f4", latin1("1234567"))),
		"too much text":       npyPickled(pkArray([]int64{2}, "f4", latin1("123456789012345678"))),
		"text encoded twice":  npyPickled(pkCall("_codecs.encode", latin1("1234"), pkText("latin1"))),
		"a tensor of PyTorch": npyPickled(eight),
	} {
		_, err := openBytes(data)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*FormatError](t, err) })
	}
	_, err := openBytes(npyPickled(pkArray([]int64{2}, "f4", pkBytes(make([]byte, 7)))))
	weightstest.Refused[*TruncatedError](t, err)
	_, err = openBytes(npyPickled(pkDict("a", pkInt(1))))
	weightstest.Refused[*UnsupportedError](t, err)

	// what only reading finds
	for name, text := range map[string]string{
		"a character above 255": "1234567\u0100", "no UTF-8": "123456\xc2\x41\x41", "half a character": "1234567\xc2",
	} {
		_, err := fileOf(t, npyPickled(pkArray([]int64{2}, "f4", latin1(text)))).Tensor("array", 2)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*FormatError](t, err) })
	}
	_, err = fileOf(t, npyPickled(pkArray([]int64{2}, "f4", latin1("1234\u00ff\u00ff")))).Tensor("array", 2)
	weightstest.Refused[*TruncatedError](t, err)
	for name, kind := range map[string]string{"whole numbers": "i4", "no numbers": "f4"} {
		shape := map[string]int64{"i4": 2, "f4": 0}[kind]
		_, err := fileOf(t, npyPickled(pkArray([]int64{shape}, kind, pkBytes(make([]byte, 4*shape))))).Tensor("array", 2)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*TypeError](t, err) })
	}
}
