package weights

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
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

// What Keras itself writes today.
func TestRealKeras(t *testing.T) {
	for file, names := range map[string][]string{
		"tf_keras2.h5": {"z_conv/z_conv/kernel:0", "z_conv/z_conv/bias:0", "norm/norm/gamma:0", "norm/norm/beta:0",
			"norm/norm/moving_mean:0", "norm/norm/moving_variance:0", "a_dense/a_dense/kernel:0", "a_dense/a_dense/bias:0"},
		"keras3.weights.h5": {"layers/conv2d/vars/0", "layers/conv2d/vars/1", "layers/batch_normalization/vars/0",
			"layers/batch_normalization/vars/1", "layers/batch_normalization/vars/2", "layers/batch_normalization/vars/3",
			"layers/dense/vars/0", "layers/dense/vars/1"},
		"keras3_model.h5": {"model_weights/z_conv/small/z_conv/kernel", "model_weights/z_conv/small/z_conv/bias",
			"model_weights/norm/small/norm/gamma", "model_weights/norm/small/norm/beta",
			"model_weights/norm/small/norm/moving_mean", "model_weights/norm/small/norm/moving_variance",
			"model_weights/a_dense/small/a_dense/kernel", "model_weights/a_dense/small/a_dense/bias"},
	} {
		f := open(t, filepath.Join("testdata", file))
		all, info := infos(f)
		if !slices.Equal(all, names) {
			t.Errorf("%s: %q", file, all)
		}
		shapes := map[string][]int{}
		for name, i := range info {
			shapes[name] = i.Shape
		}
		checkTensors(t, f, shapes)
	}
}

