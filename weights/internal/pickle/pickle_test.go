package pickle_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
	"oneiro/weights/internal/pickle"
)

func TestPickledTensors(t *testing.T) {
	view := func(first, n int64) string {
		return weightstest.PkStorage("FloatStorage", "0", 8,
			weightstest.PkTuple(weightstest.PkText("1"), weightstest.PkInt(first), weightstest.PkInt(n)))
	}
	state := func(items ...string) string { return weightstest.PkDict(items...) }
	for name, c := range map[string]struct {
		value string
		names string
		first []float32
	}{
		"a part of a storage": {state("a", weightstest.PkTensor(view(2, 5), 1, []int64{3}, []int64{1})), "a",
			[]float32{.375, .5, .625}},
		"every other": {state("a", weightstest.PkTensor(view(1, 7), 0, []int64{4}, []int64{2})), "a",
			[]float32{.125, .375, .625, .875}},
		"a view of nothing": {state("a", weightstest.PkTensor(view(0, 8), 7, []int64{1}, []int64{99})), "a",
			[]float32{.875}},
		"version 1": {state("a", weightstest.PkCall("torch._utils._rebuild_tensor", view(0, 8),
			weightstest.PkInt(6), weightstest.PkInts(2), weightstest.PkInts(1))), "a", []float32{.75, .875}},
		"before version 1": {state("a", weightstest.PkGlobal("torch.FloatTensor")+")R"+weightstest.PkTuple(view(0, 8), weightstest.PkInt(6), weightstest.PkInts(2), weightstest.PkInts(1))+"b"), "a", []float32{.75, .875}},
		"a parameter": {state("a", weightstest.PkCall("torch._utils._rebuild_parameter",
			weightstest.Eight, "\x88", weightstest.PkDict())), "a", weightstest.Vector(8)},
		"pairs of Python 2": {weightstest.PkCall("collections.OrderedDict",
			weightstest.PkList(weightstest.PkList(weightstest.PkText("a"), weightstest.Eight),
				weightstest.PkList(weightstest.PkText("b"), weightstest.Eight))), "a b", weightstest.Vector(8)},
		"one tensor": {weightstest.Eight, "tensor", weightstest.Vector(8)},
		"a list": {weightstest.PkList(weightstest.Eight, weightstest.Eight), "0 1",
			weightstest.Vector(8)},
		"nested": {state("epoch", weightstest.PkInt(3), "net",
			state("a", state("b", weightstest.Eight), "c",
				weightstest.Eight)), "net.a.b net.c", weightstest.Vector(8)},
		"nested twice": {state("model", state("state_dict", state("a", weightstest.Eight))), "model.state_dict.a",
			weightstest.Vector(8)},
		"a name like others": {state("model.a", weightstest.Eight, "model.b", weightstest.Eight),
			"model.a model.b", weightstest.Vector(8)},
		"two networks": {state("model", state("a", weightstest.Eight), "ema",
			state("a", weightstest.Eight)), "model.a ema.a", weightstest.Vector(8)},
		"not a wrapper": {state("features", state("a", weightstest.Eight)), "features.a",
			weightstest.Vector(8)},
		"several devices": {state("net", state("module.a", weightstest.Eight, "module.b",
			weightstest.Eight)), "net.module.a net.module.b", weightstest.Vector(8)},
		"one of the names": {state("module.a", weightstest.Eight, "b", weightstest.Eight), "module.a b",
			weightstest.Vector(8)},
		"an optimiser": {state("optimizer", state("a", weightstest.Eight), "model",
			state("b", weightstest.Eight)), "optimizer.a model.b", weightstest.Vector(8)},
		"numbers for keys": {"}(" + weightstest.PkInt(7) + weightstest.Eight + "u", "7",
			weightstest.Vector(8)},
		"a text for a number": {"}(\x88" + weightstest.Eight + "G\x40\x04\x00\x00\x00\x00\x00\x00" +
			weightstest.Eight + ")" + weightstest.Eight + "u", "true 2.5 ?2", weightstest.Vector(8)},
		"pairs": {weightstest.PkList(weightstest.PkTuple(weightstest.PkText("a.b"), weightstest.Eight),
			weightstest.PkTuple(weightstest.PkText("c"), weightstest.Eight)), "a.b c", weightstest.Vector(8)},
		"pairs of one name": {weightstest.PkList(weightstest.PkTuple(weightstest.PkText("a"), weightstest.Eight),
			weightstest.PkTuple(weightstest.PkText("a"), weightstest.Eight)), "0 1", weightstest.Vector(8)},
		"a tuple": {weightstest.PkTuple("N", weightstest.Eight), "1", weightstest.Vector(8)},
		"a dictionary of another class": {state("net", weightstest.PkGlobal("mine.Dict")+")\x81("+
			weightstest.PkText("a")+weightstest.Eight+"u"), "net.a", weightstest.Vector(8)},
		"a list of another class": {weightstest.PkGlobal("mine.List") + ")\x81(" + weightstest.Eight + "e", "0",
			weightstest.Vector(8)},
		"attributes": {state("net", weightstest.PkGlobal("mine.Thing")+")R"+state("a", weightstest.Eight)+"b"),
			"net.a", weightstest.Vector(8)},
		"attributes in slots": {weightstest.PkGlobal("mine.Thing") + ")R" + weightstest.PkTuple("N",
			state("a", weightstest.Eight)) + "b", "a", weightstest.Vector(8)},
		"arguments by name": {weightstest.PkGlobal("mine.Thing") + ")" + state("a", weightstest.Eight) + "\x92",
			"a", weightstest.Vector(8)},
		"a network with its program": {weightstest.PkGlobal("mine.Net") + ")\x81" + state("_modules",
			state("features", weightstest.PkGlobal("torch.nn.modules.conv.Conv2d")+")\x81"+
				state("_parameters", state("weight", weightstest.Eight), "stride", weightstest.PkInts(1, 1))+
				"b")) + "b", "features.weight", weightstest.Vector(8)},
		"things beside it": {state(
			"args", weightstest.PkGlobal("argparse.Namespace")+")\x81"+state("lr", "N")+"b",
			"seen", "\x8f("+weightstest.PkInt(1)+"\x90", "frozen", "("+weightstest.PkInt(1)+"\x91",
			"old", weightstest.PkCall("__builtin__.set", weightstest.PkList("N")),
			"when", weightstest.PkCall("datetime.datetime", weightstest.PkBytes([]byte("\x07\xe8\x01\x01aaaaaa"))),
			"where", weightstest.PkCall("pathlib.PosixPath", weightstest.PkText("a")),
			"large", "\x8b\x14\x00\x00\x00"+strings.Repeat("x", 20), "twice", "N2\x86",
			"bytes", "\x96\x02\x00\x00\x00\x00\x00\x00\x00ab",
			"getter", weightstest.PkCall("builtins.getattr", "N", weightstest.PkText("a")),
			"a", weightstest.Eight), "a", weightstest.Vector(8)},
		"a long list": {state("losses", "]("+strings.Repeat("G\x40\x04\x00\x00\x00\x00\x00\x00", 250_000)+"e("+
			strings.Repeat("K\x07", 250_000)+"e", "a", weightstest.Eight), "a", weightstest.Vector(8)},
		"a long dictionary": {state("losses", "}("+strings.Repeat("J\x00\x00\x01\x00K\x07", 100_000)+"u",
			"a", weightstest.Eight), "a", weightstest.Vector(8)},
		"the same list twice": {weightstest.PkList("]q\x01("+weightstest.Eight+"e", "h\x01", "h\x01"), "0.0",
			weightstest.Vector(8)},
		"a circle": {"}q\x01(" + weightstest.PkText("me") + "h\x01" + weightstest.PkText("a") +
			weightstest.Eight + "u", "a", weightstest.Vector(8)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{weightstest.TorchPickled(c.value, "0"),
				weightstest.TorchZipped(c.value, "0")} {
				f := opentest.File(t, data)
				if got := strings.Join(opentest.Names(f), " "); got != c.names {
					t.Errorf("%q, want %q", got, c.names)
				}
				got, err := f.Tensor(opentest.Names(f)[0], len(c.first))
				if err != nil || !slices.Equal(got, c.first) {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
}

func TestPicklesThatAreRefused(t *testing.T) {
	tensor := func(offset int64, shape, stride []int64) string {
		return weightstest.PkDict("a", weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "0", 8),
			offset, shape, stride))
	}
	dims := make([]int64, 33)
	for i := range dims {
		dims[i] = 1
	}
	for name, value := range map[string]string{
		"beyond the storage":  tensor(1, []int64{8}, []int64{1}),
		"beyond by strides":   tensor(0, []int64{4}, []int64{3}),
		"an offset of 2^63-1": tensor(1<<63-1, []int64{8}, []int64{1}),
		"an offset below 0":   tensor(-1, []int64{1}, []int64{1}),
		"a stride below 0":    tensor(4, []int64{2}, []int64{-1}),
		"a stride of 2^62":    tensor(0, []int64{3, 3}, []int64{1 << 62, 1 << 62}),
		"a size below 0":      tensor(0, []int64{-1}, []int64{1}),
		"a product of 2^64":   tensor(0, []int64{1 << 32, 1 << 32}, []int64{0, 0}),
		"33 dimensions":       tensor(0, dims, dims),
		"too few strides":     tensor(0, []int64{2, 2}, []int64{1}),
		"no storage": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkText("0"), 0, []int64{1}, []int64{1})),
		"a class that is none": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatTensor", "0", 8), 0, []int64{1}, []int64{1})),
		"another key": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "../0", 8), 0, []int64{1}, []int64{1})),
		"no key": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "", 8), 0, []int64{1}, []int64{1})),
		"a count below 0": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "0", -8), 0, []int64{1}, []int64{1})),
		"a count of 2^60": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "0", 1<<60), 0, []int64{1},
				[]int64{1})),
		"a view beyond": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "0", 8, weightstest.PkInts(1, 4, 5)), 0,
				[]int64{1}, []int64{1})),
		"beyond the view": weightstest.PkDict("a",
			weightstest.PkTensor(weightstest.PkStorage("FloatStorage", "0", 8, weightstest.PkInts(1, 4, 4)), 0,
				[]int64{5}, []int64{1})),
		"negated": weightstest.PkDict("a",
			weightstest.PkCall("torch._utils._rebuild_tensor_v2",
				weightstest.PkStorage("FloatStorage", "0",
					8), weightstest.PkInt(0), weightstest.PkInts(1), weightstest.PkInts(1), "\x89", "}", weightstest.PkDict("neg", "\x88"))),
		"a tensor never set":  weightstest.PkDict("a", weightstest.PkGlobal("torch.FloatTensor")+")R"),
		"the same name twice": weightstest.PkDict("a", weightstest.Eight, "a", weightstest.Eight),
		"an array without type": weightstest.PkDict("a",
			weightstest.PkCall("numpy.core.multiarray._reconstruct")+weightstest.PkTuple(weightstest.PkInt(1),
				weightstest.PkInts(1), "N", "\x89", weightstest.PkText("1234"))+"b"),
		"a deep one": strings.Repeat("](", 100) + weightstest.Eight + strings.Repeat("e", 100),
		"a long name": weightstest.PkDict(strings.Repeat("a", 300),
			weightstest.PkDict(strings.Repeat("b", 300), weightstest.Eight)),
		"too many": "](" + weightstest.Eight + "q\x01" +
			strings.Repeat("h\x01", pickle.MaxTensors) + "e",
		"an empty stack":        "0",
		"below the mark":        "N(0" + "0a",
		"no mark":               "t",
		"an unknown opcode":     "L1L\n",
		"no whole number":       "Ione\n",
		"nothing put there":     "h\x07",
		"protocol 6":            "\x80\x06N",
		"a call of no function": weightstest.PkInt(1) + ")R",
		"a call of a class":     weightstest.PkGlobal("numpy.ndarray") + ")R",
		"the state of a number": weightstest.PkInt(1) + ")b",
		"an endless name":       "c" + strings.Repeat("x", 300),
		"another encoding": weightstest.PkCall("_codecs.encode", weightstest.PkText("a"),
			weightstest.PkText("rot13")),
		"an id that is none": "NQ",
		"an empty id":        ")Q",
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{weightstest.TorchPickled(value, "0"),
				weightstest.TorchZipped(value, "0"), weightstest.NpyPickled(value)} {
				_, err := opentest.Bytes(data)
				weightstest.Refused[*weights.FormatError](t, err)
			}
		})
	}
}

