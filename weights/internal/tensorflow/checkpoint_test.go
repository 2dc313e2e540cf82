package tensorflow_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/opentest"
	"oneiro/weights/internal/tensorflow"
)

// openCheckpoint opens a checkpoint, whatever it looks like.
func openCheckpoint(data []byte) (*container.Container, error) {
	return tensorflow.OpenCheckpoint("model.ckpt", memory{bytes.NewReader(data)}, int64(len(data)))
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// openError opens a file and returns the error.
func openError(data []byte) error {
	f, err := weights.OpenBytes("model.ckpt", data)
	if err == nil {
		f.Close()
	}
	return err
}

// pbBytes is a field of bytes, pbVarint one of a number, in the wire format of protocol buffers.
func pbBytes(number int, values ...[]byte) []byte {
	value := slices.Concat(values...)
	b := binary.AppendUvarint(nil, uint64(number)<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(value))), value...)
}

func pbVarint(number int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(number)<<3), v)
}

func pbShape(sizes ...uint64) []byte {
	var dims []byte
	for _, n := range sizes {
		dims = append(dims, pbBytes(2, pbVarint(1, n))...)
	}
	return pbBytes(2, dims)
}

// record is an entry of a table: a key and its value.
type record struct {
	key   string
	value []byte
}

// tableOf returns a table of a block for each of blocks.
func tableOf(blocks ...[]record) []byte {
	var b []byte
	add := func(records []record) (handle []byte) {
		at, last := len(b), ""
		for _, r := range records {
			same := 0
			for same < min(len(r.key), len(last)) && r.key[same] == last[same] {
				same++
			}
			b = binary.AppendUvarint(b, uint64(same))
			b = binary.AppendUvarint(b, uint64(len(r.key)-same))
			b = binary.AppendUvarint(b, uint64(len(r.value)))
			b = append(append(b, r.key[same:]...), r.value...)
			last = r.key
		}
		b = append(b, 0, 0, 0, 0, 1, 0, 0, 0) // one place to search from
		handle = binary.AppendUvarint(binary.AppendUvarint(nil, uint64(at)), uint64(len(b)-at))
		b = append(b, 0)
		b = binary.LittleEndian.AppendUint32(b,
			tensorflow.MaskedCRC(crc32.Checksum(b[at:], tensorflow.Castagnoli)))
		return handle
	}
	var index []record
	for i, block := range blocks {
		index = append(index, record{fmt.Sprintf("%03d", i), add(block)})
	}
	footer := slices.Concat([]byte{0, 0}, add(index))
	footer = append(footer, make([]byte, tensorflow.FooterSize-8-len(footer))...)
	return append(b, binary.LittleEndian.AppendUint64(footer, tensorflow.Magic)...)
}

// meta1 and data1 are records of the first format for tensors of float32.
func meta1(tensors ...[]byte) record { return record{"", pbBytes(1, tensors...)} }

func tensor1(name string, sizes ...uint64) []byte {
	return pbBytes(1, pbBytes(1, []byte(name)), pbShape(sizes...), pbVarint(3, 1))
}

func data1(name string, tensor ...[]byte) record {
	return record{"k" + name, pbBytes(2, pbBytes(1, []byte(name)), pbBytes(3, tensor...))}
}

// header2 and entry2 are records of the second format.
var header2 = record{"", pbVarint(1, 1)}

func entry2(name string, sizes []uint64, more ...[]byte) record {
	return record{name, slices.Concat(append([][]byte{pbVarint(1, 1), pbShape(sizes...)}, more...)...)}
}

