package weights

import (
	"math"
	"slices"

	"oneiro/weights/internal/container"
)

// A layer as a file has it, and a batch normalisation that comes after it.
type (
	// Layer names the tensors that the weight and the bias of a layer are made of.
	Layer = container.Layer
	// Norm names the tensors of a batch normalisation, which is folded into the layer before it.
	Norm = container.Norm
	// Parametrisation says how a weight is made of several tensors.
	Parametrisation = container.Parametrisation
)

// Layers returns the layers of the network in the order in which the file's graph uses them, each with the bias
// and the batch normalisation that come after it as far as they are part of it. It is nil where the file has no
// graph. A layer whose weight or bias is computed in the graph names none of its tensors.
func (f *File) Layers() []Layer { return slices.Clone(f.container.Layers) }

// Activation returns the operation after a layer, by the layer's weight, if the file has a graph that says it
// and that is an activation other than ReLU, under the format's name; else it is empty.
func (f *File) Activation(weight string) string { return f.container.Activations[weight] }

// Unread returns the names of the tensors that no operation on the picture reads, as far as the file has a
// graph that says so.
func (f *File) Unread() []string { return slices.Clone(f.container.Unread) }

// Weight reads the weight of a layer in the engine's shape, with its batch normalisation folded in: w·s,
// where s = scale/√(variance + epsilon). The errors are those of Tensor.
func (f *File) Weight(l Layer, shape ...int) ([]float32, error) { return f.folded(l, false, shape) }

// Bias reads the bias of a layer, with its batch normalisation folded in: (b - mean)·s + shift. It is 0 for a
// layer that has none. The errors are those of Tensor.
func (f *File) Bias(l Layer, shape ...int) ([]float32, error) { return f.folded(l, true, shape) }

func (f *File) folded(l Layer, bias bool, shape []int) ([]float32, error) {
	source := l.Weight
	if bias {
		source = l.Bias
	}
	if len(shape) == 0 {
		return f.Tensor(source)
	}
	outputs := shape[len(shape)-1]
	values, err := f.outputs(source, l.Background, shape)
	switch {
	case err != nil:
		return nil, err
	case values == nil && !bias:
		return nil, container.In(f.path).Wrong("a computed one", "a weight that is a tensor of the file")
	case values == nil: // a bias that the layer does not have
		values = make([]float32, outputs)
	}
	if err := f.compose(l.Parametrisation, bias, values, shape); err != nil {
		return nil, err
	}
	n, err := f.norm(l.Norm, outputs)
	if err != nil || n == nil {
		return values, err
	}
	for i := range values {
		c := i % outputs
		v := float64(values[i])
		if bias {
			v -= n.mean[c]
		}
		v *= n.scale[c]
		if bias {
			v += n.shift[c]
		}
		values[i] = float32(v)
	}
	return values, nil
}

// affine is a batch normalisation as scale·(x - mean) + shift, by channel.
type affine struct{ mean, scale, shift []float64 }

// norm reads a batch normalisation of so many channels. It is nil if there is none.
func (f *File) norm(n Norm, channels int) (*affine, error) {
	if n == (Norm{}) {
		return nil, nil
	}
	var err error
	read := func(name string, absent float64) []float64 {
		all := slices.Repeat([]float64{absent}, channels)
		if name == "" || err != nil {
			return all
		}
		var values []float32
		if values, err = f.outputs(name, false, []int{channels}); err == nil {
			for i, v := range values {
				all[i] = float64(v)
			}
		}
		return all
	}
	a := &affine{mean: read(n.Mean, 0), scale: read(n.Scale, 1), shift: read(n.Shift, 0)}
	variance, deviation, factor := read(n.Variance, 1), read(n.Deviation, 1), read(n.Factor, 1)
	if err != nil {
		return nil, err
	}
	for i := range channels {
		times := 0.0
		if factor[i] != 0 {
			times = 1 / factor[i]
		}
		a.mean[i] *= times
		if n.Variance != "" {
			deviation[i] = math.Sqrt(variance[i]*times + n.Epsilon)
		}
		a.scale[i] *= 1 / deviation[i]
	}
	return a, nil
}

// outputs reads a tensor of a layer, or nothing if it has no name. A single number stands for all channels. If
// background is true, the tensor may have one more output before those that are requested, which is left out.
func (f *File) outputs(name string, background bool, shape []int) ([]float32, error) {
	if name == "" {
		return nil, nil
	}
	wide := slices.Clone(shape)
	last := len(wide) - 1
	wide[last]++
	t, err := f.readable(name)
	if err != nil {
		return nil, err
	}
	n, _ := container.Product(wide)
	switch {
	case len(shape) == 1 && t.Count() == 1: // a number for all channels
		one, err := f.Plain(name)
		if err != nil {
			return nil, err
		}
		return slices.Repeat(one, shape[0]), nil
	case !background || n != t.Count():
		return f.Tensor(name, shape...)
	}
	values, err := f.Tensor(name, wide...)
	if err != nil {
		return nil, err
	}
	kept := values[:0]
	for row := values; len(row) > 0; row = row[wide[last]:] {
		kept = append(kept, row[1:wide[last]]...)
	}
	return kept, nil
}
