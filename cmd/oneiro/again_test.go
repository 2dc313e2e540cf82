package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// writeRecipe writes a copy of a picture with a changed recipe.
func writeRecipe(t *testing.T, from, to string, change func(r *render.Recipe)) {
	t.Helper()
	r := recipeOf(t, from)
	change(r)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := imageio.Write(to, picture(t, from), imageio.Meta{Recipe: string(text)}); err != nil {
		t.Fatal(err)
	}
}

// TestAgain makes pictures again, with their inputs in another folder and under other names: the pixels have to
// be the same, and oneiro verify has to say so.
func TestAgain(t *testing.T) {
	for name, args := range map[string][]string{
		"style":   tiny("style", "photo.png", "painting.png", "--seed", "7", "--winograd", "6", "--optimizer", "adam"),
		"init":    tiny("style", "photo.png", "--init", "painting.png", "--kernels", "generic"),
		"palette": tiny("style", "photo.png", "--palette", "painting.png", "--colors", "photo", "--profile", "keep"),
		"dream":   tiny("dream", "photo.png", "--layers", "relu2_1,relu3_1"),
		"texture": tiny("texture", "painting.png", "--tileable"),
		"vis":     tiny("vis", "--layer", "relu2_1", "--channels", "3-4"),
		"filters": {"vis", "--filters", "conv1_1"},
		"crop":    tiny("texture", "painting.png", "--style-crop", "5%"),
		"padding": tiny("style", "photo.png", "painting.png", "--padding", "reflect"),
		"weights": tiny("style", "photo.png", "--weights", "net.safetensors"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, work := t.TempDir(), t.TempDir()
			put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
			put(t, dir, "painting.png", sample.Painting(40, 50, 3))
			if err := os.WriteFile(filepath.Join(dir, "net.safetensors"), readFile(t, "../../zoo/builtin/net.safetensors"), 0o666); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(work, "out.jpg")
			mustRun(t, dir, append(args, "-o", out, "--quiet")...)
			deep := filepath.Join(dir, "a", "b")
			if err := os.MkdirAll(deep, 0o777); err != nil {
				t.Fatal(err)
			}
			for from, to := range map[string]string{"photo.png": "photo.png", "painting.png": "renamed", "net.safetensors": "net"} {
				if err := os.Rename(filepath.Join(dir, from), filepath.Join(deep, to)); err != nil {
					t.Fatal(err)
				}
			}
			put(t, dir, "photo.png", sample.Landscape(60, 45, 4)) // another one
			o := mustRun(t, dir, "again", out, "--find", ".", "-o", "again.png", "--threads", "1")
			if was, is := recipeOf(t, out), recipeOf(t, filepath.Join(dir, "again.png")); was.Pixels != is.Pixels || was.Pixels == "" {
				t.Errorf("%+v\nbecame\n%+v", was, is)
			}
			if !strings.HasPrefix(o.stderr, "repeating "+out+", made by oneiro "+args[0]+" with kernels ") {
				t.Errorf("stderr:\n%s", o.stderr)
			}
			o = mustRun(t, dir, "verify", out, "--find", "a", "--quiet")
			if !strings.Contains(o.stdout, "the same pixels, to the last bit") || o.stderr != "" {
				t.Errorf("verify prints\n%s%s", o.stdout, o.stderr)
			}
		})
	}
}