func TestCheckpointV1(t *testing.T) {
	f := opentest.Open(t, "testdata/v1.ckpt")
	opentest.CheckCounted(t, f, map[string][]int{
		"vgg_16/conv1/conv1_1/weights": {2, 5, 3, 4}, "vgg_16/conv1/conv1_1/biases": {4},
		"vgg_16/fc6/weights": {2, 2, 3, 6}, "vgg_16/fc6/biases": {6}, "dense/weights": {12, 6},
		"double": {2, 5, 3, 4},
		"half":   {2, 5, 3, 4},
	})
	_, err := f.Tensor("global_step", 1)
	weightstest.Refused[*weights.TypeError](t, err)
	_, err = f.Tensor("scalar", 1)
	weightstest.Refused[*weights.ShapeError](t, err)
	names, info := opentest.Infos(f)
	if len(names) != 9 || f.Format() != "TensorFlow checkpoint (V1)" {
		t.Error(names, f.Format())
	}
	if i := info["vgg_16/conv1/conv1_1/weights"]; i.Layout != weights.HWIO || i.DType != "float32" ||
		!slices.Equal(i.Shape, []int{2, 5, 3, 4}) {
		t.Errorf("%+v", i)
	}
	if info["dense/weights"].Layout != weights.IO || info["vgg_16/fc6/biases"].Layout != weights.O ||
		info["global_step"].DType != "int64" {
		t.Errorf("%+v", info)
	}
}

func TestCheckpointV2(t *testing.T) {
	shapes := map[string][]int{
		"vgg_16/conv1/conv1_1/weights": {2, 5, 3, 4}, "vgg_16/conv1/conv1_1/biases": {4},
		"vgg_16/fc6/weights": {2, 2, 3, 6}, "vgg_16/fc6/biases": {6}, "dense/weights": {12, 6},
		"double": {2, 5, 3, 4},
		"half":   {2, 5, 3, 4}, "brain": {2, 5, 3, 4},
	}
	for _, name := range []string{"v2.ckpt", "v2.ckpt.index", "v2.ckpt.data-00000-of-00001"} {
		f := opentest.Open(t, filepath.Join("testdata", name))
		opentest.CheckCounted(t, f, shapes)
		names, info := opentest.Infos(f)
		if !slices.IsSorted(names) || len(names) != 11 || f.Name() != "v2.ckpt.index" {
			t.Error(f.Name(), names)
		}
		if info["half"].DType != "float16" || info["brain"].DType != "bfloat16" ||
			info["text"].DType != "text" {
			t.Errorf("%+v", info)
		}
		_, err := f.Tensor("global_step", 1)
		weightstest.Refused[*weights.TypeError](t, err)
	}
	opentest.CheckCounted(t, opentest.Open(t, "testdata/v2_shards.ckpt"),
		map[string][]int{"a": {2, 5, 3, 4}, "b": {2, 5, 3, 4}, "c": {2, 5, 3, 4}})
	opentest.CheckCounted(t, opentest.Open(t, "testdata/v2_object.ckpt"), map[string][]int{
		"conv/kernel/.ATTRIBUTES/VARIABLE_VALUE": {2, 5, 3, 4}, "conv/bias/.ATTRIBUTES/VARIABLE_VALUE": {4},
	})
}

func TestPartitionedCheckpoints(t *testing.T) {
	for _, name := range []string{"v1_slices.ckpt", "v2_slices.ckpt"} {
		_, err := weights.Open(filepath.Join("testdata", name))
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Looks, "slices") ||
			!strings.Contains(e.Hint(), "save it again") {
			t.Error(err, e.Hint())
		}
	}
}

// A tensor larger than what is read at once, behind another in the same block.
func TestLargeCheckpoint(t *testing.T) {
	const n = 3*16<<10 + 5
	data := tableOf([]record{meta1(tensor1("a", 3), tensor1("b", n)),
		data1("a", pbBytes(5, weightstest.Float32s(weightstest.Vector(3))))},
		[]record{data1("b", pbVarint(1, 1), pbShape(n),
			pbBytes(5, weightstest.Float32s(weightstest.Vector(n))))})
	f := opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "model.ckpt"), data))
	opentest.CheckCounted(t, f, map[string][]int{"a": {3}, "b": {n}})
	pieces := tableOf([]record{meta1(tensor1("a", 5)),
		data1("a", pbBytes(5, weightstest.Float32s(weightstest.Vector(5)[:2])),
			pbBytes(5, weightstest.Float32s(weightstest.Vector(5)[2:])))})
	f = opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "model.ckpt"), pieces))
	opentest.CheckCounted(t, f, map[string][]int{"a": {5}})
}

