package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// TestErrorEvents checks what --json says of errors, and that people still read them on stderr.
func TestErrorEvents(t *testing.T) {
	dir := badFiles(t)
	for args, want := range map[string][2]string{
		"style one.png":                               {"picture", "one.png has 1x1 pixels"},
		"style cut.jpg":                               {"picture", "cut.jpg: the JPEG data"},
		"style nothing.png":                           {"picture", "there is no such file"},
		"style -o nowhere/out.png":                    {"output", "there is no folder nowhere"},
		"style good.png --size 48 --memory 20MiB":     {"memory", "only 20.0 MiB are allowed"},
		"style --size abc":                            {"usage", "--size must be a whole number"},
		"style --octaves 3":                           {"usage", "has no flag --octaves"},
		"dream --weights corrupt --model googlenet":   {"weights", "expected a manifest in JSON"},
		"classify good.png --weights nothing":         {"weights", "nothing: no such file"},
		"plan --model vgg19 --size 512 --memory 9MiB": {"memory", "only 9.0 MiB are allowed"},
		"synth": {"usage", "there is no command"},
	} {
		o := run(t, dir, append(strings.Fields(args), "--json")...)
		all := events(t, o.stdout)
		if len(all) != 1 || all[0]["event"] != "error" || all[0]["kind"] != want[0] {
			t.Errorf("%s: %q", args, o.stdout)
			continue
		}
		message, hint := all[0]["message"].(string), all[0]["hint"].(string)
		if !strings.Contains(message, want[1]) || hint == "" || !strings.Contains(o.stderr, want[1]) {
			t.Errorf("%s: %q", args, o.stdout)
		}
	}
}

// TestJSONDocument checks that docs/json.md names every member of what is printed.
func TestJSONDocument(t *testing.T) {
	text := string(readFile(t, "../../docs/json.md"))
	dir, cache := t.TempDir(), t.TempDir()
	for _, name := range cacheVariables {
		t.Setenv(name, cache)
	}
	put(t, dir, "a.png", sample.Landscape(40, 30, 1))
	put(t, dir, "bad.png", imageio.New(1, 1))
	check := func(what string, v any) {
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case []any:
				for _, e := range v {
					walk(e)
				}
			case map[string]any:
				for key, e := range v {
					if key == "terms" || key == "options" || key == "memory" || key == "notes" { // whose members are names
						e = nil
					}
					if !strings.Contains(text, "`"+key+"`") {
						t.Errorf("docs/json.md lacks %q of %s", key, what)
					}
					walk(e)
				}
			}
		}
		walk(v)
	}
	for _, args := range [][]string{
		tiny("style", "a.png", "-o", "b.png"), {"recipe", "b.png"}, {"verify", "b.png"}, {"plan", "--size", "64"}, {"nets"}, {"nets", "builtin"},
		{"classify", "a.png"}, {"classes"}, {"style", "nothing.png"}, {"style", "--size", "-1"},
		tiny("style", "a.png", "-o", "c.png", "--preview", "p.jpg", "--preview-every", "0s"),
		tiny("dream", "a.png", "--frames", "2", "--dry-run", "time"),
		{"vis", "--atlas", "relu1_1", "--size", "16", "--iterations", "1", "-o", "atlas.png"},
		{"recipe", "b.png", "--find", "."}, {"recolor", "b.png", "a.png"}, {"regions", "a.png"},
		{"weights", "info", "../../zoo/builtin/net.safetensors"},
		append([]string{"batch"}, tiny("dream", "a.png", "bad.png", "-o", "out/{content}.png")...),
	} {
		for i, arg := range args {
			if strings.HasPrefix(arg, "../..") {
				path, err := filepath.Abs(arg)
				if err != nil {
					t.Fatal(err)
				}
				args[i] = path
			}
		}
		out := run(t, dir, append(slices.Clone(args), "--json")...).stdout
		for line := range strings.Lines(out) {
			var v any
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			check(strings.Join(args, " "), v)
		}
	}
}

// TestStandardStreams reads a picture from standard input and writes one to standard output.
func TestStandardStreams(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(40, 30, 1))
	args := []string{"--size", "40", "--iterations", "2", "--quiet", "-o"}
	for _, name := range []string{"style", "dream", "texture"} {
		mustRun(t, dir, append(append([]string{name, "a.png"}, args...), "file.png")...)
		cmd := command(t, dir, append(append([]string{name, "-"}, args...), "-")...)
		in, err := os.Open(filepath.Join(dir, "a.png"))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		var stdout, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		got, err := imageio.Decode(stdout.Bytes(), "stdout")
		if err != nil {
			t.Fatal(err)
		}
		if render.PixelHash(got) != render.PixelHash(picture(t, filepath.Join(dir, "file.png"))) {
			t.Errorf("%s: the picture on standard output is not the one in a file", name)
		}
		path := filepath.Join(dir, "out.png")
		if err := os.WriteFile(path, stdout.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		if r := recipeOf(t, path); r.Inputs[0].Name != "stdin" || r.Inputs[0].SHA256 == "" {
			t.Errorf("%s: the recipe has %+v", name, r.Inputs)
		}
	}
	if left := names(t, dir); !slices.Equal(left, []string{"a.png", "file.png", "out.png"}) {
		t.Errorf("the folder has %q", left)
	}
	refuses(t, t.TempDir(), []refusal{
		{"style - -", exitUsage, "can be read only once"},
		{"style -", exitFailed, "stdin: the file is empty"},
		{"style -o - --save-every 3", exitUsage, "--save-every needs a file"},
	})
	o := run(t, dir, "style", "-o", "-", "--json")
	if o.code != exitUsage ||
		!strings.Contains(o.stderr, "--json and a picture cannot both go to the standard output") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}
