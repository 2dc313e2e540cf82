package weights

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWriteFolder(t *testing.T) {
	values := counted(4, 3, 2, 5)
	dir := filepath.Join(t.TempDir(), "out")
	out := []Output{{Name: "a/b.weight", Shape: []int{4, 3, 2, 5}, Layout: OIHW, Values: func() ([]float32, error) { return values, nil }}}
	if err := WriteFolder(dir, Facts{Preset: "caffe-rgb"}, out); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	if got, err := f.Plain("a/b.weight"); err != nil || !slices.Equal(got, values) {
		t.Errorf("%v, %v", got, err)
	}
	if p, err := f.Preset(); p != "caffe-rgb" || err != nil {
		t.Errorf("preset %q, %v", p, err)
	}
	refused[*WriteError](t, WriteFolder(dir, Facts{}, out))
	out[0].Values = func() ([]float32, error) { return nil, os.ErrClosed }
	parent := t.TempDir()
	if err := WriteFolder(filepath.Join(parent, "new"), Facts{}, out); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("%v was left", left)
	}
}