func TestDamagedCheckpoints(t *testing.T) {
	whole, err := os.ReadFile("testdata/v1.ckpt")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{16, 47, 100, 1000, len(whole) - 49, len(whole) - 1} {
		weightstest.Refused[*weights.TruncatedError](t, openError(whole[:n]))
	}
	spoilt := bytes.Clone(whole)
	spoilt[len(spoilt)/2] ^= 4
	weightstest.Refused[*weights.ChecksumError](t, openError(spoilt))

	second := tableOf([]record{meta1(tensor1("a", 3))},
		[]record{data1("a", pbBytes(5, weightstest.Float32s(weightstest.Vector(3))))})
	at := bytes.Index(second, weightstest.Float32s([]float32{.25}))
	second[at] ^= 1
	f := opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "model.ckpt"), second))
	_, err = f.Tensor("a", 3)
	if e := weightstest.Refused[*weights.ChecksumError](t, err); e.Tensor != "a" {
		t.Error(e)
	}

	dir := t.TempDir()
	index, _ := os.ReadFile("testdata/v2.ckpt.index")
	data, _ := os.ReadFile("testdata/v2.ckpt.data-00000-of-00001")
	weightstest.Write(t, filepath.Join(dir, "m.index"), index)
	_, err = weights.Open(filepath.Join(dir, "m"))
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(),
		"m.data-00000-of-00001") {
		t.Error(e, e.Hint())
	}
	shard := filepath.Join(dir, "m.data-00000-of-00001")
	weightstest.Write(t, shard, data[:1000])
	_, err = weights.Open(filepath.Join(dir, "m"))
	weightstest.Refused[*weights.TruncatedError](t, err)
	spoilt = bytes.Clone(data)
	for i := range spoilt {
		spoilt[i] ^= 1
	}
	weightstest.Write(t, shard, spoilt)
	_, err = opentest.Open(t, shard).Tensor("half", 2, 5, 3, 4)
	if e := weightstest.Refused[*weights.ChecksumError](t, err); e.File != shard {
		t.Error(e)
	}
	f = opentest.Open(t, shard)
	weightstest.Write(t, shard, data[:10])
	_, err = f.Tensor("half", 2, 5, 3, 4)
	weightstest.Refused[*weights.TruncatedError](t, err)

	if err := os.Remove(shard); err != nil {
		t.Fatal(err)
	}
	outside := weightstest.Write(t, filepath.Join(t.TempDir(), "data"), data)
	if err := os.Symlink(outside, shard); err != nil {
		t.Skip(err)
	}
	_, err = weights.Open(filepath.Join(dir, "m.index"))
	if e := weightstest.Refused[*weights.FormatError](t, err); !strings.Contains(e.Error(), "link") {
		t.Error(e)
	}
}

