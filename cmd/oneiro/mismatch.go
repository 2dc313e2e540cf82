package main

import (
	"oneiro/nn"
	"oneiro/weights"
)

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
func mismatch(err error, file *weights.File) error {
	if file == nil || !is[*weights.NotFoundError](err) && !is[*weights.ShapeError](err) {
		return err
	}
	lengths := map[string]int64{}
	for _, t := range file.Tensors() {
		n := int64(1)
		for _, d := range t.Shape {
			n *= int64(d)
		}
		lengths[t.Name] = n
	}
	best, most := "", 0
	for _, net := range nn.All() {
		if n := fits(net, lengths); net.Name != builtin && n > most { // VGG-19's file does for VGG-16
			best, most = net.Name, n
		}
	}
	if best == "" {
		return err
	}
	return &mismatchError{err, best}
}

// fits returns how many tensors a network needs up to the layers it is read at by default, or 0 if
// one of them is not in the file, by name and length.
func fits(net *nn.Network, lengths map[string]int64) int {
	cut, err := net.Cut(append(append([]string{}, net.Content...), net.Style...)...)
	if err != nil {
		return 0
	}
	tensors, err := cut.Tensors()
	if err != nil {
		return 0
	}
	for _, t := range tensors {
		if lengths[t.Name] != t.Len() {
			return 0
		}
	}
	return len(tensors)
}
