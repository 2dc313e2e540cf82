package hdf5_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/hdf5"
	"oneiro/weights/internal/opentest"
)

// backwards are n names, the last number first.
func backwards(format string, n int) []string {
	var all []string
	for ; n > 0; n-- {
		all = append(all, fmt.Sprintf(format, n))
	}
	return all
}

var chunked = []string{"plain", "squeezed", "gzip", "shuffled", "one", "one_squeezed", "large_chunk", "many",
	"skipping"}

func TestHDF5(t *testing.T) {
	for _, c := range []struct {
		file  string
		names []string
	}{
		{"keras1.h5", []string{"block1_conv2/block1_conv2_W_1:0", "block1_conv2/block1_conv2_b_1:0",
			"block1_conv1/block1_conv1_W_1:0", "block1_conv1/block1_conv1_b_1:0", "fc1/fc1_W_1:0", "fc1/fc1_b_1:0"}},
		{"keras2.h5", []string{"beta/beta/kernel:0", "beta/beta/bias:0", "alpha_2/alpha_2/kernel:0",
			"alpha_2/alpha_2/bias:0",
			"zeta/zeta/bias:0", "zeta/zeta/kernel:0", "alpha_10/alpha_10/kernel:0", "alpha_10/alpha_10/bias:0"}},
		{"keras_model.h5", []string{"model_weights/conv2d_2/conv2d_2/kernel:0",
			"model_weights/conv2d_2/conv2d_2/bias:0",
			"model_weights/conv2d_1/conv2d_1/kernel:0", "model_weights/conv2d_1/conv2d_1/bias:0",
			"optimizer_weights/training/Adam/iterations:0"}},
		{"h5py.h5", []string{"little_f8", "little_f2", "big_f4", "big_f2", "big_f8", "steps", "flags", "text",
			"records",
			"volume", "scalar", "compact"}},
		{"hdf5_latest.h5", []string{"zeta/zeta/kernel:0", "zeta/zeta/bias:0", "alpha/alpha/kernel:0",
			"alpha/alpha/bias:0",
			"aside/5", "aside/4", "aside/3", "aside/2", "aside/1"}},
		{"hdf5_v108.h5", []string{"zeta/zeta/kernel:0", "zeta/zeta/bias:0", "alpha/alpha/kernel:0",
			"alpha/alpha/bias:0",
			"aside/5", "aside/4", "aside/3", "aside/2", "aside/1"}},
		{"hdf5_tracked.h5", backwards("layers/conv%d", 60)},
		{"hdf5_dense.h5", backwards("a_long_name_of_a_layer_%d", 60)},
		{"hdf5_chunked.h5", chunked}, {"hdf5_chunked_latest.h5", chunked},
	} {
		f := opentest.Open(t, filepath.Join("testdata", c.file))
		var names []string
		for _, i := range f.Tensors() {
			names = append(names, i.Name)
			if i.DType[0] != 'f' && i.DType[0] != 'b' || len(i.Shape) == 0 || len(i.Shape) == 3 {
				continue
			}
			got, err := f.Tensor(i.Name, i.Shape...)
			if err != nil || !slices.Equal(got, weightstest.Vector(int(i.Len()))) {
				t.Errorf("%s, %s: %v, %v", c.file, i.Name, got, err)
			}
		}
		if !slices.Equal(names, c.names) {
			t.Errorf("%s: %q", c.file, names)
		}
	}
}

func TestHDF5Types(t *testing.T) {
	f := opentest.Open(t, "testdata/h5py.h5")
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
		weightstest.Refused[*weights.TypeError](t, err)
	}
	_, err := f.Tensor("volume", 2, 2, 2) // its axes are not known
	weightstest.Refused[*weights.ShapeError](t, err)
	if i := opentest.Open(t, "testdata/keras1.h5").Tensors(); i[0].Layout != weights.HWIO ||
		i[1].Layout != weights.O || i[4].Layout != weights.IO {
		t.Errorf("%v", i)
	}
}