func TestTablesThatLie(t *testing.T) {
	three := pbBytes(5, weightstest.Float32s(weightstest.Vector(3)))
	good := tableOf([]record{meta1(tensor1("a", 3)), data1("a", three)})
	if err := openError(good); err != nil {
		t.Fatal(err)
	}
	footer := func(b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[len(out)-tensorflow.FooterSize:], append(b, make([]byte, 40-len(b))...))
		return out
	}
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"an index behind the end": {footer(0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 8),
			weightstest.Is[*weights.FormatError]},
		"an index of 2^63 bytes": {footer(0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 1), weightstest.Is[*weights.FormatError]},
		"a number without end": {footer(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff), weightstest.Is[*weights.FormatError]},
		"a tensor twice": {tableOf([]record{meta1(tensor1("a", 3), tensor1("a", 3)),
			data1("a", three)}), weightstest.Is[*weights.FormatError]},
		"its numbers twice": {tableOf([]record{meta1(tensor1("a", 3)), data1("a", three),
			data1("a", three)}), weightstest.Is[*weights.FormatError]},
		"no numbers": {tableOf([]record{meta1(tensor1("a", 3))}),
			weightstest.Is[*weights.FormatError]},
		"numbers of another": {tableOf([]record{meta1(tensor1("a", 3)), data1("b", three)}),
			weightstest.Is[*weights.FormatError]},
		"too few": {tableOf([]record{meta1(tensor1("a", 4)), data1("a", three)}),
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64+3": {tableOf([]record{meta1(tensor1("a", 1<<32, 1<<32, 3)),
			data1("a", three)}), weightstest.Is[*weights.FormatError]},
		"a negative size": {tableOf([]record{meta1(tensor1("a", 1<<64-3)), data1("a", three)}),
			weightstest.Is[*weights.FormatError]},
		"33 dimensions": {tableOf([]record{meta1(tensor1("a",
			slices.Repeat([]uint64{1}, 33)...)), data1("a", three)}), weightstest.Is[*weights.FormatError]},
		"a long name": {tableOf([]record{meta1(tensor1(strings.Repeat("a", 2000), 3))}),
			weightstest.Is[*weights.FormatError]},
		"a message longer than the file": {tableOf([]record{{"", []byte{0x0a, 0xff, 0xff, 0x7f}}}),
			weightstest.Is[*weights.FormatError]},
		"a group": {tableOf([]record{meta1([]byte{0x0b, 0x0c})}),
			weightstest.Is[*weights.FormatError]},
		"a long key": {tableOf([]record{meta1(tensor1("a", 3)),
			{strings.Repeat("k", 3000), nil}}), weightstest.Is[*weights.FormatError]},
		"neither version": {tableOf([]record{{"", []byte{0x12, 0}}}),
			weightstest.Is[*weights.UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) { c.err(t, openError(c.data)) })
	}
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"no block": {tableOf(), weightstest.Is[*weights.FormatError]},
		"no checkpoint": {tableOf([]record{{"a", []byte("b")}}),
			weightstest.Is[*weights.UnsupportedError]},
		"a small block":      {tableOf([]record{}), weightstest.Is[*weights.UnsupportedError]},
		"less than a footer": {good[len(good)-20:], weightstest.Is[*weights.TruncatedError]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openCheckpoint(c.data)
			c.err(t, err)
		})
	}
	snappy := bytes.Clone(good)
	at := bytes.Index(snappy, []byte{0, 0, 0, 0, 1, 0, 0, 0}) + 8
	snappy[at] = 1 // Snappy
	if e := weightstest.Refused[*weights.UnsupportedError](t, openError(snappy)); !strings.Contains(e.Looks,
		"compressed") {
		t.Error(e)
	}
}

