package main

import (
	"strings"

	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/zoo"
)

// modelOptions choose the network and its parameters.
type modelOptions struct {
	Model, Weights, Pooling, Preset string

	file *zoo.Params // of the weights, once they are open
}

// modelTable has the options of modelOptions.
var modelTable = option.Table{
	{Name: "weights", Field: "Weights", Unit: "file",
		Help:    "file or folder with the network's parameters; see oneiro weights --help",
		Default: "the built-in network's", Names: option.File, Endings: weightsEndings,
		Changes: option.Result | option.Memory, Basic: true},
	{Name: "model", Field: "Model", Unit: "network", Help: "network to use; see oneiro nets",
		Default: "detected from the weights, or builtin", Names: option.Network,
		Changes: option.Result | option.Memory},
	{Name: "pooling", Field: "Pooling", Unit: "kind", Help: "kind of pooling",
		Choices: []string{"max", "avg"},
		Default: "the network's own", Changes: option.Result | option.Memory},
	{Name: "preset", Field: "Preset", Unit: "preset", Help: "colours that the network expects",
		Choices: nn.Presets(), Default: "detected from the weights", Changes: option.Result},
}.In("Network")

func (o *modelOptions) flags(fs *pflag.FlagSet) { addFlags(fs, modelTable, o) }

// network returns the description of the network. If none is named, o.Model becomes the one that the weights
// are of.
func (o *modelOptions) network() (*nn.Network, error) {
	if o.Model == "" {
		if err := o.recognise(); err != nil {
			return nil, err
		}
	}
	if err := modelTable.Check(o).Err(); err != nil {
		return nil, err
	}
	net, err := nn.Get(o.Model)
	if err != nil {
		return nil, err
	}
	if net.Name == builtin && o.Weights != "" { // which oneiro train may have given other classes
		params, err := o.opened()
		if err != nil {
			return nil, err
		}
		if net, err = params.Describe(zoo.Options{Network: net.Name, Preset: o.Preset}); err != nil {
			return nil, err
		}
	}
	switch o.Pooling {
	case "max":
		net = net.WithPooling(nn.MaxPool)
	case "avg":
		net = net.WithPooling(nn.AvgPool)
	}
	return net, nil
}

// recognise chooses the network that the weights are of, or the built-in one if there are none.
func (o *modelOptions) recognise() error {
	if o.Weights == "" {
		o.Model = builtin
		return nil
	}
	params, err := o.opened()
	if err != nil {
		return err
	}
	if o.Model, _ = params.Network(); o.Model == "" {
		err := &zoo.UnknownError{File: o.Weights}
		return &usageError{err.Error(), "name it with --model; oneiro nets lists the networks"}
	}
	return nil
}

// opened returns the parameters in the file of weights, which it opens the first time.
func (o *modelOptions) opened() (_ *zoo.Params, err error) {
	if o.file == nil {
		o.file, err = zoo.OpenParams(o.Weights)
	}
	return o.file, err
}

// builtin is the name of the network that needs no file.
var builtin = nn.Builtin().Name

// check finds out whether network and weights go together before any work is done.
func (o *modelOptions) check(net *nn.Network) error {
	if net.Name == builtin || o.Weights != "" {
		return nil
	}
	const problem = " needs --weights: only the built-in network comes with parameters"
	return &usageError{"--model " + net.Name + problem,
		weightsHint(net.Name)}
}

// weightsHint says which files have the parameters of a network.
func weightsHint(network string) string {
	files := zoo.Suggestions(network)
	return "pass --weights FILE, such as " + strings.Join(files[:min(2, len(files))], " or ") +
		"; the network is detected from it, so --model can be omitted"
}

// open returns the parameters, and has net, which is the caller's own, expect pictures as they do.
func (o *modelOptions) open(net *nn.Network) (*zoo.Params, error) {
	if o.Weights == "" {
		return zoo.BuiltinParams(), nil
	}
	params, err := o.opened()
	if err != nil {
		return nil, err
	}
	described, err := params.Describe(zoo.Options{Network: net.Name, Preset: o.Preset})
	if err != nil {
		return nil, err
	}
	net.Input = described.Input
	return params, nil
}
