package mat_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/mat"
	"oneiro/weights/internal/opentest"
)

func matFixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "matconvnet_"+name+".mat"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMATLAB(t *testing.T) {
	type tensor struct {
		name  string
		shape []int
	}
	roles := func(weight, bias string) []tensor {
		return []tensor{
			{"conv1_1" + weight, []int{3, 3, 3, 4}}, {"conv1_1" + bias, []int{4}},
			{"conv1_2" + weight, []int{3, 3, 4, 5}}, {"conv1_2" + bias, []int{5}},
			{"fc6" + weight, []int{2, 2, 5, 6}}, {"fc6" + bias, []int{6}},
		}
	}
	for name, want := range map[string][]tensor{
		"new": roles(".weight", ".bias"), "plain": roles(".weight", ".bias"), "net": roles(".weight", ".bias"),
		"2015": roles(".weight", ".bias"), "old": roles(".weight", ".bias"), "dag": roles("_filter", "_bias"),
		"norm": {{"conv1.weight", []int{2, 5, 3, 1}}, {"bn1.weight", []int{4}}, {"bn1.bias", []int{4}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := opentest.Open(t, filepath.Join("testdata", "matconvnet_"+name+".mat"))
			if got := f.Format(); got != "MATLAB file (.mat)" {
				t.Error(got)
			}
			var names []string
			for _, i := range f.Tensors() {
				names = append(names, i.Name)
			}
			for i, w := range want {
				if names[i] != w.name {
					t.Fatalf("the tensors are %v", names)
				}
			}
			if name != "norm" && len(names) != len(want) {
				t.Errorf("the tensors are %v", names)
			}
			for _, backwards := range []bool{false, true} { // the stream has to begin again
				if backwards {
					slices.Reverse(want)
				}
				for _, w := range want {
					got, err := f.Tensor(w.name, w.shape...)
					if err != nil {
						t.Fatal(err)
					}
					values := weightstest.Eighths(w.shape[0])
					if s := w.shape; len(s) == 4 {
						values = weightstest.Counted(s[3], s[2], s[0], s[1])
					}
					if !slices.Equal(got, values) {
						t.Errorf("%s: %v", w.name, got)
					}
				}
			}
		})
	}
	f := opentest.Open(t, "testdata/matconvnet_norm.mat")
	if i := f.Tensors()[3]; i.Name != "bn1.moments" || !slices.Equal(i.Shape, []int{4, 2}) || i.Layout != "" {
		t.Errorf("%+v", i)
	}
	_, err := f.Tensor("count.weight", 1)
	if e := weightstest.Refused[*weights.TypeError](t, err); e.Have != "int32" {
		t.Error(e)
	}
	if format := opentest.Open(t, "testdata/matconvnet_new.mat").Format(); format != weights.MATLABFormat {
		t.Errorf("the format is %q", format)
	}
}

// Tensors are read from several goroutines, each of which wants the stream.
func TestMATLABFromGoroutines(t *testing.T) {
	defer mat.SetLargeLayer(mat.SetLargeLayer(2 << 10))
	f := opentest.Open(t, "testdata/matconvnet_new.mat")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, name := range []string{"fc6.weight", "conv1_1.weight", "conv1_2.weight"} {
				if _, err := f.Stats(name); err != nil {
					t.Error(err)
				}
			}
			if n := len(f.Tensors()); n != 6 {
				t.Errorf("%d tensors", n)
			}
		})
	}
	all.Wait()
}

// Numbers of the format.
const (
	headerSize = 128

	miINT8, miUINT8, miUINT16, miINT32, miUINT32, miMATRIX, miCOMPRESSED, miUTF8 = 1, 2, 4, 5, 6, 14, 15, 16

	mxCELL, mxSTRUCT, mxCHAR, mxDOUBLE, mxSINGLE = 1, 2, 4, 6, 7
)

// matElement returns a data element with its padding.
func matElement(kind uint32, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	for len(b)%8 > 0 {
		b = append(b, 0)
	}
	return b
}

// matArrayOf returns an array; its contents are elements.
func matArrayOf(class uint32, name string, shape []uint32, contents ...[]byte) []byte {
	b := slices.Concat(matElement(miUINT32, weightstest.Words(class, 0)...),
		matElement(miINT32, weightstest.Words(shape...)...), matElement(miINT8, []byte(name)...))
	return matElement(miMATRIX, append(b, slices.Concat(contents...)...)...)
}

