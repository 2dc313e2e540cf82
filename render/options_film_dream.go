package render

import (
	"slices"

	"oneiro/internal/option"
	"oneiro/nn"
)

// DreamFilmOptions describe a film of dreams of the frames of a clip (DreamFilm). Of FilmOptions it has the
// steps of frames and the keys, whose objectives count.
type DreamFilmOptions struct {
	DreamOptions
	ClipOptions
	// Decay is how much of what was dreamed is left in the next frame, before that dreams on: 0 dreams each
	// frame by itself, 1 adds only to what comes to light.
	Decay float64
}

// dreamClipTable has the options that only dreams of a clip have.
var dreamClipTable = option.Table{
	{Name: "decay", Field: "Decay", Unit: "fraction",
		Help: "how much of what was dreamed stays from frame to frame: less changes faster", Range: option.Between(0, 1),
		Changes: option.Result},
}.In("Film")

// DreamFilmTable has the options of DreamFilmOptions. There is a camera only where there is no clip.
var DreamFilmTable = slices.Concat(clipTable, dreamClipTable,
	DreamTable.Without("frames", "zoom", "turn", "pan", "loop", "fps"))

// DefaultDreamFilm returns the options of a dream of each frame, and a decay of 0.95.
func DefaultDreamFilm(net *nn.Network) DreamFilmOptions {
	return DreamFilmOptions{DefaultDream(net), defaultClip, 0.95}
}

// DreamFilmFrom returns the options of a film from text, as DreamFrom does.
func DreamFilmFrom(net *nn.Network, values option.Values, class ClassFinder) (DreamFilmOptions, error) {
	o := DefaultDreamFilm(net)
	table := slices.Concat(clipTable, dreamClipTable)
	own, rest := table.Split(values)
	wrong := table.Set(&o, own)
	var err error
	if o.DreamOptions, err = DreamFrom(net, rest, class); err != nil {
		return o, err
	}
	return o, wrong.Err()
}

// DreamFilmRecipe returns the part of a recipe that is a film's options.
func DreamFilmRecipe(net *nn.Network, o DreamFilmOptions) Recipe {
	base := DefaultDreamFilm(net)
	return NewRecipe("film dream", DreamFilmTable.Changed(&o, &base), o.Seed)
}
