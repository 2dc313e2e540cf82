package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/quote"
)

// checkError fails unless err is what every error of this package has to be: one line that names
// the file, and a hint.
func checkError(t *testing.T, path string, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s: no error", path)
	}
	if text := err.Error(); strings.ContainsAny(text, "\n\r") || !strings.Contains(text, quote.Path(path)) ||
		strings.Count(text, quote.Path(path)) != 1 {
		t.Errorf("%q does not name %q once, on one line", text, path)
	}
	h, ok := err.(interface{ Hint() string })
	if !ok || h.Hint() == "" || strings.Contains(h.Hint(), "\n") {
		t.Errorf("%v: no hint of one line", err)
	}
}

func put(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		path string
		want error
	}{
		{filepath.Join(dir, "missing.png"), fs.ErrNotExist},
		{dir, ErrFolder},
		{put(t, "empty.png", nil), ErrEmpty},
	} {
		_, err := Read(c.path)
		checkError(t, c.path, err)
		if e, ok := errors.AsType[*FileError](err); !ok || e.Path != c.path || !errors.Is(err, c.want) {
			t.Errorf("got %#v, want %v", err, c.want)
		}
		if _, err := ReadRecipe(c.path); !errors.Is(err, c.want) {
			t.Errorf("ReadRecipe: got %v, want %v", err, c.want)
		}
	}
}

func TestReadUnknownKinds(t *testing.T) {
	for _, c := range []struct{ data, kind string }{
		{"just text, long enough to be looked at by the sniffer", ""},
		{"x", ""},
		{"\x89PNG", ""},
		{"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1" + strings.Repeat("\x00", 40), "AVIF"},
		{"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avif" + strings.Repeat("\x00", 40), "AVIF"},
		{"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + strings.Repeat("\x00", 40), "HEIC"},
		{"\x00\x00\x00\x18ftypmp42" + strings.Repeat("\x00", 40), "a film"},
		{"\x00\x00\x00\x18ftypcrx " + strings.Repeat("\x00", 40), cameraRaw},
		{"FUJIFILMCCD-RAW 0201" + strings.Repeat("\x00", 40), cameraRaw},
		{"\xff\x0a\xfa\x1f", "JPEG XL"},
		{"\xef\xbb\xbf\n<?xml version=\"1.0\"?><svg/>", "SVG"},
		{"%PDF-1.7\n", "a PDF document"},
		{"8BPS\x00\x01", "a Photoshop document"},
		{"\x00\x00\x00\x18ftypheic" + strings.Repeat("\x00", 40), "HEIC"},
		{"<!DOCTYPE html><title>404</title>" + strings.Repeat(" ", 40), "a web page"},
		{"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"},
	} {
		path := put(t, "in.png", []byte(c.data))
		_, err := Read(path)
		checkError(t, path, err)
		if e, ok := errors.AsType[*KindError](err); !ok || e.Kind != c.kind {
			t.Errorf("%q: got %#v", c.data, err)
		}
	}
}

// pngOfSize returns a PNG whose header promises w x h pixels, and which holds none.
func pngOfSize(w, h uint32) []byte {
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	out = binary.BigEndian.AppendUint32(out, w)
	out = binary.BigEndian.AppendUint32(out, h)
	out = append(out, 8, 2, 0, 0, 0)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[12:]))
}

