package nn

import (
	"fmt"
	"strings"

	"oneiro/internal/nearest"
)

// UnknownNetworkError reports a name that is no network's.
type UnknownNetworkError struct {
	Name    string
	Nearest []string // networks with a name like it, the nearest first
}

func (e *UnknownNetworkError) Error() string { return fmt.Sprintf("there is no network %q", e.Name) }

// Hint names the networks that may have been meant, or all of them.
func (e *UnknownNetworkError) Hint() string {
	var all []string
	for _, n := range All() {
		all = append(all, n.Name)
	}
	return nearest.Hint(e.Nearest, "the networks are "+strings.Join(all, ", "))
}

// UnknownLayerError reports a layer that a network does not have.
type UnknownLayerError struct {
	Network, Layer string
	Nearest        []string // layers with a name like it, the nearest first
}

func (e *UnknownLayerError) Error() string {
	return fmt.Sprintf("%s has no layer %q", e.Network, e.Layer)
}

// Hint names the layers that may have been meant.
func (e *UnknownLayerError) Hint() string {
	return nearest.Hint(e.Nearest, "no layer of "+e.Network+" has a name like it")
}

func (n *Network) unknown(layer string) error {
	names := make([]string, len(n.Layers))
	for i, l := range n.Layers {
		names[i] = l.Name
	}
	return &UnknownLayerError{n.Name, layer, nearest.Names(layer, names, 3)}
}

// TooSmallError reports a picture of which nothing is left at some layer.
type TooSmallError struct {
	Network, Layer string
	Height, Width  int // the picture
	MinHeight      int // the least picture that reaches every layer
	MinWidth       int
}

func (e *TooSmallError) Error() string {
	return fmt.Sprintf("a picture of %dx%d pixels is too small for layer %s of %s",
		e.Width, e.Height, e.Layer, e.Network)
}

// Hint gives the least size.
func (e *TooSmallError) Hint() string {
	return fmt.Sprintf("it has to be %dx%d pixels or more, or the layers shallower", e.MinWidth, e.MinHeight)
}

// DescriptionError reports a network that contradicts itself. Layer is empty where the mistake is
// in the network as a whole.
type DescriptionError struct {
	Network, Layer, Problem string
}

func (e *DescriptionError) Error() string {
	if e.Layer == "" {
		return fmt.Sprintf("network %s: %s", e.Network, e.Problem)
	}
	return fmt.Sprintf("network %s, layer %s: %s", e.Network, e.Layer, e.Problem)
}

// Hint says where to look.
func (e *DescriptionError) Hint() string {
	return "the description of the network is at fault, not the picture or the weights"
}