// What Keras itself writes today.
func TestRealKeras(t *testing.T) {
	for file, names := range map[string][]string{
		"tf_keras2.h5": {"z_conv/z_conv/kernel:0", "z_conv/z_conv/bias:0", "norm/norm/gamma:0",
			"norm/norm/beta:0",
			"norm/norm/moving_mean:0", "norm/norm/moving_variance:0", "a_dense/a_dense/kernel:0", "a_dense/a_dense/bias:0"},
		"keras3.weights.h5": {"layers/conv2d/vars/0", "layers/conv2d/vars/1",
			"layers/batch_normalization/vars/0",
			"layers/batch_normalization/vars/1", "layers/batch_normalization/vars/2", "layers/batch_normalization/vars/3",
			"layers/dense/vars/0", "layers/dense/vars/1"},
		"model.keras": {"layers/conv2d/vars/0", "layers/conv2d/vars/1", "layers/batch_normalization/vars/0",
			"layers/batch_normalization/vars/1", "layers/batch_normalization/vars/2", "layers/batch_normalization/vars/3",
			"layers/dense/vars/0", "layers/dense/vars/1"},
		"keras3_model.h5": {"model_weights/z_conv/small/z_conv/kernel",
			"model_weights/z_conv/small/z_conv/bias",
			"model_weights/norm/small/norm/gamma", "model_weights/norm/small/norm/beta",
			"model_weights/norm/small/norm/moving_mean", "model_weights/norm/small/norm/moving_variance",
			"model_weights/a_dense/small/a_dense/kernel", "model_weights/a_dense/small/a_dense/bias"},
	} {
		f := opentest.Open(t, filepath.Join("testdata", file))
		all, info := opentest.Infos(f)
		if !slices.Equal(all, names) {
			t.Errorf("%s: %q", file, all)
		}
		shapes := map[string][]int{}
		for name, i := range info {
			shapes[name] = i.Shape
		}
		opentest.CheckCounted(t, f, shapes)
	}
}

// Arrays without numbers are listed, and links are not.
func TestOddHDF5(t *testing.T) {
	f := opentest.Open(t, "testdata/h5py_odd.h5")
	names, _ := opentest.Infos(f)
	if !slices.Equal(names, []string{"before", "empty", "null", "none"}) {
		t.Errorf("%q", names)
	}
	opentest.CheckCounted(t, f, map[string][]int{"before": {3}})
	for _, name := range []string{"empty", "null", "none"} {
		_, err := f.Tensor(name, 1)
		weightstest.Refused[*weights.ShapeError](t, err)
	}
	_, err := opentest.Open(t, "testdata/hdf5_type.h5").Tensor("a", 3)
	if e := weightstest.Refused[*weights.TypeError](t, err); !strings.Contains(e.Have, "elsewhere") {
		t.Error(e)
	}
}

// A tree of several levels, and an order in parts that are texts of any length.
func TestDeepHDF5(t *testing.T) {
	all := opentest.Open(t, "testdata/deep.h5").Tensors()
	if len(all) != 30 || all[0].Name != "conv29" || all[10].Name != "conv19" || all[29].Name != "conv0" {
		t.Errorf("%d tensors: %v", len(all), all)
	}
}

func TestHDF5Refused(t *testing.T) {
	for file, want := range map[string]string{
		"hdf5_lzf.h5": "lzf", "hdf5_sums.h5": "fletcher32", "hdf5_resizable.h5": "found in way 4",
		"hdf5_external.h5": "another file", "hdf5_empty.h5": "without arrays",
	} {
		_, err := weights.Open(filepath.Join("testdata", file))
		e := weightstest.Refused[*weights.UnsupportedError](t, err)
		if !strings.Contains(e.Looks, want) || !strings.Contains(e.Hint(), "save") {
			t.Errorf("%s: %v; %s", file, e, e.Hint())
		}
	}
	for _, file := range []string{"hdf5_unwritten.h5", "hdf5_holes.h5"} {
		_, err := weights.Open(filepath.Join("testdata", file))
		weightstest.Refused[*weights.FormatError](t, err)
	}
}

// Numbers of the format.
const (
	maxDirectory                = 16 << 20
	magic                       = "\x89HDF\r\n\x1a\n"
	continuation, table, layout = 0x10, 0x11, 0x08 // messages
)