func TestIndexesThatLie(t *testing.T) {
	dir := t.TempDir()
	weightstest.Write(t, filepath.Join(dir, "m.data-00000-of-00001"),
		weightstest.Float32s(weightstest.Vector(6)))
	six := pbVarint(5, 24)
	sum := func(values []float32) []byte {
		return binary.LittleEndian.AppendUint32([]byte{6<<3 | 5},
			tensorflow.MaskedCRC(crc32.Checksum(weightstest.Float32s(values), tensorflow.Castagnoli)))
	}
	try := func(t testing.TB, records ...record) (*weights.File, error) {
		return weights.Open(weightstest.Write(t, filepath.Join(dir, "m.index"), tableOf(records)))
	}
	f, err := try(t, header2, entry2("a", []uint64{2, 3}, six, sum(weightstest.Vector(6))))
	if err != nil {
		t.Fatal(err)
	}
	opentest.CheckCounted(t, f, map[string][]int{"a": {2, 3}})
	f.Close()
	for name, c := range map[string]struct {
		records []record
		err     func(testing.TB, error)
	}{
		"too few bytes": {[]record{header2, entry2("a", []uint64{2, 4}, six)},
			weightstest.Is[*weights.FormatError]},
		"behind the end": {[]record{header2, entry2("a", []uint64{2, 3}, six, pbVarint(4, 1))},
			weightstest.Is[*weights.TruncatedError]},
		"far behind the end": {[]record{header2, entry2("a", []uint64{2, 3}, six, pbVarint(4, 1<<64-8))},
			weightstest.Is[*weights.TruncatedError]},
		"another shard": {[]record{header2, entry2("a", []uint64{2, 3}, six, pbVarint(3, 1))},
			weightstest.Is[*weights.FormatError]},
		"no shards": {[]record{{"", pbVarint(1, 0)}, entry2("a", []uint64{2, 3}, six)},
			weightstest.Is[*weights.FormatError]},
		"2^40 shards": {[]record{{"", pbVarint(1, 1<<40)}, entry2("a", []uint64{2, 3}, six)},
			weightstest.Is[*weights.FormatError]},
		"big-endian": {[]record{{"", slices.Concat(pbVarint(1, 1), pbVarint(2, 1))}},
			weightstest.Is[*weights.UnsupportedError]},
		"a product of 2^64+6": {[]record{header2, entry2("a", []uint64{1 << 32, 1 << 32, 6}, six)},
			weightstest.Is[*weights.FormatError]},
		"a name twice": {[]record{header2, entry2("a", []uint64{2, 3}, six),
			entry2("a", []uint64{2, 3}, six)}, weightstest.Is[*weights.FormatError]},
		"a missing shard": {[]record{{"", pbVarint(1, 2)}, entry2("a", []uint64{2, 3}, six)},
			weightstest.Is[*weights.UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := try(t, c.records...)
			c.err(t, err)
		})
	}
	f, err = try(t, header2, entry2("a", []uint64{2, 3}, six, sum(weightstest.Vector(5))),
		entry2("empty", []uint64{0, 3}),
		record{"odd", slices.Concat(pbVarint(1, 20), pbShape())})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = f.Tensor("a", 2, 3)
	weightstest.Refused[*weights.ChecksumError](t, err)
	_, err = f.Tensor("empty", 1)
	weightstest.Refused[*weights.ShapeError](t, err)
	_, err = f.Tensor("odd", 1)
	weightstest.Refused[*weights.TypeError](t, err)
}

