package weights

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// keras are the fixtures that are read, and their tensors in order; all tensors count.
var keras = []struct {
	file  string
	names []string
}{
	{"keras1.h5", []string{
		"block1_conv1/block1_conv1_W_1:0", "block1_conv1/block1_conv1_b_1:0", "fc1/fc1_W_1:0", "fc1/fc1_b_1:0",
		"a_last/a_last_W_1:0", "a_last/a_last_b_1:0",
	}},
	{"keras2.h5", []string{
		"z_conv/z_conv/kernel:0", "z_conv/z_conv/bias:0", "norm/norm/gamma:0", "norm/norm/beta:0",
		"norm/norm/moving_mean:0", "norm/norm/moving_variance:0", "a_dense/a_dense/kernel:0", "a_dense/a_dense/bias:0",
	}},
	{"keras2_model.h5", []string{
		"model_weights/z_conv/z_conv/kernel:0", "model_weights/z_conv/z_conv/bias:0",
		"model_weights/norm/norm/gamma:0", "model_weights/norm/norm/beta:0",
		"model_weights/norm/norm/moving_mean:0", "model_weights/norm/norm/moving_variance:0",
		"model_weights/a_dense/a_dense/kernel:0", "model_weights/a_dense/a_dense/bias:0",
	}},
	{"keras3.weights.h5", []string{
		"layers/conv2d/vars/0", "layers/conv2d/vars/1", "layers/batch_normalization/vars/0",
		"layers/batch_normalization/vars/1", "layers/batch_normalization/vars/2",
		"layers/batch_normalization/vars/3", "layers/dense/vars/0", "layers/dense/vars/1",
	}},
	{"keras3_model.h5", []string{
		"model_weights/z_conv/small/z_conv/kernel", "model_weights/z_conv/small/z_conv/bias",
		"model_weights/norm/small/norm/gamma", "model_weights/norm/small/norm/beta",
		"model_weights/norm/small/norm/moving_mean", "model_weights/norm/small/norm/moving_variance",
		"model_weights/a_dense/small/a_dense/kernel", "model_weights/a_dense/small/a_dense/bias",
	}},
	{"h5py_names.h5", []string{
		"layer_4/a", "layer_4/b", "layer_3/a", "layer_3/b", "layer_2/a", "layer_2/b", "layer_1/a", "layer_1/b", "layer_0/a", "layer_0/b",
	}},
	{"h5py_tree.h5", []string{
		"tensor_0", "tensor_7", "tensor_14", "tensor_1", "tensor_8", "tensor_15", "tensor_2", "tensor_9", "tensor_16", "tensor_3",
		"tensor_10", "tensor_17", "tensor_4", "tensor_11", "tensor_18", "tensor_5", "tensor_12", "tensor_19", "tensor_6", "tensor_13",
	}},
}

func TestKeras(t *testing.T) {
	for _, k := range keras {
		f := open(t, filepath.Join("testdata", k.file))
		names, info := infos(f)
		if !slices.Equal(names, k.names) {
			t.Errorf("%s: %q", k.file, names)
		}
		shapes := map[string][]int{}
		for name, i := range info {
			shapes[name] = i.Shape
			if want := map[int]Layout{4: HWIO, 2: IO, 1: O}[len(i.Shape)]; i.Layout != want || i.DType != "float32" {
				t.Errorf("%s: %+v", k.file, i)
			}
		}
		checkTensors(t, f, shapes)
	}
}

func TestHDF5Types(t *testing.T) {
	f := open(t, "testdata/h5py_types.h5")
	names, info := infos(f)
	if want := []string{
		"half", "float", "double", "big", "steps", "bytes", "text", "truth", "scalar", "empty", "null", "compact",
	}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	conv := []int{2, 5, 3, 4}
	checkTensors(t, f, map[string][]int{"half": conv, "float": conv, "double": conv, "big": conv, "compact": {2, 3}})
	for name, want := range map[string]string{"steps": "int64", "bytes": "uint8", "text": "text", "truth": "an enumeration",
		"empty": "an empty array", "null": "an empty array"} {
		if info[name].DType != want {
			t.Errorf("%s: %+v", name, info[name])
		}
		_, err := f.Tensor(name, 1)
		refused[*TypeError](t, err)
	}
	_, err := f.Tensor("scalar", 1)
	refused[*ShapeError](t, err)
}

func TestHDF5ThatIsNotRead(t *testing.T) {
	for file, want := range map[string]string{
		"h5py_latest.h5": "superblock 3", "h5py_ordered.h5": "newer kind", "h5py_deflated.h5": "chunks", "h5py_type.h5": "in common",
	} {
		_, err := Open(filepath.Join("testdata", file))
		if e := refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, want) || !strings.Contains(e.Hint(), "h5py") {
			t.Errorf("%s: %v: %s", file, err, e.Hint())
		}
	}
}