// TestAgainChanges changes options of a picture that is made again: all else has to stay.
func TestAgainChanges(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	put(t, dir, "other.png", sample.Painting(45, 60, 4))
	style := tiny("style", "photo.png", "other.png", "--style-weight", "70", "--init", "other.png", "--content-layers", "relu3_1,relu4_1")
	mustRun(t, dir, append(style, "-o", "style.png")...)
	mustRun(t, dir, tiny("dream", "--class", "spiral", "-o", "dream.png")...)
	mustRun(t, dir, tiny("vis", "--layer", "relu2_1", "--channel", "3", "-o", "vis.png")...)
	for _, c := range []struct {
		picture string
		flags   []string
		want    string // the differences
	}{
		{"style.png", []string{"--size", "64"}, "--size was 48 and is 64"},
		{"style.png", []string{"--seed", "3"}, "--seed was 0 and is 3"},
		{"style.png", []string{"--content-layers", "relu2_1"}, "--content-layers was relu3_1,relu4_1 and is relu2_1"},
		{"style.png", []string{"--style-weight=50"}, "--style-weight was 70 and is not given"},
		{"style.png", []string{"--init", "content"},
			"the picture 1 (init) was init and is content; the picture 2 (content) was content and is style; " +
				"the picture 3 (style) was style and is not given; --init was picture and is not given"},
		{"style.png", []string{"--simd", "generic", "--winograd", "6"},
			"--kernels was " + recipeOf(t, path("style.png")).Engine.Kernels + " and is generic; --winograd was builtin and is {\"tile\":6}"},
		{"dream.png", []string{"--class", "3"}, "--class was 1 and is 3"},
		{"dream.png", []string{"--layers", "relu2_1"}, "--class was 1 and is not given; --layers was not given and is relu2_1"},
		{"vis.png", []string{"--class", "3"}, "--targets was relu2_1:3 and is class:3"},
		{"vis.png", []string{"--filters", "conv1_1"}, ""},
	} {
		mustRun(t, dir, append([]string{"again", c.picture, "-o", "again.png", "--quiet"}, c.flags...)...)
		var got []string
		for _, d := range recipeOf(t, path(c.picture)).Differences(recipeOf(t, path("again.png"))) {
			got = append(got, d.String())
		}
		if text := strings.Join(got, "; "); text != c.want && c.want != "" {
			t.Errorf("%s %q: %s, want %s", c.picture, c.flags, text, c.want)
		}
	}
	o := mustRun(t, dir, "again", "dream.png") // an output of its own
	if !strings.Contains(o.stderr, "oneiro-dream.png: 48x36") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
}

// TestAgainRefuses checks what is said where a picture cannot be made again.
func TestAgainRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	mustRun(t, dir, tiny("style", "photo.png", "-o", "out.png")...)
	writeRecipe(t, path("out.png"), path("defaults.png"), func(r *render.Recipe) { r.Defaults, r.Version = 1, "v0.1" })
	writeRecipe(t, path("out.png"), path("future.png"), func(r *render.Recipe) { r.Recipe = 99 })
	writeRecipe(t, path("out.png"), path("unknown.png"), func(r *render.Recipe) { r.Options["siez"] = "3" })
	writeRecipe(t, path("out.png"), path("evil.png"), func(r *render.Recipe) { r.Options["output"] = "photo.png" })
	refuses(t, dir, []refusal{
		{"again", exitUsage, "again takes one picture"},
		{"again out.png photo.png", exitUsage, "again takes one picture"},
		{"again out.png -o out.png", exitUsage, "would replace the picture"},
		{"again out.png -o photo.png --quiet", exitUsage, "would replace the input"},
		{"again out.png --octaves 3", exitUsage, "--octaves is not an option of style, which made"},
		{"again out.png --size huge --quiet", exitUsage, `--size must be a whole number, not "huge"`},
		{"again out.png --find nowhere", exitUsage, `--find names "nowhere", which does not exist`},
		{"verify out.png -o out.png", exitUsage, "choose another --output"},
		{"again nothing.png", exitFailed, "there is no such file"},
	})
	for _, c := range []struct{ args, want string }{
		{"again photo.png", "carries no recipe"},
		{"recipe photo.png", "carries no recipe"},
		{"verify photo.png", "carries no recipe"},
		{"again defaults.png", "it relies on defaults of version 1"},
		{"verify defaults.png", "oneiro v0.1 wrote it"},
		{"again future.png", "it has version 99"},
		{"again unknown.png", `"siez" is not an option of style`},
		{"again evil.png", `"output" is not an option of style`},
		{"verify evil.png", `"output" is not an option of style`},
	} {
		if o := run(t, dir, strings.Fields(c.args)...); o.code == exitDone || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%s: exit code %d\n%s", c.args, o.code, o.stderr)
		}
	}
}

