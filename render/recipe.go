package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"

	"oneiro/internal/option"
	"oneiro/nn"
)

// RecipeVersion is the version of recipes that are written.
const RecipeVersion = 2

// Recipe is all that a result depends on, as data: what was done, to what, with which network, options and
// numbers. It holds neither the number of threads nor names of folders, on which nothing depends and which
// are nobody's business. A picture carries its recipe as JSON.
type Recipe struct {
	Program string `json:"program"`
	Version string `json:"version"` // of the program
	Recipe  int    `json:"recipe"`  // RecipeVersion; 1 if it is missing
	Command string `json:"command"` // a name in Tables

	Inputs  []Input       `json:"inputs"`
	Network RecipeNetwork `json:"network"`

	// Options are those that differ from the defaults of version Defaults for the network. The seed is not
	// among them.
	Options  option.Values `json:"options"`
	Defaults int           `json:"defaults"` // 0: Options has every option
	Seed     uint64        `json:"seed"`

	Engine RecipeEngine `json:"engine"`
	// Depth is the number of bits in a sample, if it was chosen; 0 for that of the picture that went in.
	Depth int `json:"depth,omitempty"`
	// Profile is what was done about colour profiles, if that was chosen: keep or ignore.
	Profile string `json:"profile,omitempty"`
	// Step is the step after which the picture was saved, if the run went on or was cut short; 0 for the
	// result.
	Step int `json:"step,omitempty"`
	// Frame is the number of the frame of a film, counted from 1; 0 for anything else.
	Frame int `json:"frame,omitempty"`
	// Recolor is what was done to the colours afterwards.
	Recolor []Recoloring `json:"recolor,omitempty"`
	// Pixels is the SHA-256 of the picture's samples, as PixelHash returns it.
	Pixels string `json:"pixels,omitempty"`
	// Score is how the result was judged, if it was. Nothing depends on it.
	Score *RecipeScore `json:"score,omitempty"`
}

// RecipeScore is what package judge measured.
type RecipeScore struct {
	Network RecipeNetwork      `json:"network"` // that judged
	Numbers map[string]float64 `json:"numbers"` // by the names in judge.Numbers
}

// Role says what a picture was used for.
type Role string

// The roles of pictures.
const (
	RoleContent Role = "content"
	RoleStyle   Role = "style"
	RoleImage   Role = "image"   // what is dreamed into
	RoleInit    Role = "init"    // what the canvas started as
	RolePalette Role = "palette" // whose colours are taken
	RoleRecolor Role = "recolor" // what a Recoloring took

	RoleRegions      Role = "regions"       // the regions of the content
	RoleStyleRegions Role = "style-regions" // those of a style picture
	RoleRegion       Role = "region"        // the style of one region
	RoleMask         Role = "mask"          // where the picture is changed
	RoleGuide        Role = "guide"         // what objectives of a dream take from other pictures
)

