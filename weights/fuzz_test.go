package weights

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// tryAll reads every tensor of a container made of size bytes, or at least asks for it. No size that
// the container believes may be more than those bytes can hold.
func tryAll(t *testing.T, c container, size int) {
	f, err := newFile("fuzz", c)
	if err != nil {
		wellFormed(t, err)
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
			wellFormed(t, err)
		}
	}
	_, err = f.Tensor("nowhere", 1)
	if err != nil {
		wellFormed(t, err)
	}
}

func FuzzNPZ(f *testing.F) {
	for _, name := range []string{"numpy.npz", "numpy_deflated.npz", "versions.npz"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(zipped(zip.Store, member{"a.npy", npy([]int{2, 2}, 1, 2, 3, 4)}))
	f.Add(falseSize(zipped(zip.Deflate, member{"a.npy", npy([]int{4}, 1, 2, 3, 4)})))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := openFile("fuzz", memory{bytes.NewReader(data)}, int64(len(data)))
		if err != nil {
			wellFormed(t, err)
			return
		}
		tryAll(t, c, len(data))
	})
}

// The header of an array by itself, in an archive that is sound, so that no checksum stands before
// it.
func FuzzNPY(f *testing.F) {
	f.Add(npy([]int{2, 2}, 1, 2, 3, 4))
	f.Add(rawNPY("{'descr': '>f8', 'fortran_order': True, 'shape': (1,), }", make([]byte, 8)))
	f.Add(rawNPY("{'descr': [('a', '<f4')], 'fortran_order': True, 'shape': (), }", nil))
	f.Add([]byte("\x93NUMPY\x03\x00\x10\x00\x00\x00{'shape': (1L,)}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive := zipped(zip.Store, member{"a.npy", data})
		c, err := openFile("fuzz", memory{bytes.NewReader(archive)}, int64(len(archive)))
		if err != nil {
			wellFormed(t, err)
			return
		}
		tryAll(t, c, len(archive))
	})
}

func FuzzManifest(f *testing.F) {
	dir := f.TempDir()
	write(f, filepath.Join(dir, "a.bin"), float32s([]float32{1, 2, 3, 4, 5, 6}))
	for _, layout := range []string{"OI", "IO", "O"} {
		f.Add([]byte(`{"format": "raw-float32-v1", "tensors": [{"name": "a", "file": "a.bin", "dtype": "float32le", "layout": "` +
			layout + `", "shape": [2, 3]}, {"name": "b", "file": "../a.bin"}]}`))
	}
	f.Fuzz(func(t *testing.T, manifest []byte) {
		write(t, filepath.Join(dir, manifestName), manifest)
		c, err := openRawFolder(dir)
		if err != nil {
			wellFormed(t, err)
			var unsupported *UnsupportedError
			if json.Valid(manifest) == false && errors.As(err, &unsupported) {
				t.Fatalf("%q: %v", manifest, err)
			}
			return
		}
		file, err := newFile(dir, c)
		if err != nil {
			wellFormed(t, err)
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
				wellFormed(t, err)
			} else if len(values) > 6 {
				t.Fatalf("%d numbers out of a file of 6", len(values))
			}
		}
	})
}
