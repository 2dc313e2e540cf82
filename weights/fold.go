package weights

import "math"

// parameter reads the weight or the bias of a layer that a naming has, in the engine's shape, with its
// batch normalisation folded in: w·s and (b - mean)·s + shift, where s = scale/√(variance + epsilon).
func (f *File) parameter(o origin, bias bool, shape []int) ([]float32, error) {
	read := func(name string, shape ...int) ([]float32, error) {
		if name == "" {
			return nil, nil
		}
		return f.stored(name, shape...)
	}
	source := o.weight
	if bias {
		source = o.bias
	}
	values, err := read(source, shape...)
	if err != nil {
		return nil, err
	}
	outputs := shape[len(shape)-1]
	if values == nil { // a bias that the layer does not have
		values = make([]float32, outputs)
	}
	if o.norm.mean == "" {
		return values, nil
	}
	var parts [4][]float32
	for i, name := range []string{o.norm.scale, o.norm.shift, o.norm.mean, o.norm.variance} {
		if parts[i], err = read(name, outputs); err != nil {
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
