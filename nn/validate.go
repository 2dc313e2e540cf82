package nn

import "fmt"

// Validate checks that n is well formed: names are there and differ, every layer reads only earlier
// ones, and sizes are such as its kind needs.
//
// The error is a DescriptionError.
func (n *Network) Validate() error {
	if n.Name == "" {
		return &DescriptionError{"", "", "it has no name"}
	}
	if len(n.Layers) == 0 {
		return &DescriptionError{n.Name, "", "it has no layers"}
	}
	if p := n.Input; p.Scale == 0 || p.Std[0] == 0 || p.Std[1] == 0 || p.Std[2] == 0 {
		return &DescriptionError{n.Name, "", "its preprocessing has a scale or a standard deviation of 0"}
	}
	known := map[string]bool{Source: true}
	for _, l := range n.Layers {
		problem := l.problem()
		for _, in := range l.Inputs {
			if !known[in] {
				problem = fmt.Sprintf("it reads %q, which does not come before it", in)
			}
		}
		if l.Name == "" {
			problem = "it has no name"
		} else if known[l.Name] {
			problem = "its name is taken"
		}
		if problem != "" {
			return &DescriptionError{n.Name, l.Name, problem}
		}
		known[l.Name] = true
	}
	return nil
}

// problem says what is wrong with a layer by itself.
func (l Layer) problem() string {
	if len(l.Inputs) == 0 || len(l.Inputs) > 1 && l.Kind != Concat {
		return fmt.Sprintf("a %v layer with %d inputs", l.Kind, len(l.Inputs))
	}
	least := func(n int, values ...int) bool {
		for _, v := range values {
			if v < n {
				return false
			}
		}
		return true
	}
	pool := l.Kind == MaxPool || l.Kind == AvgPool
	switch {
	case kinds[l.Kind] == "":
		return "of an unknown " + l.Kind.String()
	case (l.Kind == Conv || l.Kind == Dense) && l.Out < 1:
		return "it has no output channels"
	case (l.Kind == Conv || pool) && !least(1, l.Kernel[0], l.Kernel[1], l.Stride[0], l.Stride[1]):
		return "its kernel and stride have to be at least 1"
	case !least(0, l.Pad[:]...):
		return "its padding is negative"
	case l.Same && (l.Kind == ReflectPad || l.Ceil || l.Pad != around(0)):
		return "it asks for two kinds of padding at once"
	case pool && (max(l.Pad[0], l.Pad[2]) >= l.Kernel[0] || max(l.Pad[1], l.Pad[3]) >= l.Kernel[1]):
		return "its padding is as large as its window"
	case l.Kind == LRN && (l.LRN.Size < 1 || l.LRN.Size%2 == 0):
		return "it has to normalise over an odd number of channels"
	}
	return ""
}
