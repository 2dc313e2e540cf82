package render

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"oneiro/internal/option"
	"oneiro/nn"
)

// ParseRecipe reads a recipe of any version up to RecipeVersion. The error is a *RecipeError.
func ParseRecipe(text string) (*Recipe, error) {
	var r Recipe
	if err := json.Unmarshal([]byte(text), &struct {
		Program, Command *string
		Recipe           *int
	}{&r.Program, &r.Command, &r.Recipe}); err != nil {
		return nil, &RecipeError{err.Error()}
	}
	switch {
	case r.Program != "oneiro":
		return nil, &RecipeError{fmt.Sprintf("another program wrote it: %q", r.Program)}
	case Tables[r.Command] == nil:
		return nil, &RecipeError{fmt.Sprintf("there is no command %q", r.Command)}
	case r.Recipe > RecipeVersion:
		return nil, &RecipeError{fmt.Sprintf("it has version %d, and %d is the last one known here", r.Recipe, RecipeVersion)}
	case r.Recipe < RecipeVersion:
		return parseRecipe1(text)
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, &RecipeError{err.Error()}
	}
	return &r, nil
}

// recipe1 is a recipe of version 1, which had no number.
type recipe1 struct {
	Program  string          `json:"program"`
	Version  string          `json:"version"`
	Command  string          `json:"command"`
	Pictures []string        `json:"pictures"` // none: the built-in ones
	Model    string          `json:"model"`
	Weights  string          `json:"weights"`
	Device   string          `json:"device"` // the name of a card; none: the processor
	Kernels  string          `json:"kernels"`
	Tiles    json.RawMessage `json:"tiles"`
	Options  option.Values   `json:"options"` // defaults, too; those of network and engine are among them
}

func parseRecipe1(text string) (*Recipe, error) {
	var old recipe1
	if err := json.Unmarshal([]byte(text), &old); err != nil {
		return nil, &RecipeError{err.Error()}
	}
	// take removes an option, which has another place now.
	take := func(name string) string {
		value := old.Options[name]
		delete(old.Options, name)
		return value
	}
	r := &Recipe{
		Program: old.Program, Version: old.Version, Recipe: 1, Command: old.Command,
		Inputs: old.inputs(), Options: option.Values{},
		Network: RecipeNetwork{Name: old.Model, File: old.Weights, Pooling: take("pooling"), Preset: take("preset")},
		Engine: RecipeEngine{
			Device: take("device"), GPU: old.Device, TF32: take("tf32") == "true", Kernels: old.Kernels, Winograd: old.Tiles,
		},
	}
	var err error
	if r.Seed, err = strconv.ParseUint(take("seed"), 0, 64); err != nil {
		return nil, &RecipeError{"its seed is not a number"}
	}
	for name, value := range old.Options {
		if o := Tables[r.Command].Lookup(name); o != nil { // by its present name
			name = o.Name
		}
		r.Options[name] = value
	}
	if old.start() != "" {
		r.Options["init"] = string(InitPicture)
	}
	switch r.Command {
	case "style":
		r.weighAsBefore()
	case "dream":
		r.Options["lap"] = "0" // which was all there was
	}
	return r, nil
}

// contentWeights are the options that a network's ContentUnit is for.
var contentWeights = []string{"content-weight", "structure-weight", "ssim-weight"}

// weighAsBefore gives a recipe of a time when Gram matrices were all that was compared, and weights had no
// units, options that mean the same now.
func (r *Recipe) weighAsBefore() {
	r.Options["style-loss"] = string(GramLoss)
	net, err := nn.Get(r.Network.Name)
	if err != nil || net.ContentUnit == 0 || r.Options["compat"] == string(NeuralStyle) {
		return
	}
	for _, name := range contentWeights {
		if w, err := strconv.ParseFloat(r.Options[name], 64); err == nil {
			r.Options[name] = strconv.FormatFloat(w/net.ContentUnit, 'g', -1, 64)
		}
	}
}

// inputs returns the pictures with their roles.
func (r *recipe1) inputs() []Input {
	all := []Input{}
	for i, name := range r.Pictures {
		role := RoleStyle
		switch {
		case r.Command == "dream":
			role = RoleImage
		case i == 0:
			role = RoleContent
		}
		all = append(all, Input{Role: role, Name: name})
	}
	if start := r.start(); start != "" {
		all = append(all, Input{Role: RoleInit, Name: start})
	}
	return all
}

// start returns the picture that the canvas started as, if it was a file.
func (r *recipe1) start() string {
	init := r.Options["init"]
	if r.Command != "style" || slices.Contains(StyleTable.Lookup("init").Choices, init) {
		return ""
	}
	return init
}

// UnmarshalJSON also takes the table of tiles by the name that older programs gave it.
func (e *RecipeEngine) UnmarshalJSON(text []byte) error {
	type plain RecipeEngine
	var now struct {
		plain
		Tiles json.RawMessage `json:"tiles"`
	}
	if err := json.Unmarshal(text, &now); err != nil {
		return err
	}
	if *e = RecipeEngine(now.plain); len(e.Winograd) == 0 {
		e.Winograd = now.Tiles
	}
	return nil
}
