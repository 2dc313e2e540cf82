package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
	"oneiro/train"
)

// TestOptionsDocument checks that docs/options.md is what the tables say. go test -run OptionsDocument
// -update ./cmd/oneiro writes it.
func TestOptionsDocument(t *testing.T) {
	const path = "../../docs/options.md"
	var b bytes.Buffer
	b.WriteString(optionsHeader)
	printOptions(&b, pipelines())
	fixture.Text(t, path, b.Bytes())
}

// TestTables checks the tables of all commands that make pictures: every option has a field, a group and a
// help, and its default is allowed.
func TestTables(t *testing.T) {
	for _, p := range pipelines() {
		seen := map[string]bool{}
		for _, set := range p.sets(new(jobOptions)) {
			if err := set.Check(set.defaults).Err(); err != nil && p.name != "vis" {
				t.Errorf("%s: the defaults are refused: %v", p.name, err)
			}
			for i := range set.Table {
				o := &set.Table[i]
				o.Of(set.defaults) // panics if there is no such field
				if seen[o.Name] {
					t.Errorf("%s has --%s twice", p.name, o.Name)
				}
				seen[o.Name] = true
				if o.Group == "" || o.Help == "" || strings.HasSuffix(o.Help, ".") || strings.Contains(o.Help, "`") {
					t.Errorf("%s: --%s: group %q, help %q", p.name, o.Name, o.Group, o.Help)
				}
			}
		}
		if render.Tables[p.name] == nil {
			t.Errorf("package render has no table of %s", p.name)
		}
	}
}

// allSets returns every table of options with the defaults.
func allSets() []optionSet {
	o := trainOptions{Settings: train.DefaultSettings()}
	sets := []optionSet{{train.SettingsTable, &o.Settings}, {trainTable, &o}, {trainInputs, &o}, {findTable, new(findOption)},
		{batchTable, &batchOptions{Jobs: 1}}}
	for _, p := range pipelines() {
		sets = append(sets, p.sets(new(jobOptions))...)
	}
	return sets
}

// TestNumbersHaveRanges checks that every number in a table has a range, that infinity is outside, and that
// no whole number can be so large that a sum or a product overflows.
func TestNumbersHaveRanges(t *testing.T) {
	numbers := 0
	for _, set := range allSets() {
		for i := range set.Table {
			o := &set.Table[i]
			v := o.Of(set.defaults)
			if !v.IsNumber() || o.Names == option.Class { // which is looked up
				continue
			}
			numbers++
			if _, ok := set.defaults.(*engineOptions); ok && o.Name == "tile" { // whose text has a range
				if v.Set("1000000000") == nil {
					t.Errorf("--%s may be %v", o.Name, v)
				}
				continue
			}
			if !o.Range.Bounded() {
				t.Errorf("--%s has no range", o.Name)
			}
			too := "Inf"
			switch v.Type() {
			case "int", "int list":
				too = fmt.Sprint(math.MaxInt)
			case "channel list": // whose text has a range
				if v.Set(fmt.Sprint(math.MaxInt)) == nil {
					t.Errorf("--%s may be %v", o.Name, v)
				}
				continue
			case "uint": // a seed, of which every value will do
				continue
			}
			before := v.String()
			if err := v.Set(too); err != nil {
				continue // its type has a range
			}
			if err := (option.Table{*o}).Check(set.defaults).Err(); err == nil {
				t.Errorf("--%s may be %v", o.Name, v)
			}
			if err := v.Set(before); err != nil {
				t.Fatal(err)
			}
		}
	}
	if numbers < 50 {
		t.Errorf("only %d numbers were looked at", numbers)
	}
}

// TestFlagsOfNumbersHaveRanges gives the largest whole number to every flag of one that is in no table.
func TestFlagsOfNumbersHaveRanges(t *testing.T) {
	dir := t.TempDir()
	words := map[string]string{"oneiro classify": "picture.png", "oneiro nets": "vgg19", "oneiro regions": "picture.png"}
	tried := map[string]bool{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			walk(c)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if optionOf(f) != nil {
				return
			}
			value := fmt.Sprint(math.MaxInt)
			switch f.Value.Type() {
			case "int", "intSlice":
			case "float64", "float64Slice":
				value = "Inf"
			default:
				return
			}
			args := append(strings.Fields(cmd.CommandPath())[1:], "--"+f.Name, value)
			if word := words[cmd.CommandPath()]; word != "" {
				args = append(args, word)
			}
			if o := run(t, dir, args...); o.code != exitUsage || !strings.Contains(o.stderr, f.Name) {
				t.Errorf("%q: exit code %d\n%s", args, o.code, o.stderr)
			}
			tried[f.Name] = true
		})
	}
	walk(newRoot())
	for _, name := range []string{"top", "rounds", "limit", "threads", "size", "pictures", "columns"} {
		if !tried[name] {
			t.Errorf("no flag --%s was tried", name)
		}
	}
}

