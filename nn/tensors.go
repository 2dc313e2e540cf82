package nn

// TensorSpec names a parameter that a network wants, with the shape to ask Params for.
type TensorSpec struct {
	Layer, Name string
	Shape       []int
}

// Len is how many numbers the parameter holds.
func (t TensorSpec) Len() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= int64(d)
	}
	return n
}

// Tensors lists the parameters of n in the order of its layers: the weight, then the bias of each
// convolution and dense layer.
//
// The error is a DescriptionError: n is not valid.
func (n *Network) Tensors() ([]TensorSpec, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	channels := n.channels(3)
	var all []TensorSpec
	for _, l := range n.Layers {
		var weight []int
		switch in := channels[l.Inputs[0]]; l.Kind {
		case Conv:
			weight = []int{l.Kernel[0], l.Kernel[1], in, l.Out}
		case Dense:
			weight = []int{in, l.Out}
		default:
			continue
		}
		all = append(all,
			TensorSpec{l.Name, l.Name + ".weight", weight},
			TensorSpec{l.Name, l.Name + ".bias", []int{l.Out}})
	}
	return all, nil
}

// Channels returns how many channels a layer has, 0 if there is no such layer.
func (n *Network) Channels(layer string) int { return n.channels(3)[layer] }

// channels returns how many channels each layer has, given those of the picture.
func (n *Network) channels(source int) map[string]int {
	channels := map[string]int{Source: source}
	for _, l := range n.Layers {
		out := l.Out
		if l.Kind != Conv && l.Kind != Dense {
			out = 0
			for _, in := range l.Inputs {
				out += channels[in]
			}
		}
		channels[l.Name] = out
	}
	return channels
}
