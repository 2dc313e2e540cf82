package weights

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestFolderOfArrays(t *testing.T) {
	f := open(t, "testdata/npyfolder")
	var names []string
	for _, i := range f.Tensors() {
		names = append(names, i.Name)
	}
	if want := []string{"block/a/b/c/deepest", "block/conv1.weight", "conv0_bias", "conv0_weight", "steps"}; !slices.Equal(names, want) {
		t.Errorf("the tensors are %v", names)
	}
	for _, name := range []string{"conv0_weight", "block/conv1.weight"} {
		if got, err := f.Tensor(name, 2, 5, 3, 4); err != nil || !slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("conv0_bias", 4); err != nil || !slices.Equal(got, weightstest.Eighths(4)) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := f.Tensor("steps", 1)
	weightstest.Refused[*TypeError](t, err)
	_, err = f.Tensor("conv0", 1)
	weightstest.Refused[*NotFoundError](t, err)
}

func TestFoldersOfArraysThatAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"too many numbers": weightstest.RawNPY("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", make([]byte, 8)),
		"a size of 0":      weightstest.RawNPY("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}", nil),
		"no signature":     []byte("hello, this is no array"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			weightstest.Write(t, filepath.Join(dir, "a.npy"), data)
			_, err := Open(dir)
			if e := weightstest.Refused[*FormatError](t, err); e.File != filepath.Join(dir, "a.npy") {
				t.Errorf("%+v", e)
			}
		})
	}
	whole := weightstest.NPY([]int{4}, 1, 2, 3, 4)
	for _, n := range []int{0, 5, 20, len(whole) - 1} {
		dir := t.TempDir()
		weightstest.Write(t, filepath.Join(dir, "a.npy"), whole[:n])
		_, err := Open(dir)
		weightstest.Refused[*TruncatedError](t, err)
	}

	dir := t.TempDir()
	weightstest.Write(t, filepath.Join(dir, "a.npy"), whole)
	f := open(t, dir)
	os.Remove(filepath.Join(dir, "a.npy"))
	_, err := f.Tensor("a", 4)
	weightstest.Refused[*ReadError](t, err)
	os.Mkdir(filepath.Join(dir, "b.npy"), 0o755) // a folder is no array
	weightstest.Write(t, filepath.Join(dir, "b.npy", "c.npy"), whole)
	if i := open(t, dir).Tensors(); len(i) != 1 || i[0].Name != "b.npy/c" {
		t.Errorf("%+v", i)
	}
	if err := os.Symlink(weightstest.Write(t, filepath.Join(t.TempDir(), "a.npy"), whole), filepath.Join(dir, "a.npy")); err != nil {
		t.Skip(err)
	}
	_, err = Open(dir)
	if e := weightstest.Refused[*FormatError](t, err); !strings.Contains(e.Have, "leaves the folder") {
		t.Errorf("%+v", e)
	}
}

func TestFolderOfTooManyFiles(t *testing.T) {
	dir := t.TempDir()
	for i := range maxFolderFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.txt", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(dir)
	weightstest.Refused[*FormatError](t, err)
}

func TestWhatIsGivenByMistake(t *testing.T) {
	for name, c := range map[string]struct{ data, looks, hint string }{
		"LFS":      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "LFS", "git lfs pull"},
		"HTML":     {"\n<!DOCTYPE html>\n<html>", "web page", "browser"},
		"HTML 2":   {"<html lang=en>", "web page", "browser"},
		"XML":      {`<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, "XML", "download"},
		"JSON":     {`{"error": "Repository not found"}`, "JSON", "download"},
		"gzip":     {"\x1f\x8b\x08\x00", "gzip", "tar xzf"},
		"tar":      {strings.Repeat("a\x00", 128) + "\x00ustar", "tar", "tar xf"},
		"JPEG":     {"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG", "picture"},
		"PNG":      {"\x89PNG\r\n\x1a\n\x00", "PNG", "picture"},
		"WebP":     {"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP", "picture"},
		"GGUF":     {"GGUF\x03\x00\x00\x00", "GGUF", "language"},
		"nothing":  {"", "empty", "again"},
		"numbers":  {"0.42947057 0.373467 -0.061360113 2.7e-1", "text", "binary"},
		"cfg":      {"# VGG\n[net]\nbatch=1\n[convolutional]\n", ".cfg", ".weights"},
		"prototxt": {"name: \"VGG\"\nlayer {\n  name: \"data\"\n}", ".prototxt", ".caffemodel"},
		"V1":       {"name: \"VGG\"\nlayers {\n  name: \"data\"\n}", ".prototxt", ".caffemodel"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "vgg19.pth"), []byte(c.data)))
			if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, c.looks) || !strings.Contains(e.Hint(), c.hint) {
				t.Errorf("%v: %s", e, e.Hint())
			}
		})
	}
}
