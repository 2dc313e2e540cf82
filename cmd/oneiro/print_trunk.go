package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"oneiro/nn"
)

// sights say what units respond to whose receptive field is so many pixels at most, roughly: those of
// GoogLeNet after Olah et al. 2017, "Feature Visualization" (edges in conv2d0, textures in mixed3a, patterns
// in mixed4a, parts in mixed4b and c, objects from mixed4d on).
var sights = []struct {
	field int
	sight string
}{{16, "edges, colours"}, {92, "textures"}, {180, "patterns"}, {300, "parts of things"}, {1 << 30, "things"}}

// listTrunk prints the layers to choose from.
func listTrunk(net *nn.Network, infos []nn.LayerInfo, w io.Writer) error {
	fmt.Fprint(w, "layers to choose from\n\n")
	trunk := net.Trunk()
	t := newTable(w)
	row(t, "layer", "channels", "field", "responds to", "default of")
	for _, l := range infos {
		if slices.Contains(trunk, l.Name) {
			row(t, l.Name, l.C, pair(l.ReceptiveField), sight(l.ReceptiveField),
				strings.Join(defaultOfLayer(net, l.Name), ", "))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d more with --all, such as single branches\n", len(infos)-len(trunk))
	return err
}

// sight says roughly what units with a receptive field respond to.
func sight(field [2]int) string {
	for _, s := range sights {
		if max(field[0], field[1]) <= s.field {
			return s.sight
		}
	}
	return ""
}

// defaultOfLayer lists the options of which a layer is a default.
func defaultOfLayer(net *nn.Network, layer string) []string {
	var all []string
	for _, use := range []struct {
		name   string
		layers []string
	}{{"style", net.Style}, {"content", net.Content}, {"dream", net.Dream}} {
		if slices.Contains(use.layers, layer) {
			all = append(all, use.name)
		}
	}
	return all
}
