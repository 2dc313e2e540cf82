package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"oneiro/internal/fixture"
	"oneiro/internal/sample"
	"oneiro/render"
)

// TestRequestOfRecipe has pictures made by command lines and again from the recipes in them: all bytes have to
// be the same.
func TestRequestOfRecipe(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for i, name := range []string{"a.png", "b.png", "c.png"} {
		put(t, dir, name, sample.Landscape(60, 45, uint64(i)))
	}
	a, b, c := path("a.png"), path("b.png"), path("c.png")
	for i, line := range [][]string{
		{"style"},
		{"style", a},
		{"style", a, b, c, "--style-blend", "3,1", "--optimizer", "adam", "--winograd", "4", "--seed", "7"},
		{"style", a, b, "--init", c, "--content-layers", "", "--content-weight", "0", "--until-change", "0.5"},
		{"style", a, b, "--compat", "neural-style-pt", "--style-weight", "1e6", "--content-weight", "5e4"},
		{"style", a, b, "--preset", "torchvision", "--pooling", "avg", "--kernels", "generic"},
		{"texture", a, "--tileable"},
		{"dream", a, "--octaves", "2", "--channels", "3,5-7", "--layers", "relu3_1"},
		{"dream", "--class", "1", "--octaves", "1"},
		{"vis", "--layer", "relu2_1", "--channels", "1-2"},
		{"vis", "--class", "3"},
		{"vis", "--filters", "conv1_1"},
	} {
		t.Run(strings.Join(line, " "), func(t *testing.T) {
			t.Parallel()
			out, again := fmt.Sprintf("%d.png", i), fmt.Sprintf("%d-again.png", i)
			args := append(line, "-o", out)
			if !slices.Contains(line, "--filters") {
				args = append(args, "--size", "48", "--iterations", "3", "--threads", "2")
			}
			mustRun(t, dir, args...)
			r := recipeOf(t, path(out))
			var files located
			for _, in := range r.Inputs {
				if in.Name != "" {
					in.Name = path(in.Name)
				}
				files.Inputs = append(files.Inputs, in.Name)
			}
			runRequest(t, r, files, path(again))
			if string(readFile(t, path(out))) != string(readFile(t, path(again))) {
				t.Errorf("%+v\nbecame\n%+v", r, recipeOf(t, path(again)))
			}
		})
	}
}

// runRequest makes the picture of a recipe.
func runRequest(t *testing.T, r *render.Recipe, files located, output string) {
	t.Helper()
	q, err := newRequest(r, files)
	if err != nil {
		t.Fatal(err)
	}
	q.flags["output"] = output
	cmd := &cobra.Command{}
	cmd.SetContext(context.Background())
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	if err := q.run(cmd); err != nil {
		t.Fatal(err)
	}
}

// TestRequestWithWeights is TestRequestOfRecipe for weights in a file, whose network, preset and colours are
// recognised.
func TestRequestWithWeights(t *testing.T) {
	dir, weights := t.TempDir(), fixture.Shared(t, "weights/squeezenet1.1")
	out, again := filepath.Join(dir, "out.png"), filepath.Join(dir, "again.png")
	mustRun(t, dir, tiny("style", "--size", "64", "--weights", weights, "-o", out)...)
	r := recipeOf(t, out)
	runRequest(t, r, located{Inputs: make([]string, len(r.Inputs)), Weights: weights}, again)
	if string(readFile(t, out)) != string(readFile(t, again)) {
		t.Errorf("%+v\nbecame\n%+v", r, recipeOf(t, again))
	}
}

// TestRequestOfOldRecipe makes pictures again whose recipes have version 1.
func TestRequestOfOldRecipe(t *testing.T) {
	for _, name := range []string{"style", "compat", "dream", "vis"} {
		old, out := filepath.Join("testdata", "recipe1-"+name+".png"), filepath.Join(t.TempDir(), "out.png")
		r := recipeOf(t, old)
		runRequest(t, r, located{Inputs: make([]string, len(r.Inputs))}, out)
		if !slices.Equal(picture(t, old).Pix, picture(t, out).Pix) {
			t.Errorf("the recipe of %s makes another picture", old)
		}
	}
}

// TestRequestOfBadTiles checks what is said of a recipe with tiles that cannot be.
func TestRequestOfBadTiles(t *testing.T) {
	if _, err := findTiles(`{"tile":5}`, "generic"); !is[*tilesError](err) {
		t.Errorf("%v", err)
	}
}
