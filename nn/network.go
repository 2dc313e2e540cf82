package nn

import "oneiro/autodiff"

// Network is a convolutional network as data: its layers, each after those that it reads, and how a picture
// is prepared for the first.
type Network struct {
	Name        string
	Description string // what it is and where it comes from, in a sentence or two
	Input       Preprocess
	Layers      []Layer
	// Wrap replaces all padding by what is at the opposite edge of the picture.
	Wrap bool

	// Classes is the number of channels of the classifier, 0 if there is none. Head is the first layer of
	// the classification head: files that end at the last feature map lack it and what follows. InputSize
	// is the side, in pixels, of the pictures that the classifier was trained on.
	Classes   int
	Head      string
	InputSize int

	// Content and Style are the default layers of style transfer. Dream are those that a dream amplifies.
	Content, Style, Dream []string
	// ContentUnit is what style transfer multiplies the weights of terms that keep the content by, 0 for 1:
	// with it the same weights keep about as much of the content with every network. It is measured, and a
	// power of two, so that a weight divided by it comes back with all its bits.
	ContentUnit float64
	// DreamSteps is the default number of steps of a dream at each size, 0 for that of most networks.
	DreamSteps int
	// Vis are the default settings of feature visualisation where the network needs its own.
	Vis VisDefaults
}

// VisDefaults are settings for pictures that maximise a channel or a class. A zero leaves a setting as it is
// for all networks.
type VisDefaults struct {
	Size         int     // side of the picture, in pixels
	Jitter       int     // largest shift of the picture before a step, in pixels
	LearningRate float64 // of the coefficients of the picture

	EntropyWeight, TVWeight float64 // of the terms of the loss that keep the picture calm
}

// Source is the name of the preprocessed picture among the inputs of layers.
const Source = "data"

// Layer is one step of a network. Fields that its kind does not use are zero.
type Layer struct {
	Name   string
	Kind   Kind
	Inputs []string // names of earlier layers, or Source; several for Concat, one for the others

	Out            int    // Conv, Dense: output channels
	Kernel, Stride [2]int // Conv, MaxPool, AvgPool: height, width; at least 1
	Pad            [4]int // Conv, MaxPool, AvgPool, ReflectPad: top, left, bottom, right, in pixels
	// Mode is what the padding of a Conv is made of, unless Wrap is set. PadReflect is PadReplicate where the
	// input is no larger than the padding.
	Mode autodiff.PadMode
	// Same replaces Pad by as much padding as makes the result ⌈n/Stride⌉ pixels of n; an odd pixel is
	// added below and to the right (TensorFlow's SAME).
	Same bool
	// Ceil rounds the size of a pooled picture up, so that the last windows may extend beyond the padding
	// (Caffe). A window that would start beyond the picture is dropped.
	Ceil bool
	// CountPad makes AvgPool count padding as pixels of value 0, as PyTorch does by default.
	CountPad bool
	LRN      LRNParams
}

// LRNParams are the parameters of local response normalisation over Size channels centred on each channel:
// y = x·(K + Alpha/Size·Σx²)^-Beta (Krizhevsky et al. 2012, section 3.3, with Caffe's division of alpha by
// the size).
type LRNParams struct {
	Size           int
	Alpha, Beta, K float64
}

// Layer returns the layer called name. The error is an *UnknownLayerError.
func (n *Network) Layer(name string) (Layer, error) {
	for _, l := range n.Layers {
		if l.Name == name {
			return l, nil
		}
	}
	return Layer{}, n.unknown(name)
}

// clone returns a copy that shares nothing with n.
func (n *Network) clone() *Network {
	c := *n
	c.Layers = make([]Layer, len(n.Layers))
	for i, l := range n.Layers {
		l.Inputs = append([]string(nil), l.Inputs...)
		c.Layers[i] = l
	}
	return &c
}

// Classifier returns the name of the layer whose channels are the logits of the classes: the last one with
// parameters. It is empty if the network has no classes.
func (n *Network) Classifier() string {
	if n.Classes > 0 {
		for i := len(n.Layers) - 1; i >= 0; i-- {
			if row, _ := n.Layers[i].Kind.row(); row.params != nil {
				return n.Layers[i].Name
			}
		}
	}
	return ""
}
