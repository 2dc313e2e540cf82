package render

import (
	"cmp"
	"context"
	"runtime/debug"
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
// the picture, at the size that it was trained on; what is clear is white. The errors are an *OptionError, a
// *MemoryError before anything is read, those of reading the picture and of o.Params, a *DeviceError, and
// ctx's.
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
	model, err := nn.Abstract(o.Network)
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
	defer o.Engine.limitHeap(0)()
	if err := o.read(model, &f); err != nil {
		return nil, err
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

// read plans what is computed, checks that there is the memory, and reads the picture, if it is deferred, and
// then the parameters. What is left of the memory is the heap's.
func (o *ClassifyOptions) read(model *nn.Model, f *forward) error {
	e, view := o.Engine, middleView(o.Image, o.Network.InputSize)
	beside := runtimeBytes + 4*int64(len(o.Image.Pix)+len(o.Image.Alpha)) + 3*f.input.Shape.Bytes()
	limit, footprint := e.squeeze(f.plan, beside)
	f.limit = limit
	need := footprint.Total() + beside
	if o.Image.IsDeferred() {
		need = max(need, runtimeBytes+o.Image.LoadBytes(view))
	}
	if err := e.fits(need, footprint.Total()); err != nil {
		err.Reading = need > footprint.Total()+beside
		return err
	}
	if o.Image.IsDeferred() {
		if err := o.Image.Load(view, 0); err != nil {
			return err
		}
		debug.FreeOSMemory() // what decoding left
	}
	e.limitHeap(footprint.Mapped)
	return model.Read(o.Params)
}

// middleView is the largest square in the middle of a picture, side pixels wide.
func middleView(im *Picture, side int) imageio.View { return imageio.Middle(side, 1)(im.W, im.H) }

// middle returns the colours of middleView. What is clear is white.
func middle(im *Picture, side int) []float32 { return im.Shown(middleView(im, side)).OnWhite().Pix }
