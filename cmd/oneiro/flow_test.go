package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/flow"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// window returns a part of a picture, w x h pixels from the column x on.
func window(im *imageio.Image, x, w, h int) *imageio.Image {
	part := imageio.New(w, h)
	for y := range h {
		copy(part.Pix[3*y*w:3*(y+1)*w], im.Pix[3*(y*im.W+x):])
	}
	return part
}

// TestFlow shows a camera that turns by 5 pixels: all moves to the left, and what leaves cannot be relied on.
func TestFlow(t *testing.T) {
	dir := t.TempDir()
	wide := sample.Landscape(165, 120, 3)
	put(t, dir, "a.png", window(wide, 0, 160, 120))
	put(t, dir, "b.png", window(wide, 5, 160, 120))
	at := func(name string) string { return filepath.Join(dir, name) }
	o := mustRun(t, dir, "flow", "a.png", "b.png", "-o", "flow.png", "--reliability", "reliable.png")
	if !strings.Contains(o.stdout, "flow.png: 160x120, the longest motion is ") || strings.Contains(o.stdout, "cut") {
		t.Error(o.stdout)
	}
	middle := 3 * (60*160 + 80)
	if c := picture(t, at("flow.png")).Pix[middle:][:3]; !(c[0] < 0.3 && c[1] > 0.7 && c[2] > 0.9) {
		t.Errorf("what moves to the left has the colour %g", c)
	}
	r := picture(t, at("reliable.png"))
	if r.Pix[middle] < 0.9 || r.Pix[3*60*160] > 0.1 {
		t.Errorf("reliability %g in the middle and %g where it leaves the picture", r.Pix[middle], r.Pix[3*60*160])
	}
	mustRun(t, dir, "flow", "a.png", "b.png", "-o", "there.flo", "--preset", "fast")
	mustRun(t, dir, "flow", "b.png", "a.png", "-o", "back.flo", "--preset", "fast")
	mustRun(t, dir, "flow", "a.png", "b.png", "-o", "backward.flo", "--preset", "fast", "--backward")
	var flows []*flow.Field
	for _, name := range []string{"there.flo", "back.flo", "backward.flo"} {
		f, err := flow.Read(at(name))
		if err != nil {
			t.Fatal(err)
		}
		flows = append(flows, f)
	}
	if u := flows[0].U[middle/3]; !(u > -5.3 && u < -4.7) {
		t.Errorf("the middle moves by %g pixels to the right", u)
	}
	if !slices.Equal(flows[1].U, flows[2].U) || slices.Equal(flows[0].U, flows[1].U) {
		t.Error("--backward is not the flow from B to A")
	}
	mustRun(t, dir, "flow", "a.png", "b.png")
	mustRun(t, dir, "flow", "a.png", "a.png")
	if !exists(at("oneiro-flow.png")) || !exists(at("oneiro-flow-2.png")) {
		t.Error("the default outputs are not there")
	}
}

// TestFlowRefused: wrong arguments, pictures of two sizes, and outputs that would replace something. Nothing
// is written then.
func TestFlowRefused(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(20, 15, 3))
	put(t, dir, "b.png", sample.Landscape(20, 16, 3))
	put(t, dir, "c.png", sample.Landscape(20, 15, 4))
	for says, args := range map[string][]string{
		"takes two pictures, not 1":           {"a.png"},
		"takes two pictures, not 3":           {"a.png", "c.png", "b.png"},
		"they have to be of one size":         {"a.png", "b.png", "-o", "x.png"},
		"would replace a picture":             {"a.png", "c.png", "-o", "c.png"},
		"--output and --reliability name one": {"a.png", "c.png", "-o", "x.png", "--reliability", "./x.png"},
		"no such file":                        {"a.png", "none.png", "-o", "x.png"},
		"preset":                              {"a.png", "c.png", "-o", "x.png", "--preset", "slow"},
		".gif":                                {"a.png", "c.png", "-o", "x.gif"},
		"cannot write":                        {"a.png", "c.png", "-o", "none/x.flo"},
		"reliable.flo":                        {"a.png", "c.png", "-o", "x.flo", "--reliability", "reliable.flo"},
	} {
		o := run(t, dir, append([]string{"flow"}, args...)...)
		if o.code == exitDone || !strings.Contains(o.stderr, says) || !strings.Contains(o.stderr, "hint: ") {
			t.Errorf("%v: exit code %d, %s", args, o.code, o.stderr)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("%v: %v", err, left)
	}
}
