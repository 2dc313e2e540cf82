package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/nn"
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
}

// TestVisEvents checks what a sheet tells of.
func TestVisEvents(t *testing.T) {
	dir := t.TempDir()
	all := events(t, mustRun(t, dir, tiny("vis", "--layer", "conv2_1", "--channels", "3,4", "--json", "--print-every", "1", "-o", "out.png")...).stdout)
	if len(all) != 7 || all[0]["terms"].(map[string]any)["channel/conv2_1:3"] == nil || all[3]["terms"].(map[string]any)["channel/conv2_1:4"] == nil {
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
	text, err := imageio.ReadRecipe(filepath.Join(dir, "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	var r recipe
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	again := []string{r.Command, "--model", r.Model, "--simd", r.Kernels, "--threads", "1", "-o", "b.png"}
	for option, value := range r.Options {
		again = append(again, "--"+option+"="+value)
	}
	mustRun(t, dir, again...)
	if !bytes.Equal(readFile(t, filepath.Join(dir, "a.png")), readFile(t, filepath.Join(dir, "b.png"))) {
		t.Errorf("another picture comes of the recipe %s", text)
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
	for i, e := range events(t, o.stdout)[:2] {
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

func TestRanges(t *testing.T) {
	got, err := ranges("channels", "3, 7,20-22")
	if !slices.Equal(got, []int{3, 7, 20, 21, 22}) || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "a", "3-", "-3", "5-3", "1,,2", "0-99999999"} {
		if got, err := ranges("channels", text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestVisTargets(t *testing.T) {
	net := nn.GoogLeNet()
	for _, c := range []struct {
		what visTargets
		n    int
		last render.Target
	}{
		{visTargets{}, 1, render.Target{Layer: "inception_4c/output", Index: -1}},
		{visTargets{layer: "conv2/3x3"}, 1, render.Target{Layer: "conv2/3x3", Index: -1}},
		{visTargets{layer: "conv2/3x3", channels: "all"}, 192, render.Target{Layer: "conv2/3x3", Index: 191}},
		{visTargets{classes: "all"}, 1000, render.Target{Index: 999}},
	} {
		got, err := c.what.targets(net, nil, nil)
		if err != nil || len(got) != c.n || got[len(got)-1] != c.last {
			t.Errorf("%+v: %v, %v", c.what, got, err)
		}
	}
	names := labels([]render.Target{{Index: 1}, {Index: 2}, {Layer: "conv2/3x3", Index: 4}},
		[]zoo.Class{{Names: []string{"a"}}, {Names: []string{"spiral", "helix"}}})
	if want := []string{"spiral", "class 2", "4 conv2/3x3"}; !slices.Equal(names, want) {
		t.Errorf("the labels are %q, want %q", names, want)
	}
}
