package nn

import "oneiro/autodiff"

// TensorSpec is the name and shape of a parameter of a network, as Params is asked for it.
type TensorSpec struct {
	Layer, Name string
	Shape       []int
}

// Len returns how many numbers the parameter holds.
func (t TensorSpec) Len() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= int64(d)
	}
	return n
}

// NodeShape returns the shape of the parameter as a node of a graph: the last number is C, and ones are
// put before the first.
func (t TensorSpec) NodeShape() autodiff.Shape {
	s := [4]int{1, 1, 1, 1}
	copy(s[4-len(t.Shape):], t.Shape)
	return autodiff.Shape{N: s[0], H: s[1], W: s[2], C: s[3]}
}

// abstract returns the parameter without values.
func (t TensorSpec) abstract() *autodiff.Tensor {
	return &autodiff.Tensor{Name: t.Name, Shape: t.NodeShape()}
}

// tensors lists the parameters of a layer whose input has c channels.
func (l *Layer) tensors(c int) []TensorSpec {
	row, _ := l.Kind.row()
	if row.params == nil {
		return nil
	}
	var all []TensorSpec
	for _, p := range row.params(l, c) {
		all = append(all, TensorSpec{l.Name, l.Name + p.suffix, p.shape})
	}
	return all
}

// Tensors lists the parameters of n in the order of its layers: the weight, then the bias, of each
// convolution and dense layer.
//
// The error is a *DescriptionError: n is not valid.
func (n *Network) Tensors() ([]TensorSpec, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	layers, err := n.trace(roomy, roomy, 3)
	if err != nil {
		return nil, n.impossible(err)
	}
	var all []TensorSpec
	for _, l := range layers {
		all = append(all, l.params...)
	}
	return all, nil
}

// impossible returns the error of a network that cannot be computed on a picture of any size.
func (n *Network) impossible(err error) error {
	if small, ok := err.(*TooSmallError); ok {
		return &DescriptionError{n.Name, small.Layer, "no picture is large enough for it"}
	}
	return err
}

// Channels returns how many channels a layer of n, which is valid, has; 0 if there is no such layer.
func (n *Network) Channels(layer string) int {
	layers, _ := n.trace(roomy, roomy, 3)
	for _, l := range layers {
		if l.Name == layer {
			return l.out.Shape.C
		}
	}
	return 0
}
