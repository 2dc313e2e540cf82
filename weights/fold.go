package weights

import (
	"math"
	"slices"
)

// parameter reads the weight or the bias of a layer that a naming has, in the engine's shape, with its
// batch normalisation folded in: w·s and (b - mean)·s + shift, where s = scale/√(variance + epsilon).
func (f *File) parameter(o origin, bias bool, shape []int) ([]float32, error) {
	source := o.weight
	if bias {
		source = o.bias
	}
	outputs := shape[len(shape)-1]
	values, err := f.outputs(source, o.background, shape)
	if err != nil {
		return nil, err
	}
	if values == nil { // a bias that the layer does not have
		values = make([]float32, outputs)
	}
	if o.norm.mean == "" {
		return values, nil
	}
	var parts [4][]float32
	for i, name := range []string{o.norm.scale, o.norm.shift, o.norm.mean, o.norm.variance} {
		if parts[i], err = f.outputs(name, false, []int{outputs}); err != nil {
			return nil, err
		}
	}
	scale, shift, mean, variance := parts[0], parts[1], parts[2], parts[3]
	for i := range values {
		c := i % outputs
		s := 1 / math.Sqrt(float64(variance[c])+o.norm.epsilon)
		if scale != nil {
			s *= float64(scale[c])
		}
		v := float64(values[i])
		if bias {
			v -= float64(mean[c])
		}
		v *= s
		if bias && shift != nil {
			v += float64(shift[c])
		}
		values[i] = float32(v)
	}
	return values, nil
}

// outputs reads a tensor of a layer, or nothing if it has no name. With background true the tensor may have an output
// more before those that are asked for, which is left out.
func (f *File) outputs(name string, background bool, shape []int) ([]float32, error) {
	if name == "" {
		return nil, nil
	}
	wide := slices.Clone(shape)
	last := len(wide) - 1
	wide[last]++
	e, err := f.readable(name)
	if err != nil {
		return nil, err
	}
	if n, _ := product(wide); !background || n != e.count() {
		return f.stored(name, shape...)
	}
	values, err := f.stored(name, wide...)
	if err != nil {
		return nil, err
	}
	kept := values[:0]
	for row := values; len(row) > 0; row = row[wide[last]:] {
		kept = append(kept, row[1:wide[last]]...)
	}
	return kept, nil
}