func hdf5Fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
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
		"the root in itself":            {"SNOD", 4 + 8, longs(root), "a second way"},
		"two names for one object":      {"SNOD", 4 + 8 + 40, sound[leaf+16:][:8], "a second way"},
		"an object behind the end":      {"SNOD", 4 + 8, longs(1 << 40), "within"},
		"an object at the last address": {"SNOD", 4 + 8, longs(1<<64 - 1), "within"},
		"an object that is none":        {"SNOD", 4 + 8, longs(tree), "a second way"},
		"more symbols than bytes":       {"SNOD", 2, []byte{255, 255}, "within"},
		"symbols of another version":    {"SNOD", 0, []byte{9}, "version 9"},
		"a name outside of its heap":    {"SNOD", 4, longs(1 << 50), "the name"},
		"no name":                       {"SNOD", 4, longs(0), "the name"},
		"a tree in itself": {"TREE", 1, append([]byte{1, 1, 0}, longs(0, 0, 0, tree)...),
			"a second way"},
		"a tree whose child is none": {"TREE", 4 + 16 + 8, longs(heap), "a second way"},
		"a tree that is too high":    {"TREE", 1, []byte{200}, "level 200"},
		"a tree of chunks":           {"TREE", 0, []byte{1}, "type 1"},
		"more children than bytes":   {"TREE", 2, []byte{255, 255}, "within"},
		"more names than bytes":      {"HEAP", 4, longs(1 << 62), "within"},
		"names that wrap around":     {"HEAP", 4, longs(1<<64 - 8), "within"},
		"names at the last address":  {"HEAP", 4 + 16, longs(1<<64 - 1), "within"},
		"a heap of another version":  {"HEAP", 0, []byte{1}, "version 1"},
		"a tree that is a heap":      {"TREE", -4, []byte("HEAP"), "TREE"},
		"sizes whose product is too large": {string(kernel), -32, longs(1<<40, 1<<40, 1<<40, 1<<40),
			"sizes above 0"},
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
		_, err := opentest.Bytes(data)
		if e := weightstest.Refused[*weights.FormatError](t, err); !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: %v", name, e)
		}
	}
}

// The same for what HDF5 1.8 and 1.10 added, and for chunks.
func TestHostileNewHDF5(t *testing.T) {
	const dense, trees, arrays = "hdf5_dense.h5", "hdf5_chunked.h5", "hdf5_chunked_latest.h5"
	nowhere := longs(1<<64 - 1)
	at := func(file, signature string) []byte {
		return longs(uint64(bytes.Index(hdf5Fixture(t, file), []byte(signature))))
	}
	treeOfChunks := "TREE\x01\x00"
	for name, c := range map[string]struct {
		file, behind string
		skip         int
		bytes        []byte
		want         string
	}{
		"a header of another version":   {dense, "OHDR", 0, []byte{9}, "version 9"},
		"messages that are longer":      {dense, "OHDR", 1, []byte{3}, "messages"},
		"a heap of another version":     {dense, "FRHP", 0, []byte{9}, "version 9"},
		"a heap nowhere":                {dense, "FRHP", 128, longs(1 << 60), "within"},
		"a heap that does not double":   {dense, "FRHP", 106, []byte{3}, "double"},
		"a heap of more rows":           {dense, "FRHP", 136, []byte{255}, "double"},
		"a heap's blocks in themselves": {dense, "FHIB", 1 + 8 + 4, at(dense, "FHIB"), "within"},
		"a heap's blocks nowhere":       {dense, "FHIB", 1 + 8 + 4, longs(1 << 60), "within"},
		"a heap without a block":        {dense, "FHIB", 1 + 8 + 4, nowhere, "inside its heap"},
		"blocks that are a tree":        {dense, "FHIB", -4, []byte("BTLF"), "FHIB"},
		"a tree by something else":      {dense, "BTHD", 1, []byte{8}, "type 8"},
		"a tree of long records":        {dense, "BTHD", 6, []byte{0, 4}, "hold a record"},
		"a tree of no records":          {dense, "BTHD", 6, []byte{0, 0}, "hold a record"},
		"a tree of more levels":         {dense, "BTHD", 8, []byte{255}, "levels"},
		"a tree nowhere":                {dense, "BTHD", 12, nowhere, "within"},
		"a tree in itself":              {dense, "BTHD", 12, at(dense, "BTHD"), "a second way"},
		"more records than a node":      {dense, "BTHD", 20, []byte{255, 255}, "holds"},
		"a record outside of its heap": {dense, "BTLF", 2 + 4 + 1, []byte{0, 0, 0, 127},
			"inside its heap"},
		"a link twice": {dense, "BTLF", 2 + 11, hdf5Record(t, dense, "BTLF"),
			"a second way"},
		"a link of another version": {dense, "FHDB", 1 + 8 + 4 + 4, []byte{9}, "version 9"},
		"a link with a slash":       {dense, "a_long_name_of_", 0, []byte("/"), "without a slash"},
		"a chunk nowhere":           {trees, treeOfChunks, 18 + 8 + 40, nowhere, "within"},
		"a chunk that is the next": {trees, treeOfChunks, 18 + 8, longs(0, 0, 0, 3, 0),
			"found chunk 1"},
		"a chunk between two":              {trees, treeOfChunks, 18 + 8, longs(0, 0, 1), "side by side"},
		"a chunk outside":                  {trees, treeOfChunks, 18 + 8, longs(4), "side by side"},
		"a short chunk":                    {trees, treeOfChunks, 18, []byte{16, 0, 0, 0}, "holds"},
		"a chunk in the directory":         {trees, treeOfChunks, 18 + 8 + 40, at(trees, "TREE"), ""},
		"a tree of chunks that is a group": {trees, treeOfChunks, -2, []byte{0}, "type 0"},
		"an array of another version":      {arrays, "FAHD", 0, []byte{9}, "version 9"},
		"an array of more":                 {arrays, "FAHD", 4, longs(1 << 40), "chunks"},
		"an array nowhere":                 {arrays, "FAHD", 12, nowhere, "within"},
		"an array in itself":               {arrays, "FAHD", 12, at(arrays, "FAHD"), "a second way"},
		"an array of short addresses":      {arrays, "FAHD", 2, []byte{7}, "addresses"},
		"a chunk of an array nowhere":      {arrays, "FADB", 10, nowhere, "within"},
		"a chunk of an array twice": {arrays, "FADB", 10, hdf5Second(t, arrays, "FADB", 14+8),
			"bytes of its own"},
	} {
		data := hdf5Fixture(t, c.file)
		i := bytes.Index(data, []byte(c.behind))
		copy(data[i+len(c.behind)+c.skip:], c.bytes)
		t.Run(name, func(t *testing.T) {
			opened, err := opentest.Bytes(data)
			if c.want == "" { // nothing looks wrong before the numbers are read
				opentest.TryAll(t, opened, len(data))
				return
			}
			if e := weightstest.Refused[*weights.FormatError](t, err); !strings.Contains(e.Error(), c.want) {
				t.Error(e)
			}
		})
	}
}

