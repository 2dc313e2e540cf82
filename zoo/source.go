package zoo

import (
	"oneiro/nn"
	"oneiro/weights"
)

// Source is a parameter of a network, to be written in PyTorch's layout: outputs, inputs, height, width. With
// half, it is rounded to float16.
func Source(t nn.TensorSpec, params nn.Params, half bool) weights.TensorSource {
	out := weights.TensorSource{Name: t.Name, Shape: t.Shape, Layout: weights.O, Half: half}
	out.Values = func() ([]float32, error) { return params.Tensor(t.Name, t.Shape...) }
	switch len(t.Shape) {
	case 4:
		out.Shape, out.Layout = []int{t.Shape[3], t.Shape[2], t.Shape[0], t.Shape[1]}, weights.OIHW
		out.Values = outputsFirst(out.Values, t.Shape[0]*t.Shape[1], t.Shape[2], t.Shape[3])
	case 2:
		out.Shape, out.Layout = []int{t.Shape[1], t.Shape[0]}, weights.OI
		out.Values = outputsFirst(out.Values, 1, t.Shape[0], t.Shape[1])
	}
	return out
}

// Sources lists all parameters of a network, as Source has them. The error is that of nn.Network.Tensors.
func Sources(net *nn.Network, params nn.Params, half bool) ([]weights.TensorSource, error) {
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	var all []weights.TensorSource
	for _, t := range specs {
		all = append(all, Source(t, params, half))
	}
	return all, nil
}

// outputsFirst turns taps x inputs x outputs into outputs x inputs x taps.
func outputsFirst(values func() ([]float32, error), taps, in, out int) func() ([]float32, error) {
	return func() ([]float32, error) {
		from, err := values()
		if err != nil {
			return nil, err
		}
		to := make([]float32, len(from))
		for t := range taps {
			for i := range in {
				for o := range out {
					to[(o*in+i)*taps+t] = from[(t*in+i)*out+o]
				}
			}
		}
		return to, nil
	}
}
