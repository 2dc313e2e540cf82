package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// bands returns a picture of w x h pixels with bands of colours side by side.
func bands(w, h int, colours ...[3]float32) *imageio.Image {
	im := imageio.New(w, h)
	for i := range w * h {
		copy(im.Pix[3*i:], colours[i%w*len(colours)/w][:])
	}
	return im
}

var (
	red   = [3]float32{1, 0, 0}
	blue  = [3]float32{0, 0, 1}
	white = [3]float32{1, 1, 1}
)

// regionsFolder returns a folder with pictures for a run with regions.
func regionsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	put(t, dir, "painting.png", sample.Painting(40, 50, 3))
	put(t, dir, "other.png", sample.Painting(50, 40, 4))
	put(t, dir, "labels.jpg", bands(120, 90, red, blue, white))
	put(t, dir, "of-painting.png", bands(40, 50, blue, red))
	put(t, dir, "mask.png", bands(60, 45, white, [3]float32{}))
	return dir
}

// inRegions is a run with three regions: one is kept, one has a style of its own, one a part of the painting.
func inRegions(more ...string) []string {
	args := tiny("style", "photo.png", "painting.png", "--regions", "labels.jpg", "--style-regions", "of-painting.png",
		"--region", "white=other.png:scale=0.8", "--region", "blue=keep")
	return append(args, more...)
}