func matStruct(name string, shape []uint32, fields []string, contents ...[]byte) []byte {
	const length = 16
	var names []byte
	for _, f := range fields {
		names = append(names, append([]byte(f), make([]byte, length-len(f))...)...)
	}
	head := [][]byte{weightstest.Words(4<<16|miINT32, length), matElement(miINT8, names...)}
	return matArrayOf(mxSTRUCT, name, shape, append(head, contents...)...)
}

func matText(s string) []byte {
	return matArrayOf(mxCHAR, "", []uint32{1, uint32(len(s))}, matElement(miUTF8, []byte(s)...))
}

func matFile(variables ...[]byte) []byte {
	b := append([]byte("MATLAB 5.0 MAT-file"), bytes.Repeat([]byte(" "), 105)...)
	b = append(b, 0, 1, 'I', 'M')
	return append(b, slices.Concat(variables...)...)
}

var deflater = zlib.NewWriter(nil) // which has a megabyte of tables

func matDeflated(variable []byte) []byte {
	var b bytes.Buffer
	deflater.Reset(&b)
	deflater.Write(variable)
	deflater.Close()
	return append(weightstest.Words(miCOMPRESSED, uint32(b.Len())), b.Bytes()...)
}

// matLayer returns a file with a layer called a that has these contents of its weights.
func matLayer(weights ...[]byte) []byte {
	layer := matStruct("", []uint32{1, 1}, []string{"name", "weights"}, matText("a"),
		matArrayOf(mxCELL, "", []uint32{1, uint32(len(weights))}, weights...))
	return matArrayOf(mxCELL, "layers", []uint32{1, 1}, layer)
}

// MATLAB stores numbers in the smallest type that holds them all, and up to four bytes in the tag.
func TestMATLABStoresWholeNumbersSmall(t *testing.T) {
	for kind, c := range map[uint32]struct {
		data []byte
		want float32
	}{
		miINT8: {[]byte{0xfe}, -2}, miUINT8: {[]byte{0xfe}, 254}, 3: {[]byte{0xfe, 0xff}, -2},
		miUINT16: {[]byte{0xfe, 0xff}, 65534}, miINT32: {weightstest.Words(0xfffffffe),
			-2}, miUINT32: {weightstest.Words(0xfffffffe), 4294967294},
		7: {weightstest.Words(0x3fc00000), 1.5}, 9: {weightstest.Words(0, 0x3ff80000),
			1.5}, 12: {weightstest.Words(0xfffffffe, 0xffffffff), -2}, 13: {weightstest.Words(3, 0), 3},
	} {
		for _, small := range []bool{false, true} {
			element := matElement(kind, c.data...)
			if small {
				if len(c.data) > 4 {
					continue
				}
				element = append(weightstest.Words(uint32(len(c.data))<<16|kind),
					append(c.data, make([]byte, 4-len(c.data))...)...)
			}
			variable := matLayer(matArrayOf(mxDOUBLE, "", []uint32{1, 1}, element))
			for _, data := range [][]byte{matFile(variable), matFile(matDeflated(variable))} {
				got, err := opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"),
					data)).Tensor("a.weight", 1, 1, 1, 1)
				if err != nil || got[0] != c.want {
					t.Errorf("type %d, small %v: %v, %v", kind, small, got, err)
				}
			}
		}
	}
}

// What lies behind a large layer is listed when it is asked for.
func TestMATLABStopsBeforeLargeLayers(t *testing.T) {
	defer mat.SetLargeLayer(mat.SetLargeLayer(2 << 10))
	whole := matFixture(t, "new")
	f := opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), whole))
	if n := len(f.Listed()); n != 2 {
		t.Errorf("%d tensors at first", n)
	}
	for _, name := range []string{"conv1_2", "conv1_1"} {
		if f.Has(name + ".weights") {
			t.Errorf("%s.weights is there", name)
		}
	}
	if got, err := f.Tensor("fc6.weight", 2, 2, 5, 6); err != nil ||
		!slices.Equal(got, weightstest.Counted(6, 5, 2, 2)) {
		t.Errorf("%v, %v", got, err)
	}
	if n := len(f.Tensors()); n != 6 {
		t.Errorf("%d tensors in all", n)
	}

	// damage behind what is listed at first
	end := headerSize + 8 + int(binary.LittleEndian.Uint32(whole[headerSize+4:]))
	whole[end-1] ^= 1
	f = opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), whole))
	if _, err := f.Tensor("conv1_1.weight", 3, 3, 3, 4); err != nil {
		t.Error(err)
	}
	_, err := f.Tensor("nothing", 1)
	weightstest.Refused[*weights.FormatError](t, err)
	all := f.Tensors()
	_, err = f.Stats(all[len(all)-1].Name)
	weightstest.Refused[*weights.FormatError](t, err)
}

