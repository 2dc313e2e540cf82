package render

import (
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// Filters returns the filters of a convolution that reads the picture itself, each as a picture: gray
// where a weight is 0, and as far from it as the filter's largest weight allows. The errors are an
// *OptionError and those of params.
func Filters(net *nn.Network, params nn.Params, layer string) ([]*Picture, error) {
	first := ""
	for _, l := range net.Layers {
		if l.Kind == nn.Conv && l.Inputs[0] == nn.Source && first == "" {
			first = l.Name
		}
	}
	l, err := net.Layer(layer)
	if err != nil || l.Kind != nn.Conv || l.Inputs[0] != nn.Source {
		return nil, mistake("filters", "choose "+first,
			"must be a convolution of %s that reads the picture, not %q", net.Name, layer)
	}
	h, w := l.Kernel[0], l.Kernel[1]
	weights, err := params.Tensor(l.Name+".weight", h, w, 3, l.Out)
	if err != nil {
		return nil, err
	}
	pictures := make([]*Picture, l.Out)
	for o := range pictures {
		var largest float32
		for i := o; i < len(weights); i += l.Out {
			largest = max(largest, weights[i], -weights[i])
		}
		if largest == 0 {
			largest = 1
		}
		im := imageio.New(w, h)
		for i := range im.Pix {
			colour := i % 3
			if net.Input.Order == nn.BGR {
				colour = 2 - colour
			}
			im.Pix[i-i%3+colour] = 0.5 + 0.5*weights[i*l.Out+o]/largest
		}
		pictures[o] = im
	}
	return pictures, nil
}
