package render

import "oneiro/internal/option"

// The tables of this file declare the options of each pipeline. Flags, help, documentation, schema, recipes and
// checks are made from them. What depends on more than one option, or on the network, is checked by Validate.

// DefaultsVersion is the version of the defaults. A recipe keeps only what differs from them, so it goes up
// whenever a default changes.
const DefaultsVersion = 1

// Tables are the options of the pipelines by the names of their commands.
var Tables = map[string]option.Table{"style": StyleTable, "texture": TextureTable, "dream": DreamTable, "vis": VisTable}

var (
	sizeOption = option.Option{Name: "size", Field: "Size", Unit: "pixels", Help: "longer side of the result",
		Zero: "keeps the size of the picture", Range: option.Between(1, MaxSize), Changes: option.Result | option.Memory,
		Basic: true}
	iterationsOption = option.Option{Name: "iterations", Field: "Iterations", Unit: "steps",
		Help: "optimisation steps at each size", Range: option.AtLeast(1), Changes: option.Result, Basic: true}
	seedOption = option.Option{Name: "seed", Field: "Seed", Unit: "number", Help: "random seed: another one, another picture",
		Changes: option.Result, Basic: true}
	stopOptions = option.Table{
		{Name: "until-loss", Field: "UntilLoss", Unit: "loss", Help: "stop as soon as the loss is this low",
			Zero: "turns it off", Changes: option.Result},
		{Name: "until-change", Field: "UntilChange", Unit: "fraction",
			Help: "finish a size once the loss falls by less than this fraction in 10 steps", Zero: "turns it off",
			Range: option.AtLeast(0), Changes: option.Result},
	}.In("Stopping early")
	tvOption = option.Option{Name: "tv-weight", Field: "TVWeight", Unit: "weight",
		Help: "weight of the total variation: more is smoother", Range: option.AtLeast(0), Changes: option.Result | option.Memory}
)

// StyleTable has the options of StyleOptions.
var StyleTable = join(
	option.Table{
		sizeOption,
		iterationsOption,
		seedOption,
		{Name: "scales", Field: "Scales", Unit: "number", Help: "sizes to paint one after the other, each twice as large as the last",
			Zero: "chooses by the size of the result", Range: option.AtLeast(1), Changes: option.Result | option.Memory},
		{Name: "init", Field: "Init", Unit: "start", Help: "what to start from", Choices: []string{"content", "random", "gray"},
			Or: "a picture file", Names: option.File, Changes: option.Result | option.Memory},
		{Name: "compat", Field: "Form", Unit: "program",
			Help:    "formulas and defaults, our own or those of neural-style-pt (with --tiles 4)",
			Choices: []string{string(Relative), string(NeuralStyle)}, Changes: option.Result | option.Memory},
	}.In("Picture"),
	option.Table{
		{Name: "style-weight", Field: "StyleWeight", Unit: "weight", Help: "weight of the style",
			Range: option.AtLeast(0), Changes: option.Result | option.Memory, Basic: true},
		{Name: "content-weight", Field: "ContentWeight", Unit: "weight", Help: "weight of the content",
			Range: option.AtLeast(0), Changes: option.Result | option.Memory},
		{Name: "structure-weight", Field: "StructureWeight", Unit: "weight",
			Help: "weight of the content's edges (Laplacian pyramid)", Range: option.AtLeast(0), Changes: option.Result | option.Memory},
		{Name: "ssim-weight", Field: "SSIMWeight", Unit: "weight", Help: "weight of the content's structural similarity (SSIM)",
			Range: option.AtLeast(0), Changes: option.Result | option.Memory},
		tvOption,
		{Name: "style-scale", Field: "StyleScale", Unit: "factor",
			Help:  "size of the style pictures relative to the result: larger gives larger strokes",
			Range: option.Above(0).UpTo(16), Changes: option.Result | option.Memory, Basic: true},
		{Name: "style-blend", Field: "Blend", Unit: "weights", Help: "weight of each style picture, such as 3,1",
			Default: "all equal", Range: option.AtLeast(0), Changes: option.Result, Basic: true},
	}.In("Content and style"),
	option.Table{
		{Name: "content-layers", Field: "ContentLayers", Unit: "layers", Help: "layers that compare the result with the content",
			Default: "the network's own", Names: option.Layer, Changes: option.Result | option.Memory},
		{Name: "style-layers", Field: "StyleLayers", Unit: "layers", Help: "layers that compare the result with the style",
			Default: "the network's own", Names: option.Layer, Changes: option.Result | option.Memory},
		{Name: "style-layer-weights", Field: "StyleLayerWeights", Unit: "weights", Help: "weight of each style layer",
			Default: "all equal", Range: option.AtLeast(0), Changes: option.Result},
	}.In("Layers"),
	option.Table{
		{Name: "optimizer", Field: "Optimizer", Unit: "name", Help: "optimiser", Choices: names(Optimizers),
			Changes: option.Result | option.Memory},
		{Name: "lr", Field: "LearningRate", Unit: "rate", Help: "learning rate", Zero: "is the optimiser's own",
			Range: option.AtLeast(0), Changes: option.Result},
		{Name: "history", Field: "History", Unit: "steps", Help: "steps that L-BFGS remembers: fewer take less memory",
			Range: option.AtLeast(1), Changes: option.Result | option.Memory},
	}.In("Optimiser"),
	stopOptions,
)