// What would run a program elsewhere is named here, and goes no further.
func TestPicklesThatRunPrograms(t *testing.T) {
	for _, name := range []string{"os.system", "posix.system", "builtins.eval", "__builtin__.eval", "subprocess.Popen",
		"torch.hub.load"} {
		value := weightstest.PkCall(name, weightstest.PkText("echo"))
		stack := weightstest.PkText(name[:strings.LastIndex(name, ".")]) +
			weightstest.PkText(name[strings.LastIndex(name, ".")+1:]) + "\x93)R"
		for _, value := range []string{value, stack} {
			for _, data := range [][]byte{weightstest.TorchPickled(value), weightstest.TorchZipped(value),
				weightstest.NpyPickled(value)} {
				_, err := opentest.Bytes(data)
				if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Looks,
					name) || !strings.Contains(e.Hint(), "state_dict") {
					t.Errorf("%v: %s", e, e.Hint())
				}
			}
		}
	}
}

// What other names make is a place for what is given to them, and no file of weights by itself.
func TestPicklesWithoutTensors(t *testing.T) {
	for name, value := range map[string]string{
		"a class":             weightstest.PkCall("__main__.Net", weightstest.PkText("echo")),
		"a function in class": weightstest.PkCall("torch.FloatStorage.x", weightstest.PkText("echo")),
		"a program":           weightstest.PkTuple(weightstest.PkText("module"), "N", "N", "N") + "Q",
		"too many steps":      strings.Repeat("N0", pickle.MaxValues),
		"too many marks":      strings.Repeat("(", pickle.MaxStack+2),
		"too many numbers":    strings.Repeat("N", pickle.MaxStack+2),
		"a large number":      "\x8a\x11" + strings.Repeat("x", 17),
	} {
		for _, data := range [][]byte{weightstest.TorchPickled(value), weightstest.TorchZipped(value),
			weightstest.NpyPickled(value)} {
			_, err := opentest.Bytes(data)
			t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.UnsupportedError](t, err) })
		}
	}
}

