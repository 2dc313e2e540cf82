package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// TestPreview checks that the picture so far is there after each step if that is asked for, and that it changes
// nothing.
func TestPreview(t *testing.T) {
	for _, name := range []string{"style", "dream", "vis"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plain := mustRun(t, dir, tiny(name, "-o", "plain.png", "--json", "--print-every", "1")...)
			watched := mustRun(t, dir, tiny(name, "-o", "watched.png", "--json", "--print-every", "1",
				"--preview", "p.jpg", "--preview-every", "0s")...)
			steps, previews := 0, 0
			for _, e := range events(t, watched.stdout) {
				switch e["event"] {
				case "step":
					steps++
					if left, is := e["left_seconds"].(float64); !is || left < 0 || !(e["peak_bytes"].(float64) >= 0) {
						t.Errorf("a step says %v", e)
					}
				case "preview":
					previews++
					if e["file"] != "p.jpg" || e["step"] != float64(steps) {
						t.Errorf("after step %d there is %v", steps, e)
					}
				}
			}
			// A preview has the time of a hundred to itself, so that not every step has one.
			if previews < 1 || previews > steps || strings.Contains(plain.stdout, `"preview"`) {
				t.Errorf("%d previews in %d steps", previews, steps)
			}
			info, err := imageio.Stat(filepath.Join(dir, "p.jpg"))
			want := picture(t, filepath.Join(dir, "plain.png"))
			if err != nil || info.Kind != "JPEG" || info.W != want.W || info.H != want.H {
				t.Errorf("the preview is %+v, %v", info, err)
			}
			unwatched := recipeOf(t, filepath.Join(dir, "plain.png"))
			if got := recipeOf(t, filepath.Join(dir, "watched.png")); got.Pixels != unwatched.Pixels {
				t.Error("watched it becomes another picture")
			}
			if got := names(t, dir); !slices.Equal(got, []string{"p.jpg", "plain.png", "watched.png"}) {
				t.Errorf("the folder has %q", got)
			}
		})
	}
	dir := t.TempDir()
	put(t, dir, "a.jpg", sample.Landscape(40, 30, 1))
	refuses(t, dir, []refusal{
		{"style --preview p.png", exitUsage, "end it in .jpg"},
		{"style a.jpg --preview a.jpg", exitUsage, "would replace the input"},
		{"style --preview nowhere/p.jpg", exitFailed, "there is no folder nowhere"},
		{"style --preview p.jpg --preview-every never", exitUsage, "--preview-every must be"},
		{"batch style a.jpg --styles a.jpg -o {content}{style}.png --preview p.jpg", exitUsage, "cannot be combined with batch"},
	})
}

// TestDryRun checks that everything is checked, and nothing written.
func TestDryRun(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(40, 30, 1))
	for _, c := range []struct {
		args         []string
		frames, time bool
	}{
		{args: tiny("style", "a.png", "--dry-run", "plan")},
		{args: tiny("style", "a.png", "--dry-run", "time"), time: true},
		{args: tiny("dream", "a.png", "--frames", "3", "-o", "film.gif", "--dry-run", "plan"), frames: true},
		{args: tiny("vis", "--atlas", "relu1_1", "--dry-run", "plan"), frames: true},
	} {
		o := mustRun(t, dir, append(c.args, "--json")...)
		all := events(t, o.stdout)
		if len(all) == 0 || all[0]["event"] != "start" || !(all[0]["steps"].(float64) > 0) ||
			!(all[0]["expected_peak_bytes"].(float64) > 0) {
			t.Errorf("%q prints %s", c.args, o.stdout)
			continue
		}
		_, frames := all[0]["frames"]
		if seconds, is := all[0]["expected_seconds"].(float64); frames != c.frames || is != c.time || is && !(seconds > 0) {
			t.Errorf("%q prints %s", c.args, o.stdout)
		}
	}
	refuses(t, dir, []refusal{
		{"style a.png --dry-run plan --size -1", exitUsage, "--size must be"},
		{"style no.png --dry-run plan", exitFailed, "there is no such file"},
		{"style a.png --dry-run plan -o nowhere/out.png", exitFailed, "there is no folder nowhere"},
		{"style a.png --dry-run maybe", exitUsage, "--dry-run must be plan, time or recipe"},
		{"batch style a.png --styles a.png -o {content}{style}.png --dry-run plan", exitUsage, "cannot be combined with batch"},
	})
	if got := names(t, dir); !slices.Equal(got, []string{"a.png"}) {
		t.Errorf("the folder has %q", got)
	}
}

// TestRecipeFound checks where recipe --find finds the inputs, and that its line makes the picture again.
func TestRecipeFound(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(40, 30, 1))
	put(t, dir, "b.png", sample.Painting(40, 30, 1))
	mustRun(t, dir, tiny("style", "a.png", "b.png", "--style-weight", "70", "-o", "out.png")...)
	moved(t, dir, "a.png", "sub/moved.png")
	moved(t, dir, "b.png", "gone.tmp")
	found := decoded[foundRecipe](t, mustRun(t, dir, "recipe", "out.png", "--json", "--find", "sub").stdout)
	if len(found.Inputs) != 2 || found.Inputs[0].File == nil || *found.Inputs[0].File != filepath.Join("sub", "moved.png") ||
		found.Options["style-weight"] != "70" || found.Command != "style" || found.Engine["kernels"] == "" {
		t.Errorf("it is %+v", found)
	}
	if *found.Inputs[1].File != "gone.tmp" { // in the current folder, under another name
		t.Errorf("the style is %v", *found.Inputs[1].File)
	}
	if !strings.HasPrefix(found.Line, "oneiro style sub/moved.png gone.tmp ") || len(found.Missing) != 0 {
		t.Errorf("the line is %s, missing %q", found.Line, found.Missing)
	}
	mustRun(t, dir, append(strings.Fields(found.Line)[1:], "-o", "again.png")...)
	if recipeOf(t, filepath.Join(dir, "again.png")).Pixels != recipeOf(t, filepath.Join(dir, "out.png")).Pixels {
		t.Errorf("%s makes another picture", found.Line)
	}
	put(t, dir, "gone.tmp.png", sample.Painting(40, 30, 2))
	moved(t, dir, "gone.tmp", "../gone.tmp")
	found = decoded[foundRecipe](t, mustRun(t, dir, "recipe", "out.png", "--json", "--find", "sub").stdout)
	if found.Inputs[1].File != nil || !slices.Equal(found.Missing, []string{"b.png"}) {
		t.Errorf("without the style it is %+v", found)
	}
}

// moved gives a file another place.
func moved(t *testing.T, dir, from, to string) {
	t.Helper()
	to = filepath.Join(dir, to)
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, from), to); err != nil {
		t.Fatal(err)
	}
}
