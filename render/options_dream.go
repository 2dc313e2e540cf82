package render

import (
	"maps"
	"slices"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/nn"
)

// DreamOptions describe a dream: what the network sees in Image is amplified. DefaultDream returns them
// complete except for the picture.
type DreamOptions struct {
	Common

	Image *Picture

	// Layers are the layers to amplify: half the mean square of each is maximised, or the mean of the
	// channels Channels if there are any. With Class >= 0 it is the logit of that class instead.
	Layers   []string
	Channels ChannelList
	Class    int

	// Octaves is the number of sizes, each a factor OctaveScale smaller than the next, fewer if the
	// network cannot see them. The detail added at each size is carried over to the next.
	Octaves     int
	OctaveScale float64

	// LearningRate is the mean change of a pixel in one step, in units of 1/255 of white.
	LearningRate float64
	// Jitter is the most pixels by which the picture is rolled before each step, so that the grid of the
	// network's strides does not show.
	Jitter int
	// TVWeight is the weight of the total variation, which suppresses noise.
	TVWeight float64
}

// DefaultDream returns the options of the first dreams (Mordvintsev, Olah and Tyka 2015, the
// notebook's deepdream function): 4 octaves of 10 steps, each 1.4 times larger than the last.
func DefaultDream(net *nn.Network) DreamOptions {
	return DreamOptions{
		Common: Common{Iterations: 10},
		Layers: net.Dream, Class: -1,
		Octaves: 4, OctaveScale: 1.4, LearningRate: 1.5, Jitter: 32,
	}
}

// DreamTable has the options of DreamOptions.
var DreamTable = slices.Concat(
	option.Table{
		sizeOption,
		iterationsOption,
		seedOption,
		{Name: "octaves", Field: "Octaves", Unit: "number",
			Help: "sizes to dream at one after the other, small to large", Range: option.Between(1, 1000),
			Changes: option.Result | option.Memory, Basic: true},
		{Name: "octave-scale", Field: "OctaveScale", Unit: "factor",
			Help: "how many times as large as the last each size is", Range: option.Above(1).UpTo(8),
			Changes: option.Result | option.Memory},
	}.In("Picture"),
	option.Table{
		{Name: "layers", Field: "Layers", Unit: "layers",
			Help: "layers to amplify; deeper ones show larger things", Default: "the network's own",
			Names: option.Layer, Changes: option.Result | option.Memory, Basic: true},
		{Name: "channels", Field: "Channels", Unit: "channels",
			Help: "channels of the layers to amplify, counted from 0, such as 3,7,20-25", Default: "all",
			Range: option.Between(0, maxChannels-1), Changes: option.Result | option.Memory},
		{Name: "class", Field: "Class", None: "-1", Unit: "class",
			Help: "class to amplify instead of a layer, by name or number", Names: option.Class,
			Changes: option.Result | option.Memory, Basic: true},
		tvOption,
		{Name: "jitter", Field: "Jitter", Unit: "pixels",
			Help: "most that the picture is shifted before each step", Range: option.Between(0, MaxSize),
			Changes: option.Result},
	}.In("What to amplify"),
	option.Table{
		{Name: "lr", Field: "LearningRate", Aliases: []string{"step"}, Unit: "levels",
			Help:  "mean change of a pixel per step, in 1/255: more is stronger",
			Range: option.Above(0).UpTo(255), Changes: option.Result, Basic: true},
	}.In("Optimiser"),
	stopOptions,
)

// DreamFrom returns the options of a dream from text, as StyleFrom does.
func DreamFrom(net *nn.Network, values option.Values, class ClassFinder) (DreamOptions, error) {
	o := DefaultDream(net)
	number, err := class(values["class"])
	if err != nil {
		return o, err
	}
	rest := maps.Clone(values)
	delete(rest, "class")
	wrong := DreamTable.Set(&o, rest)
	o.Class = number
	return o, wrong.Err()
}

// check checks everything that can be checked without reading weights or computing. The error is an
// *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *DreamOptions) check(net *nn.Network) error {
	m := mistakes{DreamTable.Check(o)}
	if o.Image == nil {
		m.add("image", "give a picture", "is missing")
	}
	if o.Class != -1 {
		m.class("class", net, o.Class)
	}
	switch {
	case o.Class >= 0 && len(o.Channels) > 0:
		m.add("channels", "give one of the two", "cannot be combined with class")
	case o.Class < 0 && len(o.Layers) == 0:
		m.add("layers", "name a layer", "has no layers")
	}
	m.layers("layers", net, o.Layers)
	if err := m.err(); err != nil {
		return err
	}
	return o.fits(net)
}

// fits checks that the picture is large enough for the network, at its final size and as it is, and that the
// channels exist.
func (o *DreamOptions) fits(net *nn.Network) error {
	net, err := net.Cut(o.layers(net)...)
	if err != nil {
		return err
	}
	if _, err := net.Shapes(o.Image.H, o.Image.W, 3); err != nil {
		return err
	}
	full := o.full()
	infos, err := net.Shapes(full.H, full.W, 3)
	if err != nil {
		return err
	}
	var m mistakes
	for _, l := range o.Layers {
		m.channels("channels", infos, l, o.Channels...)
	}
	return m.err()
}

// layers returns the layers that the terms read.
func (o *DreamOptions) layers(net *nn.Network) []string {
	if o.Class >= 0 {
		return []string{net.Classifier()}
	}
	return o.Layers
}

// full returns the size of the result.
func (o *DreamOptions) full() Size { return rounding(imageio.FitSize).scaled(sizeOf(o.Image), o.Size) }