var helpFlag = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([\w-]+)`)

// flagsIn returns the flags that a help lists.
func flagsIn(help string) []string {
	var names []string
	for _, m := range helpFlag.FindAllStringSubmatch(help, -1) {
		names = append(names, m[1])
	}
	return names
}

// TestBasicHelp checks that --help is short, and that --help-all has everything.
func TestBasicHelp(t *testing.T) {
	dir := t.TempDir()
	for _, p := range pipelines() {
		basic := flagsIn(mustRun(t, dir, append(strings.Fields(p.name), "--help")...).stdout)
		if len(basic) > 14 || p.name == "style" && len(basic) > 12 {
			t.Errorf("%s --help shows %d flags: %q", p.name, len(basic), basic)
		}
		var want []string
		for _, set := range p.sets(new(jobOptions)) {
			for _, o := range set.Table {
				want = append(want, o.Name)
				if shown := slices.Contains(basic, o.Name); shown != o.Basic {
					t.Errorf("%s --help shows --%s: %v", p.name, o.Name, shown)
				}
			}
		}
		all := flagsIn(mustRun(t, dir, append(strings.Fields(p.name), "--help-all")...).stdout)
		for _, name := range want {
			if !slices.Contains(all, name) {
				t.Errorf("%s --help-all lacks --%s", p.name, name)
			}
		}
	}
	basic := flagsIn(mustRun(t, dir, "style", "--help").stdout)
	want := []string{"output", "size", "iterations", "seed", "style-weight", "style-scale", "style-blend", "weights", "device", "memory", "help-all", "help"}
	if !slices.Equal(basic, want) {
		t.Errorf("style --help shows %q, want %q", basic, want)
	}
}

// TestAliases checks that old names of flags do what the new ones do, and are not shown.
func TestAliases(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ command, old, now string }{
		{"dream", "--step=3", "--lr=3"}, {"style", "--simd=generic", "--kernels=generic"},
		{"style", "--tiles=6", "--winograd=6"},
	} {
		mustRun(t, dir, tiny(c.command, "-o", "old.png", "--quiet", c.old)...)
		mustRun(t, dir, tiny(c.command, "-o", "now.png", "--quiet", c.now)...)
		if !bytes.Equal(readFile(t, filepath.Join(dir, "old.png")), readFile(t, filepath.Join(dir, "now.png"))) {
			t.Errorf("%s and %s make different files", c.old, c.now)
		}
		name, _, _ := strings.Cut(c.old, "=")
		if help := mustRun(t, dir, c.command, "--help-all").stdout; slices.Contains(flagsIn(help), name[2:]) {
			t.Errorf("the help shows %s", name)
		}
	}
}

// TestOptionsJSON checks the schema of each command.
func TestOptionsJSON(t *testing.T) {
	dir := t.TempDir()
	var all map[string]*option.Schema
	if err := json.Unmarshal([]byte(mustRun(t, dir, "options", "--json").stdout), &all); err != nil {
		t.Fatal(err)
	}
	for _, p := range pipelines() {
		var one option.Schema
		if err := json.Unmarshal([]byte(mustRun(t, dir, "options", p.name, "--json").stdout), &one); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(&one, all[p.name]) {
			t.Errorf("two schemas of %s", p.name)
		}
		for _, set := range p.sets(new(jobOptions)) {
			for _, o := range set.Table {
				if one.Properties[o.Name] == nil {
					t.Errorf("the schema of %s lacks %s", p.name, o.Name)
				}
			}
		}
	}
	size := all["style"].Properties["size"]
	if size.Type != "integer" || string(size.Default) != "512" || *size.Minimum != 0 || *size.Maximum != render.MaxSize || !size.ChangesMemory {
		t.Errorf("size: %+v", size)
	}
	out := mustRun(t, dir, "options", "style").stdout
	if !strings.Contains(out, "--style-weight WEIGHT") || strings.Contains(out, "--octaves") {
		t.Errorf("options style prints\n%s", out)
	}
	refuses(t, dir, []refusal{{"options sleep", exitUsage, "choose style, "}})
}

// TestCompletion completes values of flags as a shell would ask for them.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"style", "--optimizer", ""}, "lbfgs-wolfe"},
		{[]string{"style", "--model", ""}, "vgg19"},
		{[]string{"style", "--preset", ""}, "torchvision"},
		{[]string{"style", "--content-layers", ""}, "relu4_1"},
		{[]string{"dream", "--model", "googlenet", "--layers", "conv2/3x3,"}, "conv2/3x3,inception_4c/output"},
		{[]string{"dream", "--class", ""}, "spiral"},
		{[]string{"vis", "--layer", ""}, "relu2_1"},
		{[]string{"style", "--device", ""}, "cpu"},
		{[]string{"texture", "--kernels", ""}, "generic"},
		{[]string{"plan", "--winograd", ""}, "builtin"},
		{[]string{"train", "--kernels", ""}, "generic"},
		{[]string{"classify", "--model", ""}, "vgg19"},
		{[]string{"options", ""}, "dream"},
		{[]string{"nets", ""}, "googlenet"},
		{[]string{"plan", "--for", ""}, "texture"},
		{[]string{"style", "--compat", ""}, "neural-style-pt"},
		// endings of files, and what scripts do with them
		{[]string{"style", "-o", ""}, "jpg"},
		{[]string{"style", "--weights", ""}, "safetensors"},
		{[]string{"train", "-o", ""}, "safetensors"},
		{[]string{"style", "--weights", ""}, ":8"},
		{[]string{"style", "a.png", "b.png", ""}, "webp"},
		{[]string{"dream", ""}, "webp"},
		{[]string{"dream", "a.png", ""}, ":4"}, // nothing, and no files
		{[]string{"vis", ""}, ":4"},
		{[]string{"style", "--size", ""}, ":4"},
		{[]string{"style", "--init", ""}, "gray"},
		{[]string{"style", "--init", ""}, ":0"}, // or any file
		{[]string{"classify", ""}, "png"},
		{[]string{"plan", ""}, "png"},
		{[]string{"weights", "info", ""}, "pth"},
		{[]string{"weights", "convert", "a.pth", ""}, ":4"},
		{[]string{"help", ""}, "classes"},
		{[]string{"again", ""}, "jpeg"},
		{[]string{"batch", "style", "a.png", "b.png", "--styles", ""}, "webp"},
		{[]string{"batch", "dream", "a.png", "--layers", ""}, "relu2_1"},
		{[]string{"again", "a.png", "--optimizer", ""}, "lbfgs-wolfe"},
		{[]string{"verify", "--kernels", ""}, "generic"},
	} {
		out := mustRun(t, dir, append([]string{"__complete"}, c.args...)...).stdout
		if !slices.Contains(strings.Split(out, "\n"), c.want) {
			t.Errorf("%q: %q is missing in\n%s", c.args, c.want, out)
		}
	}
}

// TestOldRecipes reads recipes of version 1, which an older program wrote into pictures, and makes the
// pictures again.
func TestOldRecipes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"style", "compat", "dream", "vis"} {
		path := filepath.Join("testdata", "recipe1-"+name+".png")
		r := recipeOf(t, path)
		mustRun(t, dir, append(replay(r), "-o", "again.png", "--quiet")...)
		if !slices.Equal(picture(t, path).Pix, picture(t, filepath.Join(dir, "again.png")).Pix) {
			t.Errorf("the recipe of %s makes another picture", path)
		}
	}
}

// TestRecipeHashes checks that a recipe names inputs by their hashes.
func TestRecipeHashes(t *testing.T) {
	dir := t.TempDir()
	if err := os.Link("testdata/recipe1-style.png", filepath.Join(dir, "in.png")); err != nil {
		if err := os.WriteFile(filepath.Join(dir, "in.png"), readFile(t, "testdata/recipe1-style.png"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, dir, tiny("style", "in.png", "-o", "out.png", "--quiet")...)
	r := recipeOf(t, filepath.Join(dir, "out.png"))
	hash, err := render.FileHash("testdata/recipe1-style.png")
	if err != nil {
		t.Fatal(err)
	}
	want := render.Input{Role: render.RoleContent, Name: "in.png", SHA256: hash,
		Bytes: int64(len(readFile(t, filepath.Join(dir, "in.png")))), Width: 32, Height: 24}
	if len(r.Inputs) != 2 || r.Inputs[0] != want || r.Inputs[1].Role != render.RoleStyle || r.Inputs[1].Name != "" {
		t.Errorf("the inputs are %+v", r.Inputs)
	}
	if r.Step != 0 || r.Network.SHA256 != "" {
		t.Errorf("the recipe is %+v", r)
	}

	for _, name := range []string{"bare.png", "bare.jpg"} {
		mustRun(t, dir, tiny("style", "in.png", "--strip-recipe", "-o", name, "--quiet")...)
		if _, err := imageio.ReadRecipe(filepath.Join(dir, name)); !is[*imageio.NoRecipeError](err) {
			t.Errorf("with --strip-recipe %s has a recipe, or the error is %v", name, err)
		}
	}
	if !slices.Equal(picture(t, filepath.Join(dir, "bare.png")).Pix, picture(t, filepath.Join(dir, "out.png")).Pix) {
		t.Error("--strip-recipe changes the picture")
	}

	weights := fixture.Shared(t, "weights/squeezenet1.1")
	mustRun(t, dir, tiny("style", "--size", "64", "--weights", weights, "--save-every", "2", "-o", "out.png", "--quiet")...)
	if hash, err = render.FileHash(weights); err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]int{"out.png": 0, "out_0002.png": 2} {
		path := filepath.Join(dir, name)
		r := recipeOf(t, path)
		if r.Network.File != "squeezenet1.1" || r.Network.SHA256 != hash || r.Step != step {
			t.Errorf("the recipe of %s is %+v", name, r)
		}
		if pixels := render.PixelHash(picture(t, path)); r.Pixels != pixels {
			t.Errorf("the recipe of %s has the hash %s, its pixels %s", name, r.Pixels, pixels)
		}
	}
}
