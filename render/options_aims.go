package render

import (
	"cmp"
	"slices"
	"strconv"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
	"oneiro/nn"
)

// AimOptions say what a picture is to show more of.
type AimOptions struct {
	// Objectives are what is maximised: the sum of them with their weights. With none a dream has those that
	// Layers, Channels and Class say.
	Objectives Aims
	// Bookmarks are words that the network's table has. DreamFrom and StyleFrom make objectives of them.
	Bookmarks []string
	// GuideSize is the longer side at which the network is shown other pictures, if they are not smaller.
	GuideSize int
}

// LabelOptions divide a picture into regions.
type LabelOptions struct {
	// Regions says that there are regions: PictureGiven. On a command line it is the path.
	Regions string
	// Labels has the regions.
	Labels *region.Map
	// RegionNames are what regions may be called beside their colours.
	RegionNames []RegionName
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
	// Scale is the size of a picture whose manner is taken relative to the canvas; 0 stands for 1.
	Scale float64
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
	{Name: "bookmark", Field: "Bookmarks", Unit: "words",
		Help: "what to make more of, by a word such as eyes, birds or houses: docs/dreams.md lists those of " +
			"each network",
		Default: "none", Changes: option.Result | option.Memory},
}.In("What to amplify")

// styleAimTable has the options of AimOptions for a style transfer.
var styleAimTable = slices.Concat(option.Table{
	with(*AimTable.Lookup("objective"), func(o *option.Option) {
		o.Help = "what to make more of beside the style, such as class=eye; may be given again: docs/dreams.md shows each"
		o.Default, o.Basic = "nothing", false
	}),
}, AimTable.Without("objective"))

// aimSize is the default of GuideSize.
func aimSize(net *nn.Network) int { return cmp.Or(net.InputSize, 224) }

// resolve makes objectives of bookmarks, and numbers of the names of classes.
func (o *AimOptions) resolve(net *nn.Network, class ClassFinder) error {
	if err := o.takeBookmarks(net); err != nil {
		return err
	}
	return o.Objectives.numberClasses(class)
}

// numberClasses replaces the names of classes by their numbers.
func (a Aims) numberClasses(class ClassFinder) error {
	for i := range a {
		if a[i].Class == "" {
			continue
		}
		number, err := class(a[i].Class)
		if err != nil {
			return err
		}
		a[i].Class = strconv.Itoa(number)
	}
	return nil
}

// aiming returns what a dream makes more of.
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

// aiming returns what a style transfer makes more of beside its style.
func (o *StyleOptions) aiming(net *nn.Network) *aiming {
	beside := aimBeside
	if o.Method == NNST {
		beside = aimBesideNeighbours
	}
	return &aiming{aims: o.Objectives, layers: net.Dream, photo: o.Content, relative: true, labels: o.LabelOptions,
		guideSize: o.GuideSize, beside: beside}
}

// What weights of objectives are multiplied by beside a style of the default weight, chosen by eye for the
// built-in network and GoogLeNet: with a weight of 1 eyes are to be seen in a painting, and with 5 they are all
// over it.
const (
	aimBeside           = 4.0
	aimBesideNeighbours = 0.25
)

// guideShown returns the size at which the network is shown another picture.
func guideShown(im *Picture, side int) Size {
	return rounding(imageio.FitSize).scaled(sizeOf(im), min(side, sizeOf(im).longer()))
}

// readings lists the other pictures of the objectives.
func (o *AimOptions) readings(stages []Size) (all []Reading) {
	for i := range o.Objectives {
		a := &o.Objectives[i]
		if kind := kindOf(a.Kind); kind != nil && kind.statistic {
			for k, s := range stages {
				all = append(all, Reading{Picture: a.Guide, Size: a.styleShown(s), Until: k})
			}
			continue
		}
		for _, im := range []*Picture{a.Guide, a.Base} {
			if im != nil {
				all = append(all, Reading{Picture: im, Size: guideShown(im, o.GuideSize), Until: len(stages) - 1})
			}
		}
	}
	return all
}
