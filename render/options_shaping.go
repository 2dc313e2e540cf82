package render

import (
	"oneiro/internal/option"
)

// ShapeOptions say how a dream makes its steps of gradients, and how it goes from size to size.
type ShapeOptions struct {
	// Lap is Shaping.Bands, GrayGradient Shaping.Gray and GradientBlur Shaping.Blur.
	Lap          int
	GrayGradient bool
	GradientBlur float64
	// GradientNorm is what a gradient is divided by: one of the words below.
	GradientNorm string
	// OctaveMode is what one size leaves to the next: one of the words below.
	OctaveMode string
	// OctaveIterations are the steps at each size from the smallest on; the last number is that of all further
	// sizes. If it is empty there are Iterations at each.
	OctaveIterations []int
	// RandomZoom and RandomTurn are how the network is shown the picture in each step, another way each time:
	// zoomed by up to a fraction, and turned by up to so many degrees.
	RandomZoom, RandomTurn float64
}

// What a gradient is divided by.
const (
	normMean = "mean"
	normStd  = "std"
)

// What one size of a dream leaves to the next.
const (
	octaveDetail = "detail"
	octavePlain  = "plain"
)

// defaultShape are the options of dreams.
var defaultShape = ShapeOptions{Lap: 4, GradientNorm: normMean, OctaveMode: octaveDetail}

// shapeTable has the options of ShapeOptions.
var shapeTable = option.Table{
	{Name: "lap", Field: "Lap", Unit: "bands",
		Help: "change coarse forms as much as fine ones: split the gradient into so many bands of frequencies " +
			"and divide" +
			" each by its magnitude",
		Zero: "leaves it as it is", Range: option.Between(0, 16), Changes: option.Result | option.Memory},
	{Name: "gray-gradient", Field: "GrayGradient",
		Help: "change only how light a pixel is: the dream keeps the colours of the picture", Changes: option.Result},
	{Name: "gradient-blur", Field: "GradientBlur", Unit: "pixels",
		Help: "smooth forms: blur the gradient by more in each step, at the end of a size by about so much",
		Zero: "turns it off", Range: option.Between(0, 64), Changes: option.Result | option.Memory},
	{Name: "gradient-norm", Field: "GradientNorm", Unit: "what",
		Help:    "what --lr is the size of: the mean change of a pixel, or its standard deviation",
		Choices: []string{normMean, normStd}, Changes: option.Result},
}.In("Gradient")

// octaveTable has more of them.
var octaveTable = option.Table{
	{Name: "octave-mode", Field: "OctaveMode", Unit: "what",
		Help: "what a size hands on: its detail, which is added to the photograph at the next size, or the " +
			"plain picture," +
			" which is softer and further from the photograph",
		Choices: []string{octaveDetail, octavePlain}, Changes: option.Result},
	{Name: "octave-iterations", Field: "OctaveIterations", Unit: "steps",
		Help: "steps at each size, from the smallest on, such as 10,10,30; the last number is that of all " +
			"further sizes",
		Default: "--iterations at each", Range: option.Between(1, MaxIterations), Changes: option.Result},
}.In("Picture")

// swayTable has more of them.
var swayTable = option.Table{
	{Name: "random-zoom", Field: "RandomZoom", Unit: "fraction",
		Help: "most that the picture is zoomed before each step: what stands up to it is less grainy",
		Zero: "turns it off", Range: option.Between(0, 1), Changes: option.Result | option.Memory},
	{Name: "random-turn", Field: "RandomTurn", Unit: "degrees",
		Help: "most that the picture is turned before each step", Zero: "turns it off", Range: option.Between(0, 180),
		Changes: option.Result | option.Memory},
}.In("What to amplify")

// shaping returns what is done to gradients.
func (o *ShapeOptions) shaping() Shaping {
	return Shaping{Gray: o.GrayGradient, Blur: o.GradientBlur, Bands: o.Lap}
}

// transform returns how the network is shown the picture, rolled by up to jitter pixels.
func (o *ShapeOptions) transform(jitter int) Transform {
	if o.RandomZoom == 0 && o.RandomTurn == 0 {
		return roll{jitter}
	}
	return swayed{roll{jitter}, warp{zoom: o.RandomZoom, turn: o.RandomTurn}}
}

// steps returns how many steps size i takes.
func (o *DreamOptions) steps(i, _ int) int {
	if given := o.OctaveIterations; len(given) > 0 {
		return given[min(i, len(given)-1)]
	}
	return o.Iterations
}

// checkShape checks what no range can say.
func (o *DreamOptions) checkShape(m *mistakes) {
	if o.RandomZoom == 0 && o.RandomTurn == 0 {
		return
	}
	for i := range o.Objectives {
		a := &o.Objectives[i]
		if kind := kindOf(a.Kind); kind != nil && (kind.photo || kind.name == "neuron" || a.Region != "") {
			m.add("objective", "leave out --random-zoom and --random-turn",
				"%s is tied to places in the picture, which cannot be turned or zoomed", a.Kind)
		}
	}
}
