package main

import (
	"os"
	"path/filepath"
	"testing"

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
	mustRun(t, dir, "dream", "cut.png", "--size", "0", "--octaves", "1", "--iterations", "1", "-o", out, "--allow-truncated")
	im := picture(t, out)
	if im.W != 64 || im.H != 48 || im.Alpha == nil || im.Alpha[0] != 1 || im.Alpha[64*48-1] != 0 {
		t.Errorf("%dx%d, %d values of opacity", im.W, im.H, len(im.Alpha))
	}
}
