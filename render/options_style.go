package render

import (
	"math"
	"slices"
	"strconv"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/quote"
	"oneiro/nn"
)

// StyleOptions describe a style transfer: the picture Content painted in the style of Styles. DefaultStyle and
// NeuralStylePT return them complete except for the pictures.
type StyleOptions struct {
	Common
	ColourOptions
	RegionOptions
	LossOptions
	MarginOptions
	NeighbourOptions
	StepOptions
	CanvasOptions
	AimOptions // beside the style

	Content *Picture
	// Styles are the pictures whose statistics are the target, blended with the weights Blend, or equally if
	// that is empty.
	Styles []*Picture
	Blend  []float64
	// StyleScale is the longer side of each style picture as a factor of the canvas's, or one factor for all;
	// empty is 1. Larger ones give larger strokes.
	StyleScale []float64

	// ContentLayers and StyleLayers are the layers compared. Each style layer has the weight 1, or
	// the one in StyleLayerWeights; the sum is scaled to 1 unless Form is NeuralStyle.
	ContentLayers, StyleLayers []string
	StyleLayerWeights          []float64

	// The weights of the terms. A term of weight 0 is left out.
	ContentWeight, StyleWeight, StructureWeight, SSIMWeight, TVWeight float64

	// Form chooses the formulas.
	Form Form

	Optimizer Optimizer
	// LearningRate is the learning rate; 0 stands for the optimiser's default: 1 for L-BFGS, 0.02 for Adam
	// and 0.01 for gradient descent, the latter two in units of white (in Form NeuralStyle all are 1,
	// in units of 1/255 of white).
	LearningRate float64
	// History is the number of steps that L-BFGS remembers.
	History int

	// Init is what the canvas starts as, InitImage the picture for InitPicture.
	Init      Init
	InitImage *Picture

	// Scales is the number of sizes, each half as large as the next; 0 stands for as many as are at least
	// 128 pixels, and at least as large as InitImage.
	Scales int

	tones *Picture   // whose colours style pictures are matched with instead of Content's; nil for those
	frame *heldFrame // of a film, that is painted; nil for a picture
}

// Form is a choice of formulas: the units of terms and canvas.
type Form string

const (
	// Relative terms are divided by the square of their target, so that weights mean the same for
	// all networks, layers and sizes. The canvas is in 0..1. Adam and gradient descent clamp it in each
	// step; L-BFGS, whose model that would spoil, at the end of a size.
	Relative Form = "relative"
	// NeuralStyle terms and canvas are those of the program neural-style-pt: mean squares of features, the
	// sum of the total variation, and a canvas with 255 for white, minus the network's mean colour, that is
	// clamped only at the end.
	NeuralStyle Form = "neural-style-pt"
)

// Optimizer is the name of an optimiser.
type Optimizer string

// The optimisers.
const (
	LBFGS      Optimizer = "lbfgs"
	LBFGSWolfe Optimizer = "lbfgs-wolfe" // with a line search
	Adam       Optimizer = "adam"
	Descent    Optimizer = "gd"
)

// Optimizers lists them.
var Optimizers = []Optimizer{LBFGS, LBFGSWolfe, Adam, Descent}

// Init is what a canvas starts as.
type Init string

// The starts.
const (
	InitContent Init = "content" // the content picture
	InitRandom  Init = "random"  // noise around the mean colour
	InitGray    Init = "gray"    // almost even gray
	InitPicture Init = "picture" // another picture
	InitWeights Init = "weights" // a canvas of weights that was saved
)

