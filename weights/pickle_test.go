package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

// Pieces of pickles, each a program that leaves one value on the stack.

func pkText(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func pkInt(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func pkInts(n ...int64) string {
	var s []string
	for _, n := range n {
		s = append(s, pkInt(n))
	}
	return pkTuple(s...)
}

func pkGlobal(name string) string {
	at := strings.LastIndex(name, ".")
	return "c" + name[:at] + "\n" + name[at+1:] + "\n"
}

func pkTuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }
func pkList(items ...string) string  { return "](" + strings.Join(items, "") + "e" }

// pkDict takes a text and a value in turn.
func pkDict(items ...string) string {
	s := "}("
	for i := 0; i < len(items); i += 2 {
		s += pkText(items[i]) + items[i+1]
	}
	return s + "u"
}

func pkCall(function string, args ...string) string {
	return pkGlobal(function) + pkTuple(args...) + "R"
}

func pkStorage(class, key string, n int64, more ...string) string {
	id := append([]string{pkText("storage"), pkGlobal("torch." + class), pkText(key), pkText("cpu"), pkInt(n)}, more...)
	return pkTuple(id...) + "Q"
}

func pkTensor(storage string, offset int64, shape, stride []int64) string {
	return pkCall("torch._utils._rebuild_tensor_v2", storage, pkInt(offset), pkInts(shape...), pkInts(stride...), "\x89", pkDict())
}

func pk(value string) []byte { return []byte("\x80\x02" + value + ".") }

// torchZipped is an archive of a pickle and of storages that count, by key.
func torchZipped(value string, storages ...string) []byte {
	members := []weightstest.Member{weightstest.File("x/data.pkl", pk(value))}
	for _, key := range storages {
		members = append(members, weightstest.File("x/data/"+key, weightstest.Float32s(weightstest.Vector(8))))
	}
	return weightstest.Zipped(zip.Store, members...)
}

// torchPickled is a file from before version 1.6, with storages of 8 numbers.
func torchPickled(value string, storages ...string) []byte {
	b := pk("\x8a\x0a" + torchMagic)
	b = append(b, pk(pkInt(torchVersion))...)
	b = append(b, pk(pkDict())...)
	b = append(b, pk(value)...)
	keys := make([]string, len(storages))
	for i, key := range storages {
		keys[i] = pkText(key)
	}
	b = append(b, pk(pkList(keys...))...)
	for range storages {
		b = binary.LittleEndian.AppendUint64(b, 8)
		b = append(b, weightstest.Float32s(weightstest.Vector(8))...)
	}
	return b
}

func npyPickled(value string) []byte {
	return weightstest.RawNPY("{'descr': '|O', 'fortran_order': False, 'shape': (), }", pk(value))
}

func openBytes(data []byte) (container, error) {
	return openPlain("file", memory{bytes.NewReader(data)}, int64(len(data)))
}

func fileOf(t testing.TB, data []byte) *File {
	t.Helper()
	return open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "file"), data))
}

var eight = pkTensor(pkStorage("FloatStorage", "0", 8), 0, []int64{8}, []int64{1})

