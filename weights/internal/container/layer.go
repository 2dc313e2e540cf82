package container

import "slices"

// Layer names the tensors of a file that the weight and the bias of a layer are made of, and of a batch
// normalisation that comes after the layer and is folded into it, if there is one.
type Layer struct {
	Weight, Bias string // Bias is empty if the layer has none
	Norm         Norm
	// Background says that the file may have one output more than requested, the first one, which is left
	// out: TF-slim's classifiers count 1001 classes where others have 1000.
	Background bool
	// Parametrisation says how the weight is made of Weight and other tensors. It is zero where Weight is the
	// weight.
	Parametrisation Parametrisation
}

// Parametrisation names the tensors that training keeps in place of a weight. Those that are not empty apply in
// this order.
type Parametrisation struct {
	// Mask and BiasMask are multiplied in: pruning.
	Mask, BiasMask string
	// Magnitude is the length of each output's part of the weight, whose direction Weight has: weight
	// normalisation (Salimans and Kingma, arXiv:1602.07868).
	Magnitude string
	// Left and Right, of as many numbers as a weight flattened to a matrix has rows (outputs) and columns, give
	// its spectral norm, which it is divided by: Left·Weight·Right (Miyato et al., arXiv:1802.05957).
	Left, Right string
}

// Norm names the tensors of a batch normalisation y = scale·(x - mean)/√(variance + epsilon) + shift
// (Ioffe and Szegedy, arXiv:1502.03167). A part without a name is absent: the scale and what is divided by are
// 1, mean and shift are 0.
type Norm struct {
	Scale, Shift, Mean, Variance string
	Epsilon                      float64 // where there is a variance
	// Deviation is what is divided by in place of √(variance + epsilon): exporters take the root ahead.
	Deviation string
	// Factor is a single number that mean and variance were stored multiplied by, as Caffe does; if it is 0,
	// both are 0.
	Factor string
}

// Tensors lists all tensors that are named.
func (l Layer) Tensors() []string {
	n := l.Norm
	p := l.Parametrisation
	all := []string{l.Weight, p.Mask, p.Magnitude, p.Left, p.Right, l.Bias, p.BiasMask, n.Scale, n.Shift, n.Mean,
		n.Variance, n.Deviation, n.Factor}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// Step is something that a graph does to the picture before its first layer.
type Step struct {
	Kind   StepKind
	Op     string // the format's name for it
	Tensor string // the constant that it does it with, if there is one
	// Swapped says that the constant comes first: constant - v, constant / v.
	Swapped bool
}

// StepKind is what a step does with its constant.
type StepKind int

// The kinds of steps.
const (
	OtherStep StepKind = iota
	AddStep
	SubtractStep
	MultiplyStep
	DivideStep
)

// Input is how a file says that pictures are prepared: (v - Mean) / Deviation, by channel.
type Input struct{ Mean, Deviation []float64 }
