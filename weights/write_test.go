package weights

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
)

func TestWriteFolder(t *testing.T) {
	values := weightstest.Counted(4, 3, 2, 5)
	dir := filepath.Join(t.TempDir(), "out")
	out := []TensorSource{{Name: "a/b.weight", Shape: []int{4, 3, 2, 5}, Layout: OIHW,
		Values: func() ([]float32, error) { return values, nil }}}
	if err := WriteFolder(dir, Metadata{KeyPreset: "caffe-rgb"}, out); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	if got, err := f.Plain("a/b.weight"); err != nil || !slices.Equal(got, values) {
		t.Errorf("%v, %v", got, err)
	}
	if p := f.Metadata()[KeyPreset]; p != "caffe-rgb" {
		t.Errorf("preset %q", p)
	}
	weightstest.Refused[*WriteError](t, WriteFolder(dir, nil, out))
	out[0].Values = func() ([]float32, error) { return nil, os.ErrClosed }
	parent := t.TempDir()
	if err := WriteFolder(filepath.Join(parent, "new"), nil, out); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("%v was left", left)
	}
}
