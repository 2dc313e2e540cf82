package main

import (
	"errors"
	"slices"
	"strings"

	"oneiro/nn"
	"oneiro/zoo"
)

// cutError reports weights that end before a layer that is needed, and the flags that do without it.
type cutError struct {
	error
	hint string
}

func (e *cutError) Unwrap() error { return e.error }

// Hint names layers that the file has.
func (e *cutError) Hint() string { return e.hint }

// mismatch adds to an error that the weights end before a layer what can be done with those that are there.
func mismatch(err error, params *zoo.Params, net *nn.Network) error {
	e, ok := errors.AsType[*zoo.CutError](err)
	if !ok || params == nil {
		return err
	}
	style := served(params, net, net.Style)
	if len(style) == 0 {
		return err
	}
	last := style[len(style)-1]
	content := served(params, net, net.Content)
	if len(content) == 0 {
		content = []string{last}
	}
	return &cutError{err, "the file ends at " + e.Last +
		", so give layers that it has: style works with --style-layers " +
		strings.Join(style, ",") + " --content-layers " + strings.Join(content, ",") + ", dream with --layers " + last}
}

// served returns those of some layers for which the weights have all parameters.
func served(params *zoo.Params, net *nn.Network, layers []string) []string {
	return slices.DeleteFunc(slices.Clone(layers), func(layer string) bool {
		ok, _ := hasAll(params, net, layer)
		return !ok
	})
}
