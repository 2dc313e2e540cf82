package render

import (
	"context"
	"fmt"
	"image"
	"math"
	"runtime/debug"
	"slices"
	"sort"

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

// NonFiniteError reports a layer with values that are not numbers, or too large for one.
type NonFiniteError struct {
	Network, Layer string
	Value          float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("the values of layer %s of %s are not finite: there is %v among them", e.Layer,
		e.Network, e.Value)
}

// Hint says what to do.
func (e *NonFiniteError) Hint() string {
	return "the weights are damaged, or stored as other numbers than they are read as: fetch or convert them again"
}

// Classify returns all classes, the most probable first. The network sees the picture as o.Fit says, in squares
// of the size that it was trained on; what is clear is white. The errors are an *OptionError, a *MemoryError
// before anything is read, those of reading the picture and of o.Params, a *NonFiniteError, a *DeviceError, and
// ctx's.
func Classify(ctx context.Context, o ClassifyOptions) ([]Prediction, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	model, err := nn.Abstract(o.Network)
	if err != nil {
		return nil, err
	}
	side := o.Network.InputSize
	g := autodiff.NewGraph()
	x := g.Input("picture", autodiff.Shape{N: 1, H: side, W: side, C: 3})
	features := model.Build(x, nn.UnitRange)
	out := features[o.Network.Layers[len(o.Network.Layers)-1].Name]
	f := forward{input: x, outputs: []*autodiff.Node{out}, plan: autodiff.Compile(o.Engine.Device, out)}
	defer o.Engine.limitHeap(0)()
	if err := o.read(model, &f); err != nil {
		return nil, err
	}
	squares := o.squares()
	sums := make([]float64, out.Shape.Len())
	for _, square := range squares {
		f.pixels = func() []float32 { return square.Pix }
		probabilities, err := f.run(ctx, o.Engine.Device, nil)
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
		all[i] = Prediction{i, v / float64(len(squares))}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Probability > all[j].Probability })
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

// read plans what is computed, checks that there is the memory, and reads the picture, if it is deferred, and
// then the parameters. What is left of the memory is the heap's.
func (o *ClassifyOptions) read(model *nn.Model, f *forward) error {
	e, view := o.Engine, o.view()
	beside := runtimeBytes + 4*int64(len(o.Image.Pix)+len(o.Image.Alpha)) + 3*f.input.Shape.Bytes()
	return e.readFor(f, beside, o.Image, view, func() error { return model.Read(o.Params) })
}

// readFor plans a graph that is computed with so many bytes beside it, checks that there is the memory, and
// reads the picture, if it is deferred, and then what else it needs. What is left of the memory is the heap's.
func (e *Engine) readFor(f *forward, beside int64, im *Picture, view imageio.View, rest func() error) error {
	limit, footprint := e.squeeze(f.plan, beside)
	f.limit = limit
	need := footprint.Total() + beside
	if im.IsDeferred() {
		need = max(need, runtimeBytes+im.LoadBytes(view))
	}
	if err := e.fits(need, footprint.Total()); err != nil {
		err.Reading = need > footprint.Total()+beside
		return err
	}
	if im.IsDeferred() {
		if err := im.Load(view, 0); err != nil {
			return err
		}
		debug.FreeOSMemory() // what decoding left
	}
	e.limitHeap(footprint.Mapped)
	return rest()
}

// longest is how many times as long as wide a picture may be to be seen from end to end.
const longest = 5

// view is the part of the picture that is seen.
func (o *ClassifyOptions) view() imageio.View {
	side := o.Network.InputSize
	switch o.Fit {
	case FitCrop:
		return imageio.Middle(side, 1)(o.Image.W, o.Image.H)
	case FitSqueeze:
		return imageio.View{W: side, H: side}
	}
	return imageio.Middle(side, longest)(o.Image.W, o.Image.H)
}

// squares returns what the network sees. In a picture that is not square itself, each square overlaps the next
// by half or more; all of the picture comes first.
func (o *ClassifyOptions) squares() []*Picture {
	side := o.Network.InputSize
	im := o.Image.Shown(o.view()).OnWhite()
	spare := image.Pt(im.W-side, im.H-side) // one of the two is 0
	if spare == (image.Point{}) {
		return []*Picture{im}
	}
	all := []*Picture{imageio.Resize(im, side, side, imageio.Bilinear)}
	n := (2*max(spare.X, spare.Y)+side-1)/side + 1
	for i := range n {
		all = append(all, cut(im, spare.Mul(i).Div(n-1), side))
	}
	return all
}

// cut returns a square of a picture.
func cut(im *Picture, at image.Point, side int) *Picture {
	part := imageio.New(side, side)
	for y := range side {
		copy(part.Pix[3*side*y:3*side*(y+1)], im.Pix[3*(im.W*(at.Y+y)+at.X):])
	}
	return part
}

// firstNonFinite returns the *NonFiniteError of the first layer that has values that are not finite for what f
// shows.
func (o *ClassifyOptions) firstNonFinite(ctx context.Context, f forward, features nn.Features) error {
	f.outputs = nil
	for _, l := range o.Network.Layers {
		f.outputs = append(f.outputs, features[l.Name])
	}
	f.plan = autodiff.Compile(o.Engine.Device, f.outputs...)
	values, err := f.run(ctx, o.Engine.Device, nil)
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