// DefaultStyle returns options that make good pictures with a network without tuning. The caller adds the
// pictures.
func DefaultStyle(net *nn.Network) StyleOptions {
	return StyleOptions{
		Common:           Common{Size: 512, Iterations: 115, UntilChange: styleUntilChange},
		NeighbourOptions: neighbourDefaults,
		CanvasOptions:    defaultCanvas,
		ColourOptions:    defaultColours,
		LossOptions:      defaultLosses(MomentsLoss),
		StyleScale:       []float64{1},
		ContentLayers:    net.Content, StyleLayers: net.Style,
		ContentWeight: 1, StyleWeight: 50, StructureWeight: 1, TVWeight: 3,
		Form: Relative, Optimizer: LBFGS, History: 20, Init: InitContent,
		RegionOptions: RegionOptions{Feather: defaultFeather},
		AimOptions:    AimOptions{GuideSize: aimSize(net)},
	}
}

// NeuralStylePT returns the formulas and defaults of the program neural-style-pt. Tiles of 4
// (EngineOptions.Winograd) give the losses closest to that program's.
func NeuralStylePT(net *nn.Network) StyleOptions {
	return StyleOptions{
		Common:           Common{Size: 512, Iterations: 1000},
		NeighbourOptions: neighbourDefaults,
		CanvasOptions:    defaultCanvas,
		ColourOptions:    defaultColours,
		LossOptions:      defaultLosses(GramLoss),
		StyleScale:       []float64{1},
		ContentLayers:    net.Content, StyleLayers: net.Style,
		ContentWeight: 5, StyleWeight: 100, TVWeight: 1e-3,
		Form: NeuralStyle, Optimizer: LBFGS, History: 100, Init: InitRandom, Scales: 1,
		RegionOptions: RegionOptions{Feather: defaultFeather},
		AimOptions:    AimOptions{GuideSize: aimSize(net)},
	}
}

// StyleTable has the options of StyleOptions.
var StyleTable = slices.Concat(
	option.Table{
		sizeOption,
		styleIterationsOption,
		seedOption,
		{Name: "scales", Field: "Scales", Unit: "number",
			Help:    "sizes to paint one after the other, each twice as large as the last",
			Zero:    "chooses by the size of the result, and starts at that of a picture given with init",
			Range:   option.Between(1, 16),
			Changes: option.Result | option.Memory},
		{Name: "init", Field: "Init", Unit: "start", Help: "what to start from",
			Choices: []string{"content", "random", "gray"},
			Or:      "a picture file, or a canvas that --save-canvas wrote", Names: option.File,
			Changes: option.Result | option.Memory},
		{Name: "compat", Field: "Form", Unit: "program",
			Help:    "formulas and defaults, our own or those of neural-style-pt (with --winograd 4)",
			Choices: []string{string(Relative), string(NeuralStyle)}, Changes: option.Result | option.Memory},
	}.In("Picture"),
	stepTable,
	canvasTable,
	neighbourTable,
	option.Table{
		{Name: "style-weight", Field: "StyleWeight", Unit: "weight", Help: "weight of the style",
			Range: option.Between(0, maxWeight), Changes: option.Result | option.Memory, Basic: true},
		{Name: "content-weight", Field: "ContentWeight", Unit: "weight", Help: "weight of the content",
			Range: option.Between(0, maxWeight), Changes: option.Result | option.Memory},
		{Name: "structure-weight", Field: "StructureWeight", Unit: "weight",
			Help:  "weight of the content's edges and shades, which keep a face readable",
			Range: option.Between(0, maxWeight), Changes: option.Result | option.Memory},
		{Name: "ssim-weight", Field: "SSIMWeight", Unit: "weight",
			Help: "weight of the content's structural similarity (SSIM)", Range: option.Between(0, maxWeight),
			Changes: option.Result | option.Memory},
		tvOption,
		{Name: "style-scale", Field: "StyleScale", Unit: "factors",
			Help:  "size of the style pictures relative to the result, one or one each: larger gives larger strokes",
			Range: option.Above(0).UpTo(16), Changes: option.Result | option.Memory, Basic: true},
		{Name: "style-blend", Field: "Blend", Unit: "weights",
			Help: "weight of each style picture, such as 3,1", Default: "all equal",
			Range: option.Between(0, maxWeight), Changes: option.Result, Basic: true},
	}.In("Content and style"),
	styleAimTable,
	colourTable,
	RegionTable,
	lossTable,
	marginTable,
	option.Table{
		{Name: "content-layers", Field: "ContentLayers", Unit: "layers",
			Help: "layers that compare the result with the content", Default: "the network's own",
			Names: option.Layer, Changes: option.Result | option.Memory},
		{Name: "style-layers", Field: "StyleLayers", Unit: "layers",
			Help: "layers that compare the result with the style", Default: "the network's own",
			Names: option.Layer, Changes: option.Result | option.Memory},
		{Name: "style-layer-weights", Field: "StyleLayerWeights", Unit: "weights",
			Help: "weight of each style layer", Default: "all equal", Range: option.Between(0, maxWeight),
			Changes: option.Result},
	}.In("Layers"),
	option.Table{
		{Name: "optimizer", Field: "Optimizer", Unit: "name", Help: "optimiser", Choices: names(Optimizers),
			Changes: option.Result | option.Memory},
		{Name: "lr", Field: "LearningRate", Unit: "rate", Help: "learning rate",
			Zero: "is the optimiser's own", Range: option.AtLeast(0), Changes: option.Result},
		{Name: "history", Field: "History", Unit: "steps",
			Help: "steps that L-BFGS remembers: fewer take less memory", Range: option.Between(1, 10_000),
			Changes: option.Result | option.Memory},
	}.In("Optimiser"),
	styleStopOptions,
)

