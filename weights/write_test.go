package weights

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestToHalf compares with widening, for every binary16 and for what lies half way between two.
func TestToHalf(t *testing.T) {
	for h := range uint16(0x7c00) {
		v := half(h)
		if got := toHalf(v); got != h {
			t.Fatalf("%g became %04x, want %04x", v, got, h)
		}
		if got := toHalf(-v); got != h|0x8000 {
			t.Fatalf("%g became %04x, want %04x", -v, got, h|0x8000)
		}
		next := float64(half(h + 1))
		if h+1 == 0x7c00 {
			next = 65536
		}
		middle := float32((float64(v) + next) / 2)
		if got, want := toHalf(middle), h+h&1; got != want {
			t.Fatalf("%g became %04x, want %04x", middle, got, want)
		}
		if got := toHalf(math.Nextafter32(middle, 1e9)); got != h+1 {
			t.Fatalf("above %g became %04x, want %04x", middle, got, h+1)
		}
	}
	if got := toHalf(float32(math.NaN())); got&0x7c00 != 0x7c00 || got&0x3ff == 0 {
		t.Errorf("NaN became %04x", got)
	}
}

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
