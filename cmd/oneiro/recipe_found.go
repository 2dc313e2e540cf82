package main

import (
	"cmp"
	"io"

	"oneiro/internal/option"
	"oneiro/render"
)

// foundRecipe is what recipe --json --find prints: the command that makes a picture again here.
type foundRecipe struct {
	Command string `json:"command"`
	// Options are those of the command, and Engine those that say what to compute with.
	Options option.Values `json:"options"`
	Engine  option.Values `json:"engine"`
	Inputs  []foundInput  `json:"inputs"`
	Missing []string      `json:"missing"` // names of inputs, and of the weights
	// Notes say what is not as it was, because this computer does not have it.
	Notes []string       `json:"notes"`
	Line  string         `json:"line"`
	Made  *render.Recipe `json:"recipe"`
}

// foundInput is an input, and where it is.
type foundInput struct {
	render.Input
	File *string `json:"file"` // null if it was not found, and empty for a built-in picture
}

// runRecipeFound prints a recipe with its files where they are.
func runRecipeFound(w io.Writer, picture string, folders []string, asJSON bool) error {
	r, err := recipeIn(picture)
	if err != nil {
		return err
	}
	f, err := newFinder(picture, folders)
	if err != nil {
		return err
	}
	find := func(wanted wantedFile) string { return cmp.Or(f.find(wanted), wanted.name) }
	if !asJSON {
		if err := printRecipe(w, r, find); err != nil {
			return err
		}
		return f.err()
	}
	out := foundRecipe{Command: r.Command, Inputs: []foundInput{}, Missing: []string{}, Notes: []string{}, Made: r}
	var c *changed
	c, err = newChanged(r, nil, func(wanted wantedFile) string {
		before := len(f.missing)
		path := find(wanted)
		if len(f.missing) > before {
			out.Missing = append(out.Missing, wanted.name)
		}
		return path
	})
	if err != nil {
		return err
	}
	for _, in := range r.Inputs {
		found := foundInput{Input: in, File: new(string)}
		if in.Name != "" {
			if *found.File, _ = f.look(wantedFile{string(in.Role), in.Name, in.SHA256, in.Bytes}); *found.File == "" {
				found.File = nil
			}
		}
		out.Inputs = append(out.Inputs, found)
	}
	out.Line, out.Notes = c.commandLine(), append(out.Notes, c.notes...)
	out.Engine, out.Options = engineTable.Split(c.flags)
	return writeLine(w, out)
}
