package main

import (
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/sample"
)

// TestDreamOfLargePicture dreams of a picture as a camera makes it at 1024 pixels, and says so before the work
// begins; a smaller one, or one with a size given, stays as it is told.
func TestDreamOfLargePicture(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "large.png", sample.Landscape(1400, 60, 1))
	put(t, dir, "small.png", sample.Landscape(48, 36, 1))
	for args, want := range map[string]int{"large.png": 1024, "large.png --size 80": 80, "small.png": 48} {
		args := strings.Fields("dream --iterations 1 --octaves 1 --layers relu1_1 -o out.png " + args)
		o := mustRun(t, dir, args...)
		const note = "note: the picture has 1400x60 pixels and is dreamed at 1024; --size 1400 keeps its size"
		if said := strings.Contains(o.stderr, note); said != (want == 1024) {
			t.Errorf("%v:\n%s", args, o.stderr)
		}
		if im := picture(t, filepath.Join(dir, "out.png")); im.W != want {
			t.Errorf("%v: %dx%d", args, im.W, im.H)
		}
	}
}
