package main

import (
	"slices"
	"strings"

	"oneiro/nn"
	"oneiro/zoo"
)

// use is what a network can be used for, with the layers that it reads by default.
type use struct {
	command string
	layers  []string
}

// usesOf lists what a network can be used for.
func usesOf(net *nn.Network) []use {
	all := []use{
		{"style", slices.Concat(net.Style, net.Content)}, {"texture", net.Style}, {"dream", net.Dream},
	}
	if c := net.Classifier(); c != "" {
		all = append(all, use{"classify", []string{c}})
	}
	return slices.DeleteFunc(all, func(u use) bool { return len(u.layers) == 0 })
}

// uses returns the commands for which a file has all parameters of its network, and those for which it lacks
// some.
func uses(f *zoo.Params, net *nn.Network) (usable, lacking []string, err error) {
	for _, u := range usesOf(net) {
		switch ok, err := hasAll(f, net, u.layers...); {
		case err != nil:
			return nil, nil, err
		case ok:
			usable = append(usable, u.command)
		default:
			lacking = append(lacking, u.command)
		}
	}
	return usable, lacking, nil
}

// hasAll reports whether a file has all parameters that some layers need.
func hasAll(f *zoo.Params, net *nn.Network, layers ...string) (bool, error) {
	part, err := net.Cut(layers...)
	if err != nil {
		return false, err
	}
	specs, err := part.Tensors()
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(specs, func(s nn.TensorSpec) bool { return !f.Has(s.Name) }), nil
}

// neededFor says which commands need missing parameters and which do not.
func neededFor(need, spare []string) string {
	switch {
	case len(spare) == 0:
		return enumerate(need, "and")
	case len(need) == 0:
		return "none of " + enumerate(spare, "and")
	}
	return enumerate(need, "and") + ", not for " + enumerate(spare, "or")
}

// enumerate lists words in a sentence: a, b and c.
func enumerate(words []string, last string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
	}
	return strings.Join(words, "")
}
