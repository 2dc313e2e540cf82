package nn

import "slices"

// Cut returns a copy of n with only what is needed to compute the named layers, in n's order.
// Classes is 0 in the copy if the last layer went.
//
// The error is an UnknownLayerError, or a DescriptionError if there is no name.
func (n *Network) Cut(layers ...string) (*Network, error) {
	if len(layers) == 0 {
		return nil, &DescriptionError{n.Name, "", "cut after no layer at all"}
	}
	needed := map[string]bool{}
	for _, name := range layers {
		if _, err := n.Layer(name); err != nil {
			return nil, err
		}
		needed[name] = true
	}
	for i := len(n.Layers) - 1; i >= 0; i-- { // inputs come before what reads them
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

// WithPooling returns a copy of n in which every pool that makes the picture smaller takes the
// maximum (MaxPool) or the mean (AvgPool). Pools of stride 1, which are part of an inception module,
// and the global one stay as they are. Any other kind is a bug of the caller's.
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
