package loss

import "oneiro/autodiff"

// Made is a constant that is made of others, in the process, when they have their values.
type Made struct {
	Constant *autodiff.Tensor
	Value    func() []float32
}

// made returns a constant of a shape that value makes.
func made(name string, s autodiff.Shape, value func() []float32) Made {
	return Made{&autodiff.Tensor{Name: name, Shape: s}, value}
}

// number returns a constant that is one number.
func number(name string, value func() float64) Made {
	return made(name, autodiff.Scalar, func() []float32 { return []float32{float32(value())} })
}

// Statistics returns the second moment of a layer's features, C x C, and below it their mean, a row. All that
// is said of statistics here is said of these two, which are sums over positions: so they can be taken tile
// by tile, and positions can have weights.
func Statistics(in Inputs, layer string) *autodiff.Node {
	x := in.Layers[layer]
	s := x.Shape
	a := autodiff.GramAttr{Scale: 1 / float64(s.H*s.W), Cell: in.cell(layer)}
	return autodiff.Statistics(x, in.Weights[layer], a).Named("statistics " + layer)
}

// statistics are values of Statistics in float64.
type statistics struct {
	c            int
	mean, second []float64
}

func statisticsOf(t *autodiff.Tensor) statistics {
	c := t.Shape.C
	all := make([]float64, len(t.Data))
	for i, v := range t.Data {
		all[i] = float64(v)
	}
	return statistics{c, all[c*c:], all[:c*c]}
}

// energy returns the mean square of the features' length.
func (s statistics) energy() float64 {
	var sum float64
	for i := range s.c {
		sum += s.second[i*s.c+i]
	}
	return sum
}

// perEnergy returns the constant by which terms are multiplied to be relative to their target: a target of
// zeros makes no difference.
func perEnergy(target *autodiff.Tensor) Made {
	return number("1/energy", func() float64 {
		if e := statisticsOf(target).energy(); e > 0 {
			return 1 / e
		}
		return 1
	})
}

// identity returns the unit matrix of c x c.
func identity(c int) *autodiff.Tensor {
	t := &autodiff.Tensor{Name: "identity", Shape: autodiff.Matrix(c, c), Data: make([]float32, c*c)}
	for i := range c {
		t.Data[i*c+i] = 1
	}
	return t
}
