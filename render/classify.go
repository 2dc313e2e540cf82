package render

import (
	"cmp"
	"context"
	"slices"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// ClassifyOptions say what picture to show to what network.
type ClassifyOptions struct {
	Network *nn.Network // with a classifier
	Params  nn.Params
	Image   *Picture
	Engine  *Engine
}

// Prediction is a class, by its number among the network's, and how probable it is.
type Prediction struct {
	Class       int
	Probability float64
}

// Classify returns all classes, the most probable first. The network sees the largest square in the middle of
// the picture, at the size that it was trained on. The errors are an *OptionError, those of o.Params, a
// *DeviceError, and ctx's.
func Classify(ctx context.Context, o ClassifyOptions) ([]Prediction, error) {
	var m mistakes
	switch {
	case o.Network == nil || o.Params == nil:
		m.add("model", "give a network and its parameters", "is missing")
	case o.Network.Classifier() == "":
		m.add("model", "choose a network with a classifier, such as googlenet",
			"must have classes, and %s has none", o.Network.Name)
	}
	if o.Image == nil {
		m.add("image", "give a picture", "is missing")
	}
	if err := m.err(); err != nil {
		return nil, err
	}
	model, err := nn.Bind(o.Network, o.Params)
	if err != nil {
		return nil, err
	}
	side := o.Network.InputSize
	g := autodiff.NewGraph()
	x := g.Input("picture", autodiff.Shape{N: 1, H: side, W: side, C: 3})
	out := model.Build(x, nn.UnitRange)[o.Network.Layers[len(o.Network.Layers)-1].Name]
	f := forward{
		input: x, pixels: func() []float32 { return middle(o.Image, side) }, outputs: []*autodiff.Node{out},
		plan: autodiff.Compile(o.Engine.Device, out),
	}
	probabilities, err := f.run(ctx, o.Engine.Device)
	if err != nil {
		return nil, err
	}
	all := make([]Prediction, len(probabilities[0]))
	for i, v := range probabilities[0] {
		all[i] = Prediction{i, float64(v)}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int { return cmp.Compare(b.Probability, a.Probability) })
	return all, nil
}

// middle returns the largest square in the middle of a picture, side pixels wide. What is clear is white.
func middle(im *imageio.Image, side int) []float32 {
	view := imageio.Middle(side, 1)(im.W, im.H)
	return imageio.Show(im, view, imageio.Bilinear).OnWhite().Pix
}
