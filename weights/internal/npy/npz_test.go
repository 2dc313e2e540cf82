package npy_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func TestNumPyFiles(t *testing.T) {
	for _, file := range []string{"numpy.npz", "numpy_deflated.npz"} {
		f := opentest.Open(t, filepath.Join("testdata", file))
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
		weightstest.Refused[*weights.TypeError](t, err)
		_, err = f.Tensor("objects", 1)
		weightstest.Refused[*weights.TypeError](t, err)
		_, err = f.Tensor("records", 2)
		weightstest.Refused[*weights.TypeError](t, err)
		_, err = f.Tensor("scalar", 1)
		weightstest.Refused[*weights.ShapeError](t, err)
		if n := len(f.Tensors()); n != 12 {
			t.Errorf("%s has %d tensors", file, n)
		}
		if i := f.Tensors()[0]; i.Name != "f4.weight" || !slices.Equal(i.Shape, []int{4, 3, 2, 5}) ||
			i.DType != "float32" || i.Layout != weights.OIHW {
			t.Errorf("%s: %+v", file, i)
		}
	}
	f := opentest.Open(t, "testdata/versions.npz")
	for _, name := range []string{"v1.weight", "v2.weight", "v3.weight"} {
		if got, err := f.Tensor(name, 2, 5, 3, 4); err != nil ||
			!slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestDamagedArchives(t *testing.T) {
	values := make([]float32, 5000)
	for i := range values {
		values[i] = float32(math.Sin(float64(i)))
	}
	whole := map[string][]byte{}
	for name, method := range map[string]uint16{"stored": zip.Store, "deflated": zip.Deflate} {
		whole[name] = weightstest.Zipped(method,
			weightstest.File("a.npy", weightstest.NPY([]int{5000}, values...)))
	}
	for name, data := range whole {
		// cut anywhere, it has no directory
		for _, n := range []int{4, 30, 100, len(data) / 2, len(data) - 23, len(data) - 1} {
			_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), data[:n]))
			if err == nil {
				t.Fatalf("%s, cut after %d bytes: opened", name, n)
			}
			weightstest.WellFormed(t, err)
			if n < len(data)-22 {
				weightstest.Refused[*weights.TruncatedError](t, err)
			}
		}
		// a bit that changed among the numbers
		spoilt := bytes.Clone(data)
		spoilt[len(spoilt)/2] ^= 0x10
		f := opentest.Open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), spoilt))
		_, err := f.Tensor("a", 5000)
		if err == nil {
			t.Fatalf("%s: a changed bit went unseen", name)
		}
		weightstest.WellFormed(t, err)
		if name == "stored" {
			weightstest.Refused[*weights.ChecksumError](t, err)
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
		"too few numbers": {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }", 56,
			weightstest.Is[*weights.TruncatedError]},
		"too many": {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }", 64,
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64":   {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 16, weightstest.Is[*weights.FormatError]},
		"a product of 2^64+1": {"{'descr': '<f8', 'fortran_order': False, 'shape': (274177, 67280421310721), }", 8, weightstest.Is[*weights.FormatError]},
		"a huge size": {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
			16, weightstest.Is[*weights.FormatError]},
		"a negative size": {"{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }", 16,
			weightstest.Is[*weights.FormatError]},
		"a size of 0": {"{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", 0,
			weightstest.Is[*weights.FormatError]},
		"no shape": {"{'descr': '<f4', 'fortran_order': False}", 16,
			weightstest.Is[*weights.FormatError]},
		"a shape twice": {"{'descr': '<f4', 'shape': (4,), 'fortran_order': False, 'shape': (4,)}", 16,
			weightstest.Is[*weights.FormatError]},
		"another key":      {"{'descr': '<f4', 'evil': 1}", 16, weightstest.Is[*weights.FormatError]},
		"not a dictionary": {"[1]", 16, weightstest.Is[*weights.FormatError]},
		"no end": {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,)", 16,
			weightstest.Is[*weights.FormatError]},
		"more behind": {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,)} 1", 16,
			weightstest.Is[*weights.FormatError]},
		"not a truth": {"{'descr': '<f4', 'fortran_order': 1, 'shape': (4,)}", 16,
			weightstest.Is[*weights.FormatError]},
		"an escape": {`{'descr': '<f4', 'fortran\x5forder': False, 'shape': (4,)}`, 16,
			weightstest.Is[*weights.FormatError]},
		"an open list": {"{'descr': [('a', '<f4'), 'fortran_order': False, 'shape': (4,)}", 16,
			weightstest.Is[*weights.FormatError]},
		"33 dimensions": {"{'descr': '<f4', 'fortran_order': False, 'shape': (" +
			strings.Repeat("1,", 33) + ")}", 4, weightstest.Is[*weights.FormatError]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"),
				weightstest.Zipped(zip.Deflate,
					weightstest.File("a.npy", weightstest.RawNPY(c.header, zeros(c.data))))))
			c.err(t, err)
		})
	}
	good := weightstest.NPY([]int{4}, 1, 2, 3, 4)
	patch := func(b []byte, at int, with string) []byte { b = bytes.Clone(b); copy(b[at:], with); return b }
	for name, data := range map[string][]byte{
		"no signature": weightstest.Zipped(zip.Store,
			weightstest.File("a.npy", patch(good, 0, "\x93NUMPX"))),
		"version 9": weightstest.Zipped(zip.Store, weightstest.File("a.npy", patch(good, 6, "\x09"))),
		"a header of 4 GB": weightstest.Zipped(zip.Store,
			weightstest.File("a.npy", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{}"))),
		"twice the name": weightstest.Zipped(zip.Store, weightstest.File("a.npy", good),
			weightstest.File("a.npy", good)),
		"a false size": weightstest.FalseSize(weightstest.Zipped(zip.Store,
			weightstest.File("a.npy", good))),
	} {
		_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"), data))
		t.Run(name, func(t *testing.T) { weightstest.Refused[*weights.FormatError](t, err) })
	}
	_, err := weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"),
		weightstest.Zipped(zip.Store, weightstest.File("a.npy", good[:9]))))
	weightstest.Refused[*weights.TruncatedError](t, err)
}

