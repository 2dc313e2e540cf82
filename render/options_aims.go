package render

import (
	"strconv"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
	"oneiro/nn"
)

// AimOptions say what a dream makes more of, in place of layers, channels or a class.
type AimOptions struct {
	LabelOptions
	// Objectives are what is maximised: the sum of them with their weights. With none it is what Layers,
	// Channels and Class say.
	Objectives Aims
	// GuideSize is the longer side at which the network is shown other pictures, if they are not smaller.
	GuideSize int

	within *region.Mask // of a spec: the regions that dream, if others do not
}

// LabelOptions divide a picture into regions.
type LabelOptions struct {
	// Regions says that there are regions: PictureGiven. On a command line it is the path.
	Regions string
	// Labels has the regions.
	Labels *region.Map
}

// Aim is an objective: one thing of which the picture is to show more, how much that counts, and where. As text
// it is KIND=VALUE:setting=value:setting=value.
type Aim struct {
	// Kind is the name of the objective: see aimKinds.
	Kind string
	// Layer is the layer that is read; empty for all of DreamOptions.Layers, and for pixels where the kind has
	// them.
	Layer    string
	Channels ChannelList
	// Class is the number of a class. On a command line it may be its name.
	Class string
	// Picture and From say that there are other pictures: PictureGiven. On a command line they are the paths.
	Picture, From string
	// At is the place of a neuron.
	At Place
	// Match is how vectors of a guide are compared: matchDot, which empty text stands for, or matchCosine.
	Match string
	// Power is that of the cosine with which products are multiplied.
	Power float64
	// Region is a region of the picture; empty for all of it.
	Region string
	// Octaves are the sizes at which the objective counts; the zero value for all.
	Octaves OctaveRange
	// Weight is how much the objective counts; 0 stands for 1. What has a negative weight becomes less.
	Weight float64

	// Guide and Base are the pictures.
	Guide, Base *Picture
}

const (
	matchDot    = "dot"
	matchCosine = "cosine"
)

// OctaveRange is the sizes First to Last of a dream, counted from 1, the smallest.
type OctaveRange struct{ LayerRange }

// AimTable has the options of AimOptions.
var AimTable = option.Table{
	{Name: "objective", Field: "Objectives", Unit: "objective",
		Help:    "what to make more of; may be given again: docs/dreams.md shows each",
		Choices: aimNames(), Or: "any with settings, such as guide=flowers.jpg:weight=2:region=blue",
		Default: "the layers, channels or class", Changes: option.Result | option.Memory, Basic: true},
	{Name: "guide-size", Field: "GuideSize", Unit: "pixels",
		Help:    "longer side at which the network is shown the pictures of objectives: the size of things that it knows",
		Default: "what the network was trained on", Range: option.Between(1, MaxSize),
		Changes: option.Result | option.Memory},
	with(*RegionTable.Lookup("regions"), func(o *option.Option) {
		o.Help = "picture that divides the dream for --objective: each of its few colours is a region; " +
			"oneiro regions proposes one"
	}),
}.In("What to amplify")

// aiming returns what is maximised.
func (o *DreamOptions) aiming(net *nn.Network) *aiming {
	g := &aiming{aims: o.Objectives, layers: o.Layers, photo: o.Image, relative: len(o.Objectives) > 0,
		labels: o.LabelOptions, guideSize: o.GuideSize}
	switch {
	case len(o.Objectives) > 0:
	case o.Class >= 0:
		g.aims = []Aim{{Kind: "class", Class: strconv.Itoa(o.Class)}}
	case len(o.Channels) > 0:
		g.aims = []Aim{{Kind: "channel", Channels: o.Channels}}
	default:
		g.aims = []Aim{{Kind: "l2"}}
	}
	return g
}

// shown returns the size at which the network is shown another picture.
func (o *AimOptions) shown(im *Picture) Size { return guideShown(im, o.GuideSize) }

func guideShown(im *Picture, side int) Size {
	return rounding(imageio.FitSize).scaled(sizeOf(im), min(side, sizeOf(im).longer()))
}

// aimReadings lists the other pictures of the objectives.
func (o *AimOptions) aimReadings(until int) (all []Reading) {
	for i := range o.Objectives {
		a := &o.Objectives[i]
		for _, im := range []*Picture{a.Guide, a.Base} {
			if im != nil {
				all = append(all, Reading{Picture: im, Size: o.shown(im), Until: until})
			}
		}
	}
	return all
}
