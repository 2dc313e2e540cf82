package main

import (
	"oneiro/weights"
	"oneiro/zoo"
)

// mismatchError reports weights that belong to another network, Fits.
type mismatchError struct {
	error
	Fits string
}

func (e *mismatchError) Unwrap() error { return e.error }

// Hint names the network of the file.
func (e *mismatchError) Hint() string {
	return "the file has the parameters of " + e.Fits + ": try --model " + e.Fits
}

// mismatch adds the network of the weights to an error that they do not fit another one.
func mismatch(err error, params *zoo.Params, model string) error {
	if params == nil || !is[*weights.NotFoundError](err) && !is[*weights.ShapeError](err) {
		return err
	}
	if fits, _ := params.Network(); fits != "" && fits != model {
		return &mismatchError{err, fits}
	}
	return err
}
