package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestNumPyFiles(t *testing.T) {
	for _, file := range []string{"numpy.npz", "numpy_deflated.npz"} {
		f := open(t, filepath.Join("testdata", file))
		for _, name := range []string{"f4", "f8", "f2", "big", "fortran"} {
			got, err := f.Tensor(name+".weight", 2, 5, 3, 4)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
				t.Errorf("%s, %s: %v", file, name, got)
			}
		}
		for _, name := range []string{"dense", "fortran_dense"} {
			for _, shape := range [][]int{{12, 6}, {1, 1, 12, 6}, {2, 2, 3, 6}, {3, 1, 4, 6}} {
				got, err := f.Tensor(name+".weight", shape...)
				if err != nil {
					t.Fatal(err)
				}
				want := weightstest.Counted(6, 12, 1, 1)
				if len(shape) == 4 {
					want = weightstest.Counted(6, shape[2], shape[0], shape[1])
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s as %v: %v", file, name, shape, got)
				}
			}
		}
		got, err := f.Tensor("f4.bias", 7)
		if err != nil || !slices.Equal(got, []float32{0, .125, .25, .375, .5, .625, .75}) {
			t.Errorf("%s, bias: %v, %v", file, got, err)
		}
		_, err = f.Tensor("steps", 1)
		weightstest.Refused[*TypeError](t, err)
		_, err = f.Tensor("objects", 1)
		weightstest.Refused[*TypeError](t, err)
		_, err = f.Tensor("records", 2)
		weightstest.Refused[*TypeError](t, err)
		_, err = f.Tensor("scalar", 1)
		weightstest.Refused[*ShapeError](t, err)
		if n := len(f.Tensors()); n != 12 {
			t.Errorf("%s has %d tensors", file, n)
		}
		if i := f.Tensors()[0]; i.Name != "f4.weight" || !slices.Equal(i.Shape, []int{4, 3, 2, 5}) || i.DType != "float32" || i.Layout != OIHW {
			t.Errorf("%s: %+v", file, i)
		}
	}
	f := open(t, "testdata/versions.npz")
	for _, name := range []string{"v1.weight", "v2.weight", "v3.weight"} {
		if got, err := f.Tensor(name, 2, 5, 3, 4); err != nil || !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// Tensors larger than a chunk, so that the odometer carries across chunks.
func TestLargeTensor(t *testing.T) {
	const o, i, h, w = 67, 41, 3, 5
	values := make([]float32, o*i*h*w)
	for k := range values {
		values[k] = float32(k) / 8
	}
	if len(values) < 2*chunk {
		t.Fatal("not larger than a chunk")
	}
	path := weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), weightstest.Zipped(zip.Deflate, weightstest.File("a.npy", weightstest.NPY([]int{o, i, h, w}, values...))))
	got, err := open(t, path).Tensor("a", h, w, i, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, weightstest.Counted(o, i, h, w)) {
		t.Error("wrong values")
	}
}

func TestNotFoundSuggests(t *testing.T) {
	f := open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), weightstest.Zipped(zip.Store,
		weightstest.File("conv1_1.weight.npy", weightstest.NPY([]int{1}, 1)), weightstest.File("conv1_2.weight.npy", weightstest.NPY([]int{1}, 1)), weightstest.File("fc8\n.npy", weightstest.NPY([]int{1}, 1)))))
	_, err := f.Tensor("conv11.weight", 1)
	e := weightstest.Refused[*NotFoundError](t, err)
	if e.Nearest[0] != "conv1_1.weight" || !strings.Contains(e.Hint(), "conv1_1.weight") || e.Tensors != 3 {
		t.Errorf("%+v", e)
	}
	_, err = f.Tensor("fc8", 1)
	weightstest.Refused[*NotFoundError](t, err)
	_, err = f.Tensor("features.0.weight", 1)
	if e := weightstest.Refused[*NotFoundError](t, err); e.Nearest != nil {
		t.Errorf("%+v", e)
	}
}

