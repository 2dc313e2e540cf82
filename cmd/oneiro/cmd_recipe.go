package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/autodiff/cpu"
	"oneiro/render"
)

func newRecipe() *cobra.Command {
	var asJSON bool
	var find findOption
	cmd := &cobra.Command{
		Use:   "recipe PICTURE",
		Short: "Print the recipe inside a picture: how it was made",
		Long: `Print how PICTURE was made, from the recipe that oneiro puts into each picture: inputs with
their SHA-256, network, options, seed, and what computed it; and the command that makes it again.
With --json it is the recipe itself, as docs/json.md describes it. With --find the inputs are looked for, as
oneiro again does, and the command names them where they are; --json then prints that.

--strip-recipe leaves the recipe out of a picture when it is made.`,
		Example: `  oneiro recipe painted.png
  oneiro recipe painted.png --json
  oneiro recipe painted.png --find ~/Pictures`,
		Args:              onePicture,
		ValidArgsFunction: completeFiles(1, writtenEndings),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(find.Find) > 0 {
				return runRecipeFound(cmd.OutOrStdout(), args[0], find.Find, asJSON)
			}
			return runRecipe(cmd.OutOrStdout(), args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the recipe as JSON")
	addFlags(cmd.Flags(), findTable, &find)
	return cmd
}

func runRecipe(w io.Writer, picture string, asJSON bool) error {
	if asJSON { // whatever wrote it
		text, err := recipeText(picture)
		if err != nil {
			return err
		}
		if !json.Valid([]byte(text)) {
			return &render.RecipeError{Problem: "it is not JSON"}
		}
		return writeLine(w, json.RawMessage(text))
	}
	r, err := recipeIn(picture)
	if err != nil {
		return err
	}
	return printRecipe(w, r, func(f wantedFile) string { return f.name })
}

// printRecipe prints a recipe for people. find says where the files of the command are. A recipe of other
// defaults has no command here.
func printRecipe(w io.Writer, r *render.Recipe, find func(wantedFile) string) error {
	t := newTable(w)
	row(t, "made by", shown("oneiro "+r.Version))
	for _, in := range r.Inputs {
		row(t, string(in.Role), pictureText(in)+hashText(in.SHA256))
	}
	network := r.Network.Name
	if r.Network.File != "" {
		network += " from " + shown(r.Network.File)
	}
	row(t, "network", network+hashText(r.Network.SHA256))
	row(t, "engine", shown(engineText(r.Engine)))
	if r.Step > 0 {
		row(t, "saved", "after step", r.Step, "of a run that went on or was cut short")
	}
	for _, c := range r.Recolor {
		row(t, "recolored", shown(c.String()))
	}
	if r.Pixels != "" {
		row(t, "pixels", "SHA-256 "+shown(r.Pixels))
	}
	c, err := newChanged(r, nil, find)
	if err != nil {
		row(t, "command", err)
	} else {
		row(t, "command", c.commandLine())
	}
	return t.Flush()
}

func hashText(sum string) string {
	if sum == "" {
		return ""
	}
	return ", SHA-256 " + shown(sum)
}

// engineText says what a picture was computed with.
func engineText(e render.RecipeEngine) string {
	words := []string{"kernels " + e.Kernels}
	if e.Device == "" {
		words = append(words, winogradText(e))
	} else {
		words = append(words, "device "+cmp.Or(e.GPU, e.Device))
	}
	if e.TF32 {
		words = append(words, "TF32")
	}
	if e.Tile > 0 {
		words = append(words, fmt.Sprintf("the picture on tiles of %d pixels", e.Tile))
	}
	return strings.Join(words, ", ")
}

// winogradText names the table of tiles of a recipe.
func winogradText(e render.RecipeEngine) string {
	if len(e.Winograd) == 0 {
		return "built-in tiles"
	}
	if t, err := cpu.ParseTiles(string(e.Winograd), e.Kernels); err == nil && t.Tile != 0 {
		return "tiles of " + t.String()
	}
	return "measured tiles"
}