// A bomb: a member that says, truly, that it inflates a thousand times. Nothing of it is read.
func TestBombIsNotInflated(t *testing.T) {
	const n = 4 << 20
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,)}", n)
	path := weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"),
		weightstest.Zipped(zip.Deflate, weightstest.File("a.npy",
			weightstest.RawNPY(header, make([]byte, 4*n)))))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := opentest.Open(t, path).Tensor("a", 5)
	runtime.ReadMemStats(&after)
	weightstest.Refused[*weights.ShapeError](t, err)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

func FuzzNPZ(f *testing.F) {
	opentest.Fixtures(f, "numpy.npz", "numpy_deflated.npz", "versions.npz")
	f.Add(weightstest.Zipped(zip.Store, weightstest.File("a.npy", weightstest.NPY([]int{2, 2}, 1, 2, 3, 4))))
	f.Add(weightstest.FalseSize(weightstest.Zipped(zip.Deflate,
		weightstest.File("a.npy", weightstest.NPY([]int{4}, 1, 2, 3, 4)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		opentest.Try(t, "fuzz", data, 0)
	})
}

// The header of an array by itself, in an archive that is sound, so that no checksum stands before
// it.
func FuzzNPY(f *testing.F) {
	f.Add(weightstest.NPY([]int{2, 2}, 1, 2, 3, 4))
	f.Add(weightstest.RawNPY("{'descr': '>f8', 'fortran_order': True, 'shape': (1,), }", make([]byte, 8)))
	f.Add(weightstest.RawNPY("{'descr': [('a', '<f4')], 'fortran_order': True, 'shape': (), }", nil))
	f.Add([]byte("\x93NUMPY\x03\x00\x10\x00\x00\x00{'shape': (1L,)}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive := weightstest.Zipped(zip.Store, weightstest.File("a.npy", data))
		opentest.Try(t, "fuzz", archive, 0)
	})
}