func FuzzTable(f *testing.F) {
	opentest.Fixtures(f, "v1.ckpt", "v1_slices.ckpt", "v2.ckpt.index", "v2_shards.ckpt.index")
	f.Add(tableOf([]record{header2}, []record{{"ab", []byte("1")}, {"abc", []byte("2")}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		opentest.Try(t, "testdata/v2.ckpt.index", data, 1<<12) // the data file of v2.ckpt has fewer
	})
}

// The directory and a tensor of the first format, in a table that is sound, so that no checksum stands before
// them.
func FuzzCheckpointV1(f *testing.F) {
	a, b := meta1(tensor1("a", 2, 3)), data1("a", pbVarint(1, 1), pbShape(2, 3),
		pbBytes(5, weightstest.Float32s(weightstest.Vector(6))))
	f.Add(a.value, b.value)
	f.Add(meta1(pbBytes(1, pbBytes(1, []byte("a")), pbShape(3), pbVarint(3, 2),
		pbBytes(4, pbBytes(1, pbVarint(1, 0), pbVarint(2, 3))))).value, data1("a", pbBytes(4,
		make([]byte, 24))).value)
	f.Fuzz(func(t *testing.T, meta, tensor []byte) {
		data := tableOf([]record{{"", meta}, {"k", tensor}})
		opentest.Try(t, "fuzz", data, 0)
	})
}

// The header and an entry of an index of the second format, in a table that is sound.
func FuzzCheckpointV2(f *testing.F) {
	dir := f.TempDir()
	weightstest.Write(f, filepath.Join(dir, "m.data-00000-of-00001"),
		weightstest.Float32s(weightstest.Vector(6)))
	f.Add(header2.value, "a", entry2("a", []uint64{2, 3}, pbVarint(5, 24)).value)
	f.Add(header2.value, "b", entry2("a", []uint64{2}, pbVarint(3, 0), pbVarint(4, 16), pbVarint(5, 8),
		pbBytes(7, nil)).value)
	f.Fuzz(func(t *testing.T, header []byte, name string, value []byte) {
		data := tableOf([]record{{"", header}, {name, value}})
		opentest.Try(t, filepath.Join(dir, "m.index"), data, 24)
	})
}

// Each file of a checkpoint leads to the one that has to be opened.
func TestPartsOfCheckpoints(t *testing.T) {
	dir := t.TempDir()
	place := func(from, to string) {
		data, err := os.ReadFile(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		to = filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		weightstest.Write(t, to, data)
	}
	const data = ".data-00000-of-00001"
	place("v2.ckpt.index", "a.index")
	place("v2.ckpt"+data, "a"+data)
	place("v2.ckpt.index", "a.meta") // what is in it is of no consequence
	place("v1.ckpt", "old")
	place("v2.ckpt.index", "old.meta")
	place("v2.ckpt.index", "model/variables/variables.index")
	place("v2.ckpt"+data, "model/variables/variables"+data)
	place("saved_model.pb", "model/saved_model.pb")
	for _, name := range []string{"a", "a.index", "a" + data, "a.meta", "old", "old.meta", "model",
		"model/saved_model.pb", "model/variables"} {
		want := 2
		if strings.HasPrefix(name, "old") {
			want = 1
		}
		f := opentest.Open(t, filepath.Join(dir, name))
		if got := f.Format(); got != fmt.Sprintf("TensorFlow checkpoint (V%d)", want) {
			t.Errorf("%s: %s", name, got)
		}
	}

	// The list leads to the latest, wherever it lay; what it says is not followed out of the folder.
	list := func(folder, latest string) {
		weightstest.Write(t, filepath.Join(dir, folder, "checkpoint"),
			fmt.Appendf(nil, "model_checkpoint_path: %q\nall_model_checkpoint_paths: \"m-1\"\n", latest))
	}
	for _, name := range []string{"m-1", "m-2"} {
		place("v2.ckpt.index", "runs/"+name+".index")
		place("v2.ckpt"+data, "runs/"+name+data)
	}
	for _, latest := range []string{"m-1", "/home/me/runs/m-1", `C:\runs\m-1`, "../m-1"} {
		list("runs", latest)
		for _, name := range []string{"runs", "runs/checkpoint"} {
			if f := opentest.Open(t, filepath.Join(dir, name)); f.Name() != "m-1.index" {
				t.Errorf("%s with %s: %s", name, latest, f.Name())
			}
		}
	}
	list("runs", "m-3") // was removed
	place("v1.ckpt", "oldruns/m-1")
	list("oldruns", "m-1")
	if f := opentest.Open(t, filepath.Join(dir, "oldruns")); f.Name() != "m-1" {
		t.Error(f.Name())
	}

	place("v2.ckpt"+data, "b"+data)
	place("v2.ckpt.index", "c.meta")
	place("v2.ckpt.index", "d.index") // so that the folder has two
	place("saved_model.pb", "bare/saved_model.pb")
	for name, hint := range map[string]string{
		"b" + data: "b.index", "c.meta": "c.index", "bare/saved_model.pb": "variables.index", "bare": "variables.index", "runs": "m-2.index", "runs/checkpoint": "that it names",
		".": "d.index",
	} {
		_, err := weights.Open(filepath.Join(dir, name))
		e, ok := errors.AsType[*weights.UnsupportedError](err)
		if !ok || !strings.Contains(e.Error()+e.Hint(), hint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
