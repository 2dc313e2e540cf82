package torch_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func TestTorchFiles(t *testing.T) {
	want := []string{
		"float.weight", "float.bias", "half.weight", "double.weight", "dense.weight", "transposed.weight", "channels_last.weight",
		"spread.weight", "second.bias", "first.bias", "parameter.bias", "bn.num_batches_tracked", "brain.weight",
	}
	for _, name := range []string{"torch_zip.pth", "torch_legacy.pth", "torch_legacy_v1.pth"} {
		f := opentest.Open(t, filepath.Join("testdata", name))
		if name != "torch_zip.pth" {
			want = want[:12]
		}
		if !slices.Equal(opentest.Names(f), want) {
			t.Errorf("%s: %q", name, opentest.Names(f))
		}
		for _, tensor := range want {
			if tensor != "bn.num_batches_tracked" {
				opentest.ExpectCounted(t, f, tensor)
			}
		}
		_, err := f.Tensor("bn.num_batches_tracked", 1)
		if e := weightstest.Refused[*weights.TypeError](t, err); e.Have != "int64" {
			t.Errorf("%+v", e)
		}
	}
}

// A checkpoint: what is beside the network is listed too, under the keys that lead to it.
func TestTorchCheckpoint(t *testing.T) {
	f := opentest.Open(t, "testdata/torch_checkpoint.pth")
	names := opentest.Names(f)
	if len(names) != 8 || !slices.Contains(names, "optimizer.state.0.exp_avg") {
		t.Errorf("%q", names)
	}
	opentest.ExpectCounted(t, f, "state_dict.module.0.weight", "state_dict.module.0.bias")
}

// A network that was saved with its program, of which nothing is run.
func TestTorchModels(t *testing.T) {
	for _, name := range []string{"torch_model.pth", "torch_model_legacy.pth"} {
		f := opentest.Open(t, filepath.Join("testdata", name))
		if names := opentest.Names(f); !slices.Equal(names, []string{"weight", "bias"}) {
			t.Errorf("%s: %q", name, names)
		}
		opentest.ExpectCounted(t, f, "weight", "bias")
	}
}

// A file of PyTorch 1.0 and Python 2.
func TestTorchPython2(t *testing.T) {
	f := opentest.Open(t, "testdata/torch_py2.pth")
	want := []string{
		"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked", "dense.weight", "part.bias",
	}
	for i := range want {
		want[i] = "state_dict." + want[i]
	}
	if !slices.Equal(opentest.Names(f), want) {
		t.Errorf("%q, want %q", opentest.Names(f), want)
	}
	opentest.ExpectCounted(t, f, slices.DeleteFunc(want,
		func(name string) bool { return strings.HasSuffix(name, "num_batches_tracked") })...)
}

func TestTorchRefusals(t *testing.T) {
	for file, want := range map[string]string{
		"torch_script.pt": "TorchScript",
	} {
		_, err := weights.Open(filepath.Join("testdata", file))
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Looks, want) ||
			!strings.Contains(e.Hint(), "state_dict()") {
			t.Errorf("%s: %v: %s", file, e, e.Hint())
		}
	}
}

// The tar archives of PyTorch's first versions.
func TestTorchTar(t *testing.T) {
	for _, format := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, name := range []string{"sys_info", "pickle", "tensors", "storages"} {
			h := &tar.Header{Name: name, Size: 4, Format: format}
			if format == tar.FormatPAX {
				h.PAXRecords = map[string]string{"comment": "a header before the header"}
			}
			if err := w.WriteHeader(h); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("abcd")); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := opentest.Bytes(b.Bytes())
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Looks,
			"PyTorch") || !strings.Contains(e.Hint(), "torch.save") {
			t.Errorf("%v: %s", e, e.Hint())
		}
	}
}

