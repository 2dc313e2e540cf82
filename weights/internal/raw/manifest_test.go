package raw_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// folder writes a manifest with one tensor of two outputs and three inputs, and its file.
func folder(t testing.TB, edit func(string) string) string {
	t.Helper()
	data := weightstest.Float32s([]float32{1, 2, 3, 4, 5, 6})
	manifest := fmt.Sprintf(`{"format": "raw-float32-v1", "tensors": [
		{"name": "a.weight", "file": "sub/a.bin", "dtype": "float32le", "layout": "OI", "shape": [2, 3], "sha256": "%s"}]}`, sum(data))
	dir := t.TempDir()
	weightstest.Write(t, filepath.Join(dir, "sub", "a.bin"), data)
	weightstest.Write(t, filepath.Join(dir, "manifest.json"), []byte(edit(manifest)))
	return dir
}

func same(s string) string { return s }

func TestRawFolder(t *testing.T) {
	f := opentest.Open(t, folder(t, same))
	for _, shape := range [][]int{{3, 2}, {1, 1, 3, 2}, {1, 3, 1, 2}} {
		got, err := f.Tensor("a.weight", shape...)
		if err != nil || !slices.Equal(got, []float32{1, 4, 2, 5, 3, 6}) {
			t.Errorf("as %v: %v, %v", shape, got, err)
		}
	}
	if i := f.Tensors(); len(i) != 1 || i[0].Layout != weights.OI || i[0].DType != "float32" ||
		!slices.Equal(i[0].Shape, []int{2, 3}) {
		t.Errorf("%+v", i)
	}
	f = opentest.Open(t, folder(t, func(s string) string { return strings.Replace(s, `"OI"`, `"IO"`, 1) }))
	if got, err := f.Tensor("a.weight", 2, 3); err != nil || !slices.Equal(got, []float32{1, 2, 3, 4, 5, 6}) {
		t.Errorf("IO: %v, %v", got, err)
	}
}

func TestManifestsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"no JSON":         {"{", ""},
		"unknown dtype":   {"float32le", "float32be"},
		"unknown layout":  {`"OI"`, `"OIX"`},
		"layout by size":  {`"OI"`, `"OIHW"`},
		"no shape":        {"[2, 3]", "[]"},
		"negative":        {"[2, 3]", "[-2, -3]"},
		"overflow":        {"[2, 3]", "[4294967296, 4294967296]"},
		"no whole number": {"[2, 3]", "[2, 3.5]"},
		"huge":            {"[2, 3]", "[2, 99999999999999999999]"},
		"short checksum":  {`"sha256": "`, `"sha256": "ab", "x": "`},
		"odd checksum":    {`"sha256": "`, `"sha256": "xyz`},
		"no name":         {`"a.weight"`, `""`},
		"parent":          {"sub/a.bin", "../a.bin"},
		"inner parent":    {"sub/a.bin", "sub/../../a.bin"},
		"absolute":        {"sub/a.bin", "/etc/hostname"},
		"backslash":       {"sub/a.bin", `sub\\a.bin`},
		"no file":         {"sub/a.bin", ""},
		"no tensors":      {`"tensors"`, `"tensor"`},
		"twice": {`"tensors": [`, `"tensors": [{"name": "a.weight", "file": "sub/a.bin", "dtype": "float32le",
			"layout": "OI", "shape": [2, 3]},`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := weights.Open(folder(t, func(s string) string {
				return strings.Replace(s, c.old, c.new,
					1)
			}))
			weightstest.Refused[*weights.FormatError](t, err)
		})
	}
	_, err := weights.Open(folder(t, func(s string) string { return strings.Replace(s, "v1", "v2", 1) }))
	weightstest.Refused[*weights.UnsupportedError](t, err)
}

