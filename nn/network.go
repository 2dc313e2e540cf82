package nn

// Network is a convolutional network as data: a list of layers, each after the ones it reads, and
// what has to be done to a picture before it goes in.
type Network struct {
	Name        string
	Description string // a sentence or two: what it is and where it comes from
	Input       Preprocess
	Layers      []Layer
	Classes     int    // how many classes the last layer tells apart; 0 without a classifier
	Head        string // the first layer of the classifier, which the layers before it do without
	InputSize   int    // how wide and high the pictures were that the classifier was trained on, in pixels

	// Content, Style and Dream are the layers that are read if nobody names any: for the content
	// and the style of style transfer, and to be amplified by a dream, of the latter the channels
	// DreamChannels only if there are any.
	Content, Style, Dream []string
	DreamChannels         []int
}

// Source is the name by which a layer reads the preprocessed picture.
const Source = "data"

// Layer is one step of a network. Fields that its kind does not use are zero.
type Layer struct {
	Name   string
	Kind   Kind
	Inputs []string // names of earlier layers, or Source; one, but for Concat

	Out            int    // Conv, Dense: output channels
	Kernel, Stride [2]int // Conv, MaxPool, AvgPool: height, width; both at least 1
	Pad            [4]int // Conv, MaxPool, AvgPool, ReflectPad: top, left, bottom, right
	// Same pads by the size of the picture instead, so that the result is as large divided by Stride,
	// rounded up; an odd pixel of padding goes below and to the right (TensorFlow's SAME).
	Same bool
	// Ceil rounds the size of a pooled picture up, so that the last windows may hang over its edge
	// (Caffe). A window that would start in the padding behind the picture is dropped.
	Ceil bool
	// CountPad has an AvgPool count padding as pixels of value 0, as PyTorch does by itself.
	CountPad bool
	LRN      LRNParams
}

// LRNParams are the parameters of local response normalisation over Size channels centred on each
// one: y = x·(K + Alpha/Size·Σx²)^-Beta (Krizhevsky et al. 2012, section 3.3, with Caffe's division
// of alpha by the size).
type LRNParams struct {
	Size           int
	Alpha, Beta, K float64
}

// Layer returns the layer of that name.
//
// The error is an UnknownLayerError.
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

// Classifier returns the layer whose channels are the logits of the classes: the last convolution or
// dense layer. It is empty if the network has no classes.
func (n *Network) Classifier() string {
	if n.Classes > 0 {
		for i := len(n.Layers) - 1; i >= 0; i-- {
			if l := n.Layers[i]; l.Kind == Conv || l.Kind == Dense {
				return l.Name
			}
		}
	}
	return ""
}