func TestMATLABThatIsRefused(t *testing.T) {
	dir := t.TempDir()
	header := func(text string, end string) []byte {
		return append([]byte(text+strings.Repeat(" ", 124-len(text))), end...)
	}
	for name, c := range map[string]struct {
		data        []byte
		looks, hint string
	}{
		"version 7.3": {header("MATLAB 7.3 MAT-file, Platform: GLNXA64", "\x00\x02IM"), "7.3", "-v7"},
		"big-endian":  {header("MATLAB 5.0 MAT-file, Platform: SOL2", "\x01\x00MI"), "big-endian", "-v7"},
		"level 4": {append(weightstest.Words(0, 2, 1, 0, 2),
			append([]byte("a\x00"), make([]byte, 16)...)...), "level 4", "-v7"},
		"no network":  {matFixture(t, "none"), "variables are a, b", "layers"},
		"no variable": {matFile(), "without a network", "layers"},
		"no layers":   {matFile(matArrayOf(mxCELL, "layers", []uint32{0, 0})), "no parameters", "layers"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := weights.Open(weightstest.Write(t, filepath.Join(dir, "a.mat"), c.data))
			if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Looks,
				c.looks) || !strings.Contains(e.Hint(), c.hint) {
				t.Errorf("%v: %s", e, e.Hint())
			}
		})
	}
}

func TestMATLABThatLies(t *testing.T) {
	number := matArrayOf(mxSINGLE, "", []uint32{1, 1}, matElement(7, weightstest.Words(0)...))
	patch := func(b []byte, at int, v uint32) []byte {
		b = bytes.Clone(b)
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	layers := func(contents ...[]byte) []byte {
		return matArrayOf(mxCELL, "layers", []uint32{1, uint32(len(contents))}, contents...)
	}
	deep := number
	for range 1000 {
		deep = matStruct("", []uint32{1, 1}, []string{"x"}, deep)
	}
	for name, variable := range map[string][]byte{
		"no array":             matElement(9, 1, 2, 3),
		"an array of an array": layers(matElement(9, 1, 2, 3)),
		"many cells":           matArrayOf(mxCELL, "layers", []uint32{1 << 20, 1}, number),
		"more cells":           matArrayOf(mxCELL, "layers", []uint32{1 << 30, 1 << 30}, number),
		"negative cells":       matArrayOf(mxCELL, "layers", []uint32{0xffffffff, 1}, number),
		"one dimension":        matArrayOf(mxCELL, "layers", []uint32{1}, number),
		"forty dimensions":     matArrayOf(mxCELL, "layers", slices.Repeat([]uint32{1}, 40), number),
		"a long name":          matArrayOf(mxCELL, strings.Repeat("a", 8<<10), []uint32{1, 1}, number),
		"no fields": layers(matArrayOf(mxSTRUCT, "", []uint32{1, 1},
			weightstest.Words(4<<16|miINT32, 0), matElement(miINT8, 'a'))),
		"odd fields": layers(matArrayOf(mxSTRUCT, "", []uint32{1, 1},
			weightstest.Words(4<<16|miINT32, 2), matElement(miINT8, 'a'))),
		"many fields": matArrayOf(mxSTRUCT, "net", []uint32{1, 1},
			weightstest.Words(4<<16|miINT32, 1), matElement(miINT8, make([]byte, 1<<10)...)),
		"fields of nothing": layers(matStruct("", []uint32{1, 1}, []string{"name"})),
		"numbers of text": matLayer(matArrayOf(mxSINGLE, "", []uint32{1, 1},
			matElement(miUTF8, 1, 2, 3, 4))),
		"too few numbers": matLayer(matArrayOf(mxSINGLE, "", []uint32{1, 2},
			matElement(7, weightstest.Words(0)...))),
		"too many numbers": matLayer(matArrayOf(mxSINGLE, "", []uint32{1, 1},
			matElement(7, weightstest.Words(0, 0)...))),
		"half a number": matLayer(matArrayOf(mxSINGLE, "", []uint32{1, 1},
			matElement(7, 1, 2, 3, 4, 5))),
		"a small element of 9": matLayer(matArrayOf(mxSINGLE, "", []uint32{1, 1},
			weightstest.Words(9<<16|7, 0))),
		"a size too large": layers(patch(number, 4, 1<<30)),
		"a size of 4 GB":   layers(patch(number, 4, 0xffffffff)),
		"two of a name": layers(slices.Concat(
			matStruct("", []uint32{1, 1}, []string{"name", "filters"}, matText("a"), number)),
			matStruct("", []uint32{1, 1}, []string{"name", "filters"}, matText("a"), number)),
		"a long text": layers(matStruct("", []uint32{1, 1}, []string{"name", "filters"},
			matText(strings.Repeat("a", 8<<10)), number)),
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{matFile(variable), matFile(matDeflated(variable))} {
				_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), data))
				weightstest.Refused[*weights.FormatError](t, err)
			}
		})
	}
	_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), matFile(deep)))
	weightstest.Refused[*weights.UnsupportedError](t, err)
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"),
		matFile(matElement(miCOMPRESSED, []byte("no zlib stream here")...))))
	weightstest.Refused[*weights.FormatError](t, err)
	for range 1001 {
		number = append(number, matArrayOf(mxSINGLE, "a", []uint32{1, 1},
			matElement(7, weightstest.Words(0)...))...)
	}
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), matFile(number)))
	weightstest.Refused[*weights.FormatError](t, err)
}

