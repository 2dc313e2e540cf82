package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
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
	path := weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"),
		weightstest.Zipped(zip.Deflate, weightstest.File("a.npy",
			weightstest.NPY([]int{o, i, h, w}, values...))))
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
		weightstest.File("conv1_1.weight.npy",
			weightstest.NPY([]int{1}, 1)), weightstest.File("conv1_2.weight.npy", weightstest.NPY([]int{1},
			1)), weightstest.File("fc8\n.npy", weightstest.NPY([]int{1}, 1)))))
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
	f := open(t, "internal/npy/testdata/numpy.npz")
	for _, shape := range [][]int{{5, 2, 3, 4}, {2, 5, 4, 3}, {30, 4}, {120}, {}, {2, 5, 12}, {1, 2, 5, 3, 4},
		{0, 5, 3, 4}, {-2, -5, 3, 4}} {
		_, err := f.Tensor("f4.weight", shape...)
		if e := weightstest.Refused[*ShapeError](t, err); !slices.Equal(e.Have, []int{2, 5, 3, 4}) ||
			!slices.Equal(e.Want, shape) {
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

func TestWhatIsNotSupported(t *testing.T) {
	dir := t.TempDir()
	safetensors := append(binary.LittleEndian.AppendUint64(nil, 2), "{}"...)
	for want, data := range map[string][]byte{
		"empty":       nil,
		"safetensors": safetensors,
		"(.pth)": weightstest.Zipped(zip.Store,
			weightstest.File("archive/data.pkl", []byte("\x80\x02}."))),
		"pickle":       []byte("\x80\x04N."),
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
	if e := weightstest.Refused[*ReadError](t, err); !errors.Is(e, os.ErrNotExist) ||
		strings.Count(e.Error(), "nowhere") != 1 {
		t.Errorf("%v", e)
	}
	_, err = Open(dir)
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, "manifest.json") {
		t.Errorf("%v", e)
	}
}

func TestClosed(t *testing.T) {
	f, err := Open("internal/npy/testdata/numpy.npz")
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
		for _, how := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			fortran, turned := how[0], how[1]
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
							y, x := at['H'], at['W']
							if turned {
								y, x = h-1-y, w-1-x
							}
							file[pos] = float32(((at['O']*i+at['I'])*h+y)*w+x) / 8
						}
					}
				}
			}
			axes, ok := view(shape, layout, fortran, turned, []int{h, w, i, o})
			if !ok {
				t.Fatalf("%s does not fit", layout)
			}
			got := make([]float32, len(file))
			s := newStridedCopy(got, axes)
			for from := 0; from < len(file); from += 7 { // pieces that end anywhere
				s.write(file[from:min(from+7, len(file))])
			}
			if !slices.Equal(got, weightstest.Counted(o, i, h, w)) {
				t.Errorf("%s, fortran %v, turned %v: %v", layout, fortran, turned, got)
			}
		}
	}
}

type brokenReader struct{ bytes.Reader }

func (*brokenReader) ReadAt([]byte, int64) (int, error) { return 0, io.ErrNoProgress }
func (*brokenReader) Close() error                      { return nil }

func TestReadFailure(t *testing.T) {
	_, err := openFile("a.npz", &brokenReader{}, 100, Hints{})
	weightstest.Refused[*ReadError](t, err)
}
