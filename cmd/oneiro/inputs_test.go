package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// TestAllowTruncated cuts a picture short: a run refuses it unless it is told otherwise, and then leaves
// the rest transparent.
func TestAllowTruncated(t *testing.T) {
	dir := t.TempDir()
	whole := put(t, dir, "whole.png", sample.Landscape(64, 48, 1))
	data := readFile(t, filepath.Join(dir, whole))
	if err := os.WriteFile(filepath.Join(dir, "cut.png"), data[:len(data)*2/3], 0o666); err != nil {
		t.Fatal(err)
	}
	refuses(t, dir, []refusal{{"dream cut.png --size 0", 1, "cut.png: the PNG data is cut short"}})
	out := filepath.Join(t.TempDir(), "out.png")
	mustRun(t, dir, "dream", "cut.png", "--size", "0", "--octaves", "1", "--iterations", "1", "-o", out,
		"--allow-truncated")
	im := picture(t, out)
	if im.W != 64 || im.H != 48 || im.Alpha == nil || im.Alpha[0] != 1 || im.Alpha[64*48-1] != 0 {
		t.Errorf("%dx%d, %d values of opacity", im.W, im.H, len(im.Alpha))
	}
}

// TestHiddenColours paints with pictures in files that differ in what is under their clear pixels: the
// result is the same, and not that of a picture on white.
func TestHiddenColours(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(48, 36, 1))
	var results [3]*imageio.Image
	for k := range results {
		im := sample.Painting(48, 48, 1)
		im.Alpha = make([]float32, 48*48)
		for i := range im.Alpha {
			if im.Alpha[i] = 1; i%48 >= 24 {
				im.Alpha[i] = 0
				im.Pix[3*i+k%2] = 1
			}
		}
		if k == 2 {
			im = im.OnWhite()
		}
		put(t, dir, "painting.png", im)
		mustRun(t, dir, tiny("style", "photo.png", "painting.png", "-o", "out.png")...)
		results[k] = picture(t, filepath.Join(dir, "out.png"))
	}
	if !slices.Equal(results[0].Pix, results[1].Pix) {
		t.Error("what is hidden under clear pixels changes the result")
	}
	if slices.Equal(results[0].Pix, results[2].Pix) {
		t.Error("what is clear counts as white")
	}
}
