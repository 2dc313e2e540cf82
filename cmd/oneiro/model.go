package main

import (
	"cmp"
	"strings"

	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/zoo"
)

// modelOptions choose the network and its parameters.
type modelOptions struct {
	Model, Weights, Pooling, Padding, Preset string

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
	{Name: "padding", Field: "Padding", Unit: "kind",
		Help:    "what the network sees around a picture: nothing, or what is inside: reflect and replicate leave less of a frame",
		Choices: []string{"zero", "reflect", "replicate"}, Default: "reflect for style, zero elsewhere",
		Changes: option.Result | option.Memory},
	{Name: "preset", Field: "Preset", Unit: "preset", Help: "colours that the network expects",
		Choices: nn.Presets(), Default: "detected from the weights", Changes: option.Result},
}.In("Network")

func (o *modelOptions) flags(fs *pflag.FlagSet) { addFlags(fs, modelTable, o) }

// network returns the description of the network. If none is named, o.Model becomes the one that the weights
// are of.
func (o *modelOptions) network() (*nn.Network, error) {
	if err := modelTable.Check(o).Err(); err != nil {
		return nil, err
	}
	net, err := o.described()
	if err != nil {
		return nil, err
	}
	o.Model = net.Name
	switch o.Pooling {
	case "max":
		net = net.WithPooling(nn.MaxPool)
	case "avg":
		net = net.WithPooling(nn.AvgPool)
	}
	if o.Padding != "" {
		mode, err := nn.Padding(o.Padding)
		if err != nil {
			return nil, err
		}
		net = net.WithPadding(mode)
	}
	return net, nil
}

// described returns the network that the weights are of, or the one that is named, or the built-in one.
func (o *modelOptions) described() (*nn.Network, error) {
	if o.Weights == "" {
		net, err := nn.Get(cmp.Or(o.Model, builtin))
		if err != nil || o.Preset == "" {
			return net, err
		}
		net.Input, err = nn.Preset(o.Preset)
		return net, err
	}
	params, err := o.opened()
	if err != nil {
		return nil, err
	}
	return params.Describe(zoo.Options{Network: o.Model, Preset: o.Preset})
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

// open returns the parameters.
func (o *modelOptions) open() (*zoo.Params, error) {
	if o.Weights == "" {
		return zoo.BuiltinParams(), nil
	}
	return o.opened()
}
