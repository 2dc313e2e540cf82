package weights

import "slices"

// StreamOutputs hands the weight of a layer to put in pieces, as Weight has it but in PyTorch's order: outputs,
// inputs, height, width, for the engine's shape. put does not keep them, and its first error is returned.
//
// ok is false, and nothing was handed over, if the file has the numbers in another order, or makes the weight of
// several tensors. The other errors are those of Tensor.
func (f *File) StreamOutputs(l Layer, put func([]float32) error, shape ...int) (ok bool, err error) {
	t, err := f.readable(l.Weight)
	if err != nil {
		return false, err
	}
	if t.Layout != OIHW && t.Layout != OI || t.Fortran || t.Turned || l.Background || l.Parametrisation != (Parametrisation{}) {
		return false, nil
	}
	if _, fits := view(t.Shape, t.Layout, t.Fortran, t.Turned, shape); !fits {
		return false, &ShapeError{f.path, l.Weight, engineOrder(t.Shape, t.Layout), slices.Clone(shape)}
	}
	outputs := shape[len(shape)-1]
	n, err := f.norm(l.Norm, outputs)
	if err != nil {
		return false, err
	}
	count := int(t.Count())
	at, each := 0, count/outputs
	var failed error
	err = stream(t, count, true, func(values []float32) {
		if failed != nil {
			return
		}
		for i := range values {
			if n != nil {
				values[i] = float32(float64(values[i]) * n.scale[(at+i)/each])
			}
		}
		at += len(values)
		failed = put(values)
	})
	if failed != nil {
		err = failed
	}
	return true, err
}
