package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
	"oneiro/nn"
)

// DreamOptions describe a dream: what the network sees in Image is amplified. DefaultDream returns them
// complete except for the picture.
type DreamOptions struct {
	Common
	MaskOptions
	AimOptions
	ShapeOptions
	FilmOptions
	LabelOptions
	CanvasOptions

	Image *Picture
	// Init is what the canvas starts as: InitContent, the picture, or InitWeights.
	Init Init

	// Layers are the layers to amplify: half the mean square of each is maximised, or the mean of the
	// channels Channels if there are any. With Class >= 0 it is the logit of that class instead.
	Layers   []string
	Channels ChannelList
	Class    int

	// Octaves is the number of sizes, each a factor OctaveScale smaller than the next, fewer if the
	// network cannot see them. The detail added at each size is carried over to the next. 0 is for as many as
	// have a shorter side of at least Smallest pixels, or 4 if those are fewer: things are as large in the
	// picture then as the network knows them, whatever its size.
	Octaves     int
	OctaveScale float64
	Smallest    int

	// LearningRate is the mean change of a pixel in one step, in units of 1/255 of white; or its standard
	// deviation, see GradientNorm.
	LearningRate float64
	// Jitter is the most pixels by which the picture is rolled before each step, so that the grid of the
	// network's strides does not show.
	Jitter int
	// TVWeight is the weight of the total variation, which suppresses noise.
	TVWeight float64

	within *region.Mask // of a spec: the regions that dream, if others do not
	// Of a frame of a clip: residual is added to Image before it dreams, H x W x 3 of the full size, or nil.
	clip     bool
	residual []float32
}

// DefaultDream returns the options of the first dreams (Mordvintsev, Olah and Tyka 2015, the notebook's
// deepdream function) with two differences. It takes 20 steps at each size unless the network has its own
// number, since 10 are faint. And where that has 4 octaves, there are as many as lead down to two thirds of the
// pictures that the network was trained on: from a picture much larger than those it makes nothing but fur.
func DefaultDream(net *nn.Network) DreamOptions {
	return DreamOptions{
		Common: Common{Iterations: cmp.Or(net.DreamSteps, 20)},
		Layers: net.Dream, Class: -1, Init: InitContent,
		OctaveScale: 1.4, Smallest: cmp.Or(net.InputSize, 224) * 2 / 3, LearningRate: 1.5, Jitter: 32,
		MaskOptions: MaskOptions{MaskFeather: defaultFeather}, ShapeOptions: defaultShape, FilmOptions: defaultFilm,
		AimOptions: AimOptions{GuideSize: aimSize(net)}, CanvasOptions: defaultCanvas,
	}
}

// fewestOctaves is the least number of octaves that is chosen for a picture.
const fewestOctaves = 4

// DreamSize is the longer side of a dream of a larger picture, unless Size says otherwise.
const DreamSize = 1024

// DreamTable has the options of DreamOptions.
var DreamTable = slices.Concat(
	option.Table{
		dreamSizeOption,
		dreamIterationsOption,
		seedOption,
		{Name: "octaves", Field: "Octaves", Unit: "number",
			Help:  "sizes to dream at one after the other, small to large",
			Zero:  fmt.Sprintf("is as many as suit picture and network, at least %d", fewestOctaves),
			Range: option.Between(1, 1000), Changes: option.Result | option.Memory, Basic: true},
		{Name: "octave-scale", Field: "OctaveScale", Unit: "factor",
			Help: "how many times as large as the last each size is", Range: option.Above(1).UpTo(8),
			Changes: option.Result | option.Memory},
		{Name: "smallest", Field: "Smallest", Unit: "pixels",
			Help:    "least side of the smallest size, unless --octaves is given",
			Default: "two thirds of what the network was trained on", Range: option.Between(1, MaxSize),
			Changes: option.Result | option.Memory},
		{Name: "init", Field: "Init", Unit: "start", Help: "what to start from", Choices: []string{string(InitContent)},
			Or: "a canvas that --save-canvas wrote", Names: option.File, Changes: option.Result | option.Memory},
	}.In("Picture"),
	octaveTable,
	option.Table{
		{Name: "layers", Field: "Layers", Unit: "layers",
			Help: "layers to amplify; deeper ones show larger things", Default: "the network's own",
			Names: option.Layer, Changes: option.Result | option.Memory, Basic: true},
		{Name: "channels", Field: "Channels", Unit: "channels",
			Help: "channels of the layers to amplify, counted from 0, such as 3,7,20-25", Default: "all",
			Range: option.Between(0, maxChannels-1), Changes: option.Result | option.Memory},
		{Name: "class", Field: "Class", None: "-1", Unit: "class",
			Help: "class to amplify instead of a layer, by name or number; see oneiro classes", Names: option.Class,
			Changes: option.Result | option.Memory, Basic: true},
		tvOption,
		{Name: "jitter", Field: "Jitter", Unit: "pixels",
			Help: "most that the picture is shifted before each step", Range: option.Between(0, MaxSize),
			Changes: option.Result},
	}.In("What to amplify"),
	swayTable,
	AimTable,
	option.Table{with(*RegionTable.Lookup("regions"), func(o *option.Option) {
		o.Help = "picture that divides the dream for --objective: each of its few colours is a region; " +
			"oneiro regions proposes one"
	}), *RegionTable.Lookup("region-names")}.In("What to amplify"),
	MaskTable,
	shapeTable,
	canvasTable,
	option.Table{
		{Name: "lr", Field: "LearningRate", Aliases: []string{"step"}, Unit: "levels",
			Help:  "mean change of a pixel per step, in 1/255: more is stronger",
			Range: option.Above(0).UpTo(255), Changes: option.Result, Basic: true},
	}.In("Optimiser"),
	filmTable,
	stopOptions,
)

