package main

import (
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// grey is an even picture.
func grey(w, h int) *imageio.Image {
	im := imageio.New(w, h)
	for i := range im.Pix {
		im.Pix[i] = 0.5
	}
	return im
}

// TestEvenResult checks that a picture of one colour is saved, but not without a word.
func TestEvenResult(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "grey.png", grey(48, 36))
	even := tiny("style", "grey.png", "--style-weight", "0", "--content-weight", "0", "--tv-weight", "1", "-o",
		"out.png")
	o := mustRun(t, dir, append(even, "--json")...)
	const warning = "warning: out.png is one even colour"
	if !strings.Contains(o.stderr, warning) {
		t.Errorf("want %q:\n%s", warning, o.stderr)
	}
	all := events(t, o.stdout)
	if e := all[len(all)-2]; e["event"] != "warning" || !strings.Contains(e["message"].(string), "one even colour") {
		t.Errorf("the event before the last is %v", e)
	}
	picture(t, filepath.Join(dir, "out.png"))
	if o := mustRun(t, dir, tiny("style", "grey.png", "-o", "out.png")...); strings.Contains(o.stderr, "warning") {
		t.Errorf("a painting:\n%s", o.stderr)
	}
}

// TestStalledRun checks that a line search without success is reported in the end.
func TestStalledRun(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "grey.png", grey(48, 36))
	o := mustRun(t, dir, tiny("style", "grey.png", "--optimizer", "lbfgs-wolfe", "--style-weight", "0",
		"--content-weight",
		"0", "--structure-weight", "1", "-o", "out.png")...)
	want := "warning: at 48x36 the optimiser found no way to a lower loss than 0 after step 1"
	if !strings.Contains(o.stderr, want) {
		t.Errorf("want %q:\n%s", want, o.stderr)
	}
}

// TestShapeOfInit checks that a picture to start from is squeezed only with a warning.
func TestShapeOfInit(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "in.png", sample.Landscape(100, 75, 1))
	for _, c := range []struct {
		w, h   int
		warned bool
	}{{48, 36, false}, {47, 35, false}, {200, 150, false}, {48, 48, true}, {48, 40, true}, {36, 48, true}} {
		put(t, dir, "start.png", sample.Painting(c.w, c.h, 1))
		o := mustRun(t, dir, tiny("style", "in.png", "--init", "start.png", "-o", "out.png")...)
		if got := strings.Contains(o.stderr, "warning: --init \"start.png\" has"); got != c.warned {
			t.Errorf("%dx%d:\n%s", c.w, c.h, o.stderr)
		}
	}
}

// TestDivergedRun checks that the best picture is saved when the loss is no longer finite.
func TestDivergedRun(t *testing.T) {
	dir := t.TempDir()
	o := run(t, dir, tiny("style", "--compat", "neural-style-pt", "--style-weight", "1e6", "--content-weight", "5e4",
		"--init", "content", "--lr", "1e30", "--json", "-o", "out.png")...)
	if o.code != exitFailed || !strings.Contains(o.stderr, "the best picture so far is in out.png") ||
		!strings.Contains(o.stderr, "hint: the optimisation has diverged") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if all := eventsOf(t, o.stdout, "failed"); len(all) != 1 || all[0]["output"] != "out.png" || all[0]["loss"] == nil {
		t.Errorf("how it ended: %v", all)
	}
	if all := eventsOf(t, o.stdout, "error"); len(all) != 1 || all[0]["kind"] != "diverged" {
		t.Errorf("why: %v", all)
	}
	if isEven(picture(t, filepath.Join(dir, "out.png"))) {
		t.Error("the picture is one colour")
	}
}

// TestCompatWithoutWeights checks that weights of terms that suit another network are refused.
func TestCompatWithoutWeights(t *testing.T) {
	dir := t.TempDir()
	o := run(t, dir, tiny("style", "--compat", "neural-style-pt", "-o", "out.png")...)
	if o.code != exitUsage || !strings.Contains(o.stderr, "are for a VGG") ||
		!strings.Contains(o.stderr, "--weights FILE") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("the folder has %q", got)
	}
}