func TestTorchBigEndian(t *testing.T) {
	value := weightstest.PkDict("a", weightstest.PkTensor(weightstest.PkStorage("HalfStorage", "0", 2), 0,
		[]int64{2}, []int64{1}),
		"b", weightstest.PkTensor(weightstest.PkStorage("BFloat16Storage", "0", 2), 0, []int64{2}, []int64{1}))
	archive := func(order string) []byte {
		return weightstest.Zipped(zip.Store, weightstest.File("x/data.pkl", weightstest.Pk(value)),
			weightstest.File("x/byteorder", []byte(order)), weightstest.File("x/data/0",
				[]byte{0x3c, 0, 0xc0, 0}))
	}
	f := opentest.File(t, archive("big"))
	if got, err := f.Tensor("a", 2); err != nil || !slices.Equal(got, []float32{1, -2}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := f.Tensor("b", 2)
	weightstest.Refused[*weights.TypeError](t, err)
	if got, err := opentest.File(t, archive("little")).Tensor("a", 2); err != nil ||
		slices.Equal(got, []float32{1, -2}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = opentest.Bytes(archive("middle"))
	weightstest.Refused[*weights.FormatError](t, err)
}

func TestTorchArchivesThatLie(t *testing.T) {
	value := weightstest.PkDict("a", weightstest.Eight)
	pickled := weightstest.File("x/data.pkl", weightstest.Pk(value))
	numbers := weightstest.File("x/data/0", weightstest.Float32s(weightstest.Vector(8)))
	for name, data := range map[string][]byte{
		"no storage": weightstest.Zipped(zip.Store, pickled),
		"a short storage": weightstest.Zipped(zip.Store, pickled,
			weightstest.File("x/data/0", make([]byte, 31))),
		"another folder": weightstest.Zipped(zip.Store, pickled,
			weightstest.File("y/data/0", numbers.Data)),
		"a storage twice": weightstest.Zipped(zip.Store, pickled, numbers, numbers),
		"two pickles": weightstest.Zipped(zip.Store, pickled,
			weightstest.File("y/data.pkl", pickled.Data), numbers),
		"a compressed one": weightstest.Zipped(zip.Deflate, pickled, numbers),
		"a false size":     weightstest.FalseSize(weightstest.Zipped(zip.Store, pickled, numbers)),
		"an object for data": weightstest.Zipped(zip.Store,
			weightstest.File("x/data.pkl", weightstest.Pk(weightstest.PkDict("a",
				weightstest.PkTensor("N", 0, []int64{8}, []int64{1})))), numbers),
	} {
		_, err := opentest.Bytes(data)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.FormatError](t, err) })
	}
	for name, data := range map[string][]byte{
		"no tensors": weightstest.TorchZipped(weightstest.PkDict("epoch", weightstest.PkInt(1))),
		"a script":   weightstest.Zipped(zip.Store, pickled, numbers, weightstest.File("x/code/y.py", nil)),
		"constants": weightstest.Zipped(zip.Store, pickled, numbers,
			weightstest.File("x/constants.pkl", nil)),
	} {
		_, err := opentest.Bytes(data)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.UnsupportedError](t, err) })
	}
	spoilt := weightstest.Zipped(zip.Store, pickled, numbers)
	spoilt[bytes.Index(spoilt, numbers.Data)+5] ^= 1
	_, err := opentest.File(t, spoilt).Tensor("a", 8)
	weightstest.Refused[*weights.ChecksumError](t, err)
}

func TestTorchFilesThatLie(t *testing.T) {
	good := weightstest.TorchPickled(weightstest.PkDict("a", weightstest.Eight), "0")
	for n := range len(good) {
		_, err := opentest.Bytes(good[:n])
		if n < 3 { // nothing tells it from other files
			weightstest.Refused[*weights.UnsupportedError](t, err)
			continue
		}
		e := weightstest.Refused[*weights.TruncatedError](t, err)
		if n > len(good)-40 && (e.Have != int64(n) || e.Want != int64(len(good))) {
			t.Errorf("cut after %d of %d bytes: %+v", n, len(good), e)
		}
	}
	replaced := func(old, with string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("no %q", old)
		}
		return bytes.Replace(bytes.Clone(good), []byte(old), []byte(with), 1)
	}
	both := weightstest.PkDict("a", weightstest.Eight, "b",
		weightstest.PkTensor(weightstest.PkStorage("DoubleStorage", "0", 4), 0, []int64{4}, []int64{1}))
	huge := weightstest.PkDict("a", weightstest.PkTensor(weightstest.PkStorage("DoubleStorage", "0", 1<<48), 0,
		[]int64{4}, []int64{1}))
	var many, keys []string
	for i := range 600 {
		key := strconv.Itoa(i)
		keys = append(keys, key)
		many = append(many, key, weightstest.PkTensor(weightstest.PkStorage("DoubleStorage", key, 1<<48), 0,
			[]int64{4}, []int64{1}))
	}
	for name, data := range map[string][]byte{
		"another version": replaced(weightstest.PkInt(1001), weightstest.PkInt(1002)),
		"another count": replaced("\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
			"\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		"no keys":             weightstest.TorchPickled(weightstest.PkDict("a", weightstest.Eight)),
		"a key twice":         weightstest.TorchPickled(weightstest.PkDict("a", weightstest.Eight), "0", "0"),
		"a key of no storage": weightstest.TorchPickled(weightstest.PkDict("a", weightstest.Eight), "0", "1"),
		"keys that are none":  replaced(weightstest.PkList(weightstest.PkText("0")), "N"),
		"a key that is none": replaced(weightstest.PkList(weightstest.PkText("0")),
			weightstest.PkList(weightstest.PkInt(0))),
		"two types":         weightstest.TorchPickled(both, "0"),
		"2^59 bytes in all": weightstest.TorchPickled(weightstest.PkDict(many...), keys...),
	} {
		_, err := opentest.Bytes(data)
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.FormatError](t, err) })
	}
	_, err := opentest.Bytes(weightstest.TorchPickled(huge, "0"))
	if e := weightstest.Refused[*weights.TruncatedError](t, err); e.Want < 1<<51 {
		t.Errorf("%+v", e)
	}
}

// A tensor may repeat numbers, by a stride of 0; a file of a few bytes could ask for any memory so.
func TestTorchRepeatedNumbers(t *testing.T) {
	value := weightstest.PkDict("a", weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "0", 8), 0,
		[]int64{1 << 20}, []int64{0}))
	for _, data := range [][]byte{weightstest.TorchPickled(value, "0"), weightstest.TorchZipped(value, "0")} {
		_, err := opentest.File(t, data).Tensor("a", 1<<20)
		if e := weightstest.Refused[*weights.TypeError](t, err); !strings.Contains(e.Hint(), "contiguous") {
			t.Error(e.Hint())
		}
	}
}

// PyTorch can leave out the sums of an archive's members.
func TestTorchWithoutSums(t *testing.T) {
	f := opentest.Open(t, "testdata/torch_no_sums.pth")
	opentest.ExpectCounted(t, f, "float.weight", "float.bias")
}