// fixture returns the bytes of a fixture.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func openedHDF5(t testing.TB, data []byte) error {
	t.Helper()
	c, err := openFile("model.h5", memory{bytes.NewReader(data)}, int64(len(data)))
	if err != nil {
		wellFormed(t, err)
		return err
	}
	return c.Close()
}

func TestTruncatedHDF5(t *testing.T) {
	data := fixture(t, "keras1.h5")
	for n := 8; n < len(data); n += 100 {
		refused[*TruncatedError](t, openedHDF5(t, data[:n]))
	}
}

// place finds the first structure of a kind; all offsets in it are as in the specification.
func place(t *testing.T, data []byte, signature string) int {
	t.Helper()
	at := bytes.Index(data, []byte(signature))
	if at < 0 {
		t.Fatalf("no %s", signature)
	}
	return at
}

func TestHDF5ThatLies(t *testing.T) {
	good := fixture(t, "h5py_tree.h5") // superblock 1
	root := int(binary.LittleEndian.Uint64(good[68:]))
	tree, heap, list := place(t, good, "TREE"), place(t, good, "HEAP"), place(t, good, "SNOD")
	segment := int(binary.LittleEndian.Uint64(good[heap+24:]))
	first := int(binary.LittleEndian.Uint64(good[list+8+8:])) // the header of a tensor
	message := func(kind byte) int {                          // of it
		for at := first + 16; at < len(good); at += 8 + int(binary.LittleEndian.Uint16(good[at+2:])) {
			if good[at] == kind {
				return at + 8
			}
		}
		t.Fatalf("no message %d", kind)
		return 0
	}
	space, kind, layout := message(1), message(3), message(8)
	address := func(at int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(at)) }
	huge := address(-2)
	for name, c := range map[string]struct {
		at   int
		with []byte
		err  func(testing.TB, error)
	}{
		"addresses of 4 bytes":               {13, []byte{4}, is[*UnsupportedError]},
		"superblock 2":                       {8, []byte{2}, is[*UnsupportedError]},
		"a later part of a file":             {28, address(512), is[*UnsupportedError]},
		"a root behind the end":              {68, huge, is[*TruncatedError]},
		"no root":                            {68, address(-1), is[*FormatError]},
		"a root in the middle of something":  {68, address(tree), is[*FormatError]},
		"a header of version 7":              {root, []byte{7}, is[*FormatError]},
		"a newer root":                       {root, []byte("OHDR"), is[*UnsupportedError]},
		"a header of 4 GB":                   {root + 8, []byte{0xff, 0xff, 0xff, 0xff}, is[*FormatError]},
		"a message of 64 KB":                 {root + 18, []byte{0xff, 0xff}, is[*FormatError]},
		"another kind of tree":               {tree + 4, []byte{1}, is[*FormatError]},
		"a tree at its own level":            {tree + 5, []byte{0}, is[*FormatError]},
		"65535 nodes":                        {tree + 6, []byte{0xff, 0xff}, is[*FormatError]},
		"a tree on itself":                   {tree + 32, address(tree), is[*FormatError]},
		"no tree":                            {tree + 32, address(-1), is[*FormatError]},
		"65535 members":                      {list + 6, []byte{0xff, 0xff}, is[*FormatError]},
		"a member that is the group":         {list + 16, address(root), is[*FormatError]},
		"a member that has no header":        {list + 16, address(-1), is[*FormatError]},
		"a member in another":                {list + 16, address(first + 8), is[*FormatError]},
		"a name behind the heap":             {list + 8, huge, is[*FormatError]},
		"names of 2^63 bytes":                {heap + 8, huge, is[*FormatError]},
		"names behind the end":               {heap + 24, huge, is[*FormatError]},
		"names over the heap":                {heap + 24, address(heap + 8), is[*FormatError]},
		"an empty name":                      {segment + 8, []byte{0}, is[*FormatError]},
		"a name with a path":                 {segment + 8, []byte("../"), is[*FormatError]},
		"two of a name":                      {list + 8, good[list+8+40:][:8], is[*FormatError]},
		"a size of 2^62":                     {space + 8, address(1 << 62), is[*FormatError]},
		"a larger size":                      {space + 8, address(1 << 20), is[*FormatError]},
		"33 dimensions":                      {space + 1, []byte{33}, is[*FormatError]},
		"more dimensions than bytes":         {space + 1, []byte{9}, is[*FormatError]},
		"dimensions of version 3":            {space, []byte{3}, is[*FormatError]},
		"shared dimensions":                  {space - 4, []byte{2}, is[*UnsupportedError]},
		"a shared type":                      {kind - 4, []byte{2}, is[*UnsupportedError]},
		"numbers outside":                    {layout + 2, address(len(good) - 1), is[*FormatError]},
		"numbers far outside":                {layout + 2, huge, is[*FormatError]},
		"no numbers":                         {layout + 2, address(-1), is[*FormatError]},
		"numbers over the names":             {layout + 2, address(segment), is[*FormatError]},
		"numbers over the middle of a tree":  {layout + 2, address(tree + 8), is[*FormatError]},
		"numbers of 2^63 bytes":              {layout + 10, huge, is[*FormatError]},
		"a virtual layout":                   {layout + 1, []byte{3}, is[*FormatError]},
		"a chunked layout":                   {layout + 1, []byte{2}, is[*UnsupportedError]},
		"a layout of version 4":              {layout, []byte{4}, is[*UnsupportedError]},
		"a block that goes on at its header": {layout - 8, slices.Concat([]byte{0x10, 0, 16, 0, 0, 0, 0, 0}, address(first), address(8)), is[*FormatError]},
		"a block that goes on in a tree":     {layout - 8, slices.Concat([]byte{0x10, 0, 16, 0, 0, 0, 0, 0}, address(tree), address(8)), is[*FormatError]},
		"a link of a newer kind":             {layout - 8, []byte{6}, is[*UnsupportedError]},
		"numbers in other files":             {layout - 8, []byte{7}, is[*UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			data := bytes.Clone(good)
			copy(data[c.at:], c.with)
			err := openedHDF5(t, data)
			if err == nil { // two of a name are found behind the container
				f, err2 := Open(write(t, filepath.Join(t.TempDir(), "a.h5"), data))
				if err = err2; err2 == nil {
					f.Close()
				}
			}
			c.err(t, err)
		})
	}
	strange := bytes.Clone(good)
	copy(strange[kind+1:], []byte{0x40}) // VAX order
	if err := openedHDF5(t, strange); err != nil {
		t.Error(err)
	}
}