func TestPicklesThatEndEarly(t *testing.T) {
	for name, value := range map[string]string{
		"a text of 4 GB":           "X\xff\xff\xff\xff",
		"a text of 2^64-1 bytes":   "\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
		"bytes of 2^63 bytes":      "\x8e\x00\x00\x00\x00\x00\x00\x00\x80",
		"a number of 255 bytes":    "\x8a\xff",
		"half a number":            "J\x00",
		"a name without an end":    "cos",
		"a frame without a length": "\x95",
	} {
		t.Run(name, func(t *testing.T) {
			b := []byte("\x80\x02" + value)
			_, err := opentest.Bytes(weightstest.Zipped(zip.Store, weightstest.File("x/data.pkl", b)))
			weightstest.Refused[*weights.TruncatedError](t, err)
			_, err = opentest.Bytes(weightstest.RawNPY("{'descr': '|O', 'fortran_order': False, 'shape': (), }", b))
			weightstest.Refused[*weights.TruncatedError](t, err)
		})
	}
}

// No pickle takes much more memory than its own size, whatever it repeats.
func TestPicklesStaySmall(t *testing.T) {
	const n = pickle.MaxValues
	pairs := "](" + strings.Repeat("]q\x02(NNe", n/16) + "eq\x01"
	for name, value := range map[string]string{
		"dictionaries":   "(" + strings.Repeat("}", n-2),
		"lists":          "(" + strings.Repeat("]", n-2),
		"marks":          strings.Repeat("(", n-2),
		"memo":           "N" + strings.Repeat("\x94", n-2),
		"tuples":         ")" + strings.Repeat("\x85", n-2),
		"doubled tuples": ")" + strings.Repeat("q\x010h\x01h\x01\x86", n/6),
		"pairs":          pairs + strings.Repeat("0ccollections\nOrderedDict\n(h\x01tR", n/8),
		"shapes": weightstest.PkGlobal("torch._utils._rebuild_tensor") + "q\x01(" +
			weightstest.PkStorage("FloatStorage", "0", 8) + "K\x00" +
			weightstest.PkInts(make([]int64, 32)...) + weightstest.PkInts(make([]int64, 32)...) + "tq\x02" +
			strings.Repeat("h\x01h\x02R", n/3-99),
		"numbers": "](" + strings.Repeat("("+strings.Repeat("M\xff\xff", 1000)+"e", 2000),
		"objects": weightstest.PkGlobal("a.B") + "q\x01" + strings.Repeat("h\x01)R0", n/4-9),
		"states":  weightstest.PkGlobal("a.B") + ")R" + strings.Repeat("Nb", n-9),
		"storages": weightstest.PkStorage("FloatStorage", "0",
			8)[:len(weightstest.PkStorage("FloatStorage", "0", 8))-1] + "q\x01" +
			strings.Repeat("Qh\x01", n/2-99),
		"tensors": "](" + weightstest.Eight + "q\x01" + strings.Repeat("h\x01", pickle.MaxTensors-1) +
			"e",
		"long names": weightstest.PkDict(strings.Repeat("a", pickle.MaxText-5),
			"]("+weightstest.Eight+"q\x01"+strings.Repeat("h\x01", pickle.MaxTensors-1)+"e"),
	} {
		t.Run(name, func(t *testing.T) {
			data := weightstest.TorchZipped(value+".", "0")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c, err := opentest.Bytes(data)
			if err == nil {
				c.Close()
			} else {
				weightstest.WellFormed(t, err)
			}
			runtime.ReadMemStats(&after)
			if used := int64(after.TotalAlloc - before.TotalAlloc); used > 64<<20+4*int64(len(data)) {
				t.Errorf("%d MiB were allocated for %d bytes (%v)", used>>20, len(data), err)
			}
		})
	}
}

