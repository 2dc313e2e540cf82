package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oneiro/bench"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

//go:embed nets.json
var defaultNets []byte

// net is a row of the table of nets to compare. What is left out is as the program has it by default.
type net struct {
	Name    string `json:"name"`
	Model   string `json:"model"`
	Weights string `json:"weights"` // a file in the folder weights of -shared, or a path
	Params  string `json:"params"`  // he or orthogonal: random ones in place of a file
	Pooling string `json:"pooling"` // max or avg

	ContentLayers []string `json:"content_layers"`
	StyleLayers   []string `json:"style_layers"`
	StyleWeight   float64  `json:"style_weight"` // what the sweep multiplies
	TVWeight      float64  `json:"tv_weight"`

	Padding string            `json:"padding"` // zero, reflect or replicate in place of the network's own
	Options map[string]string `json:"options"` // others of oneiro style, by their names
}

// random are the parameters that need no file.
var random = map[string]nn.Params{"he": bench.Noise{}, "orthogonal": orthogonal{}}

// readNets reads the table of nets in a file, or the built-in one, and leaves those in only, if it
// names any.
func readNets(file string, only []string) ([]net, error) {
	text := defaultNets
	if file != "" {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	var all []net
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, name := range only {
		if !slices.ContainsFunc(all, func(n net) bool { return n.Name == name }) {
			return nil, fmt.Errorf("only: there is no net %q in the table", name)
		}
	}
	return slices.DeleteFunc(all, func(n net) bool { return len(only) > 0 && !slices.Contains(only, n.Name) }),
		nil
}

// setup is a style transfer with a net, but for pictures. close closes the parameters.
type setup struct {
	render.StyleOptions
	network *nn.Network
	params  nn.Params
	close   func() error
}

// setup opens the net.
func (n *net) setup(shared string) (o setup, err error) {
	network, params, done, err := open(n.Model, n.Weights, n.Params, shared)
	if err != nil {
		return o, fmt.Errorf("%s: %w", n.Name, err)
	}
	switch n.Pooling {
	case "":
	case "max":
		network = network.WithPooling(nn.MaxPool)
	case "avg":
		network = network.WithPooling(nn.AvgPool)
	default:
		return o, fmt.Errorf("%s: there is no pooling %q: choose max or avg", n.Name, n.Pooling)
	}
	if n.Padding != "" {
		mode, err := nn.Padding(n.Padding)
		if err != nil {
			return o, fmt.Errorf("%s: %w", n.Name, err)
		}
		network = network.WithPadding(mode)
	}
	o = setup{render.DefaultStyle(network), network, params, done}
	if n.ContentLayers != nil {
		o.ContentLayers = n.ContentLayers
	}
	if n.StyleLayers != nil {
		o.StyleLayers = n.StyleLayers
	}
	if n.StyleWeight > 0 {
		o.StyleWeight = n.StyleWeight
	}
	if n.TVWeight > 0 {
		o.TVWeight = n.TVWeight
	}
	if err := render.StyleTable.Set(&o.StyleOptions, n.Options).Err(); err != nil {
		return o, fmt.Errorf("%s: %w", n.Name, err)
	}
	return o, nil
}

// open returns a network with its parameters, from a file if there is one.
func open(model, file, kind, shared string) (*nn.Network, nn.Params, func() error, error) {
	network, err := nn.Get(model)
	if err != nil {
		return nil, nil, nil, err
	}
	nothing := func() error { return nil }
	switch {
	case kind != "":
		params, ok := random[kind]
		if !ok {
			return nil, nil, nil, fmt.Errorf("there are no params %q: choose he or orthogonal", kind)
		}
		return network, params, nothing, nil
	case file == "" && network.Name == nn.Builtin().Name:
		return network, zoo.BuiltinParams(), nothing, nil
	case file == "":
		return nil, nil, nil, fmt.Errorf("the network %s needs weights", model)
	}
	if !strings.ContainsRune(file, filepath.Separator) {
		file = filepath.Join(shared, "weights", file)
	}
	network, p, err := zoo.OpenWith(file, zoo.Options{Network: model})
	if err != nil {
		return nil, nil, nil, err
	}
	return network, p, p.Close, nil
}