// hdf5Record is the first record of a leaf of a tree of version 2.
func hdf5Record(t *testing.T, file, signature string) []byte {
	return hdf5Second(t, file, signature, 6)[:11]
}

// hdf5Second is what lies that many bytes behind a signature.
func hdf5Second(t *testing.T, file, signature string, skip int) []byte {
	data := hdf5Fixture(t, file)
	return data[bytes.Index(data, []byte(signature))+skip:][:11]
}

// Chunks whose bytes are not what they should be.
func TestDamagedChunks(t *testing.T) {
	for _, file := range []string{"hdf5_chunked.h5", "hdf5_chunked_latest.h5"} {
		data := hdf5Fixture(t, file)
		for at, header := 0, []byte("x\x5e"); bytes.Contains(data[at:],
			header); { // of zlib, as h5py asks for it
			at += bytes.Index(data[at:], header) + len(header)
			data[at+4] ^= 0xff
		}
		f, err := opentest.Bytes(data)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Tensor("plain", 3, 5, 2, 4)
		if err != nil {
			t.Error(err)
		}
		for name, shape := range map[string][]int{"squeezed": {3, 5, 2, 4}, "gzip": {7, 5},
			"one_squeezed": {7, 5}} {
			_, err := f.Tensor(name, shape...)
			if e := weightstest.Refused[*weights.FormatError](t, err); e.Tensor != name ||
				!strings.Contains(e.Want, "a chunk of") {
				t.Error(e)
			}
		}
	}
}

