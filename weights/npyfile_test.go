package weights

import (
	"slices"
	"testing"
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
			if err != nil || !slices.Equal(got, vector(int(n))) {
				t.Errorf("%s, %s: %v, %v", file, want[i], got, err)
			}
		}
		if layout := f.Tensors()[0].Layout; layout != HWIO {
			t.Errorf("%s: %s", file, layout)
		}
	}
}
