package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// described is a line of --dry-run recipe.
type described struct {
	Output string
	Recipe json.RawMessage
	Files  located
	Shots  []int
}

// recipesOf returns the lines of a command with --dry-run recipe, which makes nothing.
func recipesOf(t *testing.T, dir string, args ...string) (all []described) {
	t.Helper()
	before := files(t, dir)
	o := run(t, dir, append(args, "--dry-run", "recipe", "--json")...)
	if o.code != exitDone {
		t.Fatal(o.stderr)
	}
	for d := json.NewDecoder(bytes.NewReader([]byte(o.stdout))); d.More(); {
		var line described
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if after := files(t, dir); len(after) != len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
	return all
}

// TestRecipeAlone makes each picture of a batch from its recipe, as a file, in another folder.
func TestRecipeAlone(t *testing.T) {
	dir, other := batchFolder(t), t.TempDir()
	all := recipesOf(t, dir, batchArgs()...)
	if len(all) != 4 {
		t.Fatalf("%d lines for 4 pictures", len(all))
	}
	if o := run(t, dir, batchArgs()...); o.code != exitDone {
		t.Fatal(o.stderr)
	}
	for _, line := range all {
		if err := os.WriteFile(filepath.Join(other, "r.json"), line.Recipe, 0o666); err != nil {
			t.Fatal(err)
		}
		for _, in := range line.Files.Inputs {
			if !filepath.IsAbs(in) {
				t.Errorf("%s is no absolute path", in)
			}
		}
		o := run(t, other, "again", "r.json", "--find", filepath.Dir(line.Files.Inputs[0]),
			"--find", filepath.Dir(line.Files.Inputs[1]), "-o", filepath.Base(line.Output))
		if o.code != exitDone {
			t.Fatal(o.stderr)
		}
		want, got := readFile(t, filepath.Join(dir, line.Output)), readFile(t, filepath.Join(other, filepath.Base(line.Output)))
		if !bytes.Equal(want, got) {
			t.Errorf("%s is another picture", line.Output)
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"none.json", "", "there is no such file"}, {"bad.json", "{", "cannot be used"},
	} {
		if c.text != "" {
			if err := os.WriteFile(filepath.Join(other, c.name), []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if o := run(t, other, "again", c.name); o.code != exitFailed || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%s: %d, %s", c.name, o.code, o.stderr)
		}
	}
}

// TestRecipeOfFilm counts the shots of a clip.
func TestRecipeOfFilm(t *testing.T) {
	dir := t.TempDir()
	all := recipesOf(t, dir, tiny("film", "--cuts", "9,17", "-o", "out.gif")...)
	if len(all) != 1 || len(all[0].Shots) != 3 || all[0].Shots[1] != 9 || all[0].Output != "out.gif" {
		t.Errorf("%+v", all)
	}
}
