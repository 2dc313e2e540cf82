package pickle

import (
	"oneiro/weights/internal/container"
)

// Is recognises the protocols 2 to 5. Other files are pickles too: those of PyTorch before version 1.6.
func Is(head []byte, _ int64) bool {
	return len(head) > 2 && head[0] == Proto && head[1] >= 2 && head[1] <= maxProtocol
}

// Open lists the arrays of NumPy in a file that is a pickle, as pickle.dump writes them.
func Open(path string, r container.Source, size int64) (*container.Container, error) {
	root, _, err := Run(NewInput(path, r, 0, size))
	if err != nil {
		return nil, err
	}
	tensors, err := File{Path: path, R: r, Size: size}.Tensors(root, "array")
	if err != nil {
		return nil, err
	}
	if len(tensors) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "a Python pickle without arrays of numbers",
			Advice: "load it in Python if you trust it, and save its numbers: numpy.savez(\"weights.npz\", **arrays)"}
	}
	return &container.Container{Closer: r, Format: "Python pickle (.pkl)", Tensors: tensors}, nil
}
