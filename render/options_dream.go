package render

import "oneiro/nn"

// DreamOptions describe a dream: what the network sees in Image is amplified. DefaultDream gives
// complete ones but for picture and parameters.
type DreamOptions struct {
	Common

	Image *Picture

	// Layers are the layers whose activity is raised: half the mean square of each, or the mean of
	// the channels Channels if there are any. With Class >= 0 it is the logit of that class instead.
	Layers   []string
	Channels []int
	Class    int

	// Octaves is the number of sizes, each a factor OctaveScale smaller than the next, fewer if the
	// network cannot see them. The detail that a size brings forth is carried on to the next.
	Octaves     int
	OctaveScale float64

	// LearningRate is the mean change of a pixel in one step, in units of 1/255 of white.
	LearningRate float64
	// Jitter is by how many pixels at most the picture is rolled before each step, so that no grid
	// of the network's strides shows.
	Jitter int
	// TVWeight is the weight of the total variation, which keeps noise down.
	TVWeight float64
}

// DefaultDream returns the options of the first dreams (Mordvintsev, Olah and Tyka 2015, the
// notebook's deepdream function): 4 octaves of 10 steps, each 1.4 times larger than the last.
func DefaultDream(net *nn.Network) DreamOptions {
	return DreamOptions{
		Common: Common{Iterations: 10},
		Layers: net.Dream, Channels: net.DreamChannels,
		Class:   -1,
		Octaves: 4, OctaveScale: 1.4, LearningRate: 1.5, Jitter: 32,
	}
}

// check checks everything that can be checked without reading weights or computing. The error is
// an *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *DreamOptions) check(net *nn.Network) error {
	if m := o.mistakes(net); len(m.Mistakes) > 0 {
		return m.err()
	}
	return o.fits(net)
}

// fits checks that the network can see the picture at its final size and as it is, and that the
// channels are there.
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
func (o *DreamOptions) full() Size { return scaled(o.Image, o.Size) }
