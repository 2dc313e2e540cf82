package weights

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/weightstest"
)

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// openPlain opens a file of which nothing is known.
func openPlain(path string, r source, size int64) (container, error) {
	return openFile(path, r, size, Hints{})
}

// tryAll reads every tensor of a container made of size bytes, or at least asks for it. No size that
// the container believes may be more than those bytes can hold.
func tryAll(t *testing.T, c container, size int) {
	f, err := newFile("fuzz", c)
	if err != nil {
		weightstest.WellFormed(t, err)
		return
	}
	defer f.Close()
	for _, i := range f.Tensors() {
		shape := engineOrder(i.Shape, i.Layout)
		if n, ok := product(shape); ok && n > 1040*int64(size) && i.DType[0] == 'f' {
			t.Fatalf("%d bytes are said to hold %d numbers", size, n)
		} else if n > 1<<16 {
			shape = []int{1}
		}
		if _, err := f.Tensor(i.Name, shape...); err != nil {
			weightstest.WellFormed(t, err)
		}
	}
	_, err = f.Tensor("nowhere", 1)
	if err != nil {
		weightstest.WellFormed(t, err)
	}
}

// addFixtures has a fuzzer begin with files of testdata.
func addFixtures(f *testing.F, names ...string) {
	f.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// tryOpen opens data as a file at path, and tries all of it. beside is how many bytes other files there have that
// belong to it.
func tryOpen(t *testing.T, open func(path string, r source, size int64) (container, error), path string, data []byte, beside int) {
	c, err := open(path, memory{bytes.NewReader(data)}, int64(len(data)))
	if err != nil {
		weightstest.WellFormed(t, err)
		return
	}
	tryAll(t, c, len(data)+beside)
}

func FuzzNPZ(f *testing.F) {
	addFixtures(f, "numpy.npz", "numpy_deflated.npz", "versions.npz")
	f.Add(weightstest.Zipped(zip.Store, weightstest.File("a.npy", weightstest.NPY([]int{2, 2}, 1, 2, 3, 4))))
	f.Add(weightstest.FalseSize(weightstest.Zipped(zip.Deflate, weightstest.File("a.npy", weightstest.NPY([]int{4}, 1, 2, 3, 4)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		tryOpen(t, openPlain, "fuzz", data, 0)
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
		tryOpen(t, openPlain, "fuzz", archive, 0)
	})
}

func FuzzManifest(f *testing.F) {
	dir := f.TempDir()
	weightstest.Write(f, filepath.Join(dir, "a.bin"), weightstest.Float32s([]float32{1, 2, 3, 4, 5, 6}))
	for _, layout := range []string{"OI", "IO", "O"} {
		f.Add([]byte(`{"format": "raw-float32-v1", "tensors": [{"name": "a", "file": "a.bin", "dtype": "float32le", "layout": "` +
			layout + `", "shape": [2, 3]}, {"name": "b", "file": "../a.bin"}]}`))
	}
	f.Fuzz(func(t *testing.T, manifest []byte) {
		weightstest.Write(t, filepath.Join(dir, manifestName), manifest)
		c, err := openRawFolder(dir)
		if err != nil {
			weightstest.WellFormed(t, err)
			var unsupported *UnsupportedError
			if json.Valid(manifest) == false && errors.As(err, &unsupported) {
				t.Fatalf("%q: %v", manifest, err)
			}
			return
		}
		file, err := newFile(dir, c)
		if err != nil {
			weightstest.WellFormed(t, err)
			return
		}
		defer file.Close()
		for _, i := range file.Tensors() {
			shape := engineOrder(i.Shape, i.Layout)
			if n, ok := product(shape); !ok || n > 1<<16 {
				continue
			}
			values, err := file.Tensor(i.Name, shape...)
			if err != nil {
				weightstest.WellFormed(t, err)
			} else if len(values) > 6 {
				t.Fatalf("%d numbers out of a file of 6", len(values))
			}
		}
	})
}
