package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/judge"
	"oneiro/nn"
	"oneiro/render"
)

// TestScore measures a result as it is made, and again from the file: the recipe says what it was made of.
func TestScore(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(96, 80, 3))
	put(t, dir, "painting.png", sample.Painting(90, 96, 3))
	args := []string{"style", "photo.png", "painting.png", "--size", "96", "--iterations", "3", "--threads", "1",
		"--style-scale", "0.5", "--score", "--json", "-o", "out.png"}
	made := mustRun(t, dir, args...)
	end := decoded[endEvent](t, made.stdout[strings.LastIndex(strings.TrimSpace(made.stdout), "\n")+1:])
	r := recipeOf(t, filepath.Join(dir, "out.png"))
	if end.Score == nil || r.Score == nil || len(r.Score.Numbers) != len(judge.Numbers) || r.Score.Network.Name != "builtin" {
		t.Fatalf("the score is %+v, in the recipe %+v", end.Score, r.Score)
	}
	for _, want := range []string{"lower is better", "with this very network", "palette"} {
		if !strings.Contains(made.stderr, want) {
			t.Errorf("the report lacks %q:\n%s", want, made.stderr)
		}
	}
	report := decoded[scoreReport](t, mustRun(t, dir, "score", "out.png", "--json").stdout)
	if !report.Own || report.Width != 96 || len(report.Numbers) != len(judge.Numbers) {
		t.Errorf("%+v", report)
	}
	for name, v := range r.Score.Numbers { // the file has 8 bits
		tolerance := 0.01
		if name == "grain" || name == "border" || name == "dots" {
			tolerance = 0.2
		}
		if d := report.Numbers[name] - v; !(d <= tolerance && d >= -tolerance) {
			t.Errorf("%s is %v, and %v from the file", name, v, report.Numbers[name])
		}
	}
	batch := mustRun(t, dir, append([]string{"batch"}, tiny("style", "photo.png", "--styles", "painting.png", "--score",
		"--json", "-o", "b/{content}.png")...)...)
	if !strings.Contains(batch.stdout, `"score":{"network":{"name":"builtin"},"numbers":{`) {
		t.Errorf("the batch tells no score: %s", batch.stdout)
	}
	// What a judge does not look at may be missing.
	writeRecipe(t, filepath.Join(dir, "out.png"), filepath.Join(dir, "palette.png"), func(r *render.Recipe) {
		r.Inputs = append(r.Inputs, render.Input{Role: render.RolePalette, Name: "gone.png", SHA256: "00"})
	})
	mustRun(t, dir, "score", "palette.png", "--json")
	// Another program's picture says nothing.
	put(t, dir, "theirs.png", sample.Landscape(96, 80, 3))
	if out := run(t, dir, "score", "theirs.png"); out.code != exitUsage || !strings.Contains(out.stderr, "--content") {
		t.Errorf("code %d: %s", out.code, out.stderr)
	}
	theirs := decoded[scoreReport](t, mustRun(t, dir, "score", "theirs.png", "--content", "photo.png", "--json").stdout)
	if _, is := theirs.Numbers["style"]; is || !(theirs.Numbers["content"] <= 1e-4) || theirs.Own {
		t.Errorf("%+v", theirs)
	}
	for _, name := range []string{"photo.png", "theirs.png"} { // which are the same
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if out := run(t, dir, "score", "out.png"); out.code == exitDone || !strings.Contains(out.stderr, "photo.png") {
		t.Errorf("code %d: %s", out.code, out.stderr)
	}
}

