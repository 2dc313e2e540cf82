package render

import (
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// StyleOptions describe a style transfer: the picture Content painted in the manner of Styles.
// DefaultStyle and NeuralStylePT give complete ones but for pictures and network.
type StyleOptions struct {
	Common

	Content *Picture
	// Styles are the pictures whose Gram matrices are aimed at, blended with the weights Blend, or
	// equally if that is nil.
	Styles []*Picture
	Blend  []float64
	// StyleScale is the size of the style pictures, as a factor of the canvas's longer side. Larger
	// ones give larger strokes.
	StyleScale float64

	// ContentLayers and StyleLayers are the layers compared. Every style layer has the weight 1, or
	// that of StyleLayerWeights; the sum is scaled to 1 unless Form is NeuralStyle.
	ContentLayers, StyleLayers []string
	StyleLayerWeights          []float64

	// The weights of the terms. A term of weight 0 is left out.
	ContentWeight, StyleWeight, StructureWeight, SSIMWeight, TVWeight float64

	// Form says in what units terms and canvas are.
	Form Form

	Optimizer Optimizer
	// LearningRate is the learning rate; 0 stands for the optimiser's default: 1 for L-BFGS, 0.02 for Adam
	// and 0.01 for gradient descent, the latter two in units of white (in Form NeuralStyle all are 1,
	// in units of 1/255 of white).
	LearningRate float64
	// History is the number of steps that L-BFGS remembers.
	History int

	// Init is what the canvas begins as, InitImage the picture for InitPicture.
	Init      Init
	InitImage *Picture

	// Scales is the number of sizes, each half as large as the next; 0 stands for as many as stay
	// above 128 pixels.
	Scales int
}

// Form is a choice of units.
type Form string

const (
	// Relative terms are divided by the square of their target, so that weights mean the same for
	// all networks, layers and sizes. The canvas is in 0..1; Adam and gradient descent keep it there,
	// L-BFGS, whose model a clamp would spoil, only at the end of a size.
	Relative Form = "relative"
	// NeuralStyle terms and canvas are those of neural-style-pt: means of squares of features, the
	// sum of a total variation, a canvas of 255 for white less the network's mean colour that is
	// clamped only at the end.
	NeuralStyle Form = "neural-style-pt"
)

// Optimizer is a way to descend.
type Optimizer string

// The optimisers.
const (
	LBFGS      Optimizer = "lbfgs"
	LBFGSWolfe Optimizer = "lbfgs-wolfe" // with a line search
	Adam       Optimizer = "adam"
	Descent    Optimizer = "gd"
)

// Optimizers are the optimisers there are.
var Optimizers = []Optimizer{LBFGS, LBFGSWolfe, Adam, Descent}

// Init is what a canvas begins as.
type Init string

// The beginnings.
const (
	InitContent Init = "content" // the content image
	InitRandom  Init = "random"  // noise around the mean colour
	InitGray    Init = "gray"    // almost even gray
	InitPicture Init = "picture" // another picture
)

// DefaultStyle returns the options that make good pictures without tuning, for a network. Pictures
// and parameters are the caller's to add.
func DefaultStyle(net *nn.Network) StyleOptions {
	return StyleOptions{
		Common:        Common{Size: 512, Iterations: 100},
		StyleScale:    1,
		ContentLayers: net.Content, StyleLayers: net.Style,
		ContentWeight: 1, StyleWeight: 100, TVWeight: 3,
		Form: Relative, Optimizer: LBFGS, History: 10, Init: InitContent,
	}
}

// NeuralStylePT returns the formulas and defaults of the program neural-style-pt. An engine given to it
// follows that program's losses closest with tiles of 4 (EngineOptions.Tiles).
func NeuralStylePT(net *nn.Network) StyleOptions {
	return StyleOptions{
		Common:        Common{Size: 512, Iterations: 1000},
		StyleScale:    1,
		ContentLayers: net.Content, StyleLayers: net.Style,
		ContentWeight: 5, StyleWeight: 100, TVWeight: 1e-3,
		Form: NeuralStyle, Optimizer: LBFGS, History: 100, Init: InitRandom, Scales: 1,
	}
}

// check checks everything that can be checked without reading weights or computing. The error is
// an *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *StyleOptions) check(net *nn.Network) error {
	if m := o.mistakes(net); len(m.Mistakes) > 0 {
		return m.err()
	}
	return o.fits(net)
}

// fits checks that the network can see the pictures at their final sizes and as they are: one that it
// cannot see says nothing for being enlarged.
func (o *StyleOptions) fits(net *nn.Network) error {
	layers := o.layers()
	if len(layers) == 0 {
		return nil
	}
	net, err := net.Cut(layers...)
	if err != nil {
		return err
	}
	full := o.full()
	sizes := []Size{full, {o.Content.W, o.Content.H}}
	for _, s := range o.Styles {
		sizes = append(sizes, o.styleSize(s, full), Size{s.W, s.H})
	}
	for _, e := range sizes {
		if _, err := net.Shapes(e.H, e.W, 3); err != nil {
			return err
		}
	}
	return nil
}

// layers returns the layers that terms with a weight read.
func (o *StyleOptions) layers() []string {
	var names []string
	if o.ContentWeight > 0 {
		names = append(names, o.ContentLayers...)
	}
	if o.StyleWeight > 0 {
		names = append(names, o.StyleLayers...)
	}
	return names
}

// full returns the size of the result.
func (o *StyleOptions) full() Size { return scaled(o.Content, o.Size) }

// styleSize returns the size of a style picture that goes with a canvas.
func (o *StyleOptions) styleSize(s *Picture, canvas Size) Size {
	w, h := imageio.FitSize(s.W, s.H, max(int(float64(max(canvas.W, canvas.H))*o.StyleScale), 1))
	return Size{w, h}
}