// TestReadTooLarge reads headers that promise any number of pixels. Only what does not fit into memory at the
// size that is needed is refused, with the least memory that does.
func TestReadTooLarge(t *testing.T) {
	path := put(t, "big.png", pngOfSize(200_000, 200_000))
	for _, c := range []struct {
		w, h  uint32
		limit int64
		fit   Fit
		need  int64 // about, or 0 if it is only the pixels that are missing
	}{
		{200_000, 200_000, 0, nil, 480e9},
		{200_000, 200_000, 1 << 30, Longest(100_000), 120e9},
		{200_000, 200_000, 300 << 20, Longest(1024), 0},
		{200_000, 200_000, 30 << 20, Longest(1024), 33e6},
		{1<<31 - 1, 1<<31 - 1, 0, nil, 1 << 58},
		{1<<31 - 1, 1<<31 - 1, 1 << 50, nil, 1 << 58},
		{1<<31 - 1, 1, 1 << 30, Longest(10), 103e9}, // four rows
		{20_000, 20_000, 8 << 30, nil, 0},
	} {
		data := pngOfSize(c.w, c.h)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		o := ReadOptions{MaxBytes: c.limit, Fit: c.fit}
		_, inMemory := DecodeWith(data, path, o)
		_, inFile := ReadWith(path, o)
		for _, err := range []error{inMemory, inFile} {
			checkError(t, path, err)
			e, ok := errors.AsType[*MemoryError](err)
			if d, is := errors.AsType[*DataError](err); c.need == 0 {
				if !is || !d.Truncated() {
					t.Errorf("%dx%d: %v", c.w, c.h, err)
				}
			} else if !ok || e.Need < c.need || e.Need > 2*c.need+c.need/5 {
				t.Errorf("%dx%d: %#v", c.w, c.h, err)
			}
		}
	}
}

// TestReadTruncated cuts every fixture at every length. None may be taken for a picture, unless nothing but an
// end marker is missing, of which there is a warning.
func TestReadTruncated(t *testing.T) {
	// Padding at the end, GIF's end marker, and what comes after the first picture of an animation.
	spare := map[string]int{"webplossless.webp": 1, "still.gif": 1, "animated.webp": 622 - 353,
		"animatedgif.gif": 821 - 400}
	files, _ := filepath.Glob("testdata/*.*")
	if len(files) < 18 {
		t.Fatal(files)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "make.py" || name == "resize.json" || strings.HasPrefix(name, "refused") {
			continue
		}
		data := mustReadBytes(t, file)
		whole, err := Decode(data, name)
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			im, err := Decode(data[:n:n], name)
			if err == nil {
				if n < len(data)-spare[name] && len(im.Warnings) == 0 {
					t.Errorf("%s: %d of %d bytes were taken for a picture", name, n, len(data))
				}
				if name == "tiffpages.tif" && im.W != whole.W && len(im.Warnings) > 0 {
					continue // another page, of which there is a warning
				}
				if maxDiff(t, im.Pix, whole.Pix) != 0 || maxDiff(t, im.Alpha, whole.Alpha) != 0 {
					t.Errorf("%s: %d of %d bytes are another picture", name, n, len(data))
				}
				continue
			}
			checkError(t, name, err)
			_, isKind := errors.AsType[*KindError](err)
			_, isData := errors.AsType[*DataError](err)
			if !isData && !(isKind && n < sniffLen) {
				t.Fatalf("%s: %d of %d bytes: %#v", name, n, len(data), err)
			}
			if format, kind := sniff(data[:n]); format != nil {
				findRecipe(inMemory(data[:n:n], name, 1<<20), kind)
			}
		}
	}
}

// TestReadDamaged flips bytes: an error or a picture, and no panic.
func TestReadDamaged(t *testing.T) {
	for _, name := range []string{"jpeg420.jpg", "pngpalette.png", "webplossyalpha.webp", "tifflzw.tif", "bmp8.bmp"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(data); i++ {
			bad := bytes.Clone(data)
			bad[i] ^= 0xff
			if im, err := DecodeWith(bad, name, ReadOptions{MaxBytes: 16 << 20}); err == nil {
				im.check(name)
			} else {
				checkError(t, name, err)
			}
		}
	}
}

func TestDamagedPNGIsNamed(t *testing.T) {
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	data := buf.Bytes()
	data[len(data)-20] ^= 1
	_, err := Decode(data, "dir/a.png")
	checkError(t, "dir/a.png", err)
	if e, ok := errors.AsType[*DataError](err); !ok || e.Kind != "PNG" || e.Truncated() {
		t.Errorf("got %#v", err)
	}
}

func TestGuard(t *testing.T) {
	err := guard(func() error { var s []int; _ = s[len(s)]; return io.EOF })
	if err == nil || err == io.EOF {
		t.Errorf("got %v", err)
	}
}