func TestHDF5Directory(t *testing.T) {
	data := hdf5Fixture(t, "keras2.h5")
	data = append(data, make([]byte, 2*maxDirectory)...)
	copy(data[40:], longs(uint64(len(data))))
	copy(data[bytes.Index(data, []byte("HEAP"))+8:], longs(maxDirectory+1))
	_, err := opentest.Bytes(data)
	if e := weightstest.Refused[*weights.FormatError](t, err); !strings.Contains(e.Want,
		"a directory of at most") {
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
		"in itself": header(message(continuation, longs(96+16, 24))),
		"in its middle": header(message(continuation, longs(96+24, 16)),
			message(continuation, longs(96+24, 16))),
		"behind":       header(message(continuation, longs(1<<63, 1<<63))),
		"too long":     header(append(message(table, longs(0, 0))[:2], 255, 255, 0, 0, 0, 0)),
		"both":         header(message(table, longs(0, 0)), message(layout, longs(0, 0, 0))),
		"half a table": header(message(table, longs(0))),
		"version 3":    {3, 15: 0},
	} {
		data := append(hdf5Fixture(t, "keras2.h5")[:96], root...)
		copy(data[40:], longs(uint64(len(data))))
		copy(data[64:], longs(96))
		_, err := opentest.Bytes(data)
		if weightstest.Refused[*weights.FormatError](t, err); err == nil {
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
		{8, []byte{4}, "version 4"}, {13, []byte{4}, "addresses of 4 bytes"}, {14, []byte{4}, "lengths of 4"},
		{24, longs(512), "after something else"},
	} {
		data := hdf5Fixture(t, "keras2.h5")
		copy(data[c.at:], c.bytes)
		_, err := opentest.Bytes(data)
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Error(), c.want) ||
			!strings.Contains(e.Hint(), "h5py") {
			t.Errorf("%v; %s", e, e.Hint())
		}
	}
	data := hdf5Fixture(t, "keras2.h5")
	copy(data[40:], longs(1<<63))
	_, err := opentest.Bytes(data)
	weightstest.Refused[*weights.FormatError](t, err)
}

func TestTruncatedHDF5(t *testing.T) {
	data := hdf5Fixture(t, "keras1.h5")
	for n := len(magic); n < len(data); n++ {
		_, err := opentest.Bytes(data[:n])
		if e := weightstest.Refused[*weights.TruncatedError](t, err); e.Have != int64(n) || n >= 100 &&
			e.Want != int64(len(data)) {
			t.Fatalf("%d bytes: %v", n, e)
		}
	}
}

// Each word of a file replaced by one that leads astray.
func TestDamagedHDF5(t *testing.T) {
	for name, words := range map[string]int{"keras1.h5": 1, "deep.h5": 1, // all of them, or one of so many
		"hdf5_chunked.h5": 31, "hdf5_chunked_latest.h5": 17, "hdf5_latest.h5": 3, "hdf5_dense.h5": 5} {
		data := hdf5Fixture(t, name)
		root := binary.LittleEndian.Uint64(data[64:])
		if second := data[len(magic)] > 1; second {
			root = binary.LittleEndian.Uint64(data[36:])
		}
		var before, after runtime.MemStats
		for at := 8; at+8 <= len(data); at += 8 * words {
			sound := bytes.Clone(data[at : at+8])
			runtime.ReadMemStats(&before)
			start := time.Now()
			for _, word := range []uint64{0, root, 1 << 33, 1<<63 - 1, 1<<64 - 1, 0x0101010101010101} {
				copy(data[at:], longs(word))
				f, err := opentest.Bytes(data)
				if err != nil {
					weightstest.WellFormed(t, err)
				} else {
					opentest.TryAll(t, f, len(data))
				}
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 ||
				time.Since(start) > 2*time.Second {
				t.Fatalf("%s, damaged at %d: %d bytes, %v", name, at, used, time.Since(start))
			}
			copy(data[at:], sound)
		}
	}
}

func FuzzHDF5(f *testing.F) {
	for _, name := range []string{"keras1.h5", "keras2.h5", "keras_model.h5", "h5py.h5", "deep.h5",
		"hdf5_chunked.h5", "hdf5_latest.h5",
		"hdf5_chunked_latest.h5", "hdf5_tracked.h5", "hdf5_dense.h5", "keras3.weights.h5", "h5py_odd.h5", "hdf5_type.h5",
		"nested2.h5", "theano.h5", "caffe.h5"} {
		f.Add(hdf5Fixture(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !hdf5.Is(data, int64(len(data))) {
			return
		}
		opentest.Try(t, "fuzz", data, 0)
	})
}
