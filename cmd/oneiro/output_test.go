package main

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// TestFormats wants the same samples, and the recipe, in every format that keeps all of them, in 8 and 16 bits.
func TestFormats(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "in.png", sample.Landscape(48, 36, 1))
	for _, depth := range []string{"8", "16"} {
		var all []*render.Picture
		for _, name := range []string{"a" + depth + ".png", "a" + depth + ".tif"} {
			mustRun(t, dir, tiny("style", "--depth", depth, "-o", name, "in.png")...)
			im := picture(t, filepath.Join(dir, name))
			if r := recipeOf(t, filepath.Join(dir, name)); r.Pixels != render.PixelHash(im) {
				t.Errorf("%s: the recipe has the hash %s, the picture %s", name, r.Pixels, render.PixelHash(im))
			}
			all = append(all, im)
		}
		if want := map[string]int{"8": 8, "16": 16}[depth]; all[0].Depth != want || all[1].Depth != want ||
			!slices.Equal(all[0].Pix, all[1].Pix) {
			t.Errorf("depths %d and %d, want %s and the same samples", all[0].Depth, all[1].Depth, depth)
		}
	}
}

// TestOutputHolds wants what a format cannot hold refused before the run.
func TestOutputHolds(t *testing.T) {
	plans := []render.SizePlan{{W: 8, H: 8}, {W: 70_000, H: 8}}
	for name, want := range map[string]bool{"a.jpg": false, "a.png": true, "a.tif": true, stream: true} {
		o := output{path: name}
		err := o.holds(plans)
		if _, refused := errors.AsType[*imageio.SideError](err); refused == want || (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
