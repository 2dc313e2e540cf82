package nn

import (
	"fmt"
	"slices"

	"oneiro/autodiff"
)

// Cut returns a copy of n with only the layers that the named ones need, in the same order. Classes is 0 in
// the copy if the last layer is not among them.
//
// The error is an *UnknownLayerError, or a *DescriptionError if no layer is named.
func (n *Network) Cut(layers ...string) (*Network, error) {
	if len(layers) == 0 {
		return nil, &DescriptionError{n.Name, "", "no layer to cut after"}
	}
	needed := map[string]bool{}
	for _, name := range layers {
		if _, err := n.Layer(name); err != nil {
			return nil, err
		}
		needed[name] = true
	}
	for i := len(n.Layers) - 1; i >= 0; i-- { // a layer follows its inputs
		if l := n.Layers[i]; needed[l.Name] {
			for _, in := range l.Inputs {
				needed[in] = true
			}
		}
	}
	c := n.clone()
	c.Layers = slices.DeleteFunc(c.Layers, func(l Layer) bool { return !needed[l.Name] })
	if !needed[n.Layers[len(n.Layers)-1].Name] {
		c.Classes = 0
	}
	return c, nil
}

// Padding returns the way to pad that has a name: zero, reflect or replicate.
func Padding(name string) (autodiff.PadMode, error) {
	for _, mode := range []autodiff.PadMode{autodiff.PadZero, autodiff.PadReflect, autodiff.PadReplicate} {
		if mode.String() == name {
			return mode, nil
		}
	}
	return 0, fmt.Errorf("there is no padding %q: choose zero, reflect or replicate", name)
}

// WithPadding returns a copy of n in which what convolutions add around a picture is made as mode says: with
// zeros, as networks are trained, the edge of a picture looks to them like an edge in it.
func (n *Network) WithPadding(mode autodiff.PadMode) *Network {
	c := n.clone()
	for i := range c.Layers {
		if c.Layers[i].Kind == Conv {
			c.Layers[i].Mode = mode
		}
	}
	return c
}

// WithPooling returns a copy of n in which every pool that makes the picture smaller is of that kind, MaxPool
// or AvgPool. Pools of stride 1, which are branches of inception modules, and global ones stay as they are.
// It panics on any other kind.
func (n *Network) WithPooling(kind Kind) *Network {
	if kind != MaxPool && kind != AvgPool {
		panic("nn: WithPooling(" + kind.String() + ")")
	}
	c := n.clone()
	for i := range c.Layers {
		l := &c.Layers[i]
		if (l.Kind == MaxPool || l.Kind == AvgPool) && l.Stride != square(1) {
			l.Kind = kind
		}
	}
	return c
}
