package render

import (
	"slices"

	"oneiro/internal/option"
	"oneiro/nn"
)

// StyleFilmOptions describe a film of a clip whose frames are painted (StyleFilm). Iterations and
// CoarseIterations are those of the first frame of a shot.
type StyleFilmOptions struct {
	StyleOptions
	ClipOptions
	// FrameIterations are the most steps at each size of each other frame.
	FrameIterations int
	// TemporalWeight is the weight of the term that holds a frame to those before it.
	TemporalWeight float64
	// References are how many frames back those lie: the nearest one in which a place is seen counts.
	References []int
	// Passes is how often the clip is gone through.
	Passes int
}

// styleClipTable has the options that only films of a clip have.
var styleClipTable = option.Table{
	{Name: "frame-iterations", Field: "FrameIterations", Unit: "steps",
		Help:  "most steps at each size of each frame but the first of a shot, which is a picture of its own",
		Range: option.Between(1, MaxIterations), Changes: option.Result, Basic: true},
	{Name: "temporal-weight", Field: "TemporalWeight", Unit: "weight",
		Help:  "weight of what holds a frame to those before it: more flickers less, and smears",
		Range: option.Between(0, maxWeight), Changes: option.Result | option.Memory},
	{Name: "references", Field: "References", Unit: "frames",
		Help:  "how many frames back a frame is held to: 1,2,4 also knows again what was hidden for a moment",
		Range: option.Between(1, 100), Changes: option.Result | option.Memory},
	{Name: "passes", Field: "Passes", Unit: "number",
		Help: "how often to go through the clip, to its end and back: 2 also carries strokes back from where they " +
			"come into sight later",
		Range: option.Between(1, 9), Changes: option.Result},
}.In("Film")

// StyleFilmTable has the options of StyleFilmOptions.
var StyleFilmTable = slices.Concat(clipTable, styleClipTable,
	StyleTable.Without("canvas", "level-rates", "warm-up", "compat", "init", "until-loss"))

// DefaultStyleFilm returns options that make good films with a network without tuning.
// The frames have the size of the clip's.
func DefaultStyleFilm(net *nn.Network) StyleFilmOptions {
	o := StyleFilmOptions{
		StyleOptions: DefaultStyle(net), ClipOptions: defaultClip,
		FrameIterations: 20, TemporalWeight: 50, References: []int{1, 2, 4}, Passes: 1,
	}
	o.Size = 0
	return o
}

// StyleFilmFrom returns the options of a film from text, as StyleFrom does.
func StyleFilmFrom(net *nn.Network, values option.Values, class ClassFinder) (StyleFilmOptions, error) {
	o := DefaultStyleFilm(net)
	own, rest := slices.Concat(clipTable, styleClipTable).Split(values)
	wrong := slices.Concat(clipTable, styleClipTable).Set(&o, own)
	var err error
	if o.StyleOptions, err = StyleFrom(net, rest, class); err != nil {
		return o, err
	}
	if _, given := values["size"]; !given {
		o.Size = 0
	}
	return o, wrong.Err()
}

// StyleFilmRecipe returns the part of a recipe that is a film's options.
func StyleFilmRecipe(net *nn.Network, o StyleFilmOptions) Recipe {
	base := DefaultStyleFilm(net)
	base.StyleOptions = o.recipeBase(net)
	base.Size = 0
	return NewRecipe("film", StyleFilmTable.Changed(&o, &base), o.Seed)
}
