package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"testing"
	"time"
)

// TestPack checks that archives hold what they are given, and are the same bytes in whatever order.
func TestPack(t *testing.T) {
	when := time.Unix(1.7e9, 0).UTC()
	files := []file{{"b/run", true, []byte("program")}, {"a.txt", false, []byte("text")}, {"b/empty", false, nil}}
	names := []string{"x/a.txt", "x/b/empty", "x/b/run"}
	for _, name := range []string{"x.tar.gz", "x.zip"} {
		data, err := pack(name, under("x", files), when)
		if err != nil {
			t.Fatal(err)
		}
		turned := slices.Clone(files)
		slices.Reverse(turned)
		if again, err := pack(name, under("x", turned), when); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%s: another order gives other bytes, %v", name, err)
		}
		if other, err := pack(name, under("x", files), when.Add(time.Hour)); err != nil || bytes.Equal(other, data) {
			t.Errorf("%s: the time is not in the archive, %v", name, err)
		}
		got := map[string][]string{"x.tar.gz": namesInTar(t, data, when), "x.zip": namesInZip(t, data)}[name]
		if !slices.Equal(got, names) {
			t.Errorf("%s holds %q, want %q", name, got, names)
		}
	}
	if files[0].name != "b/run" {
		t.Error("pack changed its argument")
	}
}

func namesInTar(t *testing.T, data []byte, when time.Time) (names []string) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil // not a tar
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		} else if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(when) || h.Uid != 0 || (h.Mode == 0o755) != (h.Name == "x/b/run") {
			t.Errorf("%s: time %v, owner %d, mode %o", h.Name, h.ModTime, h.Uid, h.Mode)
		}
		names = append(names, h.Name)
	}
}

func namesInZip(t *testing.T, data []byte) (names []string) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil // not a zip
	}
	for _, f := range r.File {
		names = append(names, f.Name)
	}
	return names
}

func TestNewSource(t *testing.T) {
	s, err := newSource(".", "v1.2.3 1700000000\n")
	if err != nil || s.version != "v1.2.3" || s.time.Unix() != 1700000000 {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, bad := range []string{"", "v1", "v1 soon", "v1 2 3"} {
		if _, err := newSource(".", bad); err == nil {
			t.Errorf("%q gave no error", bad)
		}
	}
}

func TestPapers(t *testing.T) {
	var names []string
	for _, f := range papers([]file{
		{name: "README.md"}, {name: "LICENSE"}, {name: "docs/offline.md"}, {name: "docs/style.jpg"}, {name: "nn/README.md"},
		{name: "internal/licences/licences.txt"}, {name: "vendor/docs/x.md"},
	}) {
		names = append(names, f.name)
	}
	if want := []string{"README.md", "LICENSE", "docs/offline.md", "licences.txt"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
