package optim

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/parallel"
)

// scratch returns room for vectors in a file, or skips where there is none.
func scratch(t *testing.T, bytes int64) *Scratch {
	t.Helper()
	dir := t.TempDir()
	s, err := NewScratch(dir, bytes)
	if errors.Is(err, ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the file has a name: %v", left)
	}
	return s
}

// TestScratch wants every method to take the same steps, bit by bit, wherever its state lies, also where that
// of another one lay before.
func TestScratch(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	const n = 2*pieceLen + 1001
	var room int64
	for _, m := range methods(Range{}) {
		room = max(room, ScratchBytes(m.Bytes(n)))
	}
	s := scratch(t, room)
	start := filled(n, func(i int) float64 { return math.Sin(float64(i)) })
	for _, m := range methods(Range{-0.9, 0.9}) {
		var got [2][]float32
		for i, b := range []Backend{NewHost(nil, pool), s.Backend(nil, pool)} {
			got[i] = slices.Clone(start)
			steps(t, m.New(n, b), got[i], bowl, 12)
		}
		if !slices.Equal(got[0], got[1]) {
			t.Errorf("%s: other bits in a file", m.name)
		}
	}
}

// TestScratchVectors wants vectors that are zero, also where others lay before, and do not overlap.
func TestScratchVectors(t *testing.T) {
	const n = pieceLen + 3
	s := scratch(t, 3*(4*n+scratchAlign))
	for range 2 {
		b := s.Backend(nil, nil)
		var all [][]float32
		for range 3 {
			v := b.Vector(n)
			if i := slices.IndexFunc(v, func(x float32) bool { return x != 0 }); i >= 0 {
				t.Fatalf("element %d is %v", i, v[i])
			}
			all = append(all, v)
		}
		for k, v := range all {
			for i := range v {
				v[i] = float32(1 + k)
			}
		}
		for k, v := range all {
			if sum := b.Sum(v); sum != float64((1+k)*n) {
				t.Errorf("the sum of vector %d is %v", k, sum)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a vector for which there is no room")
		}
	}()
	s.Backend(nil, nil).Vector(4 * n)
}

func TestScratchErrors(t *testing.T) {
	scratch(t, 1) // or skip
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bytes int64
		want  error
		text  string
	}{
		dir:                         {1 << 60, ErrNoRoom, "1073741824.0 GiB: "},
		file:                        {1, errNoFolder, "it is not a folder"},
		filepath.Join(dir, "other"): {1, os.ErrNotExist, "no such file"},
	} {
		_, err := NewScratch(name, c.bytes)
		e, ok := errors.AsType[*ScratchError](err)
		if !ok || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) ||
			!strings.Contains(err.Error(), filepath.Base(name)) || e.Hint() == "" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if (e.Free > 0) != (c.want == ErrNoRoom) || e.Need != c.bytes {
			t.Errorf("%+v", e)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
