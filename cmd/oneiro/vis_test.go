package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/render"
	"oneiro/zoo"
)

// TestVis draws a channel, several of them and filters, without any file.
func TestVis(t *testing.T) {
	dir := t.TempDir()
	size := func(args ...string) (w, h int) {
		t.Helper()
		if o := mustRun(t, dir, tiny("vis", append(args, "-o", "out.png")...)...); o.stdout != "" {
			t.Errorf("on stdout: %q", o.stdout)
		}
		im := picture(t, filepath.Join(dir, "out.png"))
		return im.W, im.H
	}
	if w, h := size(); w != 48 || h != 48 {
		t.Errorf("one picture has %dx%d pixels", w, h)
	}
	w4, h4 := size("--layer", "relu2_1", "--channels", "0-2,7")
	w2, h2 := size("--layer", "relu2_1", "--channels", "0,1")
	if w4 != w2 || !(h4 > h2 && h2 > 48 && w2 > 2*48) {
		t.Errorf("four pictures have %dx%d pixels, two %dx%d", w4, h4, w2, h2)
	}
	if w, h := size("--filters", "conv1_1"); w < 4*42 || h < 4*42 {
		t.Errorf("the filters have %dx%d pixels", w, h)
	}
	if r := recipeOf(t, filepath.Join(dir, "out.png")); r.Command != "vis" || r.Options["filters"] != "conv1_1" {
		t.Errorf("the recipe of filters is %+v", r)
	}
	if w, h := size("--targets", "relu2_1:3,relu3_1:4"); w != w2 || h != h2 {
		t.Errorf("two targets have %dx%d pixels", w, h)
	}
}

// TestVisWithoutFilters takes an empty --filters for none, as a script with an unset variable gives it.
func TestVisWithoutFilters(t *testing.T) {
	mustRun(t, t.TempDir(), tiny("vis", "--filters", "", "-o", "v.png")...)
}

// TestVisEvents checks what is reported of a sheet.
func TestVisEvents(t *testing.T) {
	dir := t.TempDir()
	all := events(t, mustRun(t, dir, tiny("vis", "--layer", "conv2_1", "--channels", "3,4", "--json", "--print-every", "1", "-o", "out.png")...).stdout)
	if len(all) != 8 || all[1]["terms"].(map[string]any)["channel/conv2_1:3"] == nil ||
		all[4]["terms"].(map[string]any)["channel/conv2_1:4"] == nil {
		t.Errorf("the events are %v", all)
	}
	if end := all[len(all)-1]; end["event"] != "done" || end["steps"] != 6.0 {
		t.Errorf("the end is %v", end)
	}
}

// TestVisRecipe makes a sheet again from the recipe in it, on another number of threads.
func TestVisRecipe(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, tiny("vis", "--layer", "relu2_1", "--channels", "0-1", "--seed", "5", "--turn", "9", "-o", "a.png")...)
	r := recipeOf(t, filepath.Join(dir, "a.png"))
	mustRun(t, dir, append(replay(r), "--threads", "1", "-o", "b.png")...)
	if !bytes.Equal(readFile(t, filepath.Join(dir, "a.png")), readFile(t, filepath.Join(dir, "b.png"))) {
		t.Errorf("the recipe %+v makes another picture", r)
	}
}

// TestVisClasses draws classes that the weights name.
func TestVisClasses(t *testing.T) {
	dir := t.TempDir()
	vis := func(args ...string) outcome {
		return run(t, dir, append([]string{"vis", "--weights", fixture.Shared(t, "weights/googlenet_bvlc"), "--size", "64", "--iterations", "1",
			"--json", "--print-every", "1", "-o", "out.png"}, args...)...)
	}
	o := vis("--classes", "daisy, zebra")
	if o.code != exitDone {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
	for i, e := range eventsOf(t, o.stdout, "step")[:2] {
		if term := []string{"class/985", "class/340"}[i]; e["terms"].(map[string]any)[term] == nil {
			t.Errorf("the terms are %v", e["terms"])
		}
	}
	for class, hint := range map[string]string{"dasy": "did you mean daisy", "1000": "choose 0 to 999"} {
		if o := vis("--class", class); o.code != exitUsage || !strings.Contains(o.stderr, hint) {
			t.Errorf("%s: exit code %d\n%s", class, o.code, o.stderr)
		}
	}
}

func TestLabels(t *testing.T) {
	names := labels([]render.Target{{Index: 1}, {Index: 2}, {Layer: "conv2/3x3", Index: 4}},
		[]zoo.Class{{Names: []string{"a"}}, {Names: []string{"spiral", "helix"}}})
	if want := []string{"spiral", "class 2", "4 conv2/3x3"}; !slices.Equal(names, want) {
		t.Errorf("the labels are %q, want %q", names, want)
	}
}
