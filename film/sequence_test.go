package film

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/imageio"
)

func TestNatural(t *testing.T) {
	want := []string{"a", "a01", "a1", "a2", "a2b", "a10", "a10b2", "a10b10", "b", "b99999999999999999999998", "b99999999999999999999999"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestSequences(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, k int) {
		t.Helper()
		if err := imageio.Write(filepath.Join(dir, name), card(32, 16, k), imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	for k := range 12 {
		put(fmt.Sprintf("f_%d.png", k+3), k)
	}
	for _, c := range []struct {
		path          string
		within        [2]int
		fps           float64
		first, frames int
		rate          Rational
	}{
		{filepath.Join(dir, "f_%d.png"), [2]int{}, 0, 0, 12, Rational{25, 1}},
		{filepath.Join(dir, "f_%d.png"), [2]int{2, 5}, 29.97, 1, 4, Rational{30000, 1001}},
		{dir, [2]int{9, 12}, 12, 8, 4, Rational{12, 1}},
	} {
		clip := mustOpen(t, c.path, ReadOptions{Range: c.within, FPS: c.fps})
		if i := clip.Info(); i.W != 32 || i.H != 16 || i.Frames != c.frames || i.Rate != c.rate || i.Aspect != (Rational{1, 1}) {
			t.Errorf("%s: %+v", c.path, i)
		}
		for i := c.frames - 1; i >= 0; i-- {
			if d := off(t, mustFrame(t, clip, i), card(32, 16, c.first+i)); d != 0 {
				t.Errorf("%s: frame %d is %v off", c.path, i, d)
			}
		}
	}
	put("f_20.png", 0)
	put("g_0.png", 0)
	if err := imageio.Write(filepath.Join(dir, "g_1.png"), card(16, 16, 0), imageio.Meta{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"f_%d.png", "f_%04d.png", "h_%d.png"} {
		path := filepath.Join(dir, name)
		_, err := Open(path, ReadOptions{})
		if _, ok := errors.AsType[*SequenceError](err); !ok {
			t.Fatalf("%s: %v", name, err)
		}
		checkError(t, path, err)
	}
	clip := mustOpen(t, filepath.Join(dir, "g_%d.png"), ReadOptions{})
	if _, err := clip.Frame(1); err == nil {
		t.Error("frames differ in size")
	}
	if _, err := Open(t.TempDir(), ReadOptions{}); err == nil {
		t.Error("an empty folder is a clip")
	}
}