// A variable of a few kilobytes that inflates to gigabytes is refused by its size.
func TestMATLABBomb(t *testing.T) {
	bomb := matDeflated(matLayer(matArrayOf(mxSINGLE, "", []uint32{5 << 20, 1},
		matElement(7, make([]byte, 20<<20)...))))
	_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), matFile(bomb)))
	weightstest.Refused[*weights.FormatError](t, err)
}

func TestDamagedMATLAB(t *testing.T) {
	for _, name := range []string{"new", "plain", "net", "2015", "old", "dag"} {
		whole := matFixture(t, name)
		for n := len("MATLAB 5.0"); n < len(whole); n += 1 + n/20 {
			if _, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"),
				whole[:n])); err != nil {
				weightstest.WellFormed(t, err)
			} else if n < len(whole)*3/4 {
				t.Errorf("%s: opened after %d of %d bytes", name, n, len(whole))
			}
		}
	}
	data := matFixture(t, "new")
	_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), data[:headerSize+500]))
	if e := weightstest.Refused[*weights.TruncatedError](t, err); e.Have != headerSize+500 ||
		e.Want <= e.Have {
		t.Errorf("%+v", e)
	}
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), data[:100]))
	weightstest.Refused[*weights.TruncatedError](t, err)
	// the checksum at the end of the variable
	end := headerSize + 8 + int(binary.LittleEndian.Uint32(data[headerSize+4:]))
	data[end-1] ^= 1
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mat"), data))
	if e := weightstest.Refused[*weights.FormatError](t, err); !strings.Contains(e.Want, "checksum") {
		t.Error(e)
	}
}

func FuzzMAT(f *testing.F) {
	for _, name := range []string{"new", "plain", "net", "2015", "old", "norm", "dag", "none"} {
		f.Add(matFixture(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		opentest.Try(t, "fuzz", data, 0)
	})
}

// The inside of a variable by itself, so that no compression stands before it.
func FuzzMATVariable(f *testing.F) {
	f.Add(matFixture(f, "plain")[headerSize:])
	for _, name := range []string{"new", "net", "2015", "old", "norm", "dag"} {
		data := matFixture(f, name)[headerSize:]
		for len(data) > 8 {
			n := 8 + binary.LittleEndian.Uint32(data[4:])
			z, err := zlib.NewReader(bytes.NewReader(data[8:n]))
			if err != nil {
				f.Fatal(err)
			}
			variable, err := io.ReadAll(z)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(variable)
			data = data[n:]
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, file := range [][]byte{matFile(data), matFile(matDeflated(data))} {
			opentest.Try(t, "fuzz", file, 0)
		}
	})
}
