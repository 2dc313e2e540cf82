package render

import (
	"cmp"
	"slices"

	"oneiro/nn"
)

// VisOptions describe pictures that parts of a network answer to most, made from noise (Olah et al.
// 2017, "Feature Visualization"). DefaultVis gives complete ones but for parameters and targets.
// Size is the side of each picture, which is square, and Iterations are steps for each of them.
type VisOptions struct {
	Common

	// Targets are what to make pictures of, one of each.
	Targets []Target

	// EntropyWeight is the weight of the cross entropy of a class, beside its logit with weight 1. It
	// leaves out what belongs to many classes, but rests when the class is certain.
	EntropyWeight float64
	// Jitter, Zoom and Turn are how the network is shown the picture in each step: moved by up to so
	// many pixels, zoomed by up to a fraction and turned by up to so many degrees, by chance.
	Jitter     int
	Zoom, Turn float64
	// LearningRate is the learning rate of Adam, in units of the picture's coefficients.
	LearningRate float64
	// TVWeight is the weight of the total variation, which keeps noise down.
	TVWeight float64
}

// Target is something that a network has a picture of: the channel Index of Layer, or all of them if
// that is -1. Without a layer it is the class Index.
type Target struct {
	Layer string
	Index int
}

// DefaultVis returns the options that make good pictures without tuning, as large as those that the
// network was trained on if that is known.
func DefaultVis(net *nn.Network) VisOptions {
	v := net.Vis
	return VisOptions{
		Common: Common{Size: cmp.Or(v.Size, net.InputSize, 192), Iterations: 256},
		Jitter: cmp.Or(v.Jitter, 48), Zoom: 0.25, Turn: 15, LearningRate: cmp.Or(v.LearningRate, 0.07),
		EntropyWeight: v.EntropyWeight, TVWeight: v.TVWeight,
	}
}

// check checks everything that can be checked without reading weights or computing. The error is
// an *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *VisOptions) check(net *nn.Network) error {
	if m := o.mistakes(net); len(m.Mistakes) > 0 {
		return m.err()
	}
	return o.fits(net)
}

// fits checks that the network can see pictures of that size, and that the channels are there.
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

// layer returns the layer that shows the target.
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
