package nn

import "fmt"

// LayerInfo is what a layer makes of a picture of a given size.
type LayerInfo struct {
	Name    string
	Kind    Kind
	H, W, C int
	// Field is the receptive field: how many pixels of the picture, down and across, can change one
	// pixel of the layer. Jump is how many pixels of the picture lie between two neighbours.
	Field, Jump [2]int
	Params      int64
	// FLOPs counts additions and multiplications of the direct method, those on padding included: two
	// for each weight of a convolution and each pixel, one for each pixel of a pool's window, one for
	// each output of a ReLU, 8 of an LRN, 5 of a softmax, none for a concatenation.
	FLOPs float64
}

// Shapes returns, for every layer in order, what it makes of a picture of h x w pixels and c
// channels.
//
// The error is a TooSmallError, which names the first layer that the picture does not reach, or a
// DescriptionError.
func (n *Network) Shapes(h, w, c int) ([]LayerInfo, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	if c < 1 {
		return nil, &DescriptionError{n.Name, "", fmt.Sprintf("a picture of %d channels", c)}
	}
	channels := n.channels(c)
	rows, lost := n.walk(h, 0)
	columns, alsoLost := n.walk(w, 1)
	if lost < len(n.Layers) || alsoLost < len(n.Layers) {
		return nil, &TooSmallError{n.Name, n.Layers[min(lost, alsoLost)].Name, h, w, n.least(0), n.least(1)}
	}
	infos := make([]LayerInfo, len(n.Layers))
	for i, l := range n.Layers {
		y, x, in := rows[l.Name], columns[l.Name], l.Inputs[0]
		for _, other := range l.Inputs[1:] {
			if rows[other].n != rows[in].n || columns[other].n != columns[in].n {
				return nil, &DescriptionError{n.Name, l.Name, fmt.Sprintf("%s and %s differ in size", in, other)}
			}
		}
		if l.Kind == Dense && (y.n != 1 || x.n != 1) {
			return nil, &DescriptionError{n.Name, l.Name, fmt.Sprintf("a dense layer on %dx%d pixels", x.n, y.n)}
		}
		infos[i] = LayerInfo{
			Name: l.Name, Kind: l.Kind, H: y.n, W: x.n, C: channels[l.Name],
			Field: [2]int{y.field, x.field}, Jump: [2]int{y.jump, x.jump},
		}
		infos[i].cost(l, channels[in], rows[in].n, columns[in].n)
	}
	return infos, nil
}

// cost fills in what the layer costs, given its input of h x w pixels and c channels.
func (i *LayerInfo) cost(l Layer, c, h, w int) {
	out := float64(i.H) * float64(i.W) * float64(i.C)
	switch l.Kind {
	case Conv, Dense:
		fanIn := int64(c)
		if l.Kind == Conv {
			fanIn *= int64(l.Kernel[0]) * int64(l.Kernel[1])
		}
		i.Params = (fanIn + 1) * int64(i.C)
		i.FLOPs = 2 * out * float64(fanIn)
	case MaxPool, AvgPool:
		i.FLOPs = out * float64(l.Kernel[0]*l.Kernel[1])
	case GlobalAvgPool:
		i.FLOPs = out * float64(h) * float64(w)
	case ReLU:
		i.FLOPs = out
	case LRN:
		i.FLOPs = 8 * out
	case Softmax:
		i.FLOPs = 5 * out
	}
}