func TestPickledTensors(t *testing.T) {
	view := func(first, n int64) string {
		return pkStorage("FloatStorage", "0", 8, pkTuple(pkText("1"), pkInt(first), pkInt(n)))
	}
	state := func(items ...string) string { return pkDict(items...) }
	for name, c := range map[string]struct {
		value string
		names string
		first []float32
	}{
		"a part of a storage": {state("a", pkTensor(view(2, 5), 1, []int64{3}, []int64{1})), "a", []float32{.375, .5, .625}},
		"every other":         {state("a", pkTensor(view(1, 7), 0, []int64{4}, []int64{2})), "a", []float32{.125, .375, .625, .875}},
		"a view of nothing":   {state("a", pkTensor(view(0, 8), 7, []int64{1}, []int64{99})), "a", []float32{.875}},
		"version 1":           {state("a", pkCall("torch._utils._rebuild_tensor", view(0, 8), pkInt(6), pkInts(2), pkInts(1))), "a", []float32{.75, .875}},
		"before version 1":    {state("a", pkGlobal("torch.FloatTensor")+")R"+pkTuple(view(0, 8), pkInt(6), pkInts(2), pkInts(1))+"b"), "a", []float32{.75, .875}},
		"a parameter":         {state("a", pkCall("torch._utils._rebuild_parameter", eight, "\x88", pkDict())), "a", weightstest.Vector(8)},
		"pairs of Python 2":   {pkCall("collections.OrderedDict", pkList(pkList(pkText("a"), eight), pkList(pkText("b"), eight))), "a b", weightstest.Vector(8)},
		"one tensor":          {eight, "tensor", weightstest.Vector(8)},
		"a list":              {pkList(eight, eight), "0 1", weightstest.Vector(8)},
		"nested":              {state("epoch", pkInt(3), "net", state("a", state("b", eight), "c", eight)), "a.b c", weightstest.Vector(8)},
		"nested twice":        {state("model", state("state_dict", state("a", eight))), "a", weightstest.Vector(8)},
		"a name like others":  {state("model.a", eight, "model.b", eight), "model.a model.b", weightstest.Vector(8)},
		"two networks":        {state("model", state("a", eight), "ema", state("a", eight)), "model.a ema.a", weightstest.Vector(8)},
		"not a wrapper":       {state("features", state("a", eight)), "features.a", weightstest.Vector(8)},
		"several devices":     {state("net", state("module.a", eight, "module.b", eight)), "a b", weightstest.Vector(8)},
		"one of the names":    {state("module.a", eight, "b", eight), "module.a b", weightstest.Vector(8)},
		"an optimiser":        {state("optimizer", state("a", eight), "model", state("b", eight)), "b", weightstest.Vector(8)},
		"numbers for keys":    {"}(" + pkInt(7) + eight + "u", "7", weightstest.Vector(8)},
		"the same list twice": {pkList("]q\x01("+eight+"e", "h\x01", "h\x01"), "0.0", weightstest.Vector(8)},
		"a circle":            {"}q\x01(" + pkText("me") + "h\x01" + pkText("a") + eight + "u", "a", weightstest.Vector(8)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{torchPickled(c.value, "0"), torchZipped(c.value, "0")} {
				f := fileOf(t, data)
				if got := strings.Join(names(f), " "); got != c.names {
					t.Errorf("%q, want %q", got, c.names)
				}
				got, err := f.Tensor(names(f)[0], len(c.first))
				if err != nil || !slices.Equal(got, c.first) {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
}

func TestPicklesThatAreRefused(t *testing.T) {
	tensor := func(offset int64, shape, stride []int64) string {
		return pkDict("a", pkTensor(pkStorage("FloatStorage", "0", 8), offset, shape, stride))
	}
	dims := make([]int64, 33)
	for i := range dims {
		dims[i] = 1
	}
	for name, value := range map[string]string{
		"beyond the storage":    tensor(1, []int64{8}, []int64{1}),
		"beyond by strides":     tensor(0, []int64{4}, []int64{3}),
		"an offset of 2^63-1":   tensor(1<<63-1, []int64{8}, []int64{1}),
		"an offset below 0":     tensor(-1, []int64{1}, []int64{1}),
		"a stride below 0":      tensor(4, []int64{2}, []int64{-1}),
		"a stride of 2^62":      tensor(0, []int64{3, 3}, []int64{1 << 62, 1 << 62}),
		"a size below 0":        tensor(0, []int64{-1}, []int64{1}),
		"a product of 2^64":     tensor(0, []int64{1 << 32, 1 << 32}, []int64{0, 0}),
		"33 dimensions":         tensor(0, dims, dims),
		"too few strides":       tensor(0, []int64{2, 2}, []int64{1}),
		"no storage":            pkDict("a", pkTensor(pkText("0"), 0, []int64{1}, []int64{1})),
		"a class that is none":  pkDict("a", pkTensor(pkStorage("FloatTensor", "0", 8), 0, []int64{1}, []int64{1})),
		"another key":           pkDict("a", pkTensor(pkStorage("FloatStorage", "../0", 8), 0, []int64{1}, []int64{1})),
		"no key":                pkDict("a", pkTensor(pkStorage("FloatStorage", "", 8), 0, []int64{1}, []int64{1})),
		"a count below 0":       pkDict("a", pkTensor(pkStorage("FloatStorage", "0", -8), 0, []int64{1}, []int64{1})),
		"a count of 2^60":       pkDict("a", pkTensor(pkStorage("FloatStorage", "0", 1<<60), 0, []int64{1}, []int64{1})),
		"a view beyond":         pkDict("a", pkTensor(pkStorage("FloatStorage", "0", 8, pkInts(1, 4, 5)), 0, []int64{1}, []int64{1})),
		"beyond the view":       pkDict("a", pkTensor(pkStorage("FloatStorage", "0", 8, pkInts(1, 4, 4)), 0, []int64{5}, []int64{1})),
		"negated":               pkDict("a", pkCall("torch._utils._rebuild_tensor_v2", pkStorage("FloatStorage", "0", 8), pkInt(0), pkInts(1), pkInts(1), "\x89", "}", pkDict("neg", "\x88"))),
		"a tensor never set":    pkDict("a", pkGlobal("torch.FloatTensor")+")R"),
		"the same name twice":   pkDict("a", eight, "a", eight),
		"an array without type": pkDict("a", pkCall("numpy.core.multiarray._reconstruct")+pkTuple(pkInt(1), pkInts(1), "N", "\x89", pkText("1234"))+"b"),
		"a deep one":            strings.Repeat("](", 100) + eight + strings.Repeat("e", 100),
		"a long name":           pkDict(strings.Repeat("a", 300), pkDict(strings.Repeat("b", 300), eight)),
		"too many":              "](" + eight + "q\x01" + strings.Repeat("h\x01", mostPickleTensors) + "e",
		"too many steps":        strings.Repeat("N0", mostOpcodes),
		"an empty stack":        "0",
		"below the mark":        "N(0" + "0a",
		"no mark":               "t",
		"an unknown opcode":     "L1L\n",
		"no whole number":       "Ione\n",
		"nothing put there":     "h\x07",
		"protocol 6":            "\x80\x06N",
		"a call of no function": pkInt(1) + ")R",
		"a call of a class":     pkGlobal("numpy.ndarray") + ")R",
		"the state of a number": pkInt(1) + ")b",
		"a large number":        "\x8a\x11" + strings.Repeat("x", 17),
		"an endless name":       "c" + strings.Repeat("x", 300),
		"another encoding":      pkCall("_codecs.encode", pkText("a"), pkText("rot13")),
		"an id that is none":    "NQ",
		"an empty id":           ")Q",
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{torchPickled(value, "0"), torchZipped(value, "0"), npyPickled(value)} {
				c, err := openBytes(data)
				if err == nil {
					_, err = newFile("file", c)
				}
				weightstest.Refused[*FormatError](t, err)
			}
		})
	}
}

// What would run a program elsewhere is named here, and goes no further.
func TestPicklesThatRunPrograms(t *testing.T) {
	for _, name := range []string{"os.system", "posix.system", "builtins.eval", "__builtin__.eval", "torch.hub.load", "torch.FloatStorage.x", "__main__.Net"} {
		value := pkCall(name, pkText("echo"))
		stack := pkText(name[:strings.LastIndex(name, ".")]) + pkText(name[strings.LastIndex(name, ".")+1:]) + "\x93)R"
		for _, value := range []string{value, stack} {
			for _, data := range [][]byte{torchPickled(value), torchZipped(value), npyPickled(value)} {
				_, err := openBytes(data)
				if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, name) || !strings.Contains(e.Hint(), "state_dict") {
					t.Errorf("%v: %s", e, e.Hint())
				}
			}
		}
	}
	_, err := openBytes(torchPickled(pkTuple(pkText("module"), "N", "N", "N") + "Q"))
	weightstest.Refused[*UnsupportedError](t, err)
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
			_, err := openBytes(weightstest.Zipped(zip.Store, weightstest.File("x/data.pkl", b)))
			weightstest.Refused[*TruncatedError](t, err)
			_, err = openBytes(weightstest.RawNPY("{'descr': '|O', 'fortran_order': False, 'shape': (), }", b))
			weightstest.Refused[*TruncatedError](t, err)
		})
	}
}