// Arrays without numbers are listed, and links are not.
func TestOddHDF5(t *testing.T) {
	f := open(t, "testdata/h5py_odd.h5")
	names, _ := infos(f)
	if !slices.Equal(names, []string{"before", "empty", "null", "none"}) {
		t.Errorf("%q", names)
	}
	checkTensors(t, f, map[string][]int{"before": {3}})
	for _, name := range []string{"empty", "null", "none"} {
		_, err := f.Tensor(name, 1)
		refused[*ShapeError](t, err)
	}
	_, err := open(t, "testdata/hdf5_type.h5").Tensor("a", 3)
	if e := refused[*TypeError](t, err); !strings.Contains(e.Have, "elsewhere") {
		t.Error(e)
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
		"hdf5_latest.h5": "version 3", "hdf5_tracked.h5": "objects of version 2", "hdf5_chunked.h5": "chunks",
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

func hdf5Fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func openHDF5Bytes(data []byte) (container, error) {
	return openFile("file", memory{bytes.NewReader(data)}, int64(len(data)))
}

func longs(values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// Each case writes bytes behind the first place of keras2.h5 that has others.
func TestHostileHDF5(t *testing.T) {
	sound := hdf5Fixture(t, "keras2.h5")
	root := binary.LittleEndian.Uint64(sound[64:])
	tree := uint64(bytes.Index(sound, []byte("TREE")))
	leaf := uint64(bytes.Index(sound, []byte("SNOD")))
	heap := uint64(bytes.Index(sound, []byte("HEAP")))
	kernel := longs(3, 5, 2, 4)
	layout := append([]byte{3, 1}, sound[bytes.Index(sound, longs(480))-8:][:8]...) // of the first kernel
	second := binary.LittleEndian.Uint64(layout[2:])
	for name, c := range map[string]struct {
		behind string
		skip   int
		bytes  []byte
		want   string
	}{
		"the root in itself":                   {"SNOD", 4 + 8, longs(root), "a second way"},
		"two names for one object":             {"SNOD", 4 + 8 + 40, sound[leaf+16:][:8], "a second way"},
		"an object behind the end":             {"SNOD", 4 + 8, longs(1 << 40), "within"},
		"an object at the last address":        {"SNOD", 4 + 8, longs(1<<64 - 1), "within"},
		"an object that is none":               {"SNOD", 4 + 8, longs(tree), "a second way"},
		"more symbols than bytes":              {"SNOD", 2, []byte{255, 255}, "within"},
		"symbols of another version":           {"SNOD", 0, []byte{9}, "version 9"},
		"a name outside of its heap":           {"SNOD", 4, longs(1 << 50), "the name"},
		"no name":                              {"SNOD", 4, longs(0), "the name"},
		"a tree in itself":                     {"TREE", 1, append([]byte{1, 1, 0}, longs(0, 0, 0, tree)...), "a second way"},
		"a tree whose child is none":           {"TREE", 4 + 16 + 8, longs(heap), "a second way"},
		"a tree that is too high":              {"TREE", 1, []byte{200}, "level 200"},
		"a tree of chunks":                     {"TREE", 0, []byte{1}, "type 1"},
		"more children than bytes":             {"TREE", 2, []byte{255, 255}, "within"},
		"more names than bytes":                {"HEAP", 4, longs(1 << 62), "within"},
		"names that wrap around":               {"HEAP", 4, longs(1<<64 - 8), "within"},
		"names at the last address":            {"HEAP", 4 + 16, longs(1<<64 - 1), "within"},
		"a heap of another version":            {"HEAP", 0, []byte{1}, "version 1"},
		"a tree that is a heap":                {"TREE", -4, []byte("HEAP"), "TREE"},
		"sizes whose product is too large":     {string(kernel), -32, longs(1<<40, 1<<40, 1<<40, 1<<40), "sizes above 0"},
		"a size that is too large":             {string(kernel), -32, longs(1 << 60), "a shape"},
		"a size of nothing":                    {string(kernel), -32, longs(0), "sizes above 0"},
		"a shape of another version":           {string(kernel), -40, []byte{7}, "a shape"},
		"a shape of more sizes than there are": {string(kernel), -39, []byte{200}, "a shape"},
		"numbers of another array":             {string(layout), -8, longs(second + 8), "bytes of its own"},
		"numbers behind the end":               {string(layout), -8, longs(1 << 62), "within"},
		"numbers nowhere":                      {string(layout), -8, longs(1<<64 - 1), "found none"},
		"a length that is not the shape's":     {string(layout), 0, longs(481), "480 bytes"},
		"a layout of another class":            {string(layout), -9, []byte{9}, "class 9"},
		"texts of no size":                     {"GCOL", 4, longs(0), "16 bytes"},
	} {
		data := bytes.Clone(sound)
		if strings.HasPrefix(name, "texts") {
			data = hdf5Fixture(t, "deep.h5")
		}
		at := bytes.Index(data, []byte(c.behind))
		copy(data[at+len(c.behind)+c.skip:], c.bytes)
		_, err := openHDF5Bytes(data)
		if e := refused[*FormatError](t, err); !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func TestHDF5Directory(t *testing.T) {
	data := hdf5Fixture(t, "keras2.h5")
	data = append(data, make([]byte, 2*maxHDF5Directory)...)
	copy(data[40:], longs(uint64(len(data))))
	copy(data[bytes.Index(data, []byte("HEAP"))+8:], longs(maxHDF5Directory+1))
	_, err := openHDF5Bytes(data)
	if e := refused[*FormatError](t, err); !strings.Contains(e.Want, "a directory of at most") {
		t.Error(e)
	}
}

// A message header that goes on in itself, and a group that is an array too.
func TestHDF5Continuations(t *testing.T) {
	header := func(messages ...[]byte) []byte {
		body := bytes.Join(messages, nil)
		b := []byte{1, 0, byte(len(messages)), 0, 1, 0, 0, 0, byte(len(body)), 0, 0, 0, 0, 0, 0, 0}
		return append(b, body...)
	}
	message := func(kind byte, data []byte) []byte {
		return append([]byte{kind, 0, byte(len(data)), 0, 0, 0, 0, 0}, data...)
	}
	for name, root := range map[string][]byte{
		"in itself":     header(message(hdf5Continuation, longs(96+16, 24))),
		"in its middle": header(message(hdf5Continuation, longs(96+24, 16)), message(hdf5Continuation, longs(96+24, 16))),
		"behind":        header(message(hdf5Continuation, longs(1<<63, 1<<63))),
		"too long":      header(append(message(hdf5Table, longs(0, 0))[:2], 255, 255, 0, 0, 0, 0)),
		"both":          header(message(hdf5Table, longs(0, 0)), message(hdf5Layout, longs(0, 0, 0))),
		"half a table":  header(message(hdf5Table, longs(0))),
		"version 3":     {3, 15: 0},
	} {
		data := append(hdf5Fixture(t, "keras2.h5")[:96], root...)
		copy(data[40:], longs(uint64(len(data))))
		copy(data[64:], longs(96))
		_, err := openHDF5Bytes(data)
		if refused[*FormatError](t, err); err == nil {
			t.Error(name)
		}
	}
}

func TestHDF5Superblock(t *testing.T) {
	for _, c := range []struct {
		at    int
		bytes []byte
		want  string
	}{
		{8, []byte{2}, "version 2"}, {13, []byte{4}, "addresses of 4 bytes"}, {14, []byte{4}, "lengths of 4"},
		{24, longs(512), "behind something else"},
	} {
		data := hdf5Fixture(t, "keras2.h5")
		copy(data[c.at:], c.bytes)
		_, err := openHDF5Bytes(data)
		if e := refused[*UnsupportedError](t, err); !strings.Contains(e.Error(), c.want) || !strings.Contains(e.Hint(), "h5py") {
			t.Errorf("%v; %s", e, e.Hint())
		}
	}
	data := hdf5Fixture(t, "keras2.h5")
	copy(data[40:], longs(1<<63))
	_, err := openHDF5Bytes(data)
	refused[*FormatError](t, err)
}

func TestTruncatedHDF5(t *testing.T) {
	data := hdf5Fixture(t, "keras1.h5")
	for n := len(hdf5Magic); n < len(data); n++ {
		_, err := openHDF5Bytes(data[:n])
		if e := refused[*TruncatedError](t, err); e.Have != int64(n) || n >= 100 && e.Want != int64(len(data)) {
			t.Fatalf("%d bytes: %v", n, e)
		}
	}
}

// Each word of a file replaced by one that leads astray.
func TestDamagedHDF5(t *testing.T) {
	for _, name := range []string{"keras1.h5", "deep.h5"} {
		data := hdf5Fixture(t, name)
		root := binary.LittleEndian.Uint64(data[64:])
		var before, after runtime.MemStats
		for at := 8; at+8 <= len(data); at += 8 {
			sound := bytes.Clone(data[at : at+8])
			runtime.ReadMemStats(&before)
			start := time.Now()
			for _, word := range []uint64{0, root, 1 << 33, 1<<63 - 1, 1<<64 - 1, 0x0101010101010101} {
				copy(data[at:], longs(word))
				c, err := openHDF5Bytes(data)
				if err != nil {
					wellFormed(t, err)
				} else {
					tryAll(t, c, len(data))
				}
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 || time.Since(start) > 2*time.Second {
				t.Fatalf("%s, damaged at %d: %d bytes, %v", name, at, used, time.Since(start))
			}
			copy(data[at:], sound)
		}
	}
}

func FuzzHDF5(f *testing.F) {
	for _, name := range []string{"keras1.h5", "keras2.h5", "keras_model.h5", "h5py.h5", "deep.h5", "hdf5_chunked.h5", "hdf5_latest.h5",
		"keras3.weights.h5", "h5py_odd.h5", "hdf5_type.h5"} {
		f.Add(hdf5Fixture(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !isHDF5(data, int64(len(data))) {
			return
		}
		tryOpen(t, openHDF5, "fuzz", data, 0)
	})
}