func TestShapesThatDoNotFit(t *testing.T) {
	f := open(t, "testdata/numpy.npz")
	for _, shape := range [][]int{{5, 2, 3, 4}, {2, 5, 4, 3}, {30, 4}, {120}, {}, {2, 5, 12}, {1, 2, 5, 3, 4}, {0, 5, 3, 4}, {-2, -5, 3, 4}} {
		_, err := f.Tensor("f4.weight", shape...)
		if e := weightstest.Refused[*ShapeError](t, err); !slices.Equal(e.Have, []int{2, 5, 3, 4}) || !slices.Equal(e.Want, shape) {
			t.Errorf("%+v", e)
		}
	}
	for _, shape := range [][]int{{6, 12}, {2, 2, 4, 6}, {2, 3, 12, 1}, {72}} {
		_, err := f.Tensor("dense.weight", shape...)
		if e := weightstest.Refused[*ShapeError](t, err); !slices.Equal(e.Have, []int{12, 6}) {
			t.Errorf("%+v", e)
		}
	}
	_, err := f.Tensor("f4.bias", 1, 7)
	weightstest.Refused[*ShapeError](t, err)
	_, err = f.Tensor("f4.bias", 1, 1, 1, 7)
	weightstest.Refused[*ShapeError](t, err)
}

func TestValuesThatAreNotFinite(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	huge := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300))
	f := open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), weightstest.Zipped(zip.Store,
		weightstest.File("a.npy", weightstest.NPY([]int{5}, 1, 2, nan, 3, inf)),
		weightstest.File("huge.npy", weightstest.RawNPY("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", huge)),
		weightstest.File("half.npy", weightstest.RawNPY("{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}", []byte{0, 0x7c})),
		weightstest.File("max.npy", weightstest.NPY([]int{2}, math.MaxFloat32, -math.MaxFloat32)))))
	_, err := f.Tensor("a", 5)
	if e := weightstest.Refused[*ValueError](t, err); e.Index != 2 || e.Count != 2 || e.Value == e.Value {
		t.Errorf("%+v", e)
	}
	for _, name := range []string{"huge", "half"} {
		_, err = f.Tensor(name, 1)
		weightstest.Refused[*ValueError](t, err)
	}
	if _, err = f.Tensor("max", 2); err != nil {
		t.Error(err)
	}
}

func TestHalf(t *testing.T) {
	for bits, want := range map[uint16]float32{
		0: 0, 1: 0x1p-24, 0x3ff: 0x3ffp-24, 0x400: 0x1p-14, 0x3c00: 1, 0xc000: -2, 0x3555: 0x1.554p-2, 0x7bff: 65504,
		0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1)),
	} {
		if got := half(bits); got != want {
			t.Errorf("half(%#x) = %v, want %v", bits, got, want)
		}
	}
	if got := half(0x8000); got != 0 || !math.Signbit(float64(got)) {
		t.Errorf("half(-0) = %v", got)
	}
	if got := half(0x7e00); got == got {
		t.Errorf("half(NaN) = %v", got)
	}
}

func TestDamagedArchives(t *testing.T) {
	values := make([]float32, 5000)
	for i := range values {
		values[i] = float32(math.Sin(float64(i)))
	}
	whole := map[string][]byte{}
	for name, method := range map[string]uint16{"stored": zip.Store, "deflated": zip.Deflate} {
		whole[name] = weightstest.Zipped(method, weightstest.File("a.npy", weightstest.NPY([]int{5000}, values...)))
	}
	for name, data := range whole {
		// cut anywhere, it has no directory
		for _, n := range []int{4, 30, 100, len(data) / 2, len(data) - 23, len(data) - 1} {
			_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), data[:n]))
			if err == nil {
				t.Fatalf("%s, cut after %d bytes: opened", name, n)
			}
			weightstest.WellFormed(t, err)
			if n < len(data)-22 {
				weightstest.Refused[*TruncatedError](t, err)
			}
		}
		// a bit that changed among the numbers
		spoilt := bytes.Clone(data)
		spoilt[len(spoilt)/2] ^= 0x10
		f := open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), spoilt))
		_, err := f.Tensor("a", 5000)
		if err == nil {
			t.Fatalf("%s: a changed bit went unseen", name)
		}
		weightstest.WellFormed(t, err)
		if name == "stored" {
			weightstest.Refused[*ChecksumError](t, err)
		}
	}
}

