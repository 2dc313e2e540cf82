// Package torch reads files of PyTorch.
package torch

import (
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/pickle"
)

// newContainer lists the tensors that a pickle made in a file of a format.
func newContainer(format string, f pickle.File, r container.Source, root any) (*container.Container, error) {
	tensors, err := f.Tensors(root, "tensor")
	if err != nil {
		return nil, err
	}
	if len(tensors) == 0 {
		return nil, &container.UnsupportedError{
			File: f.Path, Looks: "a PyTorch file (.pth) without tensors",
			Advice: "save the parameters of the network: torch.save(model.state_dict(), \"weights.pth\")",
		}
	}
	return &container.Container{Closer: r, Format: format, Tensors: tensors}, nil
}
