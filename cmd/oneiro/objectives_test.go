package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/render"
)

// withObjectives is a dream with objectives of several kinds, one in a region and one at the larger size.
func withObjectives(more ...string) []string {
	args := tiny("dream", "photo.png", "--size", "48", "--octaves", "2", "--iterations", "6", "--regions", "labels.jpg",
		"--objective", "guide=other.png:layer=relu2_1:region=blue", "--objective", "caricature:octaves=2:weight=0.5",
		"--objective", "direction=other.png:from=painting.png:layer=relu3_1", "--objective", "class=fur:weight=0.1",
		"--objective", "channel=3,7-8:layer=relu2_1,content:weight=0.5")
	return append(args, more...)
}

// TestObjectives dreams with objectives, stops and resumes, makes the picture again, changes it, verifies
// it and makes it in a batch: it always has to be the same.
func TestObjectives(t *testing.T) {
	dir := regionsFolder(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	o := mustRun(t, dir, withObjectives("-o", "out.png")...)
	if !strings.Contains(o.stderr, "guide/relu2_1@blue") {
		t.Errorf("no term of a region:\n%s", o.stderr)
	}
	want := recipeOf(t, path("out.png"))
	var roles []string
	for _, in := range want.Inputs {
		roles = append(roles, fmt.Sprintf("%s %s %dx%d", in.Role, in.Name, in.Width, in.Height))
	}
	if got := strings.Join(roles, "; "); got != "image photo.png 60x45; guide other.png 50x40; guide other.png 50x40; "+
		"guide painting.png 40x50; regions labels.jpg 120x90" {
		t.Errorf("the inputs are %s", got)
	}
	const text = "guide=picture:layer=relu2_1:region=blue,caricature:octaves=2:weight=0.5," +
		"direction=picture:from=picture:layer=relu3_1,class=51:weight=0.1,channel=3,7,8:layer=relu2_1,content:weight=0.5"
	if got := want.Options["objective"]; got != text {
		t.Errorf("the recipe has objectives %s", got)
	}

	startAndStop(t, dir, 7, withObjectives("-o", "cut.png")...)
	repeats(t, dir, want)
	mustRun(t, dir, "again", "out.png", "--objective", "guide=painting.png:region=red", "-o", "changed.png")
	if got := recipeOf(t, path("changed.png")); got.Options["objective"] != "guide=picture:region=red" ||
		got.Options["regions"] != render.PictureGiven || got.Pixels == want.Pixels {
		t.Errorf("with other objectives it is %+v", got)
	}
	mustRun(t, dir, "again", "out.png", "--class", "3", "-o", "class.png")
	if got := recipeOf(t, path("class.png")); got.Options["objective"] != "" || got.Options["class"] != "3" ||
		len(got.Inputs) != 1 {
		t.Errorf("with a class it is %+v", got)
	}

	batch := append([]string{"batch"}, withObjectives("-o", "batch/{content}.png")...)
	mustRun(t, dir, batch...)
	if got := recipeOf(t, path("batch/photo.png")); got.Pixels != want.Pixels {
		t.Error("a batch gives another picture")
	}
}

// TestStyleObjectives paints with objectives beside the style, stops and resumes, makes the picture again and
// verifies it: it always has to be the same. A dream in the manner of a painting, too.
func TestStyleObjectives(t *testing.T) {
	dir := regionsFolder(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	args := func(more ...string) []string {
		return append(inRegions("--iterations", "12", "--bookmark", "fur", "--objective",
			"guide=other.png:layer=relu2_1:region=red,caricature=relu2_1:weight=0.5"), more...)
	}
	o := mustRun(t, dir, args("-o", "out.png")...)
	for _, term := range []string{"class/51", "guide/relu2_1@red", "caricature/relu2_1"} {
		if !strings.Contains(o.stderr, term) {
			t.Errorf("no term %s:\n%s", term, o.stderr)
		}
	}
	want := recipeOf(t, path("out.png"))
	const text = "guide=picture:layer=relu2_1:region=red,caricature=relu2_1:weight=0.5,class=51"
	if got := want.Options["objective"]; got != text || want.Options["bookmark"] != "" {
		t.Errorf("the recipe has %v", want.Options)
	}
	startAndStop(t, dir, 7, args("-o", "cut.png")...)
	repeats(t, dir, want)
	mustRun(t, dir, "again", "out.png", "--objective", "mean=relu3_1", "-o", "changed.png")
	if got := recipeOf(t, path("changed.png")); got.Options["objective"] != "mean=relu3_1" || got.Pixels == want.Pixels {
		t.Errorf("with another objective it is %+v", got)
	}
	mustRun(t, dir, tiny("dream", "photo.png", "--objective", "class=fur,style=painting.png:scale=0.8", "-o", "dream.png")...)
	mustRun(t, dir, "verify", "dream.png", "--quiet")
	if o := mustRun(t, dir, "plan", "photo.png", "--for", "style", "--bookmark", "fur"); o.stdout == "" {
		t.Error("no plan")
	}
}

// TestObjectiveErrors checks what is said of objectives that cannot be used.
func TestObjectiveErrors(t *testing.T) {
	dir := regionsFolder(t)
	for want, args := range map[string][]string{
		`--objective names "gide", which is not an objective`: {"--objective", "gide=other.png"},
		`guide`: {"--objective", "gide=other.png"},
		`--objective must be a list of objectives, not "l2:we`: {"--objective", "l2:weight=much"},
		`cannot read missing.png`:                              {"--objective", "guide=missing.png"},
		`--objective l2 has a region, "blue", and there are`:   {"--objective", "l2:region=blue"},
		`--regions needs objectives`:                           {"--regions", "labels.jpg"},
		`the output "other.png" would replace`:                 {"--objective", "guide=other.png", "-o", "other.png"},
		`say --objective class=3`:                              {"--objective", "l2", "--class", "3"},
	} {
		o := run(t, dir, tiny("dream", append([]string{"photo.png"}, args...)...)...)
		if o.code == exitDone || !strings.Contains(o.stderr, want) {
			t.Errorf("%q: exit code %d, want %s\n%s", args, o.code, want, o.stderr)
		}
	}
	r := render.NewRecipe("dream", map[string]string{"objective": "guide=/etc/passwd"}, 0)
	if _, err := newRequest(&r, located{}); err == nil || !strings.Contains(err.Error(), "no picture for --objective") {
		t.Errorf("a recipe that names a file gives %v", err)
	}
}