// No pickle takes much more memory than its own size, whatever it repeats.
func TestPicklesStaySmall(t *testing.T) {
	const n = mostOpcodes
	pairs := "](" + strings.Repeat("]q\x02(NNe", n/16) + "eq\x01"
	for name, value := range map[string]string{
		"dictionaries":   "(" + strings.Repeat("}", n-2),
		"lists":          "(" + strings.Repeat("]", n-2),
		"marks":          strings.Repeat("(", n-2),
		"memo":           "N" + strings.Repeat("\x94", n-2),
		"tuples":         ")" + strings.Repeat("\x85", n-2),
		"doubled tuples": ")" + strings.Repeat("q\x010h\x01h\x01\x86", n/6),
		"pairs":          pairs + strings.Repeat("0ccollections\nOrderedDict\n(h\x01tR", n/8),
		"shapes":         pkGlobal("torch._utils._rebuild_tensor") + "q\x01(" + pkStorage("FloatStorage", "0", 8) + "K\x00" + pkInts(make([]int64, 32)...) + pkInts(make([]int64, 32)...) + "tq\x02" + strings.Repeat("h\x01h\x02R", n/3-99),
		"storages":       pkStorage("FloatStorage", "0", 8)[:len(pkStorage("FloatStorage", "0", 8))-1] + "q\x01" + strings.Repeat("Qh\x01", n/2-99),
		"tensors":        "](" + eight + "q\x01" + strings.Repeat("h\x01", mostPickleTensors-1) + "e",
		"long names":     pkDict(strings.Repeat("a", mostText-5), "]("+eight+"q\x01"+strings.Repeat("h\x01", mostPickleTensors-1)+"e"),
	} {
		t.Run(name, func(t *testing.T) {
			data := torchZipped(value+".", "0")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c, err := openBytes(data)
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
