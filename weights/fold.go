package weights

import (
	"math"
	"slices"

	"oneiro/weights/internal/container"
)

// Layer names the tensors of a file that the weight and the bias of a layer are made of. If Norm.Mean is not
// empty, a batch normalisation comes after the layer and is folded into it.
type Layer struct {
	Weight, Bias string // Bias is empty if the layer has none
	Norm         Norm
	// Background says that the file may have one output more than requested, the first one, which is left
	// out: TF-slim's classifiers count 1001 classes where others have 1000.
	Background bool
}

// Norm names the tensors of a batch normalisation y = scale·(x - mean)/√(variance + epsilon) + shift
// (Ioffe and Szegedy, arXiv:1502.03167). Scale is empty where it is always 1.
type Norm struct {
	Scale, Shift, Mean, Variance string
	Epsilon                      float64
}

// Tensors lists all tensors that are named.
func (l Layer) Tensors() []string {
	all := []string{l.Weight, l.Bias, l.Norm.Scale, l.Norm.Shift, l.Norm.Mean, l.Norm.Variance}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

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
	if err != nil {
		return nil, err
	}
	if values == nil { // a bias that the layer does not have
		values = make([]float32, outputs)
	}
	if l.Norm.Mean == "" {
		return values, nil
	}
	var parts [4][]float32
	for i, name := range []string{l.Norm.Scale, l.Norm.Shift, l.Norm.Mean, l.Norm.Variance} {
		if parts[i], err = f.outputs(name, false, []int{outputs}); err != nil {
			return nil, err
		}
	}
	scale, shift, mean, variance := parts[0], parts[1], parts[2], parts[3]
	for i := range values {
		c := i % outputs
		s := 1 / math.Sqrt(float64(variance[c])+l.Norm.Epsilon)
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

// outputs reads a tensor of a layer, or nothing if it has no name. With background true the tensor may have
// one more output before those that are requested, which is left out.
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
	if n, _ := container.Product(wide); !background || n != t.Count() {
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
