package render

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
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
	Fit     Fit // "" stands for FitMulti
	Engine  *Engine
}

// Fit is how a picture becomes the squares that a classifier sees.
type Fit string

// The fits.
const (
	FitCrop    Fit = "crop"    // the largest square in the middle
	FitSqueeze Fit = "squeeze" // all of it, whatever its shape
	FitMulti   Fit = "multi"   // squares along the longer side, and all of it squeezed; probabilities are averaged
)

// Fits are all fits.
var Fits = []Fit{FitCrop, FitSqueeze, FitMulti}

// Prediction is a class, by its number among the network's, and how probable it is.
type Prediction struct {
	Class       int
	Probability float64
}

// NonFiniteError reports a layer with values that are not numbers or too large for one.
type NonFiniteError struct {
	Network, Layer string
	Value          float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("the values of layer %s of %s are not finite: there is %v among them", e.Layer, e.Network, e.Value)
}

// Hint says what to do.
func (e *NonFiniteError) Hint() string {
	return "the weights are damaged, or stored as other numbers than they are read as: fetch or convert them again"
}

// Classify returns all classes, the most probable first. The network sees the picture as o.Fit says, in squares of
// the size that it was trained on. The errors are an *OptionError, those of o.Params, a *NonFiniteError, a
// *DeviceError, and ctx's.
func Classify(ctx context.Context, o ClassifyOptions) ([]Prediction, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	model, err := nn.Bind(o.Network, o.Params)
	if err != nil {
		return nil, err
	}
	side := o.Network.InputSize
	g := autodiff.NewGraph()
	x := g.Input("picture", autodiff.Shape{N: 1, H: side, W: side, C: 3})
	features := model.Build(x, nn.UnitRange)
	out := features[o.Network.Layers[len(o.Network.Layers)-1].Name]
	f := forward{input: x, outputs: []*autodiff.Node{out}, plan: autodiff.Compile(o.Engine.Device, out)}
	views := o.views()
	sums := make([]float64, out.Shape.Len())
	for _, view := range views {
		f.pixels = func() []float32 { return imageio.Show(o.Image, view, imageio.Bilinear).OnWhite().Pix }
		probabilities, err := f.run(ctx, o.Engine.Device)
		if err != nil {
			return nil, err
		}
		for i, v := range probabilities[0] {
			if !finite(v) {
				return nil, o.firstNonFinite(ctx, f, features)
			}
			sums[i] += float64(v)
		}
	}
	all := make([]Prediction, len(sums))
	for i, v := range sums {
		all[i] = Prediction{i, v / float64(len(views))}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int { return cmp.Compare(b.Probability, a.Probability) })
	return all, nil
}

// check returns an *OptionError that names everything that is wrong.
func (o *ClassifyOptions) check() error {
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
	if o.Fit != "" && !slices.Contains(Fits, o.Fit) {
		m.add("fit", "choose crop, squeeze or multi", "cannot be %q", o.Fit)
	}
	return m.err()
}

// mostSquares is the largest number of squares along the longer side.
const mostSquares = 9

// views returns the squares that the network sees.
func (o *ClassifyOptions) views() []imageio.View {
	side := o.Network.InputSize
	whole := imageio.View{W: side, H: side}
	middle := imageio.Middle(side, 1)(o.Image.W, o.Image.H)
	switch o.Fit {
	case FitCrop:
		return []imageio.View{middle}
	case FitSqueeze:
		return []imageio.View{whole}
	}
	spare := image.Pt(middle.W-side, middle.H-side) // one of the two is 0
	if spare == (image.Point{}) {
		return []imageio.View{middle}
	}
	// Each square overlaps the next by half or more.
	n := min((2*max(spare.X, spare.Y)+side-1)/side+1, mostSquares)
	views := []imageio.View{whole}
	for i := range n {
		at := middle
		at.Crop = image.Rect(0, 0, side, side).Add(spare.Mul(i).Div(max(n-1, 1)))
		views = append(views, at)
	}
	return views
}

// firstNonFinite returns the *NonFiniteError of the first layer that has no finite values for what f shows.
func (o *ClassifyOptions) firstNonFinite(ctx context.Context, f forward, features nn.Features) error {
	f.outputs = nil
	for _, l := range o.Network.Layers {
		f.outputs = append(f.outputs, features[l.Name])
	}
	f.plan = autodiff.Compile(o.Engine.Device, f.outputs...)
	values, err := f.run(ctx, o.Engine.Device)
	if err != nil {
		return err
	}
	for i, l := range o.Network.Layers {
		for _, v := range values[i] {
			if !finite(v) {
				return &NonFiniteError{o.Network.Name, l.Name, float64(v)}
			}
		}
	}
	last := o.Network.Layers[len(o.Network.Layers)-1].Name // of another plan all are finite
	return &NonFiniteError{o.Network.Name, last, math.NaN()}
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
