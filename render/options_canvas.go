package render

import (
	"slices"
	"strings"

	"oneiro/internal/option"
	"oneiro/nn"
)

// CanvasOptions say what the optimiser changes.
type CanvasOptions struct {
	Canvas CanvasName
	// LevelRates multiply the learning rate of each level of a pyramid, from fine to coarse; the last is that
	// of all further levels, and none is 1 for all.
	LevelRates []float64
	// WarmUp is how many steps a canvas of weights takes to learn the photograph, before anything else.
	WarmUp int
	// InitCanvas is what a canvas of weights begins as, if Init is InitWeights.
	InitCanvas *SavedCanvas
}

// CanvasName names a canvas: a row of the table Canvases, and for some of them a layer or a word after a colon.
type CanvasName string

// The canvases.
const (
	CanvasPixels  CanvasName = "pixels"
	CanvasPyramid CanvasName = "pyramid"
	CanvasFourier CanvasName = "fourier"
	CanvasHead    CanvasName = "head"
	CanvasLiteral CanvasName = "head:literal"
	CanvasDecoder CanvasName = "decoder"
	CanvasCPPN    CanvasName = "cppn"
)

// CanvasKind is a kind of canvas.
type CanvasKind struct {
	Name CanvasName
	What string // it is, in a line
	// Weights says that it is one of weights: of a small network that emits the picture.
	Weights bool
	// Rate is the learning rate of Adam.
	Rate float64
	// Dream is that of Adam in a dream, for each of DreamOptions.LearningRate.
	Dream float64
}

// Canvases lists the kinds.
var Canvases = []CanvasKind{
	{Name: CanvasPixels, What: "the pixels", Rate: 0.02},
	{Name: CanvasPyramid, What: "a Laplacian pyramid: large shapes move as easily as detail", Rate: 0.01, Dream: 0.003},
	{Name: CanvasFourier, What: "frequencies in uncorrelated colours: less noise", Rate: 0.2, Dream: 0.05},
	{Name: CanvasHead, What: "weights of two layers on top of one of the network, which emit overlapping " +
		"patches, marks of the painting at first",
		Weights: true, Rate: 0.005, Dream: 0.0003},
	{Name: CanvasDecoder, What: "weights of a small network that makes the picture of noise (deep image prior): smooth",
		Weights: true, Rate: 0.01, Dream: 0.001},
	{Name: CanvasCPPN, What: "weights of a network from coordinates to colours, which oneiro render shows at any size",
		Weights: true, Rate: 0.01, Dream: 0.001},
}

// canvasNames returns the names of the canvases.
func canvasNames() []CanvasName {
	var all []CanvasName
	for _, k := range Canvases {
		all = append(all, k.Name)
	}
	return all
}

// kind returns the row of a canvas, nil for a name that there is not.
func (c CanvasName) kind() *CanvasKind {
	name, _, _ := strings.Cut(string(c), ":")
	i := slices.IndexFunc(Canvases, func(k CanvasKind) bool { return string(k.Name) == name })
	if i < 0 {
		return nil
	}
	return &Canvases[i]
}

// of returns what stands after the colon.
func (c CanvasName) of() string {
	_, of, _ := strings.Cut(string(c), ":")
	return of
}

// defaultCanvas is that of all pipelines.
var defaultCanvas = CanvasOptions{Canvas: CanvasPixels, WarmUp: 100}

// canvasTable has the options of CanvasOptions.
var canvasTable = option.Table{
	{Name: "canvas", Field: "Canvas", Unit: "name",
		Help:    "what is optimised: pixels, or numbers or a small network that they are made of (docs/canvas.md)",
		Choices: names(canvasNames()), Or: "head:LAYER or head:literal", Changes: option.Result | option.Memory},
	{Name: "level-rates", Field: "LevelRates", Unit: "factors",
		Help: "with canvas pyramid, factors of the learning rate of its levels, fine to coarse; the last is " +
			"for all others",
		Range: option.Above(0).UpTo(1000), Default: "1", Changes: option.Result},
	{Name: "warm-up", Field: "WarmUp", Unit: "steps",
		Help: "steps in which a canvas of weights first learns the photograph", Zero: "leaves that out",
		Range: option.Between(0, MaxIterations), Changes: option.Result},
}.In("Canvas")

// isPixels reports whether the canvas is the pixels themselves, which is also what no name stands for.
func (o *CanvasOptions) isPixels() bool { return o.Canvas == "" || o.Canvas == CanvasPixels }

// encoding returns a canvas that is not pixels, nor weights.
func (o *CanvasOptions) encoding() encoding {
	if o.Canvas == CanvasPyramid {
		return pyramid{o.LevelRates}
	}
	return fourier{}
}

// emitter returns the network of a canvas of weights. marks returns those that it begins with.
func (o *CanvasOptions) emitter(marks func(s Stage, w, h, n int) *marks) emitter {
	switch o.emitted() {
	case CanvasLiteral:
		return literal{o}
	case CanvasDecoder:
		return decoder{}
	case CanvasCPPN:
		return cppn{}
	}
	return head{canvas: o, marks: marks}
}

// emitted returns the kind of a canvas of weights, of which head:literal is another one than head.
func (o *CanvasOptions) emitted() CanvasName {
	if o.Canvas == CanvasLiteral {
		return CanvasLiteral
	}
	if k := o.Canvas.kind(); k != nil {
		return k.Name
	}
	return ""
}

// adamRate returns the learning rate of Adam.
func (o *CanvasOptions) adamRate() float64 {
	if k := o.Canvas.kind(); k != nil {
		return k.Rate
	}
	return defaultCanvas.Canvas.kind().Rate
}

// headLayer returns the layer that a head reads: the one that is named, or the shallowest of the network's
// style layers that has a stride of 4 or more, of 8 for head:literal.
func (o *CanvasOptions) headLayer(net *nn.Network) string {
	if of := o.Canvas.of(); of != "" && o.Canvas != CanvasLiteral {
		return of
	}
	strides, err := net.Strides(256, 256)
	if err != nil || len(net.Style) == 0 {
		return ""
	}
	least := headStride
	if o.Canvas == CanvasLiteral {
		least *= 2
	}
	for _, l := range net.Style {
		if strides[l][0] >= least {
			return l
		}
	}
	return net.Style[len(net.Style)-1]
}

// headStride is the least stride of the layer that a head reads unless it is named.
const headStride = 4

// checkCanvas adds what is wrong with the canvas.
func (o *CanvasOptions) checkCanvas(m *mistakes, net *nn.Network) {
	k := o.Canvas.kind()
	of := o.Canvas.of()
	switch {
	case o.Canvas == "":
		return
	case k == nil:
		m.add("canvas", "choose "+strings.Join(names(canvasNames()), ", "), "must be %s, not %q",
			canvasTable.Lookup("canvas").Allowed(), o.Canvas)
		return
	case k.Name == CanvasHead:
		if layer := o.headLayer(net); layer != "" {
			m.layers("canvas", net, []string{layer})
		}
	case strings.Contains(string(o.Canvas), ":"):
		m.add("canvas", "give "+string(k.Name), "takes nothing after a colon, not %q", of)
	}
	if k.Name != CanvasPyramid && len(o.LevelRates) > 0 {
		m.add("level-rates", "leave it out, or choose canvas pyramid", "means nothing with canvas %s", k.Name)
	}
	if !k.Weights && o.WarmUp != defaultCanvas.WarmUp {
		m.add("warm-up", "leave it out, or choose a canvas of weights", "means nothing with canvas %s", k.Name)
	}
}
