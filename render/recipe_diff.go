package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/option"
	"oneiro/internal/quote"
)

// Difference is something in which one recipe differs from another. Had or Now is empty where one of them does
// not have it.
type Difference struct{ What, Had, Now string }

func (d Difference) String() string {
	return fmt.Sprintf("%s was %s and is %s", d.What, cmp.Or(d.Had, "not given"), cmp.Or(d.Now, "not given"))
}

// Differences lists in what a recipe differs from r, as far as the bits of the result may depend on it. The
// version of the program is part of that, the names of files are not.
func (r *Recipe) Differences(now *Recipe) []Difference {
	var all []Difference
	add := func(what, had, is string) {
		if had != is {
			all = append(all, Difference{what, had, is})
		}
	}
	add("the version of oneiro", r.Version, now.Version)
	add("the command", r.Command, now.Command)
	for i := range max(len(r.Inputs), len(now.Inputs)) {
		had, is := r.input(i), now.input(i)
		what := fmt.Sprintf("the picture %d (%s)", i+1, cmp.Or(had.Role, is.Role))
		switch {
		case had.Role != is.Role:
			add(what, string(had.Role), string(is.Role))
		case had.SHA256 != is.SHA256:
			add(what, file(had.Name, had.SHA256), file(is.Name, is.SHA256))
		default:
			add(what, Size{had.Width, had.Height}.String(), Size{is.Width, is.Height}.String())
		}
	}
	had, is := &r.Network, &now.Network
	add("the network", had.Name, is.Name)
	if had.SHA256 != is.SHA256 {
		add("the file of weights", file(had.File, had.SHA256), file(is.File, is.SHA256))
	}
	add("--pooling", had.Pooling, is.Pooling)
	add("--padding", had.Padding, is.Padding)
	add("--preset", had.Preset, is.Preset)
	if r.Defaults != now.Defaults {
		add("the version of the defaults", strconv.Itoa(r.Defaults), strconv.Itoa(now.Defaults))
	}
	names := option.Values{}
	maps.Copy(names, r.Options)
	maps.Copy(names, now.Options)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		add("--"+name, r.Options[name], now.Options[name])
	}
	add("--seed", strconv.FormatUint(r.Seed, 10), strconv.FormatUint(now.Seed, 10))
	if r.Depth != now.Depth {
		add("--depth", strconv.Itoa(r.Depth), strconv.Itoa(now.Depth))
	}
	add("--profile", r.Profile, now.Profile)
	recolored := func(r *Recipe) (text string) {
		for _, c := range r.Recolor {
			text += "; " + c.String()
		}
		return strings.TrimPrefix(text, "; ")
	}
	add("what was done by recolor", recolored(r), recolored(now))
	r.Engine.differences(&now.Engine, add)
	return all
}

func (e *RecipeEngine) differences(now *RecipeEngine, add func(what, had, is string)) {
	add("--device", cmp.Or(e.Device, "cpu"), cmp.Or(now.Device, "cpu"))
	add("the GPU", e.GPU, now.GPU)
	add("--tf32", strconv.FormatBool(e.TF32), strconv.FormatBool(now.TF32))
	add("--kernels", e.Kernels, now.Kernels)
	tiles := func(e *RecipeEngine) string { return cmp.Or(string(e.Winograd), "builtin") }
	add("--winograd", tiles(e), tiles(now))
	tile := func(e *RecipeEngine) string {
		if e.Tile == 0 {
			return "off"
		}
		return strconv.Itoa(e.Tile)
	}
	add("--tile", tile(e), tile(now))
}

// input returns an input, or one without a role if there are fewer.
func (r *Recipe) input(i int) Input {
	if i >= len(r.Inputs) {
		return Input{}
	}
	return r.Inputs[i]
}

// file names a file with the beginning of its hash, since names alone may be the same.
func file(name, hash string) string {
	if hash == "" {
		return "built in"
	}
	return quote.Path(name) + " with SHA-256 " + hash[:min(8, len(hash))] + "..."
}
