// Package torch reads files of PyTorch.
package torch

import (
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/pickle"
)

// newContainer lists the tensors that a pickle made in a file of a format.
func newContainer(format string, f pickle.File, r container.Source, root any) (*container.Container, error) {
	tensors, err := f.Tensors(root, "tensor")
	if err != nil {
		return nil, err
	}
	for _, t := range tensors {
		if strings.HasPrefix(t.DType.Name, "quantised") && len(t.Shape) > 1 {
			return nil, &container.UnsupportedError{File: f.Path,
				Looks: "a quantised PyTorch model, with numbers of 8 bits",
				Advice: "take the model that it was made from, or save its numbers in 32 bits: torch.save({k: " +
					"v.dequantize() for k, v in model.state_dict().items()}, \"weights.pth\")"}
		}
	}
	if len(tensors) == 0 {
		return nil, &container.UnsupportedError{
			File: f.Path, Looks: "a PyTorch file (.pth) without tensors",
			Advice: "save the parameters of the network: torch.save(model.state_dict(), \"weights.pth\")",
		}
	}
	return &container.Container{Closer: r, Format: format, Tensors: tensors}, nil
}