// Input is a picture that went in.
type Input struct {
	Role Role `json:"role"`
	// Name is that of the file, without folders, or empty for a built-in picture.
	Name   string `json:"name,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // of the file
	Bytes  int64  `json:"bytes,omitempty"`  // of the file
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// RecipeNetwork is the network and its parameters.
type RecipeNetwork struct {
	Name    string `json:"name"`
	Pooling string `json:"pooling,omitempty"` // empty: the network's own
	Padding string `json:"padding,omitempty"` // reflect or replicate; empty: zeros
	Preset  string `json:"preset,omitempty"`  // how it expects pictures; empty: its own way
	File    string `json:"file,omitempty"`    // the name of the file, without folders; empty: built in
	SHA256  string `json:"sha256,omitempty"`  // of the file
	Bytes   int64  `json:"bytes,omitempty"`   // of the file; 0 for a folder
}

// RecipeEngine is what the numbers were computed with, as far as they depend on it.
type RecipeEngine struct {
	Device  string `json:"device,omitempty"` // as EngineOptions.Device; empty: the processor
	GPU     string `json:"gpu,omitempty"`    // the name of the card
	TF32    bool   `json:"tf32,omitempty"`
	Kernels string `json:"kernels"`
	// Winograd is the table of tiles of Winograd convolutions; empty: the one built in for the kernels.
	Winograd json.RawMessage `json:"winograd,omitempty"`
	// Tile is Job.Tile: the size of the tiles of the picture, 0 if it was computed at once.
	Tile int `json:"tile,omitempty"`
}

// StyleRecipe returns the part of a recipe that is a style transfer's options.
func StyleRecipe(net *nn.Network, o StyleOptions) Recipe {
	base := o.recipeBase(net)
	return NewRecipe("style", StyleTable.Changed(&o, &base), o.Seed)
}

// recipeBase returns the options that a recipe need not have, for those of the method and the form.
func (o *StyleOptions) recipeBase(net *nn.Network) StyleOptions {
	base := DefaultStyle(net)
	switch {
	case o.Method == NNST:
		base = DefaultNNST(net)
		base.Method = Gatys // so that it counts as changed
	case o.Form == NeuralStyle:
		base = NeuralStylePT(net)
		base.Form = Relative // so that it counts as changed
	}
	if !o.fallsSteadily() {
		base.UntilChange = 0
	}
	return base
}

// DreamRecipe returns the part of a recipe that is a dream's options.
func DreamRecipe(net *nn.Network, o DreamOptions) Recipe {
	base := DefaultDream(net)
	return NewRecipe("dream", DreamTable.Changed(&o, &base), o.Seed)
}

// VisRecipe returns the part of a recipe that is a visualisation's options.
func VisRecipe(net *nn.Network, o VisOptions) Recipe {
	base := DefaultVis(net)
	return NewRecipe("vis", VisTable.Changed(&o, &base), o.Seed)
}

// NewRecipe returns a recipe of a command with options that differ from their defaults.
func NewRecipe(command string, values option.Values, seed uint64) Recipe {
	delete(values, "seed")
	return Recipe{
		Program: "oneiro", Recipe: RecipeVersion, Command: command, Inputs: []Input{},
		Options: values, Defaults: DefaultsVersion, Seed: seed,
	}
}

// Style returns the options of a style transfer. Pictures are the caller's to add.
func (r *Recipe) Style(net *nn.Network, class ClassFinder) (StyleOptions, error) {
	if err := r.check("style"); err != nil {
		return StyleOptions{}, err
	}
	return StyleFrom(net, r.values(), class)
}

// Texture returns the options of a texture. Pictures are the caller's to add.
func (r *Recipe) Texture(net *nn.Network) (TextureOptions, error) {
	if err := r.check("texture"); err != nil {
		return TextureOptions{}, err
	}
	return TextureFrom(net, r.values())
}

// Dream returns the options of a dream. Its picture is the caller's to add.
func (r *Recipe) Dream(net *nn.Network, class ClassFinder) (DreamOptions, error) {
	if err := r.check("dream"); err != nil {
		return DreamOptions{}, err
	}
	return DreamFrom(net, r.values(), class)
}

// StyleFilm returns the options of a film that is painted. Pictures are the caller's to add.
func (r *Recipe) StyleFilm(net *nn.Network, class ClassFinder) (StyleFilmOptions, error) {
	if err := r.check("film"); err != nil {
		return StyleFilmOptions{}, err
	}
	return StyleFilmFrom(net, r.values(), class)
}

// DreamFilm returns the options of a film of dreams. Pictures are the caller's to add.
func (r *Recipe) DreamFilm(net *nn.Network, class ClassFinder) (DreamFilmOptions, error) {
	if err := r.check("film dream"); err != nil {
		return DreamFilmOptions{}, err
	}
	return DreamFilmFrom(net, r.values(), class)
}

// Vis returns the options of a visualisation.
func (r *Recipe) Vis(net *nn.Network, class ClassFinder) (VisOptions, error) {
	if err := r.check("vis"); err != nil {
		return VisOptions{}, err
	}
	return VisFrom(net, r.values(), class)
}

// Values returns the options with the seed, as the command line of Command takes them. The error is a
// *RecipeError.
func (r *Recipe) Values() (option.Values, error) {
	if err := r.check(r.Command); err != nil {
		return nil, err
	}
	return r.values(), nil
}

// values returns the options with the seed.
func (r *Recipe) values() option.Values {
	values := maps.Clone(r.Options)
	if values == nil {
		values = option.Values{}
	}
	values["seed"] = fmt.Sprint(r.Seed)
	return values
}

// check returns a *RecipeError if the recipe is not one of a command, or relies on other defaults.
func (r *Recipe) check(command string) error {
	switch {
	case r.Command != command:
		return &RecipeError{fmt.Sprintf("it is a recipe of %q, not of %q", r.Command, command)}
	case r.Defaults != 0 && r.Defaults != DefaultsVersion:
		return &RecipeError{fmt.Sprintf("it relies on defaults of version %d, and this program has those of"+
			" version %d; oneiro %s wrote it", r.Defaults, DefaultsVersion, cmp.Or(r.Version, "of another version"))}
	}
	return nil
}

// RecipeError reports a recipe that cannot be used.
type RecipeError struct{ Problem string }

func (e *RecipeError) Error() string { return "the recipe cannot be used: " + e.Problem }
