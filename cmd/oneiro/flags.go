package main

import (
	"github.com/spf13/pflag"

	"oneiro/render"
)

// The functions of this file bind flags to the options of package render. What an option is when a
// flag starts out is the flag's default. The flags of a command line are bound twice: to the options
// that the help shows, and then, with override, to those that suit the network and the program to
// be compatible with.

func commonFlags(fs *pflag.FlagSet, o *render.Common) {
	fs.IntVar(&o.Size, "size", o.Size, "longer side of the result in `PIXELS`; 0 keeps that of the picture")
	fs.IntVar(&o.Iterations, "iterations", o.Iterations, "`STEPS` of optimisation at each size")
	fs.Uint64Var(&o.Seed, "seed", o.Seed, "`NUMBER` that starts every random choice")
	fs.Float64Var(&o.UntilLoss, "until-loss", o.UntilLoss, "stop when the `LOSS` is down to that; 0 never does")
	fs.Float64Var(&o.UntilChange, "until-change", o.UntilChange, "leave a size when the loss falls by less than this `FRACTION` in 10 steps")
}

func styleFlags(fs *pflag.FlagSet, o *render.StyleOptions) {
	commonFlags(fs, &o.Common)
	fs.StringSliceVar(&o.ContentLayers, "content-layers", o.ContentLayers, "`LAYERS` to compare with the content, with commas between")
	fs.StringSliceVar(&o.StyleLayers, "style-layers", o.StyleLayers, "`LAYERS` to compare with the style")
	fs.Float64SliceVar(&o.StyleLayerWeights, "style-layer-weights", o.StyleLayerWeights, "`WEIGHTS` of the style layers among each other")
	fs.Float64SliceVar(&o.Blend, "style-blend", o.Blend, "`WEIGHTS` of several style pictures among each other")
	fs.Float64Var(&o.StyleScale, "style-scale", o.StyleScale, "size of the style pictures as a `FACTOR` of the result's: larger gives larger strokes")
	fs.Float64Var(&o.ContentWeight, "content-weight", o.ContentWeight, "`WEIGHT` of the content")
	fs.Float64Var(&o.StyleWeight, "style-weight", o.StyleWeight, "`WEIGHT` of the style")
	fs.Float64Var(&o.StructureWeight, "structure-weight", o.StructureWeight, "`WEIGHT` of the content's edges (Laplacian pyramid)")
	fs.Float64Var(&o.SSIMWeight, "ssim-weight", o.SSIMWeight, "`WEIGHT` of the content's structural similarity")
	fs.Float64Var(&o.TVWeight, "tv-weight", o.TVWeight, "`WEIGHT` of the total variation: more is smoother")
	fs.Var((*word[render.Optimizer])(&o.Optimizer), "optimizer", "`NAME` of the optimiser: lbfgs, lbfgs-wolfe, adam or gd")
	fs.Float64Var(&o.LearningRate, "lr", o.LearningRate, "learning `RATE`; 0 is the optimiser's own")
	fs.IntVar(&o.History, "history", o.History, "`STEPS` that L-BFGS remembers: fewer take less memory")
	fs.Var((*word[render.Init])(&o.Init), "init", "what to `START` from: content, random, gray or a picture file")
	for _, list := range []string{"style-layer-weights", "style-blend"} { // which would be shown as []
		fs.Lookup(list).DefValue = ""
	}
	fs.IntVar(&o.Scales, "scales", o.Scales, "`NUMBER` of sizes from coarse to fine, each half the next; 0 chooses")
}

func dreamFlags(fs *pflag.FlagSet, o *render.DreamOptions) {
	commonFlags(fs, &o.Common)
	fs.StringSliceVar(&o.Layers, "layers", o.Layers, "`LAYERS` whose activity is raised, with commas between")
	fs.IntSliceVar(&o.Channels, "channels", o.Channels, "`CHANNELS` of the layers to raise, counted from 0, rather than all")
	fs.IntVar(&o.Octaves, "octaves", o.Octaves, "`NUMBER` of sizes from coarse to fine")
	fs.Float64Var(&o.OctaveScale, "octave-scale", o.OctaveScale, "`FACTOR` from one size to the next")
	fs.Float64Var(&o.Step, "step", o.Step, "mean change of a pixel in one step, in `LEVELS` of 255")
	fs.IntVar(&o.Jitter, "jitter", o.Jitter, "`PIXELS` at most by which the picture is rolled before each step")
	fs.Float64Var(&o.TVWeight, "tv-weight", o.TVWeight, "`WEIGHT` of the total variation: more is smoother")
}

func visFlags(fs *pflag.FlagSet, o *render.VisOptions) {
	fs.IntVar(&o.Size, "size", o.Size, "side of each picture in `PIXELS`; if not given, what a network with classes was trained on")
	fs.IntVar(&o.Iterations, "iterations", o.Iterations, "`STEPS` of optimisation for each picture")
	fs.Uint64Var(&o.Seed, "seed", o.Seed, "`NUMBER` that starts every random choice")
	fs.Float64Var(&o.EntropyWeight, "entropy-weight", o.EntropyWeight, "`WEIGHT` of the cross entropy of a class, beside its logit")
	fs.IntVar(&o.Jitter, "jitter", o.Jitter, "`PIXELS` at most by which the picture is moved before each step")
	fs.Float64Var(&o.Zoom, "zoom", o.Zoom, "`FRACTION` at most by which it is zoomed")
	fs.Float64Var(&o.Turn, "turn", o.Turn, "`DEGREES` at most by which it is turned")
	fs.Float64Var(&o.LearningRate, "lr", o.LearningRate, "learning `RATE`")
	fs.Float64Var(&o.TVWeight, "tv-weight", o.TVWeight, "`WEIGHT` of the total variation: more is smoother")
}

// override sets in to what was given on the command line in from. Flags that to does not have are
// left alone.
func override(to, from *pflag.FlagSet) (err error) {
	from.Visit(func(f *pflag.Flag) {
		t := to.Lookup(f.Name)
		if t == nil || err != nil {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			err = t.Value.(pflag.SliceValue).Replace(list.GetSlice())
			return
		}
		err = t.Value.Set(f.Value.String())
	})
	return err
}

// word is a flag whose value is one of a set of words that package render checks.
type word[T ~string] string

func (w *word[T]) Set(s string) error { *w = word[T](s); return nil }
func (w *word[T]) String() string     { return string(*w) }
func (w *word[T]) Type() string       { return "string" }