// Attributes that are not what they say.
func TestHDF5AttributesThatLie(t *testing.T) {
	good := fixture(t, "h5py_names.h5")
	heap, list := place(t, good, "GCOL"), place(t, good, "layer_names1")
	for name, c := range map[string]struct {
		at   int
		with []byte
	}{
		"a heap of 2^63 bytes":      {heap + 8, []byte("\xff\xff\xff\xff\xff\xff\xff\xff")},
		"a heap of no bytes":        {heap + 8, make([]byte, 8)},
		"an object of 2^64 bytes":   {heap + 24, []byte("\xff\xff\xff\xff\xff\xff\xff\xff")},
		"an object that is missing": {heap + 16, []byte{99}},
		"a name of 64 KB":           {list - 6, []byte{0xff, 0xff}},
		"a type of 64 KB":           {list - 4, []byte{0xff, 0xff}},
		"dimensions of 64 KB":       {list - 2, []byte{0xff, 0xff}},
		"version 9":                 {list - 8, []byte{9}},
	} {
		data := bytes.Clone(good)
		copy(data[c.at:], c.with)
		err := openedHDF5(t, data)
		if err == nil && name != "a name of 64 KB" { // which is none that is looked for
			t.Errorf("%s: opened", name)
		} else if err != nil {
			refused[*FormatError](t, err)
		}
	}
}

// Any byte may be damaged.
func TestDamagedHDF5(t *testing.T) {
	if testing.Short() {
		t.Skip("opens thousands of files")
	}
	for _, name := range []string{"keras1.h5", "h5py_names.h5"} {
		data := fixture(t, name)
		for i := range data {
			was := data[i]
			data[i] = []byte{0, 0xff, was ^ 0x10}[i%3]
			if data[i] != was {
				openedHDF5(t, data)
			}
			data[i] = was
		}
	}
}

func FuzzHDF5(f *testing.F) {
	for _, k := range keras {
		f.Add(fixture(f, k.file))
	}
	for _, name := range []string{"h5py_types.h5", "h5py_latest.h5", "h5py_ordered.h5", "h5py_deflated.h5", "h5py_type.h5"} {
		f.Add(fixture(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := openHDF5("fuzz", memory{bytes.NewReader(data)}, int64(len(data)))
		if err != nil {
			wellFormed(t, err)
			return
		}
		tryAll(t, c, len(data))
	})
}