// TestChoices checks that variants differ, begin with what is given and leave that alone.
func TestChoices(t *testing.T) {
	list, err := choices(nn.Builtin(), option.Values{"tv-weight": "1"}, nil, 9)
	if err != nil || len(list) != 9 || len(list[0]) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	weights, scales := map[string]bool{}, map[string]bool{}
	for i, v := range list {
		if v["tv-weight"] != "1" || slices.ContainsFunc(list[:i], func(o option.Values) bool { return contains([]option.Values{o}, v) }) {
			t.Errorf("variant %d is %v", i+1, v)
		}
		weights[v["style-weight"]], scales[v["style-scale"]] = true, true
	}
	if len(weights) < 4 || len(scales) != 3 {
		t.Errorf("there are %d weights and %d scales in %v", len(weights), len(scales), list)
	}
	list, err = choices(nn.Builtin(), option.Values{"style-weight": "50"}, nil, 12)
	if err != nil || len(list) != 3*2 {
		t.Errorf("with a weight there are %v, %v", list, err)
	}
	list, err = choices(nn.Builtin(), option.Values{"method": "nnst"}, nil, 12)
	if err != nil || len(list) != 3*3 || contains(list, option.Values{"method": "nnst", "style-weight": "10"}) {
		t.Errorf("with nnst there are %v, %v", list, err)
	}
	list, err = choices(nn.Builtin(), option.Values{"compat": "neural-style-pt"}, nil, 64)
	if err != nil || len(list) != 5*3 {
		t.Errorf("with neural-style-pt there are %v, %v", list, err)
	}
}

// TestFront marks those that nothing beats.
func TestFront(t *testing.T) {
	of := func(style, content float64) *variant {
		return &variant{score: judge.Score{Style: style, Content: content}}
	}
	all := []*variant{of(1, 4), of(2, 2), of(3, 3), of(4, 1), of(4, 1), of(1, 5)}
	markFront(all)
	for i, want := range []bool{true, true, false, true, true, false} {
		if all[i].front != want {
			t.Errorf("variant %d: %v", i, all[i].front)
		}
	}
}

// TestStyleTune tries variants and goes on with one of them. The recipe is that of the run with its
// options; a second time nothing is tried again.
func TestStyleTune(t *testing.T) {
	dir := t.TempDir()
	tune := func(output string, more ...string) outcome {
		t.Helper()
		return mustRun(t, dir, tiny("style", append([]string{"--tune", "3", "--json", "-o", output}, more...)...)...)
	}
	out := tune("a.png")
	var picked tunedEvent
	for line := range strings.Lines(out.stdout) {
		if strings.Contains(line, `"event":"tuned"`) {
			picked = decoded[tunedEvent](t, line)
		}
	}
	if picked.Picked < 1 || len(picked.Front) < 1 || strings.Count(out.stdout, `"event":"variant"`) != 3 {
		t.Fatalf("picked %+v:\n%s", picked, out.stdout)
	}
	sheet, err := imageio.Read(filepath.Join(dir, "a-tune", "sheet.png"))
	if err != nil || sheet.W < 2*48 {
		t.Errorf("the sheet is %+v, %v", sheet, err)
	}
	r := recipeOf(t, filepath.Join(dir, "a.png"))
	for name, value := range picked.Options {
		if r.Options[name] != value {
			t.Errorf("--%s is %q in the recipe, and %q was picked", name, r.Options[name], value)
		}
	}
	first := filepath.Join(dir, "a-tune", "01.png")
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	again := tune("a.png")
	if after, err := os.Stat(first); err != nil || after.ModTime() != before.ModTime() {
		t.Errorf("a variant was made again: %v", err)
	}
	if got := recipeOf(t, filepath.Join(dir, "a.png")); got.Pixels != r.Pixels || !strings.Contains(again.stdout, "tuned") {
		t.Error("tuned again it is another picture")
	}
	var list []option.Values
	if list, err = choices(nn.Builtin(), option.Values{"size": "48", "iterations": "3"}, nil, 3); err != nil {
		t.Fatal(err)
	}
	tune("b.png", "--pick", "2")
	b := recipeOf(t, filepath.Join(dir, "b.png"))
	for _, a := range axes {
		if b.Options[a.option] != list[1][a.option] {
			t.Errorf("--%s is %q in the recipe of variant 2, %v", a.option, b.Options[a.option], list[1])
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "b-tune")); err == nil {
		t.Error("--pick tries variants")
	}
	for _, bad := range [][]string{{"--pick", "4"}, {"-o", "-"}} {
		args := tiny("style", append([]string{"--tune", "3"}, bad...)...)
		if out := run(t, dir, args...); out.code != exitUsage {
			t.Errorf("%v: code %d: %s", bad, out.code, out.stderr)
		}
	}
	if out := run(t, dir, "batch", "style", "a.png", "--styles", "b.png", "--tune", "3", "-o", "c/{content}.png"); out.code != exitUsage {
		t.Errorf("batch: code %d: %s", out.code, out.stderr)
	}
}
