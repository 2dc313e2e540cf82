package loss

import (
	"oneiro/autodiff"
	"oneiro/nn"
)

// Term is one summand of an objective.
type Term struct {
	// Name is what reports call the term: "style/relu3_1".
	Name string
	// Weight is the factor of the term in the loss. It may be 0; a negative one maximises the term.
	Weight float64
	// Build adds the term's value, a scalar, to the graph.
	Build func(in Inputs) *autodiff.Node
}

// Inputs are the nodes that terms read.
type Inputs struct {
	// Canvas is what is optimised, N x H x W x 3, and Image is the same as RGB in 0..1. Scale is the
	// difference between black and white on the canvas.
	Canvas, Image *autodiff.Node
	Scale         float64
	// Wrap says that the picture continues at its opposite edges.
	Wrap bool
	// Layers are the features of the picture.
	Layers nn.Features
	// Strides are how many pixels of the picture lie between two neighbours in each layer, down and across.
	Strides map[string][2]int
	// Weights are how much each position of a layer counts in statistics, N x H x W x 1 with a mean of 1. In
	// layers that have none all positions count alike.
	Weights map[string]*autodiff.Node
	// Regions are the weights of the regions of the picture, by their names.
	Regions map[string]map[string]*autodiff.Node
	// Photo are the inputs of the photograph that the canvas began as, shown to the network in the same way; nil
	// if no term reads it.
	Photo *Inputs
}

// CellPixels is the side, in pixels of the picture, of the cells that statistics of features are summed by
// (autodiff.Block). It is a multiple of the strides of all known networks' layers. Other cells give other bits.
const CellPixels = 256

// cell returns the side of the cells in positions of a layer, or 0, a single cell, if the layer's stride is
// not known or not the same both ways.
func (in Inputs) cell(layer string) int {
	s := in.Strides[layer]
	if s[0] < 1 || s[0] != s[1] {
		return 0
	}
	return max(CellPixels/s[0], 1)
}

// Of returns the inputs for a canvas with values in r and a network on it.
func Of(canvas *autodiff.Node, r nn.ValueRange, model *nn.Model) Inputs {
	in := Inputs{Canvas: canvas, Image: r.Colours(canvas), Scale: r.Scale, Layers: model.Build(canvas, r)}
	in.Strides, _ = model.Strides(canvas.Shape.H, canvas.Shape.W) // it was built, so there are some
	return in
}

// Objective is a list of terms.
type Objective []Term

// Built is an objective as part of a graph.
type Built struct {
	// Total is the loss: the sum of the terms, each times its weight.
	Total *autodiff.Node
	// Terms are the values of the terms without their weights. Weights are inputs of the graph that hold
	// the weights.
	Terms, Weights []*autodiff.Node
}

// Build adds the objective to the graph of in. The caller writes the terms' weights into Weights.
func (o Objective) Build(in Inputs) Built {
	g := in.Canvas.Graph()
	var b Built
	for _, t := range o {
		value := t.Build(in).Named(t.Name)
		weight := g.Input("weight of "+t.Name, autodiff.Scalar)
		b.Terms = append(b.Terms, value)
		b.Weights = append(b.Weights, weight)
		weighted := autodiff.Mul(value, weight)
		if b.Total == nil {
			b.Total = weighted
		} else {
			b.Total = autodiff.Add(b.Total, weighted)
		}
	}
	b.Total.Named("loss")
	return b
}