func TestArchivesThatLie(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	for name, c := range map[string]struct {
		header string
		data   int
		err    func(testing.TB, error)
	}{
		"too few numbers":     {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }", 56, weightstest.Is[*TruncatedError]},
		"too many":            {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }", 64, weightstest.Is[*FormatError]},
		"a product of 2^64":   {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 16, weightstest.Is[*FormatError]},
		"a product of 2^64+1": {"{'descr': '<f8', 'fortran_order': False, 'shape': (274177, 67280421310721), }", 8, weightstest.Is[*FormatError]},
		"a huge size":         {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 16, weightstest.Is[*FormatError]},
		"a negative size":     {"{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }", 16, weightstest.Is[*FormatError]},
		"a size of 0":         {"{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", 0, weightstest.Is[*FormatError]},
		"no shape":            {"{'descr': '<f4', 'fortran_order': False}", 16, weightstest.Is[*FormatError]},
		"a shape twice":       {"{'descr': '<f4', 'shape': (4,), 'fortran_order': False, 'shape': (4,)}", 16, weightstest.Is[*FormatError]},
		"another key":         {"{'descr': '<f4', 'evil': 1}", 16, weightstest.Is[*FormatError]},
		"not a dictionary":    {"[1]", 16, weightstest.Is[*FormatError]},
		"no end":              {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,)", 16, weightstest.Is[*FormatError]},
		"more behind":         {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,)} 1", 16, weightstest.Is[*FormatError]},
		"not a truth":         {"{'descr': '<f4', 'fortran_order': 1, 'shape': (4,)}", 16, weightstest.Is[*FormatError]},
		"an escape":           {`{'descr': '<f4', 'fortran\x5forder': False, 'shape': (4,)}`, 16, weightstest.Is[*FormatError]},
		"an open list":        {"{'descr': [('a', '<f4'), 'fortran_order': False, 'shape': (4,)}", 16, weightstest.Is[*FormatError]},
		"33 dimensions":       {"{'descr': '<f4', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", 33) + ")}", 4, weightstest.Is[*FormatError]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), weightstest.Zipped(zip.Deflate, weightstest.File("a.npy", weightstest.RawNPY(c.header, zeros(c.data))))))
			c.err(t, err)
		})
	}
	good := weightstest.NPY([]int{4}, 1, 2, 3, 4)
	patch := func(b []byte, at int, with string) []byte { b = bytes.Clone(b); copy(b[at:], with); return b }
	for name, data := range map[string][]byte{
		"no signature":     weightstest.Zipped(zip.Store, weightstest.File("a.npy", patch(good, 0, "\x93NUMPX"))),
		"version 9":        weightstest.Zipped(zip.Store, weightstest.File("a.npy", patch(good, 6, "\x09"))),
		"a header of 4 GB": weightstest.Zipped(zip.Store, weightstest.File("a.npy", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{}"))),
		"twice the name":   weightstest.Zipped(zip.Store, weightstest.File("a.npy", good), weightstest.File("a.npy", good)),
		"a false size":     weightstest.FalseSize(weightstest.Zipped(zip.Store, weightstest.File("a.npy", good))),
	} {
		_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), data))
		t.Run(name, func(t *testing.T) { weightstest.Refused[*FormatError](t, err) })
	}
	_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), weightstest.Zipped(zip.Store, weightstest.File("a.npy", good[:9]))))
	weightstest.Refused[*TruncatedError](t, err)
}

// opensOne opens data as a file of one tensor, and reads that. If refusal is not nil it checks the error instead,
// and returns nil.
func opensOne(t *testing.T, data []byte, refusal func(t testing.TB, err error)) *File {
	t.Helper()
	f, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), data))
	if refusal != nil {
		refusal(t, err)
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if tensors, _ := readAll(t, f); tensors != 1 {
		t.Errorf("%d tensors", tensors)
	}
	return f
}

// A bomb: a member that says, truly, that it inflates a thousand times. Nothing of it is read.
func TestBombIsNotInflated(t *testing.T) {
	const n = 4 << 20
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,)}", n)
	path := weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), weightstest.Zipped(zip.Deflate, weightstest.File("a.npy", weightstest.RawNPY(header, make([]byte, 4*n)))))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := open(t, path).Tensor("a", 5)
	runtime.ReadMemStats(&after)
	weightstest.Refused[*ShapeError](t, err)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

