package nn

import (
	"fmt"
	"slices"
	"strings"

	"oneiro/internal/nearest"
)

// UnknownNetworkError reports a name that no network has.
type UnknownNetworkError struct {
	Name    string
	Nearest []string // networks with similar names, the most similar first
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
	Nearest        []string // layers with similar names, the most similar first
}

func (e *UnknownLayerError) Error() string {
	return fmt.Sprintf("%s has no layer %q", e.Network, e.Layer)
}

// Hint names the layers that may have been meant.
func (e *UnknownLayerError) Hint() string {
	return nearest.Hint(e.Nearest, "no layer of "+e.Network+" has a similar name")
}

func (n *Network) unknown(layer string) error {
	names := make([]string, len(n.Layers))
	for i, l := range n.Layers {
		names[i] = l.Name
	}
	near := n.like(layer)
	for _, name := range nearest.Names(layer, names, 3) {
		if len(near) < 3 && !slices.Contains(near, name) {
			near = append(near, name)
		}
	}
	return &UnknownLayerError{n.Name, layer, near}
}

// TooSmallError reports a picture too small for the network: nothing of it is left at Layer.
type TooSmallError struct {
	Network, Layer string
	Height, Width  int // of the picture, in pixels

	MinHeight, MinWidth int // of the smallest picture that reaches every layer
}

func (e *TooSmallError) Error() string {
	return fmt.Sprintf("a picture of %dx%d pixels is too small for layer %s of %s",
		e.Width, e.Height, e.Layer, e.Network)
}

// Hint gives the smallest size.
func (e *TooSmallError) Hint() string {
	return fmt.Sprintf("use at least %dx%d pixels, or earlier layers", e.MinWidth, e.MinHeight)
}

// DescriptionError reports a network whose description is wrong. Layer is empty if the network as a whole is.
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
	return "the description of the network is wrong, not the picture or the weights"
}
