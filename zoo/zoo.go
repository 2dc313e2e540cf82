// Package zoo knows the networks that circulate: how their files name the tensors, how they expect pictures,
// which files there are, and the names of their classes. It joins networks (package nn) with files (package
// weights), which do not know each other.
//
// Open detects the network of a file and returns it as the file needs it:
//
//	net, params, err := zoo.Open("vgg19.pth")
//
// The names that files have for tensors are tables (naming.go and naming_vgg.go and its like); a parameter may
// be made of several tensors, as batch normalisation is folded into the convolution before it. How a file
// expects pictures is found out from its numbers (preset.go).
package zoo

import (
	"fmt"

	"oneiro/nn"
	"oneiro/weights"
)

// Options replace what Open detects, unless they are empty.
type Options struct {
	Network string // name of the network, as nn.Get takes it
	Preset  string // name of the preset for pictures, as nn.Preset takes it
}

// Open opens a file or folder of weights. It returns the network that the weights are of, which expects
// pictures as the file does and has its classes, and its parameters, to be closed after use. The network is a
// fresh copy.
//
// The errors are UnknownError, and those of weights.Open and Params.Preset.
func Open(path string) (*nn.Network, *Params, error) { return OpenWith(path, Options{}) }

// OpenWith is Open with something given. The errors are also those of nn.Get and nn.Preset.
func OpenWith(path string, o Options) (*nn.Network, *Params, error) {
	params, err := OpenParams(path)
	if err != nil {
		return nil, nil, err
	}
	net, err := params.Describe(o)
	if err != nil {
		params.Close()
		return nil, nil, err
	}
	return net, params, nil
}

// Params are the parameters in a file, under the names that they have in package nn. The methods of File that
// take the name of a tensor take the file's own; Tensor, Has and Sources take package nn's.
type Params struct {
	*weights.File
	naming *naming // that the tensors follow, or nil
}

// OpenParams opens a file or folder of weights, whether its network is known or not. The errors are those of
// weights.Open, and MissingError.
func OpenParams(path string) (*Params, error) {
	f, err := weights.OpenWith(path, weights.Hints{Darknet: darknets, Known: isOxford})
	if err != nil {
		return nil, missing(path, err)
	}
	return newParams(f), nil
}

func newParams(f *weights.File) *Params {
	p := &Params{File: f}
	listed := f.Listed()
	file := tensors{}
	for _, t := range listed {
		file[t.Name] = t
	}
	if p.naming = recognise(f.Metadata()[weights.KeyNetwork], file); p.naming == nil {
		p.naming = inOrder(listed)
	}
	if p.naming != nil && looksHWIO(file[p.naming.layers[0].from.Weight]) {
		f.AssumeChannelsLast()
	}
	return p
}

// looksHWIO says whether the first filters of a network, over three colours, are in TensorFlow's layout, where
// the format says nothing and PyTorch's layout was assumed.
func looksHWIO(t weights.Info) bool {
	s := t.Shape
	return t.Layout == weights.OIHW && s[0] == s[1] && s[2] == 3 && s[3] != s[0]
}

// isOxford says whether the first convolution of a file is one of Oxford's.
func isOxford(f *weights.File) (bool, error) {
	if first := f.Listed()[0]; first.Len() != 3*3*3*64 {
		return false, nil
	}
	p := newParams(f)
	if p.naming == nil {
		return false, nil
	}
	order, err := p.oxford()
	return order != "", err
}

// Network returns the name of the network that the tensors belong to by their names, as package nn has it, and
// who uses these names. Both are empty if they are not known.
func (p *Params) Network() (network, naming string) {
	if p.naming == nil {
		return "", ""
	}
	return p.naming.network, p.naming.by
}

// Describe returns a fresh description of the network that the parameters are of, which expects pictures as
// the file does and has its classes. The errors are UnknownError, and those of nn.Get, nn.Preset, Preset and
// Classes.
func (p *Params) Describe(o Options) (*nn.Network, error) {
	if o.Network == "" {
		if o.Network, _ = p.Network(); o.Network == "" {
			return nil, &UnknownError{p.Path()}
		}
	}
	net, err := p.layers(o.Network)
	if err != nil {
		return nil, err
	}
	if o.Preset == "" {
		if o.Preset, err = p.Preset(); err != nil {
			return nil, err
		}
	}
	if o.Preset != "" {
		if net.Input, err = nn.Preset(o.Preset); err != nil {
			return nil, err
		}
	}
	return net, nil
}

// layers returns a network with the file's classes.
func (p *Params) layers(network string) (*nn.Network, error) {
	net, err := nn.Get(network)
	if err != nil || net.Name != builtinName {
		return net, err
	}
	// oneiro train makes such networks with any classes
	classes, err := p.Classes()
	if err == nil && len(classes) > 0 {
		net = net.WithClasses(len(classes))
	}
	return net, err
}

// Specs lists the parameters of the network that the file is of, or none if that is not known. The errors are
// those of Classes.
func (p *Params) Specs() ([]nn.TensorSpec, error) {
	network, _ := p.Network()
	if network == "" {
		return nil, nil
	}
	net, err := p.layers(network)
	if err != nil {
		return nil, err
	}
	return net.Tensors()
}

// Sources returns the tensors of the file that a parameter is made of, by its name in package nn, or none.
func (p *Params) Sources(name string) []string {
	if from, bias, ok := p.origin(name); ok {
		if bias {
			from.Weight = ""
		} else {
			from.Bias = ""
		}
		return from.Tensors()
	}
	if p.File.Has(name) {
		return []string{name}
	}
	return nil
}

// Has says whether the file has all tensors that a parameter is made of, by its name in package nn.
func (p *Params) Has(name string) bool {
	sources := p.Sources(name)
	for _, s := range sources {
		if !p.File.Has(s) {
			return false
		}
	}
	return len(sources) > 0
}

// Tensor reads a parameter by its name in package nn, or a tensor outside a known network by the
// file's. Batch normalisation is folded into the convolution that comes before it. Shape and errors are those
// of weights.File.Tensor.
func (p *Params) Tensor(name string, shape ...int) ([]float32, error) {
	from, bias, ok := p.origin(name)
	switch {
	case !ok:
		return p.File.Tensor(name, shape...)
	case bias:
		return p.File.Bias(from, shape...)
	}
	return p.File.Weight(from, shape...)
}

func (p *Params) origin(name string) (from weights.Layer, bias, ok bool) {
	if p.naming == nil {
		return from, false, false
	}
	return p.naming.parameter(name)
}

// UnknownError reports a file whose network is not known.
type UnknownError struct{ File string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%s: the names of its tensors do not say which network it is of", e.File)
}

// Hint says what to do.
func (e *UnknownError) Hint() string { return "name the network" }
