package render

import (
	"cmp"
	"slices"

	"oneiro/internal/option"
	"oneiro/nn"
)

// VisOptions describe pictures that parts of a network respond to most, made from noise (Olah et al. 2017,
// "Feature Visualization"). DefaultVis returns them complete except for the targets. Size is the side of each
// picture, which is square, and Iterations are steps for each of them.
type VisOptions struct {
	Common

	// Targets are what to draw, one picture of each.
	Targets []Target
	// Atlas is the layer of an atlas, which has no Targets: each channel is drawn by itself. It is for the caller
	// to do so.
	Atlas string

	// EntropyWeight is the weight of the cross entropy of a class, in addition to its logit with weight 1. It
	// suppresses what belongs to many classes, but has no gradient once the class is certain.
	EntropyWeight float64
	// Jitter, Zoom and Turn are the random transform of each step: shifted by up to so many pixels, zoomed
	// by up to a fraction and turned by up to so many degrees.
	Jitter     int
	Zoom, Turn float64
	// LearningRate is the learning rate of Adam, in units of the picture's coefficients.
	LearningRate float64
	// TVWeight is the weight of the total variation, which suppresses noise.
	TVWeight float64
}

// Target is a part of a network that can be visualised: the channel Index of Layer, or all of its channels if
// that is -1. Without a layer it is the class Index.
type Target struct {
	Layer string
	Index int
}

// DefaultVis returns options that make good pictures without tuning, as large as those that the network was
// trained on if that is known.
func DefaultVis(net *nn.Network) VisOptions {
	v := net.Vis
	return VisOptions{
		Common: Common{Size: cmp.Or(v.Size, net.InputSize, 192), Iterations: 256},
		Jitter: cmp.Or(v.Jitter, 48), Zoom: 0.25, Turn: 15, LearningRate: cmp.Or(v.LearningRate, 0.07),
		EntropyWeight: v.EntropyWeight, TVWeight: v.TVWeight,
	}
}

// VisTable has the options of VisOptions.
var VisTable = slices.Concat(
	option.Table{
		{Name: "targets", Field: "Targets", Unit: "targets",
			Help:    "what to draw, in one list: LAYER, LAYER:CHANNEL or class:NUMBER with commas between",
			Changes: option.Result | option.Memory},
		{Name: "atlas", Field: "Atlas", Unit: "layer",
			Help:  "draw each channel of this layer by itself, small unless --size and --iterations are given",
			Names: option.Layer, Changes: option.Result | option.Memory},
	}.In("What to draw"),
	option.Table{
		{Name: "size", Field: "Size", Unit: "pixels", Help: "side of each picture",
			Default: "the network's own", Range: option.Between(1, MaxSize),
			Changes: option.Result | option.Memory, Basic: true},
		{Name: "iterations", Field: "Iterations", Unit: "steps", Help: "optimisation steps for each picture",
			Range: option.Between(1, MaxIterations), Changes: option.Result, Basic: true},
		seedOption,
	}.In("Picture"),
	option.Table{
		{Name: "entropy-weight", Field: "EntropyWeight", Unit: "weight",
			Help: "weight of the cross entropy of a class, beside its logit", Default: "the network's own",
			Range: option.Between(0, maxWeight), Changes: option.Result | option.Memory},
		{Name: "tv-weight", Field: "TVWeight", Unit: "weight",
			Help: "weight of the total variation: more is smoother", Default: "the network's own",
			Range: option.Between(0, maxWeight), Changes: option.Result | option.Memory},
		{Name: "jitter", Field: "Jitter", Unit: "pixels",
			Help: "most that the picture is shifted before each step", Default: "the network's own",
			Range: option.Between(0, MaxSize), Changes: option.Result},
		{Name: "zoom", Field: "Zoom", Unit: "fraction",
			Help: "most that the picture is zoomed before each step", Range: option.Between(0, 1),
			Changes: option.Result},
		{Name: "turn", Field: "Turn", Unit: "degrees",
			Help: "most that the picture is turned before each step", Range: option.Between(0, 180),
			Changes: option.Result},
	}.In("Look"),
	option.Table{
		{Name: "lr", Field: "LearningRate", Unit: "rate", Help: "learning rate", Default: "the network's own",
			Range: option.Above(0).UpTo(10), Changes: option.Result},
	}.In("Optimiser"),
)

// VisFrom returns the options of visualisations from text, as StyleFrom does. Beside the options of VisTable
// it understands those of SelectionTable.
func VisFrom(net *nn.Network, values option.Values, class ClassFinder) (VisOptions, error) {
	o := DefaultVis(net)
	var s Selection
	selection, rest := SelectionTable.Split(values)
	wrong := append(SelectionTable.Set(&s, selection), VisTable.Set(&o, rest)...)
	if err := wrong.Err(); err != nil {
		return o, err
	}
	if s != (Selection{}) && len(o.Targets) > 0 {
		return o, mistake("targets", "give one of them",
			"cannot be combined with other options that say what to draw")
	}
	if o.Atlas != "" {
		return o, o.atlas(net, values, s)
	}
	if len(o.Targets) > 0 {
		return o, nil
	}
	var err error
	o.Targets, err = s.Targets(net, class)
	return o, err
}

// What a channel of an atlas is drawn with.
const (
	atlasSize       = 96
	atlasIterations = 64
)

// atlas checks the options of an atlas, and makes it small.
func (o *VisOptions) atlas(net *nn.Network, values option.Values, s Selection) error {
	var m mistakes
	if s != (Selection{}) || len(o.Targets) > 0 {
		m.add("atlas", "give one of them", "cannot be combined with other options that say what to draw")
	}
	m.layers("atlas", net, []string{o.Atlas})
	if values["size"] == "" {
		o.Size = atlasSize
	}
	if values["iterations"] == "" {
		o.Iterations = atlasIterations
	}
	return m.err()
}

// check checks everything that can be checked without reading weights or computing. The error is an
// *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *VisOptions) check(net *nn.Network) error {
	m := mistakes{VisTable.Check(o)}
	if len(o.Targets) == 0 {
		m.add("targets", "name a layer or a class", "has nothing to draw")
	}
	for _, t := range o.Targets {
		if t.Layer == "" {
			m.class("class", net, t.Index)
		} else {
			m.layers("layer", net, []string{t.Layer})
		}
	}
	if err := m.err(); err != nil {
		return err
	}
	return o.fits(net)
}

// fits checks that pictures of that size are large enough for the network, and that the channels exist.
func (o *VisOptions) fits(net *nn.Network) error {
	net, err := net.Cut(o.layers(net)...)
	if err != nil {
		return err
	}
	infos, err := net.Shapes(o.Size, o.Size, 3)
	if err != nil {
		return err
	}
	var m mistakes
	for _, t := range o.Targets {
		if t.Layer != "" && t.Index != -1 {
			m.channels("channel", infos, t.Layer, t.Index)
		}
	}
	return m.err()
}

// layer returns the layer that the target is read from.
func (t Target) layer(net *nn.Network) string {
	if t.Layer == "" {
		return net.Classifier()
	}
	return t.Layer
}

// layers returns the layers that the targets read.
func (o *VisOptions) layers(net *nn.Network) []string {
	var names []string
	for _, t := range o.Targets {
		names = append(names, t.layer(net))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
