package main

import (
	"context"
	"errors"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// verified runs verify with --json.
func verified(t *testing.T, dir string, code int, args ...string) verdict {
	t.Helper()
	o := run(t, dir, append([]string{"verify", "--json", "--quiet"}, args...)...)
	if o.code != code || o.stderr != "" {
		t.Fatalf("%q: exit code %d, want %d\n%s%s", args, o.code, code, o.stdout, o.stderr)
	}
	return decoded[verdict](t, o.stdout)
}

// TestVerifyDiffers checks what verify says of pictures that come out otherwise.
func TestVerifyDiffers(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, dir, "style", "--size", "48", "--iterations", "12", "--kernels", "generic", "-o", "out.png", "--quiet")
	mustRun(t, dir, "style", "--size", "48", "--iterations", "12", "--kernels", "generic", "-o", "out.jpg", "--quiet")

	v := verified(t, dir, exitPartly, "out.png", "--winograd", "6", "-o", "six.png")
	want := difference{"--winograd", "builtin", `{"tile":6}`}
	if v.Same || v.Edited || !slices.Equal(v.Differences, []difference{want}) {
		t.Errorf("%+v", v)
	}
	was, is := picture(t, path("out.png")), picture(t, path("six.png"))
	var largest, sum, count float64
	for i := range was.Pix {
		d := math.Abs(math.Round(255*float64(was.Pix[i])) - math.Round(255*float64(is.Pix[i])))
		largest = max(largest, d)
		sum += d
		if d > 0 {
			count++
		}
	}
	n := float64(len(was.Pix))
	if v.Apart == nil || !(largest > 0) || !(math.Abs(v.Apart.Largest-largest)+math.Abs(v.Apart.Mean-sum/n)+math.Abs(v.Apart.Share-count/n) < 1e-4) {
		t.Errorf("apart %+v, want %v, %v, %v", v.Apart, largest, sum/n, count/n)
	}
	if v.Recorded != render.PixelHash(was) || v.Here != render.PixelHash(is) {
		t.Errorf("%+v", v)
	}
	if v := verified(t, dir, exitPartly, "out.jpg", "--winograd", "6"); v.Same || v.Edited || v.Apart == nil {
		t.Errorf("%+v", v)
	}
	o := run(t, dir, "verify", "out.png", "--winograd", "6", "--quiet")
	for _, want := range []string{"out.png: this computer makes other pixels: ", " levels of 255 at most", "--winograd was builtin"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("want %q in\n%s", want, o.stdout)
		}
	}

	// A file that was changed, and a recipe that lies.
	changedPicture := picture(t, path("out.png"))
	changedPicture.Pix[7] = 1 - changedPicture.Pix[7]
	text, err := imageio.ReadRecipe(path("out.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := imageio.Write(path("edited.png"), changedPicture, imageio.Meta{Recipe: text}); err != nil {
		t.Fatal(err)
	}
	if v := verified(t, dir, exitPartly, "edited.png"); v.Same || !v.Edited || v.Here != v.Recorded || v.Apart == nil {
		t.Errorf("%+v", v)
	}
	writeRecipe(t, path("out.png"), path("lie.png"), func(r *render.Recipe) { r.Seed++; r.Options["init"] = "random" })
	if v := verified(t, dir, exitPartly, "lie.png"); v.Same || v.Edited || len(v.Differences) > 0 || v.Apart == nil {
		t.Errorf("%+v", v)
	}
	if got := names(t, dir); len(got) != 5 {
		t.Errorf("the folder has %q", got)
	}
}

// TestVerifySteps verifies pictures that were saved on the way, and one of a run that was cut short.
func TestVerifySteps(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, tiny("style", "--save-every", "2", "-o", "out.png", "--quiet")...)
	verified(t, dir, exitDone, "out_0002.png")

	p, err := pipelineOf("dream")
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.png")
	q := &request{pipeline: p, flags: map[string]string{"size": "48", "octaves": "2", "iterations": "3",
		"save-every": "4", "output": cut, "quiet": "true", "checkpoint": "off"}, stopAfter: 4}
	cmd := &cobra.Command{}
	cmd.SetContext(context.Background())
	cmd.SetOut(io.Discard)
	if err := q.run(cmd); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	if r := recipeOf(t, cut); r.Step != 4 {
		t.Errorf("it was cut short after step %d", r.Step)
	}
	verified(t, dir, exitDone, "cut.png")
}

// TestVerifyOldRecipes verifies pictures of an older program.
func TestVerifyOldRecipes(t *testing.T) {
	for _, name := range []string{"style", "compat", "dream", "vis"} {
		verified(t, "testdata", exitDone, "recipe1-"+name+".png")
	}
}

// TestVerifyDeep verifies a picture with 16 bits and a part that is clear.
func TestVerifyDeep(t *testing.T) {
	dir := t.TempDir()
	im := sample.Landscape(60, 45, 3)
	im.Depth, im.Alpha = 16, make([]float32, 60*45)
	for i := range im.Alpha {
		im.Alpha[i] = float32(i%5) / 4
	}
	put(t, dir, "deep.png", im)
	mustRun(t, dir, tiny("dream", "deep.png", "-o", "out.png", "--quiet")...)
	verified(t, dir, exitDone, "out.png")
}