// TestAgainMissing looks for an input that is renamed, and for one that is gone.
func TestAgainMissing(t *testing.T) {
	dir, empty := t.TempDir(), t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	mustRun(t, dir, tiny("style", "photo.png", "-o", "out.png")...)
	out, hash := path("out.png"), recipeOf(t, path("out.png")).Inputs[0].SHA256
	put(t, empty, "photo.png", sample.Landscape(60, 45, 4))
	if err := os.Rename(path("photo.png"), path("photo.gone")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, empty, "again", out, "-o", "found.png", "--quiet") // beside the picture, by its size
	if err := os.Remove(path("photo.gone")); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"again", "verify"} {
		o := run(t, empty, command, out, "--json")
		for _, want := range []string{`cannot find the content "photo.png"`, hash, `"photo.png" has another content`, "--find DIR"} {
			if o.code != exitFailed || !strings.Contains(o.stderr, want) {
				t.Errorf("%s: exit code %d, want %q in\n%s", command, o.code, want, o.stderr)
			}
		}
		if e := eventsOf(t, o.stdout, "error"); len(e) != 1 || e[0]["kind"] != "missing" {
			t.Errorf("%s: the events are %s", command, o.stdout)
		}
	}
	if got := names(t, empty); len(got) != 2 {
		t.Errorf("left behind: %q", got)
	}
}

// TestAgainElsewhere repeats a picture that was made with kernels and on a device that are not here.
func TestAgainElsewhere(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, tiny("style", "-o", "out.png", "--kernels", "generic")...)
	writeRecipe(t, filepath.Join(dir, "out.png"), filepath.Join(dir, "far.png"), func(r *render.Recipe) {
		r.Engine = render.RecipeEngine{Kernels: "sse9", Device: "cuda:77", GPU: "Voodoo 2", TF32: true}
	})
	o := mustRun(t, dir, "again", "far.png", "-o", "again.png")
	for _, want := range []string{`note: it was made with the kernels "sse9"`, `note: it was made on "Voodoo 2"`} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("want %q in\n%s", want, o.stderr)
		}
	}
	v := decoded[verdict](t, run(t, dir, "verify", "far.png", "--json", "--quiet", "--kernels", "generic").stdout)
	if !v.Same || len(v.Differences) != 4 {
		t.Errorf("%+v", v)
	}
}

// TestRecipeCommand checks that the command which recipe prints makes the same picture.
func TestRecipeCommand(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	put(t, dir, "painting.png", sample.Painting(40, 50, 3))
	mustRun(t, dir, tiny("style", "photo.png", "painting.png", "-o", "out.png", "--style-weight", "70", "--pooling", "max")...)
	text := mustRun(t, dir, "recipe", "out.png").stdout
	_, line, _ := strings.Cut(text, "command  oneiro ")
	mustRun(t, dir, append(strings.Fields(line), "-o", "typed.png")...)
	r := recipeOf(t, filepath.Join(dir, "out.png"))
	if typed := recipeOf(t, filepath.Join(dir, "typed.png")); typed.Pixels != r.Pixels {
		t.Errorf("%s makes another picture", line)
	}
	for _, want := range []string{"photo.png, 60x45, SHA-256 " + r.Inputs[0].SHA256, "kernels " + r.Engine.Kernels, r.Pixels} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
	if got := decoded[render.Recipe](t, mustRun(t, dir, "recipe", "out.png", "--json").stdout); got.Pixels != r.Pixels {
		t.Errorf("as JSON it is %+v", got)
	}
	writeRecipe(t, filepath.Join(dir, "out.png"), filepath.Join(dir, "dash.png"), func(r *render.Recipe) { r.Inputs[0].Name = "-o" })
	if text := mustRun(t, dir, "recipe", "dash.png").stdout; !strings.Contains(text, "oneiro style ./-o painting.png") {
		t.Errorf("the name of a picture becomes a flag in\n%s", text)
	}
}
