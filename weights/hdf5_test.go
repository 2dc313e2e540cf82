package weights

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// countTo is the array 0, 1/8, 2/8 ... as the file has it.
func countTo(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i) / 8
	}
	return out
}

func TestHDF5(t *testing.T) {
	for _, c := range []struct {
		file  string
		names []string
	}{
		{"keras1.h5", []string{"block1_conv2/block1_conv2_W_1:0", "block1_conv2/block1_conv2_b_1:0",
			"block1_conv1/block1_conv1_W_1:0", "block1_conv1/block1_conv1_b_1:0", "fc1/fc1_W_1:0", "fc1/fc1_b_1:0"}},
		{"keras2.h5", []string{"beta/beta/kernel:0", "beta/beta/bias:0", "alpha_2/alpha_2/kernel:0", "alpha_2/alpha_2/bias:0",
			"zeta/zeta/bias:0", "zeta/zeta/kernel:0", "alpha_10/alpha_10/kernel:0", "alpha_10/alpha_10/bias:0"}},
		{"keras_model.h5", []string{"model_weights/conv2d_2/conv2d_2/kernel:0", "model_weights/conv2d_2/conv2d_2/bias:0",
			"model_weights/conv2d_1/conv2d_1/kernel:0", "model_weights/conv2d_1/conv2d_1/bias:0",
			"optimizer_weights/training/Adam/iterations:0"}},
		{"h5py.h5", []string{"little_f8", "little_f2", "big_f4", "big_f2", "big_f8", "steps", "flags", "text", "records",
			"volume", "scalar", "compact"}},
	} {
		f := open(t, filepath.Join("testdata", c.file))
		var names []string
		for _, i := range f.Tensors() {
			names = append(names, i.Name)
			if i.DType[0] != 'f' && i.DType[0] != 'b' || len(i.Shape) == 0 || len(i.Shape) == 3 {
				continue
			}
			got, err := f.stored(i.Name, i.Shape...)
			if err != nil || !slices.Equal(got, countTo(int(i.Len()))) {
				t.Errorf("%s, %s: %v, %v", c.file, i.Name, got, err)
			}
		}
		if !slices.Equal(names, c.names) {
			t.Errorf("%s: %q", c.file, names)
		}
	}
}

func TestHDF5Types(t *testing.T) {
	f := open(t, "testdata/h5py.h5")
	types := map[string]string{}
	for _, i := range f.Tensors() {
		types[i.Name] = i.DType
	}
	for name, want := range map[string]string{
		"little_f8": "float64", "little_f2": "float16", "big_f4": "float32, big-endian", "compact": "float32", "steps": "int64",
		"flags": "an enumeration", "text": "text or arrays of any length", "records": "records",
	} {
		if types[name] != want {
			t.Errorf("%s: %q", name, types[name])
		}
	}
	for _, name := range []string{"steps", "flags", "text", "records"} {
		_, err := f.Tensor(name, 1)
		refused[*TypeError](t, err)
	}
	_, err := f.Tensor("volume", 2, 2, 2) // its axes are not known
	refused[*ShapeError](t, err)
	if i := open(t, "testdata/keras1.h5").Tensors(); i[0].Layout != HWIO || i[1].Layout != O || i[4].Layout != IO {
		t.Errorf("%v", i)
	}
}

// A tree of several levels, and an order in parts that are texts of any length.
func TestDeepHDF5(t *testing.T) {
	all := open(t, "testdata/deep.h5").Tensors()
	if len(all) != 30 || all[0].Name != "conv29" || all[10].Name != "conv19" || all[29].Name != "conv0" {
		t.Errorf("%d tensors: %v", len(all), all)
	}
}

func TestHDF5Refused(t *testing.T) {
	for file, want := range map[string]string{
		"hdf5_latest.h5": "version 3", "hdf5_tracked.h5": "HDF5", "hdf5_chunked.h5": "chunks",
		"hdf5_external.h5": "another file", "hdf5_empty.h5": "without arrays",
	} {
		_, err := Open(filepath.Join("testdata", file))
		e := refused[*UnsupportedError](t, err)
		if !strings.Contains(e.Looks, want) || !strings.Contains(e.Hint(), "save") {
			t.Errorf("%s: %v; %s", file, e, e.Hint())
		}
	}
	_, err := Open("testdata/hdf5_unwritten.h5")
	refused[*FormatError](t, err)
}
