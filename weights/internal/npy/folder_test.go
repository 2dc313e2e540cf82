package npy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func TestFolderOfArrays(t *testing.T) {
	f := opentest.Open(t, "testdata/npyfolder")
	var names []string
	for _, i := range f.Tensors() {
		names = append(names, i.Name)
	}
	if want := []string{"block/a/b/c/deepest", "block/conv1.weight", "conv0_bias", "conv0_weight",
		"steps"}; !slices.Equal(names, want) {
		t.Errorf("the tensors are %v", names)
	}
	for _, name := range []string{"conv0_weight", "block/conv1.weight"} {
		if got, err := f.Tensor(name, 2, 5, 3, 4); err != nil ||
			!slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("conv0_bias", 4); err != nil || !slices.Equal(got, weightstest.Eighths(4)) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := f.Tensor("steps", 1)
	weightstest.Refused[*weights.TypeError](t, err)
	_, err = f.Tensor("conv0", 1)
	weightstest.Refused[*weights.NotFoundError](t, err)
}

func TestFoldersOfArraysThatAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"too many numbers": weightstest.RawNPY("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
			make([]byte, 8)),
		"a size of 0":  weightstest.RawNPY("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}", nil),
		"no signature": []byte("hello, this is no array"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			weightstest.Write(t, filepath.Join(dir, "a.npy"), data)
			_, err := weights.Open(dir)
			if e := weightstest.Refused[*weights.FormatError](t, err); e.File != filepath.Join(dir, "a.npy") {
				t.Errorf("%+v", e)
			}
		})
	}
	whole := weightstest.NPY([]int{4}, 1, 2, 3, 4)
	for _, n := range []int{0, 5, 20, len(whole) - 1} {
		dir := t.TempDir()
		weightstest.Write(t, filepath.Join(dir, "a.npy"), whole[:n])
		_, err := weights.Open(dir)
		weightstest.Refused[*weights.TruncatedError](t, err)
	}

	dir := t.TempDir()
	weightstest.Write(t, filepath.Join(dir, "a.npy"), whole)
	f := opentest.Open(t, dir)
	os.Remove(filepath.Join(dir, "a.npy"))
	_, err := f.Tensor("a", 4)
	weightstest.Refused[*weights.ReadError](t, err)
	os.Mkdir(filepath.Join(dir, "b.npy"), 0o755) // a folder is no array
	weightstest.Write(t, filepath.Join(dir, "b.npy", "c.npy"), whole)
	if i := opentest.Open(t, dir).Tensors(); len(i) != 1 || i[0].Name != "b.npy/c" {
		t.Errorf("%+v", i)
	}
	if err := os.Symlink(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npy"), whole),
		filepath.Join(dir, "a.npy")); err != nil {
		t.Skip(err)
	}
	_, err = weights.Open(dir)
	if e := weightstest.Refused[*weights.FormatError](t, err); !strings.Contains(e.Have, "leaves the folder") {
		t.Errorf("%+v", e)
	}
}
