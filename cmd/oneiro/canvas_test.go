package main

import (
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/sample"
)

// TestSaveCanvas: a saved canvas is shown as the run left it, and larger; a run that starts from it can be made
// again; and what is no such canvas is refused.
func TestSaveCanvas(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	put(t, dir, "painting.png", sample.Painting(40, 50, 3))
	at := func(name string) string { return filepath.Join(dir, name) }
	style := tiny("style", "photo.png", "painting.png", "--quiet", "--canvas", "cppn", "--warm-up", "5")
	mustRun(t, dir, append(style, "-o", "first.png", "--save-canvas", "c.safetensors")...)
	mustRun(t, dir, "render", "c.safetensors", "-o", "same.png")
	if d := apart(picture(t, at("first.png")), picture(t, at("same.png"))); d != nil && d.Largest > 1 {
		t.Errorf("the canvas is shown%v", d)
	}
	mustRun(t, dir, "render", "c.safetensors", "--size", "90", "-o", "larger.png")
	if im := picture(t, at("larger.png")); max(im.W, im.H) != 90 {
		t.Errorf("%dx%d pixels", im.W, im.H)
	}
	mustRun(t, dir, append(style, "-o", "second.png", "--init", "c.safetensors")...)
	if o := mustRun(t, dir, "verify", "second.png", "--quiet"); !strings.Contains(o.stdout, "to the last bit") {
		t.Error(o.stdout)
	}
	dream := tiny("dream", "photo.png", "--quiet", "--octaves", "1", "--lr", "0.001", "--canvas", "cppn", "--init",
		"c.safetensors", "-o", "dream.png")
	mustRun(t, dir, dream...) // which hardly moves
	if d := apart(picture(t, at("first.png")), picture(t, at("dream.png"))); d != nil && d.Largest > 8 {
		t.Errorf("the dream starts%v from the canvas", d)
	}
	mustRun(t, dir, "verify", "dream.png", "--quiet")
	for _, args := range [][]string{
		tiny("dream", "photo.png", "--init", "c.safetensors"), tiny("dream", "photo.png", "--init", "photo.png"),
		tiny("style", "photo.png", "painting.png", "--save-canvas", "d.safetensors"),
		tiny("style", "photo.png", "painting.png", "--init", "c.safetensors"),
		tiny("style", "photo.png", "painting.png", "--canvas", "head", "--init", "c.safetensors"),
		{"render", "photo.png"}, {"render", "c.safetensors", "-o", "c.safetensors"},
	} {
		if o := run(t, dir, args...); o.code == exitDone || !strings.Contains(o.stderr, "hint: ") {
			t.Errorf("%v: exit code %d, %s", args, o.code, o.stderr)
		}
	}
}