func TestWhatIsNotSupported(t *testing.T) {
	dir := t.TempDir()
	safetensors := append(binary.LittleEndian.AppendUint64(nil, 2), "{}"...)
	for want, data := range map[string][]byte{
		"empty":        nil,
		"safetensors":  safetensors,
		"(.pth)":       weightstest.Zipped(zip.Store, weightstest.File("archive/data.pkl", []byte("\x80\x02}."))),
		"pickle":       []byte("\x80\x04\x95"),
		"without":      weightstest.Zipped(zip.Store, weightstest.File("readme.txt", []byte("hello"))),
		"web page":     []byte("\n <!DOCTYPE html><html>"),
		"LFS":          []byte("version https://git-lfs.github.com/spec/v1\n"),
		"gzip":         []byte("\x1f\x8b\x08\x00"),
		"ONNX Runtime": []byte("\x14\x00\x00\x00ORTM"),
		"TensorFlow L": []byte("\x1c\x00\x00\x00TFL3"),
		"ONNX file w":  []byte("\x08\x03\x12\x07pytorch"),
		"Caffe model ": []byte("\x0a\x03VGG\x12\x00"),
		"TensorFlow g": []byte("\x0a\x14\x0a\x05input\x12\x0bPlaceholder"),
		"not known":    []byte("hello"),
		"format that":  {0x0a},
		"is not known": []byte("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	} {
		_, err := Open(weightstest.Write(t, filepath.Join(dir, "file"), data))
		if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, want) {
			t.Errorf("%q looks like %q, want %q", data[:min(20, len(data))], e.Looks, want)
		}
	}
	_, err := Open(filepath.Join(dir, "nowhere.npz"))
	if e := weightstest.Refused[*ReadError](t, err); !errors.Is(e, os.ErrNotExist) || strings.Count(e.Error(), "nowhere") != 1 {
		t.Errorf("%v", e)
	}
	_, err = Open(dir)
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, "manifest.json") {
		t.Errorf("%v", e)
	}
}

func TestClosed(t *testing.T) {
	f, err := Open("testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = f.Tensor("f4.bias", 7)
	if e := weightstest.Refused[*ReadError](t, err); !strings.Contains(e.Hint(), "closed") {
		t.Errorf("%v: %s", e, e.Hint())
	}
}

// A tensor that is there in every layout comes out the same.
func TestViewAgainstTheDefinition(t *testing.T) {
	const o, i, h, w = 4, 3, 2, 5
	size := map[rune]int{'O': o, 'I': i, 'H': h, 'W': w}
	for _, layout := range []Layout{OIHW, HWIO, OHWI} {
		for _, fortran := range []bool{false, true} {
			shape := make([]int, 4)
			for k, letter := range layout {
				shape[k] = size[letter]
			}
			// at every place of the file, the number that the definition puts there
			file := make([]float32, o*i*h*w)
			at := map[rune]int{}
			for at['O'] = 0; at['O'] < o; at['O']++ {
				for at['I'] = 0; at['I'] < i; at['I']++ {
					for at['H'] = 0; at['H'] < h; at['H']++ {
						for at['W'] = 0; at['W'] < w; at['W']++ {
							pos := 0
							for k := range 4 {
								if fortran {
									k = 3 - k
								}
								letter := rune(layout[k])
								pos = pos*size[letter] + at[letter]
							}
							file[pos] = float32(((at['O']*i+at['I'])*h+at['H'])*w+at['W']) / 8
						}
					}
				}
			}
			axes, ok := view(shape, layout, fortran, []int{h, w, i, o})
			if !ok {
				t.Fatalf("%s does not fit", layout)
			}
			got := make([]float32, len(file))
			s := newScatter(got, axes)
			for from := 0; from < len(file); from += 7 { // pieces that end anywhere
				s.put(file[from:min(from+7, len(file))])
			}
			if !slices.Equal(got, weightstest.Counted(o, i, h, w)) {
				t.Errorf("%s, fortran %v: %v", layout, fortran, got)
			}
		}
	}
}

type brokenReader struct{ bytes.Reader }

func (*brokenReader) ReadAt([]byte, int64) (int, error) { return 0, io.ErrNoProgress }
func (*brokenReader) Close() error                      { return nil }

func TestReadFailure(t *testing.T) {
	_, err := openPlain("a.npz", &brokenReader{}, 100)
	weightstest.Refused[*ReadError](t, err)
}
