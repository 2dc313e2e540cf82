package main

import (
	"bytes"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// TestStart checks what a run says before it begins.
func TestStart(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(40, 30, 1))
	put(t, dir, "painting.png", sample.Painting(60, 80, 1))
	o := mustRun(t, dir, tiny("style", "photo.png", "painting.png", "-o", "out.png")...)
	for _, line := range []string{
		"content   photo.png, 40x30 -> 48x36", "style     painting.png, 60x80", "network   builtin", "computer  cpu ",
		"work      3 steps at 48x36, ", "output    out.png",
		"warning: photo.png is enlarged from 40x30 to 48x36, which adds no detail of its own",
	} {
		if !slices.ContainsFunc(strings.Split(o.stderr, "\n"),
			func(s string) bool { return strings.HasPrefix(s, line) }) {
			t.Errorf("%q is missing in\n%s", line, o.stderr)
		}
	}
	if strings.Contains(o.stderr, "of the same folder") {
		t.Errorf("one painting is taken for a photo:\n%s", o.stderr)
	}
	put(t, dir, "other.png", sample.Landscape(48, 36, 2))
	o = mustRun(t, dir, tiny("style", "other.png", "painting.png", "photo.png", "-o", "out.png")...)
	want := "warning: only other.png is painted: painting.png and photo.png of the same folder are taken for paintings"
	if !strings.Contains(o.stderr, want) || strings.Contains(o.stderr, "enlarged") {
		t.Errorf("want %q:\n%s", want, o.stderr)
	}
	o = mustRun(t, dir, tiny("style", "other.png", "painting.png", "photo.png", "-o", "out.png",
		"--style-blend", "2,1")...)
	if strings.Contains(o.stderr, "warning") {
		t.Errorf("a blend is no mistake:\n%s", o.stderr)
	}
}

// TestWarnings checks that what a picture has to say is said, to programs too.
func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(48, 36, 1))
	path := filepath.Join(dir, "a.png")
	data := readFile(t, path)
	const header = 33 // up to the end of IHDR
	chunk := []byte("\x00\x00\x00\x04gAMA\x00\x00\xb1\x8f")
	sum := crc32.ChecksumIEEE(chunk[4:]) + 1 // which is wrong
	chunk = append(chunk, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	if err := os.WriteFile(path, slices.Concat(data[:header], chunk, data[header:]), 0o666); err != nil {
		t.Fatal(err)
	}
	im, err := imageio.Read(path)
	if err != nil || len(im.Warnings) != 1 {
		t.Fatalf("%v, %v", im, err)
	}
	o := mustRun(t, dir, tiny("dream", "a.png", "--json")...)
	want := "a.png: " + im.Warnings[0]
	if !strings.Contains(o.stderr, "warning: "+want+"\n") {
		t.Errorf("%q is missing in\n%s", want, o.stderr)
	}
	if o := mustRun(t, dir, "classify", "a.png"); !strings.Contains(o.stderr, "warning: "+want+"\n") {
		t.Errorf("classify: %q is missing in\n%s", want, o.stderr)
	}
	if all := events(t, o.stdout); all[0]["event"] != "start" || all[1]["event"] != "warning" ||
		all[1]["message"] != want {
		t.Errorf("the first events are %v", all[:2])
	}
}

// TestFreeNames checks that a run without --output replaces nothing, and one with it does.
func TestFreeNames(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(48, 36, 1))
	for range 3 {
		mustRun(t, dir, tiny("dream", "a.png", "--quiet")...)
	}
	mustRun(t, dir, "vis", "--filters", "conv1_1")
	mustRun(t, dir, "vis", "--filters", "conv1_1")
	want := []string{"a.png", "oneiro-dream-2.png", "oneiro-dream-3.png", "oneiro-dream.png",
		"oneiro-vis-2.png", "oneiro-vis.png"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("the folder has %q", got)
	}
	before := readFile(t, filepath.Join(dir, "oneiro-dream.png"))
	mustRun(t, dir, tiny("dream", "a.png", "--quiet", "--seed", "7", "-o", "oneiro-dream.png")...)
	if bytes.Equal(before, readFile(t, filepath.Join(dir, "oneiro-dream.png"))) || len(names(t, dir)) != len(want) {
		t.Error("--output did not replace the file")
	}
}

// TestJPEGQuality checks that a lower quality makes a smaller file, and where it makes no sense.
func TestJPEGQuality(t *testing.T) {
	dir := t.TempDir()
	size := func(more ...string) int {
		mustRun(t, dir, tiny("dream", append(more, "--quiet", "-o", "out.jpg")...)...)
		return len(readFile(t, filepath.Join(dir, "out.jpg")))
	}
	low, usual, high := size("--jpeg-quality", "20"), size(), size("--jpeg-quality", "100")
	if !(low < usual && usual < high) || size("--jpeg-quality", "95") != usual {
		t.Errorf("%d, %d and %d bytes", low, usual, high)
	}
	refuses(t, t.TempDir(), []refusal{
		{"dream -o out.png --jpeg-quality 50", exitUsage, "no effect on a PNG"},
		{"dream --jpeg-quality 50", exitUsage, "no effect on a PNG"},
		{"dream -o out.jpg --jpeg-quality 0", exitUsage, "--jpeg-quality must be 1 to 100, not 0"},
	})
}
