package main

import "oneiro/weights"

// mismatchError reports weights of another network, which Fits names.
type mismatchError struct {
	error
	Fits string
}

func (e *mismatchError) Unwrap() error { return e.error }

// Hint names the network that the file is for.
func (e *mismatchError) Hint() string {
	return "the file has the parameters of " + e.Fits + ": try --model " + e.Fits
}

// mismatch adds to an error that weights do not fit their network which one they do fit, if any.
func mismatch(err error, file *weights.File, model string) error {
	if file == nil || !is[*weights.NotFoundError](err) && !is[*weights.ShapeError](err) {
		return err
	}
	if fits, _ := file.Network(); fits != "" && fits != model {
		return &mismatchError{err, fits}
	}
	return err
}