// What differs from the options of other pipelines.
var (
	dreamSizeOption = with(sizeOption, func(o *option.Option) { // pictures may come straight from a camera
		o.Zero = fmt.Sprintf("keeps the size of the picture, up to %d", DreamSize)
	})
	dreamIterationsOption = with(iterationsOption, func(o *option.Option) {
		o.Default = fmt.Sprintf("20, or %d with the built-in network", nn.Builtin().DreamSteps)
	})
)

// with returns an option with a change.
func with(o option.Option, change func(*option.Option)) option.Option {
	change(&o)
	return o
}

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
	if err := wrong.Err(); err != nil {
		return o, err
	}
	if err := o.resolve(net, class); err != nil {
		return o, err
	}
	for _, key := range o.Keys {
		if err := key.Objective.numberClasses(class); err != nil {
			return o, err
		}
	}
	return o, nil
}

// check checks everything that can be checked without reading weights or computing. The error is an
// *OptionError that names every mistake, or a *SmallPictureError.
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
	case o.Class < 0 && len(o.Layers) == 0 && len(o.Objectives) == 0:
		m.add("layers", "name a layer", "has no layers")
	}
	o.checkMask(&m)
	o.checkAims(&m, net)
	o.checkShape(&m)
	o.checkFilm(&m, net)
	o.checkDreamCanvas(&m, net)
	m.layers("layers", net, o.Layers)
	for i, c := range o.Channels {
		if slices.Contains(o.Channels[:i], c) {
			m.add("channels", "name it once", "names %d twice", c)
		}
	}
	if err := m.err(); err != nil {
		return err
	}
	if err := o.fits(net); err != nil {
		return err
	}
	for _, key := range o.Keys {
		if len(key.Objective) > 0 {
			then := *o
			then.Objectives, then.Class, then.Channels, then.Keys = key.Objective, -1, nil, nil
			if err := then.fits(net); err != nil {
				return err
			}
		}
	}
	return nil
}

// fits checks that the picture is large enough for the network, at its final size and as it is, and that the
// channels exist.
func (o *DreamOptions) fits(net *nn.Network) error {
	net, err := net.Cut(o.layers(net)...)
	if err != nil {
		return err
	}
	full := o.full()
	for _, s := range []seen{
		{RoleImage, 0, o.Image, full, "size"}, {RoleImage, 0, o.Image, sizeOf(o.Image), ""},
	} {
		if err := s.check(net); err != nil {
			return err
		}
	}
	infos, err := net.Shapes(full.H, full.W, 3)
	if err != nil {
		return err
	}
	var m mistakes
	for _, l := range o.Layers {
		m.channels("channels", infos, l, o.Channels...)
	}
	if err := m.err(); err != nil {
		return err
	}
	sizes := octaves(o.full(), o.Octaves, o.Smallest, o.OctaveScale, fits(net))
	if err := o.aiming(net).fit(net, infos, sizes); err != nil {
		return err
	}
	return o.covers(len(sizes))
}

// layers returns the layers that the terms read.
func (o *DreamOptions) layers(net *nn.Network) []string { return o.aiming(net).reads(net) }

// full returns the size of the result.
func (o *DreamOptions) full() Size {
	longer := o.Size
	if longer == 0 && sizeOf(o.Image).longer() > DreamSize {
		longer = DreamSize
	}
	return rounding(imageio.FitSize).scaled(sizeOf(o.Image), longer)
}
