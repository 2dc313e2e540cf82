package render

import (
	"fmt"
	"slices"

	"oneiro/nn"
)

// SavedCanvas is a canvas of weights, to be kept, to start another run, or to be shown at another size.
type SavedCanvas struct {
	Canvas  CanvasName // with the layer that a head reads
	Size    Size       // of the picture
	Tensors []SavedTensor
}

// SavedTensor is a tensor of a canvas.
type SavedTensor struct {
	Name   string
	Shape  []int
	Values []float32
}

// SavedCanvasError reports a saved canvas that is not what a run needs.
type SavedCanvasError struct{ Problem string }

func (e *SavedCanvasError) Error() string { return "the saved canvas cannot be used: " + e.Problem }

// Hint says what to do.
func (e *SavedCanvasError) Hint() string {
	return "give the file that --save-canvas wrote, and the same --canvas and --model"
}

// weightsOf returns the canvas of weights that a canvas is or has in it.
func weightsOf(c Canvas) (weights, bool) {
	if k, ok := c.(keeping); ok {
		c = k.Canvas
	}
	w, ok := c.(weights)
	return w, ok
}

// HasWeights reports whether a run of the spec ends with a canvas that can be saved.
func (s *Spec) HasWeights() bool {
	_, ok := weightsOf(s.Canvas)
	return ok
}

// savedCanvas returns a canvas of weights for keeping, nil for one of other numbers.
func (r *run) savedCanvas(x []float32) *SavedCanvas {
	w, ok := weightsOf(r.spec.Canvas)
	if !ok {
		return nil
	}
	c := &SavedCanvas{Canvas: w.name(r.stage.Network), Size: r.stage.Size}
	parts := w.split(r.stage, x)
	for i, p := range w.parameters(r.stage) {
		s := p.shape
		shape := []int{s.N, s.H, s.W, s.C}
		for len(shape) > 1 && shape[0] == 1 {
			shape = shape[1:]
		}
		c.Tensors = append(c.Tensors, SavedTensor{p.name, shape, slices.Clone(parts[i])})
	}
	return c
}

// name returns the name of the canvas, with the layer that it reads.
func (w weights) name(net *nn.Network) CanvasName {
	name := w.kind
	if layer := w.reads(net); layer != "" && name == CanvasHead {
		name += ":" + CanvasName(layer)
	}
	return name
}

// values returns the values of parameters. The error is a *SavedCanvasError.
func (c *SavedCanvas) values(params []parameter) ([][]float32, error) {
	var all [][]float32
	for _, p := range params {
		i := slices.IndexFunc(c.Tensors, func(t SavedTensor) bool { return t.Name == p.name })
		if i < 0 || len(c.Tensors[i].Values) != p.shape.Len() {
			return nil, &SavedCanvasError{fmt.Sprintf("it has no %s of %d numbers", p.name, p.shape.Len())}
		}
		all = append(all, c.Tensors[i].Values)
	}
	return all, nil
}