// TestRegions runs with regions, stops and resumes, makes the picture again and verifies it, and makes it in a
// batch: it always has to be the same.
func TestRegions(t *testing.T) {
	dir := regionsFolder(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	o := mustRun(t, dir, inRegions("-o", "out.png", "--iterations", "12")...)
	if !strings.Contains(o.stderr, "style/relu1_1@red") && !strings.Contains(o.stderr, "relu1_1@red") {
		t.Errorf("no term of a region:\n%s", o.stderr)
	}
	want := recipeOf(t, path("out.png"))
	var roles []string
	for _, in := range want.Inputs {
		roles = append(roles, fmt.Sprintf("%s %s %dx%d", in.Role, in.Name, in.Width, in.Height))
	}
	if got := strings.Join(roles, "; "); got != "content photo.png 60x45; style painting.png 40x50; "+
		"regions labels.jpg 120x90; style-regions of-painting.png 40x50; region other.png 50x40" {
		t.Errorf("the inputs are %s", got)
	}
	if got := want.Options["region"]; got != "white=picture:scale=0.8,blue=keep" {
		t.Errorf("the recipe has regions %s", got)
	}

	startAndStop(t, dir, 7, inRegions("-o", "cut.png", "--iterations", "12")...)
	repeats(t, dir, want)
	mustRun(t, dir, "again", "out.png", "--region", "blue=other.png,white=keep", "-o", "changed.png")
	if got := recipeOf(t, path("changed.png")); got.Options["region"] != "blue=picture,white=keep" ||
		got.Options["regions"] != render.PictureGiven || got.Pixels == want.Pixels {
		t.Errorf("with other regions it is %+v", got)
	}

	batch := append([]string{"batch"}, inRegions("-o", "batch/{content}-{style}.png", "--iterations", "12",
		"--styles", "painting.png", "--skip-existing")...)
	painting := slices.Index(batch, "painting.png")
	batch = slices.Delete(batch, painting, painting+1) // styles of a batch are no arguments
	mustRun(t, dir, batch...)
	if got := recipeOf(t, path("batch/photo-painting.png")); got.Pixels != want.Pixels {
		t.Error("a batch gives another picture")
	}
	if o := mustRun(t, dir, batch...); !strings.Contains(o.stderr+o.stdout, "there already") {
		t.Errorf("a batch does not know its picture:\n%s%s", o.stderr, o.stdout)
	}
}

// TestRegionNames gives regions names: everything has to be as with their colours but for what it is called,
// and what is wrong with a name is said with the colours that there are.
func TestRegionNames(t *testing.T) {
	dir := regionsFolder(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, dir, inRegions("-o", "colours.png")...)
	args := tiny("style", "photo.png", "painting.png", "--regions", "labels.jpg", "--style-regions", "of-painting.png",
		"--region-names", "Sky=white, water=#0000ff", "--region", "sky=other.png:scale=0.8", "--region", "water=keep", "-o", "out.png")
	if o := mustRun(t, dir, args...); !strings.Contains(o.stderr, "@Sky") {
		t.Errorf("no term of the sky:\n%s", o.stderr)
	}
	want := recipeOf(t, path("out.png"))
	if got := want.Options["region-names"]; got != "Sky=white,water=#0000ff" {
		t.Errorf("the recipe has the names %s", got)
	}
	if want.Pixels != recipeOf(t, path("colours.png")).Pixels {
		t.Error("with names it is another picture")
	}
	mustRun(t, dir, "verify", "out.png", "--quiet")
	mustRun(t, dir, "again", "out.png", "--region-names", "air=white,water=blue", "--region", "air=keep", "-o", "again.png")
	if got := recipeOf(t, path("again.png")); got.Options["region-names"] != "air=white,water=blue" || got.Pixels == want.Pixels {
		t.Errorf("with other names it is %+v", got)
	}
	mustRun(t, dir, tiny("dream", "photo.png", "--regions", "labels.jpg", "--region-names", "sky=white", "--objective",
		"l2=relu3_1:region=sky", "-o", "dream.png")...)
	mustRun(t, dir, "verify", "dream.png", "--quiet")
	for wrong, flags := range map[string][]string{
		`--region-names calls "green" tree, which is not a colour`: {"--region-names", "tree=green"},
		`choose from red (#`:                        {"--region-names", "tree=green"},
		`has "sky" twice`:                           {"--region-names", "sky=blue,sky=red"},
		`has two names for blue (#0000f`:            {"--region-names", "sky=blue,air=#0000ff"},
		`must be a list of region names, not "sky"`: {"--region-names", "sky"},
		`--region names "tree", which is no region`: {"--region-names", "sky=blue", "--region", "tree=keep"},
		`sky (blue, #`:                              {"--region-names", "sky=blue", "--region", "tree=keep"},
	} {
		o := run(t, dir, append(tiny("style", "photo.png", "painting.png", "--regions", "labels.jpg"), flags...)...)
		if o.code == exitDone || !strings.Contains(o.stderr, wrong) {
			t.Errorf("%q: exit code %d, want %s\n%s", flags, o.code, wrong, o.stderr)
		}
	}
	if o := run(t, dir, tiny("style", "photo.png", "--region-names", "sky=blue")...); !strings.Contains(o.stderr, "needs regions") {
		t.Errorf("names without regions give %s", o.stderr)
	}
}

// TestRecipeNamesNoFiles refuses recipes that name files themselves, or whose pictures are missing.
func TestRecipeNamesNoFiles(t *testing.T) {
	for name, text := range map[string]string{
		"regions": "/etc/passwd", "style-regions": "picture,/etc/passwd", "region": "blue=/etc/passwd", "mask": "picture",
	} {
		r := render.NewRecipe("style", map[string]string{name: text}, 0)
		if name == "mask" {
			r.Command = "dream"
		}
		r.Inputs = []render.Input{{Role: render.RoleStyleRegions}}
		_, err := newRequest(&r, located{Inputs: []string{"a.png"}})
		if e, ok := errors.AsType[*render.RecipeError](err); !ok || !strings.Contains(e.Error(), "no picture for --"+name) {
			t.Errorf("--%s %s gives %v", name, text, err)
		}
	}
}

// TestSketch makes a texture after a sketch, and again.
func TestSketch(t *testing.T) {
	dir := regionsFolder(t)
	mustRun(t, dir, "texture", "painting.png", "--size", "60x45", "--iterations", "2", "--scales", "1", "--regions", "labels.jpg",
		"--style-regions", "of-painting.png", "--region", "white=other.png", "-o", "out.png")
	mustRun(t, dir, "verify", "out.png", "--quiet")
	for want, flags := range map[string][]string{
		"--tileable cannot be combined with regions": {"--tileable"}, "--region cannot keep": {"--region", "red=keep"},
	} {
		o := run(t, dir, append([]string{"texture", "painting.png", "--size", "64", "--regions", "labels.jpg"}, flags...)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("%q: exit code %d\n%s", flags, o.code, o.stderr)
		}
	}
}

// TestMask dreams in a part of a picture, again and resumed.
func TestMask(t *testing.T) {
	dir := regionsFolder(t)
	args := tiny("dream", "photo.png", "--mask", "mask.png", "--size", "0")
	mustRun(t, dir, append(args, "-o", "out.png")...)
	out, photo := picture(t, filepath.Join(dir, "out.png")), picture(t, filepath.Join(dir, "photo.png"))
	inside := 0
	for i, v := range photo.Pix {
		x := i / 3 % 60
		switch same := v == out.Pix[i]; {
		case x >= 31 && !same:
			t.Fatalf("at column %d a value of %v became %v", x, v, out.Pix[i])
		case x < 28 && !same:
			inside++
		}
	}
	if inside < 45*28 {
		t.Errorf("only %d values changed", inside)
	}
	mustRun(t, dir, "verify", "out.png", "--quiet")
	startAndStop(t, dir, 4, append(args, "-o", "cut.png")...)
	mustRun(t, dir, "resume", "cut.png.checkpoint")
	if !bytes.Equal(readFile(t, filepath.Join(dir, "cut.png")), readFile(t, filepath.Join(dir, "out.png"))) {
		t.Error("a resumed run gives another file")
	}
}

// TestRegionErrors checks what is said of pictures of regions that cannot be used.
func TestRegionErrors(t *testing.T) {
	dir := regionsFolder(t)
	var many [][3]float32
	for i := range 20 {
		many = append(many, [3]float32{float32(i%3) / 2, float32(i/3%3) / 2, float32(i/9) / 2})
	}
	put(t, dir, "many.png", bands(200, 60, many...))
	for want, args := range map[string][]string{
		`--regions "photo.png" is no picture of regions: only `: {"--regions", "photo.png"},
		`--regions "many.png" has more than 16 colours`:         {"--regions", "many.png"},
		`cannot read missing.png`:                               {"--regions", "missing.png"},
		`--region needs regions`:                                {"--region", "blue=keep"},
		`--region names "green", which is no region`:            {"--regions", "labels.jpg", "--region", "green=keep"},
		`choose from `: {"--regions", "labels.jpg", "--region", "green=keep"},
		`--region must be a list of regions, not "blue"`:            {"--regions", "labels.jpg", "--region", "blue"},
		`hint: for example: --region blue=painting.jpg:scale`:       {"--regions", "labels.jpg", "--region", "red"},
		`--style-regions has no white (#`:                           {"--regions", "labels.jpg", "--style-regions", "of-painting.png"},
		`--style-regions has 2 pictures for 1 style picture`:        {"--regions", "labels.jpg", "--style-regions", "whole,whole"},
		`the output "labels.jpg" would replace`:                     {"--regions", "labels.jpg", "-o", "labels.jpg"},
		`other.png becomes 5x4 pixels with this style-scale, which`: {"--regions", "labels.jpg", "--region", "red=other.png:scale=0.1"},
	} {
		o := run(t, dir, tiny("style", append([]string{"photo.png", "painting.png"}, args...)...)...)
		if o.code == exitDone || !strings.Contains(o.stderr, want) {
			t.Errorf("%q: exit code %d, want %s\n%s", args, o.code, want, o.stderr)
		}
	}
	put(t, dir, "square.png", bands(40, 40, red, blue))
	o := mustRun(t, dir, tiny("style", "photo.png", "painting.png", "--regions", "square.png", "-o", "out.png")...)
	if !strings.Contains(o.stderr, "warning: the regions of the picture have the shape of 40x40 pixels") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	o = mustRun(t, dir, "plan", "photo.png", "--size", "48", "--regions", "labels.jpg", "--json")
	if whole := mustRun(t, dir, "plan", "photo.png", "--size", "48", "--json"); whole.stdout == o.stdout {
		t.Error("plan takes no notice of regions")
	}
}

// TestRegionsProposed proposes regions of a photograph and paints with them.
func TestRegionsProposed(t *testing.T) {
	dir := regionsFolder(t)
	o := mustRun(t, dir, "regions", "photo.png", "-o", "proposed.png", "--count", "3")
	if !strings.HasPrefix(o.stdout, "proposed.png: ") || strings.Count(o.stdout, "(#") != 3 {
		t.Errorf("stdout: %s", o.stdout)
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(o.stdout, "proposed.png: "), " ")
	mustRun(t, dir, tiny("style", "photo.png", "painting.png", "--regions", "proposed.png", "--region", name+"=keep",
		"-o", "out.png")...)
	for want, args := range map[string][]string{
		"would replace the photograph": {"photo.png", "-o", "photo.png"}, "one photograph": {},
		"--count must be": {"photo.png", "--count", "1"},
	} {
		if o := run(t, dir, append([]string{"regions"}, args...)...); o.code != exitUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("%q: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
}

// repeats resumes the run that cut.png is of, makes out.png again and verifies it: all give the picture of
// out.png, which has the recipe want.
func repeats(t *testing.T, dir string, want *render.Recipe) {
	t.Helper()
	path := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, dir, "resume", "cut.png.checkpoint")
	if !bytes.Equal(readFile(t, path("cut.png")), readFile(t, path("out.png"))) {
		t.Error("a resumed run gives another file")
	}
	mustRun(t, dir, "again", "out.png", "-o", "again.png")
	if got := recipeOf(t, path("again.png")); got.Pixels != want.Pixels || got.Hash() != want.Hash() {
		t.Errorf("made again, %+v\nbecame\n%+v", want, got)
	}
	mustRun(t, dir, "verify", "out.png", "--quiet")
}