// StyleFrom returns the options of a style transfer from text: values over the defaults for a network, or with
// compat over those of the program that it names. class finds the classes of objectives. The error is an
// *OptionError, or one of class.
func StyleFrom(net *nn.Network, values option.Values, class ClassFinder) (StyleOptions, error) {
	o := DefaultStyle(net)
	switch {
	case values["method"] == string(NNST):
		o = DefaultNNST(net)
	case values["compat"] == string(NeuralStyle):
		o = NeuralStylePT(net)
	}
	if err := StyleTable.Set(&o, values).Err(); err != nil {
		return o, err
	}
	if _, given := values["until-change"]; !given && !o.fallsSteadily() {
		o.UntilChange = 0
	}
	return o, o.resolve(net, class)
}

// check checks everything that can be checked without reading weights or computing. The error is an
// *OptionError that names every mistake, or a *SmallPictureError.
func (o *StyleOptions) check(net *nn.Network) error {
	m := mistakes{StyleTable.Check(o)}
	if o.Content == nil {
		m.add("content", "give a content picture", "is missing")
	}
	m.keeps(o.Size, o.Content)
	if len(o.Styles) == 0 {
		m.add("style", "give a style picture", "is missing")
	}
	if n := len(o.StyleScale); n > 1 && n != len(o.Styles) {
		m.add("style-scale", "give one factor, or "+strconv.Itoa(len(o.Styles)), "has %s for %s", quote.Count(n, "factor"),
			quote.Count(len(o.Styles), "style picture"))
	}
	o.checkLosses(&m)
	m.weights("style-blend", o.Blend, len(o.Styles), "style picture")
	m.weights("style-layer-weights", o.StyleLayerWeights, len(o.StyleLayers), "style layer")
	m.checkColours(&o.ColourOptions, o.Form)
	m.layers("content-layers", net, o.ContentLayers)
	m.layers("style-layers", net, o.StyleLayers)
	o.checkMethod(&m, net)
	o.checkStyleCanvas(&m, net)
	if o.Method != NNST && o.ContentWeight+o.StyleWeight+o.StructureWeight+o.SSIMWeight+o.TVWeight == 0 &&
		len(o.Objectives) == 0 {
		m.add("style-weight", "make one of the weights more than 0", "is 0, and so are all other weights")
	}
	if o.ContentWeight > 0 && len(o.ContentLayers) == 0 {
		m.add("content-layers", "name a layer, or set content-weight to 0", "has no layers")
	}
	if o.StyleWeight > 0 && len(o.StyleLayers) == 0 {
		m.add("style-layers", "name a layer, or set style-weight to 0", "has no layers")
	}
	switch o.Init {
	case InitContent, InitRandom, InitGray:
	case InitWeights:
		o.checkInit(&m, net)
	case InitPicture:
		if o.InitImage == nil {
			m.add("init", "give a picture", "has no picture")
		}
	default:
		m.add("init", "", "must be %s, not %q", StyleTable.Lookup("init").Allowed(), o.Init)
	}
	o.checkRegions(&m)
	o.aiming(net).check(&m, net)
	if len(o.Objectives) > 0 && o.Form == NeuralStyle {
		m.add("objective", "leave out one of the two",
			"cannot be combined with compat neural-style-pt, whose weights mean something else")
	}
	if err := m.err(); err != nil {
		return err
	}
	if err := o.fits(net); err != nil || o.Method != NNST {
		return err
	}
	return o.checkScales(net)
}