func TestTensorFilesThatAreRefused(t *testing.T) {
	read := func(spoil func(dir string)) error {
		dir := folder(t, same)
		spoil(dir)
		_, err := opentest.Open(t, dir).Tensor("a.weight", 3, 2)
		if err == nil {
			t.Fatal("it was read")
		}
		return err
	}
	name := func(dir string) string { return filepath.Join(dir, "sub", "a.bin") }

	e := weightstest.Refused[*weights.TruncatedError](t,
		read(func(dir string) { weightstest.Write(t, name(dir), make([]byte, 20)) }))
	if e.Have != 20 || e.Want != 24 || !strings.HasSuffix(e.File, "a.bin") {
		t.Errorf("%+v", e)
	}
	weightstest.Refused[*weights.FormatError](t,
		read(func(dir string) { weightstest.Write(t, name(dir), make([]byte, 25)) }))
	c := weightstest.Refused[*weights.ChecksumError](t,
		read(func(dir string) { weightstest.Write(t, name(dir), bytes.Repeat([]byte{1}, 24)) }))
	if c.Have != sum(bytes.Repeat([]byte{1}, 24)) || c.Want == c.Have {
		t.Errorf("%+v", c)
	}
	weightstest.Refused[*weights.ReadError](t, read(func(dir string) { os.Remove(name(dir)) }))
	weightstest.Refused[*weights.FormatError](t,
		read(func(dir string) { os.Remove(name(dir)); os.Mkdir(name(dir), 0o755) }))
}

func TestLinks(t *testing.T) {
	outside := weightstest.Write(t, filepath.Join(t.TempDir(), "a.bin"),
		weightstest.Float32s([]float32{1, 2, 3, 4, 5, 6}))
	dir := folder(t, same)
	name := filepath.Join(dir, "sub", "a.bin")
	link := func(to string) error {
		os.Remove(name)
		if err := os.Symlink(to, name); err != nil {
			t.Skip(err)
		}
		_, err := opentest.Open(t, dir).Tensor("a.weight", 3, 2)
		return err
	}
	for _, to := range []string{outside, "../../" + filepath.Base(filepath.Dir(outside)) + "/a.bin"} {
		e := weightstest.Refused[*weights.FormatError](t, link(to))
		if !strings.Contains(e.Have, "leaves the folder") {
			t.Errorf("%+v", e)
		}
	}
	weightstest.Refused[*weights.ReadError](t, link("a.bin")) // a circle
	weightstest.Write(t, filepath.Join(dir, "b.bin"), weightstest.Float32s([]float32{1, 2, 3, 4, 5, 6}))
	if err := link("../b.bin"); err != nil {
		t.Errorf("a link inside the folder: %v", err)
	}
}

// A checksum is computed when a tensor is first read, and not again.
func TestChecksumOnce(t *testing.T) {
	dir := folder(t, same)
	f := opentest.Open(t, dir)
	if _, err := f.Tensor("a.weight", 3, 2); err != nil {
		t.Fatal(err)
	}
	weightstest.Write(t, filepath.Join(dir, "sub", "a.bin"), weightstest.Float32s([]float32{6, 5, 4, 3, 2, 1}))
	if _, err := f.Tensor("a.weight", 3, 2); err != nil {
		t.Errorf("it was computed again: %v", err)
	}
	_, err := opentest.Open(t, dir).Tensor("a.weight", 3, 2)
	weightstest.Refused[*weights.ChecksumError](t, err)
}

func FuzzManifest(f *testing.F) {
	dir := f.TempDir()
	weightstest.Write(f, filepath.Join(dir, "a.bin"), weightstest.Float32s([]float32{1, 2, 3, 4, 5, 6}))
	for _, layout := range []string{"OI", "IO", "O"} {
		f.Add([]byte(`{"format": "raw-float32-v1", "tensors": [{"name": "a", "file": "a.bin", "dtype": "float32le", "layout": "` +
			layout + `", "shape": [2, 3]}, {"name": "b", "file": "../a.bin"}]}`))
	}
	f.Fuzz(func(t *testing.T, manifest []byte) {
		weightstest.Write(t, filepath.Join(dir, "manifest.json"), manifest)
		file, err := weights.Open(dir)
		if err != nil {
			weightstest.WellFormed(t, err)
			var unsupported *weights.UnsupportedError
			if json.Valid(manifest) == false && errors.As(err, &unsupported) {
				t.Fatalf("%q: %v", manifest, err)
			}
			return
		}
		defer file.Close()
		for _, i := range file.Tensors() {
			shape := opentest.Shape(i)
			if n := i.Len(); n == 0 || n > 1<<16 {
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
