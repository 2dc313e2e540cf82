package weights

import "math"

// compose turns the numbers that a file has for a weight or a bias, of that shape, into those that the layer
// computes with.
func (f *File) compose(p Parametrisation, bias bool, values []float32, shape []int) error {
	mask := p.Mask
	if bias {
		mask = p.BiasMask
	}
	if mask != "" {
		kept, err := f.Tensor(mask, shape...)
		if err != nil {
			return err
		}
		for i, k := range kept {
			values[i] *= k
		}
	}
	if bias {
		return nil
	}
	if p.Magnitude != "" {
		if err := f.lengthen(p.Magnitude, values, shape[len(shape)-1]); err != nil {
			return err
		}
	}
	if p.Left != "" {
		return f.divideBySpectralNorm(p, values, shape)
	}
	return nil
}

// lengthen scales each output's part of a weight to the length stored for it.
func (f *File) lengthen(magnitude string, values []float32, outputs int) error {
	lengths, err := f.Plain(magnitude)
	if err != nil {
		return err
	}
	if len(lengths) != outputs {
		return &ShapeError{f.path, magnitude, []int{len(lengths)}, []int{outputs}}
	}
	squares := make([]float64, outputs)
	for i, v := range values {
		squares[i%outputs] += float64(v) * float64(v)
	}
	for i, v := range values {
		if squares[i%outputs] > 0 {
			values[i] = float32(float64(v) * float64(lengths[i%outputs]) / math.Sqrt(squares[i%outputs]))
		}
	}
	return nil
}

// divideBySpectralNorm divides a weight by its spectral norm, with the vectors that training ended with, as
// PyTorch does in a network that is not being trained. It flattens a weight as inputs, height, width.
func (f *File) divideBySpectralNorm(p Parametrisation, values []float32, shape []int) error {
	left, err := f.Plain(p.Left)
	if err != nil {
		return err
	}
	right, err := f.Plain(p.Right)
	if err != nil {
		return err
	}
	outputs := shape[len(shape)-1]
	inputs, taps := len(values)/outputs, 1
	if len(shape) == 4 {
		taps = shape[0] * shape[1]
		inputs = shape[2]
	}
	switch {
	case len(left) != outputs:
		return &ShapeError{f.path, p.Left, []int{len(left)}, []int{outputs}}
	case len(right) != inputs*taps:
		return &ShapeError{f.path, p.Right, []int{len(right)}, []int{inputs * taps}}
	}
	var norm float64
	for i, v := range values {
		row := i / outputs // taps, inputs
		norm += float64(left[i%outputs]) * float64(v) * float64(right[row%inputs*taps+row/inputs])
	}
	if norm == 0 {
		return nil
	}
	for i, v := range values {
		values[i] = float32(float64(v) / norm)
	}
	return nil
}