// DreamTable has the options of DreamOptions.
var DreamTable = join(
	option.Table{
		sizeOption,
		iterationsOption,
		seedOption,
		{Name: "octaves", Field: "Octaves", Unit: "number", Help: "sizes to dream at one after the other, small to large",
			Range: option.AtLeast(1), Changes: option.Result | option.Memory, Basic: true},
		{Name: "octave-scale", Field: "OctaveScale", Unit: "factor", Help: "how many times as large as the last each size is",
			Range: option.Above(1).UpTo(8), Changes: option.Result | option.Memory},
	}.In("Picture"),
	option.Table{
		{Name: "layers", Field: "Layers", Unit: "layers", Help: "layers to amplify; deeper ones show larger things",
			Default: "the network's own", Names: option.Layer, Changes: option.Result | option.Memory, Basic: true},
		{Name: "channels", Field: "Channels", Unit: "channels", Help: "channels of the layers to amplify, counted from 0",
			Default: "all", Range: option.AtLeast(0), Changes: option.Result | option.Memory},
		{Name: "class", Field: "Class", None: "-1", Unit: "class", Help: "class to amplify instead of a layer, by name or number",
			Names: option.Class, Changes: option.Result | option.Memory, Basic: true},
		tvOption,
		{Name: "jitter", Field: "Jitter", Unit: "pixels", Help: "most that the picture is shifted before each step",
			Range: option.AtLeast(0), Changes: option.Result},
	}.In("What to amplify"),
	option.Table{
		{Name: "lr", Field: "LearningRate", Aliases: []string{"step"}, Unit: "levels",
			Help: "mean change of a pixel per step, in 1/255: more is stronger", Range: option.Above(0).UpTo(255), Changes: option.Result,
			Basic: true},
	}.In("Optimiser"),
	stopOptions,
)

// VisTable has the options of VisOptions.
var VisTable = join(
	option.Table{
		{Name: "targets", Field: "Targets", Unit: "targets",
			Help:    "what to draw, in one list: LAYER, LAYER:CHANNEL or class:NUMBER with commas between",
			Changes: option.Result | option.Memory},
	}.In("What to draw"),
	option.Table{
		{Name: "size", Field: "Size", Unit: "pixels", Help: "side of each picture", Default: "the network's own",
			Range: option.Between(1, MaxSize), Changes: option.Result | option.Memory, Basic: true},
		{Name: "iterations", Field: "Iterations", Unit: "steps", Help: "optimisation steps for each picture",
			Range: option.AtLeast(1), Changes: option.Result, Basic: true},
		seedOption,
	}.In("Picture"),
	option.Table{
		{Name: "entropy-weight", Field: "EntropyWeight", Unit: "weight",
			Help: "weight of the cross entropy of a class, beside its logit", Default: "the network's own", Range: option.AtLeast(0),
			Changes: option.Result | option.Memory},
		{Name: "tv-weight", Field: "TVWeight", Unit: "weight", Help: "weight of the total variation: more is smoother",
			Default: "the network's own", Range: option.AtLeast(0), Changes: option.Result | option.Memory},
		{Name: "jitter", Field: "Jitter", Unit: "pixels", Help: "most that the picture is shifted before each step",
			Default: "the network's own", Range: option.AtLeast(0), Changes: option.Result},
		{Name: "zoom", Field: "Zoom", Unit: "fraction", Help: "most that the picture is zoomed before each step",
			Range: option.Between(0, 1), Changes: option.Result},
		{Name: "turn", Field: "Turn", Unit: "degrees", Help: "most that the picture is turned before each step",
			Range: option.Between(0, 180), Changes: option.Result},
	}.In("Look"),
	option.Table{
		{Name: "lr", Field: "LearningRate", Unit: "rate", Help: "learning rate", Default: "the network's own",
			Range: option.Above(0).UpTo(10), Changes: option.Result},
	}.In("Optimiser"),
)

func join(tables ...option.Table) option.Table {
	var all option.Table
	for _, t := range tables {
		all = append(all, t...)
	}
	return all
}

func names[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
