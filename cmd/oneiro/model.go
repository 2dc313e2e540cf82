package main

import (
	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/weights"
)

// modelOptions choose the network and its parameters.
type modelOptions struct {
	Model, Weights, Pooling, Preset string

	file *weights.File // of the weights, once it is open
}

// modelTable has the options of modelOptions.
var modelTable = option.Table{
	{Name: "weights", Field: "Weights", Unit: "file", Help: "file or folder with the network's parameters; see oneiro weights --help",
		Default: "the built-in network's", Names: option.File, Changes: option.Result | option.Memory, Basic: true},
	{Name: "model", Field: "Model", Unit: "network", Help: "network to use; see oneiro nets",
		Default: "detected from the weights, or builtin", Names: option.Network, Changes: option.Result | option.Memory},
	{Name: "pooling", Field: "Pooling", Unit: "kind", Help: "kind of pooling", Choices: []string{"max", "avg"},
		Default: "the network's own", Changes: option.Result | option.Memory},
	{Name: "preset", Field: "Preset", Unit: "preset", Help: "colours that the network expects", Choices: nn.Presets(),
		Default: "detected from the weights", Changes: option.Result},
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
	net, err := nn.Get(o.Model)
	if err != nil {
		return nil, err
	}
	if net.Name == builtin && o.Weights != "" {
		file, err := o.opened()
		if err != nil {
			return nil, err
		}
		if net, err = networkIn(file, net.Name); err != nil {
			return nil, err
		}
	}
	switch o.Pooling {
	case "":
		return net, nil
	case "max":
		return net.WithPooling(nn.MaxPool), nil
	case "avg":
		return net.WithPooling(nn.AvgPool), nil
	}
	return nil, &usageError{"pooling: " + quote(o.Pooling) + " is not known", "choose max or avg"}
}

// networkIn describes the network of a name as a file has it: what oneiro train wrote tells apart what it was given.
func networkIn(file *weights.File, name string) (*nn.Network, error) {
	net, err := nn.Get(name)
	if err != nil || name != builtin {
		return net, err
	}
	classes, err := file.Classes()
	if err == nil && len(classes) > 0 {
		net = net.WithClasses(len(classes))
	}
	return net, err
}

// recognise chooses the network that the weights are of, or the built-in one if there are none.
func (o *modelOptions) recognise() error {
	if o.Weights == "" {
		o.Model = builtin
		return nil
	}
	file, err := o.opened()
	if err != nil {
		return err
	}
	if o.Model, _ = file.Network(); o.Model == "" {
		return &usageError{o.Weights + ": the names of its tensors do not say which network it is of", "name it with --model; oneiro nets lists the networks"}
	}
	return nil
}

// opened returns the file of the weights, which it opens the first time.
func (o *modelOptions) opened() (_ *weights.File, err error) {
	if o.file == nil {
		o.file, err = weights.Open(o.Weights)
	}
	return o.file, err
}

// builtin is the name of the network that needs no file.
var builtin = nn.Builtin().Name

// found says what files with the parameters of a network are called where people find them.
var found = map[string]string{
	"vgg16":     "vgg16-00b39a1b.pth or VGG_ILSVRC_16_layers.caffemodel",
	"vgg19":     "vgg19-d01eb7cb.pth or VGG_ILSVRC_19_layers.caffemodel",
	"googlenet": "bvlc_googlenet.caffemodel",
}

// check finds out whether network and weights go together before any work is done.
func (o *modelOptions) check(net *nn.Network) error {
	switch {
	case net.Name != builtin && o.Weights == "":
		return &usageError{"the network " + net.Name + " needs a file of parameters, and there is no --weights",
			"give " + found[net.Name] + ", which it also finds out the network of; or leave out --model"}
	}
	return nil
}

// open returns the parameters, and has net expect pictures as they do.
func (o *modelOptions) open(net *nn.Network) (*weights.File, error) {
	if o.Weights == "" {
		return weights.Builtin(), nil
	}
	file, err := o.opened()
	if err != nil {
		return nil, err
	}
	preset := o.Preset
	if preset == "" {
		if preset, err = file.Preset(); err != nil {
			return nil, err
		}
	}
	if preset != "" {
		if net.Input, err = nn.Preset(preset); err != nil {
			return nil, err
		}
	}
	return file, nil
}