// fits checks that the pictures are large enough for the network, both at their final sizes and as they are:
// enlarging a picture adds nothing to see.
func (o *StyleOptions) fits(net *nn.Network) error {
	layers := o.layers(net)
	if len(layers) == 0 {
		return nil
	}
	net, err := net.Cut(layers...)
	if err != nil {
		return err
	}
	full := o.full()
	all := []seen{
		{RoleContent, 0, o.Content, full, "size"}, {RoleContent, 0, o.Content, sizeOf(o.Content), ""},
	}
	for i, s := range o.Styles {
		option := "style-scale"
		if o.styleScale(i) >= 1 {
			option = "size"
		}
		all = append(all, seen{RoleStyle, i, s, sizeOf(s), ""}, seen{RoleStyle, i, s, o.styleSize(i, full), option})
	}
	all = append(all, o.seenInRegions(full)...)
	for _, s := range all {
		if err := s.check(net); err != nil {
			return err
		}
	}
	if len(o.Objectives) == 0 {
		return nil
	}
	infos, err := net.Shapes(full.H, full.W, 3)
	if err != nil {
		return err
	}
	sizes := styleSchedule{o}.Sizes(fits(net))
	if o.Method == NNST && o.DetailPass {
		sizes = append(sizes, full)
	}
	return o.aiming(net).fit(net, infos, sizes)
}

// layers returns the layers that terms with a weight read.
func (o *StyleOptions) layers(net *nn.Network) []string {
	var names []string
	if o.ContentWeight > 0 {
		names = append(names, o.ContentLayers...)
	}
	if o.StyleWeight > 0 || o.Method == NNST {
		names = append(names, o.StyleLayers...)
	}
	return append(names, o.aiming(net).reads(net)...)
}

// rounding returns how sizes are rounded: to the nearest, or as neural-style-pt does in its form.
func (o *StyleOptions) rounding() rounding {
	if o.Form == NeuralStyle {
		return imageio.FitSizeTruncated
	}
	return imageio.FitSize
}

// full returns the size of the result.
func (o *StyleOptions) full() Size { return o.rounding().scaled(sizeOf(o.Content), o.Size) }

// styleScale returns the factor of style picture i.
func (o *StyleOptions) styleScale(i int) float64 {
	if len(o.StyleScale) == 0 {
		return 1
	}
	return o.StyleScale[i%len(o.StyleScale)] // which is one factor, or one for each
}

// styleSize returns the size of style picture i for a canvas.
func (o *StyleOptions) styleSize(i int, canvas Size) Size {
	scale := o.styleScale(i)
	longer := int(math.Round(float64(canvas.longer()) * scale))
	if o.Form == NeuralStyle {
		if longer = canvas.longer(); canvas == o.full() && o.Size > 0 {
			longer = o.Size // of which the canvas may fall short by a pixel
		}
		longer = int(float64(longer) * scale)
	}
	return o.rounding().scaled(sizeOf(o.Styles[i]), max(longer, 1))
}
