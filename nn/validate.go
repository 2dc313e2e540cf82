package nn

import (
	"cmp"
	"fmt"
	"slices"
)

// Validate checks that n is well formed: every layer has a name of its own, reads only earlier layers,
// and has the fields that its kind needs. Whether sizes fit each other depends on the picture: see Shapes.
//
// The error is a *DescriptionError.
func (n *Network) Validate() error {
	if n.Name == "" {
		return &DescriptionError{"", "", "it has no name"}
	}
	if len(n.Layers) == 0 {
		return &DescriptionError{n.Name, "", "it has no layers"}
	}
	if p := n.Input; p.Scale == 0 || slices.Contains(p.Std[:], 0) {
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

const twoPaddings = "it asks for two kinds of padding at once"

// problem returns what is wrong with a layer by itself, or "".
func (l *Layer) problem() string {
	row, ok := l.Kind.row()
	switch {
	case !ok:
		return "of an unknown " + l.Kind.String()
	case len(l.Inputs) == 0 || len(l.Inputs) > 1 && !row.joins:
		return fmt.Sprintf("a %v layer with %d inputs", l.Kind, len(l.Inputs))
	case slices.Min(l.Pad[:]) < 0:
		return "its padding is negative"
	case l.Same && (l.Ceil || l.Pad != around(0)):
		return twoPaddings
	case row.problem != nil:
		return row.problem(l)
	}
	return ""
}

// Problems that several kinds of layer can have.

func (l *Layer) noOutput() string {
	if l.Out < 1 {
		return "it has no output channels"
	}
	return ""
}

func (l *Layer) noWindow() string {
	if min(l.Kernel[0], l.Kernel[1], l.Stride[0], l.Stride[1]) < 1 {
		return "its kernel and stride have to be at least 1"
	}
	return ""
}

func (l *Layer) badPool() string {
	if max(l.Pad[0], l.Pad[2]) >= l.Kernel[0] || max(l.Pad[1], l.Pad[3]) >= l.Kernel[1] {
		return cmp.Or(l.noWindow(), "its padding is as large as its window")
	}
	return l.noWindow()
}
