package weightstest

import (
	"archive/zip"
	"encoding/binary"
	"strings"
)

// Pieces of pickles, each a program that leaves one value on the stack.

// PkText is a text.
func PkText(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// PkInt is a whole number.
func PkInt(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// PkInts is a tuple of whole numbers.
func PkInts(n ...int64) string {
	var s []string
	for _, n := range n {
		s = append(s, PkInt(n))
	}
	return PkTuple(s...)
}

// PkGlobal is a name with its module.
func PkGlobal(name string) string {
	at := strings.LastIndex(name, ".")
	return "c" + name[:at] + "\n" + name[at+1:] + "\n"
}

// PkTuple is a tuple.
func PkTuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

// PkList is a list.
func PkList(items ...string) string { return "](" + strings.Join(items, "") + "e" }

// PkDict takes a text and a value in turn.
func PkDict(items ...string) string {
	s := "}("
	for i := 0; i < len(items); i += 2 {
		s += PkText(items[i]) + items[i+1]
	}
	return s + "u"
}

// PkCall calls a function.
func PkCall(function string, args ...string) string {
	return PkGlobal(function) + PkTuple(args...) + "R"
}

// PkStorage is a storage of PyTorch.
func PkStorage(class, key string, n int64, more ...string) string {
	id := append([]string{PkText("storage"), PkGlobal("torch." + class), PkText(key), PkText("cpu"), PkInt(n)},
		more...)
	return PkTuple(id...) + "Q"
}

// PkTensor is a tensor of PyTorch.
func PkTensor(storage string, offset int64, shape, stride []int64) string {
	return PkCall("torch._utils._rebuild_tensor_v2", storage, PkInt(offset), PkInts(shape...),
		PkInts(stride...), "\x89", PkDict())
}

// Pk is a whole pickle of a value.
func Pk(value string) []byte { return []byte("\x80\x02" + value + ".") }

// TorchZipped is an archive of a pickle and of storages that count, by key.
func TorchZipped(value string, storages ...string) []byte {
	members := []Member{File("x/data.pkl", Pk(value))}
	for _, key := range storages {
		members = append(members, File("x/data/"+key, Float32s(Vector(8))))
	}
	return Zipped(zip.Store, members...)
}

// TorchPickled is a file from before version 1.6, with storages of 8 numbers.
func TorchPickled(value string, storages ...string) []byte {
	b := Pk("\x8a\x0a" + "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
	b = append(b, Pk(PkInt(1001))...)
	b = append(b, Pk(PkDict())...)
	b = append(b, Pk(value)...)
	keys := make([]string, len(storages))
	for i, key := range storages {
		keys[i] = PkText(key)
	}
	b = append(b, Pk(PkList(keys...))...)
	for range storages {
		b = binary.LittleEndian.AppendUint64(b, 8)
		b = append(b, Float32s(Vector(8))...)
	}
	return b
}

// NpyPickled is an .npy file with a pickle.
func NpyPickled(value string) []byte {
	return RawNPY("{'descr': '|O', 'fortran_order': False, 'shape': (), }", Pk(value))
}

// Eight is a tensor of 8 numbers.
var Eight = PkTensor(PkStorage("FloatStorage", "0", 8), 0, []int64{8}, []int64{1})

// PkArray is an array of numbers in a pickle, whose bytes the program data makes.
func PkArray(shape []int64, kind, data string) string {
	numpyType := PkCall("numpy.dtype", PkText(kind), "\x89", "\x88") +
		PkTuple(PkInt(3), PkText("<"), "N", "N", "N", PkInt(-1), PkInt(-1), PkInt(0)) + "b"
	return PkCall("numpy.core.multiarray._reconstruct", PkGlobal("numpy.ndarray"), PkInts(0), PkText("b")) +
		PkTuple(PkInt(1), PkInts(shape...), numpyType, "\x89", data) + "b"
}

// PkBytes is a string of bytes.
func PkBytes(b []byte) string {
	return "B" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(b)))) + string(b)
}
