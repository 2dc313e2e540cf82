package flow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file returns the bytes of a .flo file, put together from its description.
func file(w, h int32, values ...float32) []byte {
	var b bytes.Buffer
	b.WriteString("PIEH")
	for _, v := range []any{w, h, values} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	return b.Bytes()
}

func TestFlo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.flo")
	f := &Field{W: 3, H: 1, U: []float32{1, -2.5, 1e10}, V: []float32{0.25, float32(math.NaN()), 3}}
	if err := Write(path, f); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := file(3, 1, 1, 0.25, -2.5, f.V[1], 1e10, 3); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%v: the file is % x, want % x", err, got, want)
	}
	g, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.U {
		if g.W != 3 || g.H != 1 || math.Float32bits(g.U[i]) != math.Float32bits(f.U[i]) ||
			math.Float32bits(g.V[i]) != math.Float32bits(f.V[i]) {
			t.Errorf("read %+v, wrote %+v", g, f)
		}
	}
	if !g.Known(0) || g.Known(1) || g.Known(2) {
		t.Error("what is known of the flow")
	}
	if l := g.Largest(); !(math.Abs(float64(l)-math.Hypot(1, 0.25)) < 1e-6) {
		t.Errorf("the longest known flow is %g", l)
	}
}

func TestFloRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"empty":     {nil, "too short"},
		"header":    {file(1, 1)[:11], "too short"},
		"picture":   {[]byte("\x89PNG\r\n\x1a\n0000000000"), "PIEH"},
		"negative":  {file(-1, 4), "-1 x 4"},
		"nothing":   {file(0, 4), "0 x 4"},
		"huge":      {file(math.MaxInt32, math.MaxInt32), "2147483647 x 2147483647"},
		"large":     {file(99999, 99999, 1, 2), "has 20 bytes"},
		"cut short": {file(2, 1, 1, 2, 3), "has 24 bytes, and a flow of 2 x 1 pixels has 28"},
		"too long":  {file(1, 1, 1, 2, 3), "has 24 bytes, and a flow of 1 x 1 pixels has 20"},
	} {
		path := filepath.Join(dir, name+".flo")
		if err := os.WriteFile(path, c.data, 0o666); err != nil {
			t.Fatal(err)
		}
		checkRefused(t, path, c.says)
	}
	checkRefused(t, dir, "not an ordinary file")
	checkRefused(t, filepath.Join(dir, "none.flo"), "no such file")
	if _, err := Read(filepath.Join(dir, "none.flo")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func checkRefused(t *testing.T, path, says string) {
	t.Helper()
	_, err := Read(path)
	e, ok := errors.AsType[*FileError](err)
	if !ok || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), filepath.Base(path)) || e.Hint() == "" ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v", path, err)
	}
}

// FuzzFlo: whatever the bytes are, they are refused or what was read is what they say.
func FuzzFlo(f *testing.F) {
	f.Add(file(1, 2, 1, 2, 3, 4))
	f.Add(file(2, 1, 1, 2, 3))
	f.Add(file(99999, 99999))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, problem := decode(bytes.NewReader(data), int64(len(data)))
		if problem != "" {
			return
		}
		var b bytes.Buffer
		if err := Encode(&b, got); err != nil || !bytes.Equal(b.Bytes(), data) {
			t.Fatalf("%v: % x became % x", err, data, b.Bytes())
		}
	})
}