// FuzzPickle runs a pickle, and looks for tensors in what it makes: once with a storage beside it, in an
// archive that is sound, and once with arrays inside it.
func FuzzPickle(f *testing.F) {
	f.Add(weightstest.Pk(weightstest.PkDict("a", weightstest.Eight)))
	f.Add(weightstest.Pk(weightstest.PkDict("net", weightstest.PkDict("module.a", weightstest.Eight),
		"optimizer", "]")))
	f.Add(weightstest.Pk(weightstest.PkCall("collections.OrderedDict",
		weightstest.PkList(weightstest.PkList(weightstest.PkText("a"), weightstest.Eight)))))
	f.Add(weightstest.Pk(weightstest.PkGlobal("torch.FloatTensor") + ")R" +
		weightstest.PkTuple(weightstest.PkStorage("FloatStorage", "0", 8), weightstest.PkInt(6),
			weightstest.PkInts(2), weightstest.PkInts(1)) + "b"))
	f.Add(weightstest.Pk(weightstest.PkDict("args", weightstest.PkGlobal("argparse.Namespace")+")\x81"+
		weightstest.PkDict("lr", "N")+"b", "seen", "\x8f(N\x90", "a", weightstest.PkCall(
		"torch._utils._rebuild_tensor_v3", weightstest.PkStorage("UntypedStorage", "0", 32), weightstest.PkInt(0),
		weightstest.PkInts(32), weightstest.PkInts(1), "\x89", "}", weightstest.PkGlobal("torch.float8_e5m2")))))
	f.Add(weightstest.Pk(weightstest.PkTuple(weightstest.PkText("os")+weightstest.PkText("system")+"\x93",
		weightstest.PkText("echo")) + "R"))
	for _, name := range []string{"dict_py2.npy", "dict_py3.npy", "dict_latin1.npy"} {
		data, err := os.ReadFile(filepath.Join("../npy/testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[128:]) // behind NumPy's header
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, err := pickle.Run(pickle.NewInput("fuzz", bytes.NewReader(data), 0, int64(len(data))))
		if err != nil {
			weightstest.WellFormed(t, err)
			return
		}
		opentest.Try(t, "fuzz", weightstest.Zipped(zip.Store, weightstest.File("x/data.pkl", data),
			weightstest.File("x/data/0", make([]byte, 32))), 0)
		opentest.Try(t, "fuzz", weightstest.RawNPY("{'descr': '|O', 'fortran_order': False, 'shape': (), }",
			data), 0)
	})
}
