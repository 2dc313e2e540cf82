package zoo

import (
	"oneiro/nn"
	"oneiro/weights"
)

// Source is a parameter of a network, to be written in PyTorch's layout: outputs, inputs, height, width. With
// half, it is rounded to float16.
func Source(t nn.TensorSpec, params nn.Params, half bool) weights.TensorSource {
	out := weights.TensorSource{Name: t.Name, Shape: t.Shape, Layout: weights.O, Half: half}
	taps, last := 1, len(t.Shape)-1
	switch len(t.Shape) {
	case 4:
		out.Shape, out.Layout = []int{t.Shape[3], t.Shape[2], t.Shape[0], t.Shape[1]}, weights.OIHW
		taps = t.Shape[0] * t.Shape[1]
	case 2:
		out.Shape, out.Layout = []int{t.Shape[1], t.Shape[0]}, weights.OI
	default:
		out.Values = func() ([]float32, error) { return params.Tensor(t.Name, t.Shape...) }
		return out
	}
	out.Stream = func(put func([]float32) error) error {
		if p, ok := params.(*Params); ok {
			if done, err := p.stream(t, put); done || err != nil {
				return err
			}
		}
		values, err := params.Tensor(t.Name, t.Shape...)
		if err != nil {
			return err
		}
		return outputsFirst(values, taps, t.Shape[last-1], t.Shape[last], put)
	}
	return out
}

// stream hands a weight to put as the file has it, if that is the order in which it is to be written.
func (p *Params) stream(t nn.TensorSpec, put func([]float32) error) (done bool, err error) {
	from, bias, ok := p.origin(t.Name)
	if !ok || bias {
		return false, nil
	}
	return p.StreamOutputs(from, put, t.Shape...)
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

// outputsFirst hands over taps x inputs x outputs as outputs x inputs x taps, one output at a time.
func outputsFirst(values []float32, taps, in, out int, put func([]float32) error) error {
	row := make([]float32, in*taps)
	for o := range out {
		for t := range taps {
			for i := range in {
				row[i*taps+t] = values[(t*in+i)*out+o]
			}
		}
		if err := put(row); err != nil {
			return err
		}
	}
	return nil
}
