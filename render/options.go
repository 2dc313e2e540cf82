package render

import "oneiro/internal/option"

// Common are the options that all pipelines share.
type Common struct {
	// Size is the longer side of the result in pixels; 0 keeps the size of the picture.
	Size int
	// Iterations is the number of optimisation steps at each size of the schedule.
	Iterations int
	// Seed is the random seed. The same options with the same seed give the same bits, on any number of
	// threads of one instruction set with the same table of tiles (EngineOptions).
	Seed uint64
	// UntilLoss ends a run at the last size when the loss is no more than that; 0 turns it off.
	UntilLoss float64
	// UntilChange ends a size when the least loss so far has fallen by less than this fraction in 10 steps; 0
	// turns it off.
	UntilChange float64
}

// MaxSize is the largest side of a result in pixels: more than memory and patience allow, and so little that a
// run is planned in seconds and that no number of bytes or operations overflows.
const MaxSize = 100_000

// MaxIterations is the largest number of steps at a size.
const MaxIterations = 1_000_000

// maxWeight is the largest weight: sums of weights, and weights of terms, stay far from infinity.
const maxWeight = 1e12

// OptionError reports options that do not make sense, all of them at once.
type OptionError = option.Error

// Mistake is one option with a value that does not work, and what would.
type Mistake = option.Mistake

// ClassFinder returns the number of a class from its name or number. The class of empty text is -1, for none.
type ClassFinder func(name string) (int, error)

// DefaultsVersion is the version of the defaults. A recipe keeps only what differs from them, so it goes up
// whenever a default changes. Recipes with defaults of another version, older or newer, are refused.
const DefaultsVersion = 7

// Tables are the options of the pipelines, by the names of their commands. Flags, help, documentation,
// schemas, recipes and checks are made from them.
var Tables = map[string]option.Table{
	"style": StyleTable, "texture": TextureTable, "dream": DreamTable, "vis": VisTable,
	"film": StyleFilmTable, "film dream": DreamFilmTable,
}

// What several pipelines have in common.
var (
	sizeOption = option.Option{Name: "size", Field: "Size", Unit: "pixels", Help: "longer side of the result",
		Zero: "keeps the size of the picture", Range: option.Between(1, MaxSize),
		Changes: option.Result | option.Memory, Basic: true}
	iterationsOption = option.Option{Name: "iterations", Field: "Iterations", Unit: "steps",
		Help: "optimisation steps at each size", Range: option.Between(1, MaxIterations),
		Changes: option.Result, Basic: true}
	seedOption = option.Option{Name: "seed", Field: "Seed", Unit: "number",
		Help: "random seed: another one, another picture", Range: option.AtLeast(0),
		Changes: option.Result, Basic: true}
	stopOptions = option.Table{
		{Name: "until-loss", Field: "UntilLoss", Unit: "loss", Help: "stop as soon as the loss is this low",
			Zero: "turns it off", Range: option.Any(), Changes: option.Result},
		{Name: "until-change", Field: "UntilChange", Unit: "fraction",
			Help: "finish a size once the least loss falls by less than this fraction in 10 steps",
			Zero: "turns it off", Range: option.AtLeast(0), Changes: option.Result},
	}.In("Stopping early")
	tvOption = option.Option{Name: "tv-weight", Field: "TVWeight", Unit: "weight",
		Help: "weight of the total variation: more is smoother", Range: option.Between(0, maxWeight),
		Changes: option.Result | option.Memory}
)

// names returns words as strings.
func names[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
