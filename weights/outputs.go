package weights

import "slices"

// maxWindow is how many numbers of a weight StreamOutputs holds at once.
const maxWindow = 8 << 20

// StreamOutputs hands the weight of a layer to put in pieces, as Weight has it but in PyTorch's order:
// outputs, inputs, height, width, for the engine's shape. put does not keep them, and its first error is
// returned. Where the file has the numbers in another order they are read several times, for some of the
// outputs each time, so that few are in memory.
//
// ok is false, and nothing was handed over, if the weight is made of several tensors. The other errors are
// those of Tensor.
func (f *File) StreamOutputs(l Layer, put func([]float32) error, shape ...int) (ok bool, err error) {
	t, err := f.readable(l.Weight)
	if err != nil {
		return false, err
	}
	if l.Background || l.Parametrisation != (Parametrisation{}) || len(shape) == 0 {
		return false, nil
	}
	axes, fits := viewIn("OIHW", t.Shape, t.Layout, t.Fortran, t.Turned, shape)
	if !fits {
		return false, &ShapeError{f.path, l.Weight, engineOrder(t.Shape, t.Layout), slices.Clone(shape)}
	}
	outputs := shape[len(shape)-1]
	n, err := f.norm(l.Norm, outputs)
	if err != nil {
		return false, err
	}
	count := int(t.Count())
	at, each := 0, count/outputs
	hand := func(values []float32) error {
		if n != nil {
			for i := range values {
				values[i] = float32(float64(values[i]) * n.scale[(at+i)/each])
			}
		}
		at += len(values)
		return put(values)
	}
	if len(axes) == 1 && axes[0].stride == 1 {
		var failed error
		err = stream(t, count, true, func(values []float32) {
			if failed == nil {
				failed = hand(values)
			}
		})
		if failed != nil {
			err = failed
		}
		return true, err
	}
	buffer := make([]float32, min(count, max(maxWindow/each, 1)*each))
	for from := 0; from < count; from += len(buffer) {
		part := buffer[:min(len(buffer), count-from)]
		if err := stream(t, count, from == 0, newWindow(part, axes, from).write); err != nil {
			return true, err
		}
		if err := hand(part); err != nil {
			return true, err
		}
	}
	return true, nil
}
