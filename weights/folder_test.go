package weights

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
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
		if got, err := f.Tensor(name, 2, 5, 3, 4); err != nil || !slices.Equal(got, counted(4, 3, 2, 5)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := f.Tensor("conv0_bias", 4); err != nil || !slices.Equal(got, eighths(4)) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := f.Tensor("steps", 1)
	refused[*TypeError](t, err)
	_, err = f.Tensor("conv0", 1)
	refused[*NotFoundError](t, err)
}

func TestRealSqueezeNet(t *testing.T) {
	f := open(t, fixture.Shared(t, "weights/squeezenet1.1"))
	if network, _ := f.Network(); network != "squeezenet1.1" {
		t.Errorf("the network is %q", network)
	}
	if _, err := f.Tensor("squeezenet0_conv0_weight", 3, 3, 3, 64); err != nil {
		t.Error(err)
	}
}

func TestFoldersOfArraysThatAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"too many numbers": rawNPY("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", make([]byte, 8)),
		"a size of 0":      rawNPY("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}", nil),
		"no signature":     []byte("hello, this is no array"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.npy"), data)
			_, err := Open(dir)
			if e := refused[*FormatError](t, err); e.File != filepath.Join(dir, "a.npy") {
				t.Errorf("%+v", e)
			}
		})
	}
	whole := npy([]int{4}, 1, 2, 3, 4)
	for _, n := range []int{0, 5, 20, len(whole) - 1} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.npy"), whole[:n])
		_, err := Open(dir)
		refused[*TruncatedError](t, err)
	}

	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.npy"), whole)
	f := open(t, dir)
	os.Remove(filepath.Join(dir, "a.npy"))
	_, err := f.Tensor("a", 4)
	refused[*ReadError](t, err)
	os.Mkdir(filepath.Join(dir, "b.npy"), 0o755) // a folder is no array
	write(t, filepath.Join(dir, "b.npy", "c.npy"), whole)
	if i := open(t, dir).Tensors(); len(i) != 1 || i[0].Name != "b.npy/c" {
		t.Errorf("%+v", i)
	}
	if err := os.Symlink(write(t, filepath.Join(t.TempDir(), "a.npy"), whole), filepath.Join(dir, "a.npy")); err != nil {
		t.Skip(err)
	}
	_, err = Open(dir)
	if e := refused[*FormatError](t, err); !strings.Contains(e.Have, "leaves the folder") {
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
	refused[*FormatError](t, err)
}

// oxford writes the convolutions of a VGG-16 that begins as Oxford's, to files in that layout.
func oxford(t *testing.T, layout Layout, names func(k, b, i int) origin, at func(o, i, y, x int) float32) string {
	dir := t.TempDir()
	in, conv := 3, 0
	for b, convs := range [5]int{2, 2, 3, 3, 3} {
		for l := range convs {
			out := min(int(vggWidths[b]), 64) // smaller, for the sake of speed
			size := map[byte]int{'O': out, 'I': in, 'H': 3, 'W': 3}
			values := make([]float32, 0, out*in*9)
			var index [256]int
			var fill func(k int)
			fill = func(k int) {
				if k == 4 {
					values = append(values, at(index['O'], index['I'], index['H'], index['W']))
					return
				}
				for i := range size[layout[k]] {
					index[layout[k]] = i
					fill(k + 1)
				}
			}
			fill(0)
			biases := make([]float32, out)
			biases[0] = float32(fingerprints[0].bias)
			name := names(conv, b+1, l+1)
			write(t, filepath.Join(dir, name.weight), float32s(values))
			write(t, filepath.Join(dir, name.bias), float32s(biases))
			in = out
			conv++
		}
	}
	return dir
}

// first is a filter that is Oxford's where that is known.
func first(o, i, y, x int) float32 {
	p := fingerprints[0]
	if known := map[[4]int]float64{{0, 0, 0, 0}: p.corner, {0, 0, 0, 1}: p.right, {0, 1, 0, 0}: p.green}; known[[4]int{o, i, y, x}] != 0 {
		return float32(known[[4]int{o, i, y, x}])
	}
	return float32(math.Sin(float64(((o*3+i)*3+y)*3 + x)))
}

func TestRawFilesByTheirNumbers(t *testing.T) {
	check := func(layout Layout, names func(k, b, i int) origin, firstName, lastName string) {
		t.Helper()
		f := open(t, oxford(t, layout, names, first))
		if i := f.Tensors(); len(i) != 26 || i[0].Name != firstName || i[0].Layout != layout || i[25].Name != lastName {
			t.Fatalf("%s: %+v", layout, i)
		}
		got, err := f.Tensor("conv1_1.weight", 3, 3, 3, 64)
		if err != nil || got[3*64] != first(0, 0, 0, 1) || got[(2*3+1)*3*64+2*64+5] != first(5, 2, 2, 1) {
			t.Errorf("%s: %v", layout, err)
		}
		if p, err := f.Preset(); p != "caffe-bgr" || err != nil {
			t.Error(p, err)
		}
	}
	for _, layout := range []Layout{OIHW, HWIO, OHWI} {
		check(layout, vggNumbered("conv%d_%d", [2]string{"_w.bin", "_b.bin"}), "conv1_1.weight", "conv5_3.bias")
	}
	for _, roles := range [][2]string{{"_W", "_b"}, {"_filter.bin", "_bias.bin"}, {"_weights.bin", "_biases.bin"}, {".weight.bin", ".bias.bin"}, {"-w", "-b"}} {
		check(OIHW, vggNumbered("conv%d_%d", roles), "conv1_1.weight", "conv5_3.bias")
	}
	check(OIHW, vggSequential("features.", 0, 2), "features.0.weight", "features.28.bias")
}

func TestRawFilesThatAreRefused(t *testing.T) {
	refuse := func(dir string) {
		t.Helper()
		_, err := Open(dir)
		if e := refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, manifestName) || !strings.Contains(e.Hint(), `"layout": "OIHW"`) {
			t.Errorf("%v: %s", e, e.Hint())
		}
	}
	refuse(t.TempDir())
	names := vggNumbered("conv%d_%d", [2]string{"_w.bin", "_b.bin"})
	refuse(oxford(t, OIHW, names, func(o, i, y, x int) float32 { return 0.5 }))
	dir := oxford(t, OIHW, names, first)
	write(t, filepath.Join(dir, "conv1_1_b.bin"), make([]byte, 4*32)) // other sizes
	refuse(dir)
	os.Remove(filepath.Join(dir, "conv1_1_b.bin"))
	refuse(dir)
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
			_, err := Open(write(t, filepath.Join(t.TempDir(), "vgg19.pth"), []byte(c.data)))
			if e := refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, c.looks) || !strings.Contains(e.Hint(), c.hint) {
				t.Errorf("%v: %s", e, e.Hint())
			}
		})
	}
}
