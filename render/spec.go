package render

import (
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/loss"
	"oneiro/nn"
)

// Spec is what a job does, along five axes that do not know each other (as in lucid, Olah et al. 2017).
// Style, Texture, Dream and Vis make specs.
type Spec struct {
	Objective Objective // what the picture should become
	Canvas    Canvas    // what the optimiser changes
	Transform Transform // how the network is shown the canvas
	Schedule  Schedule  // the sizes, and what is carried from one to the next
	Shaping   Shaping   // what is done to gradients before that
	Optimizer Movement  // how the canvas moves

	Common
	// Steps returns how many steps stage i of so many takes at most. nil is for Iterations at each.
	Steps func(i, stages int) int
	// Learns reports whether stage i of the job is one in which a canvas of weights learns a picture. nil is
	// for none.
	Learns func(i int) bool
	// Wrap makes the picture continue at its opposite edges: tiles of it show no seam.
	Wrap bool
	// KeepBest makes the result the canvas with the least loss of the last size rather than the last one.
	KeepBest bool
	// Unreported says that of a result only the picture is wanted, and with KeepBest the loss: no report, which
	// takes an evaluation for each term.
	Unreported bool
	// Carries says that targets of a stage read what the one before ended with (Terms.carried).
	Carries bool
	// Readings lists at which sizes a run needs pictures, given the sizes of its stages. nil is for no
	// pictures.
	Readings func(stages []Size) []Reading
	// Finishing returns how much memory it takes to make a picture of a size of the canvas, beside copies of
	// that. nil is for none.
	Finishing func(Size) int64
	// Held returns the memory, in bytes, of what the spec keeps beside pictures, given the size of a stage. nil
	// is for none.
	Held func(size Size) int64
	// Notes says what should be known before a run, given the sizes of its stages: sentences. nil is for
	// nothing.
	Notes func(net *nn.Network, stages []Size) []string
	// Check returns an *OptionError that names every option that does not suit the network, or an
	// *nn.TooSmallError. It reads no parameters.
	Check func(net *nn.Network) error
}

// carries reports whether targets of stage i read what the one before ended with. What learnt the photograph
// is no better than that.
func (s *Spec) carries(i int) bool {
	return s.Carries && i > 0 && (s.Learns == nil || !s.Learns(i-1))
}

// Movement returns the optimiser of a stage.
type Movement func(s Stage) optim.Method

// always returns the same optimiser for all stages.
func always(m optim.Method) Movement { return func(Stage) optim.Method { return m } }

// Stage is one step of a schedule: the canvas of one size, optimised from its start to its end.
type Stage struct {
	Index int // in the schedule
	Size  Size
	// Network is the network as it was given, and Model the part of it that the objective reads, with
	// parameters.
	Network *nn.Network
	Model   *nn.Model
	// Range is the range of the canvas's pixel values.
	Range nn.ValueRange

	room room // where the canvas lies
}

// Objective is what a job aims at: named, weighted terms over layers of a network.
type Objective interface {
	// Layers lists the layers that the terms read at any stage. There may be none.
	Layers(net *nn.Network) []string
	// Terms returns the terms of a stage.
	Terms(s Stage) Terms
	// Like returns the first stage whose graph differs from that of stage i in numbers alone: i itself, unless
	// one plan does for several stages.
	Like(net *nn.Network, i int) int
}

// Terms are the terms of a stage, and how their constants (targets) get values. Shapes are known at once;
// values are not needed to plan.
type Terms struct {
	loss.Objective
	targets []target
	rooms   rooms            // of the targets; nil is memory for all
	photo   *autodiff.Tensor // the photograph, if terms read what the network makes of it; else nil
	// matcher looks for the targets of terms that depend on the canvas; nil for none. It is one of targets.
	matcher matcher
	before  *carried // what targets read of the stage before; nil if none does
}

// Canvas is what the optimiser changes: numbers which stand for a picture.
type Canvas interface {
	// Len returns how many numbers there are in a stage.
	Len(s Stage) int
	// Range returns the range of the pixel values for a network.
	Range(net *nn.Network) nn.ValueRange
	// Maps returns how the numbers become the pixel values of a stage, one map after the other; none if they
	// are pixel values. A painter, which is a map that runs on the device, is the first of them.
	Maps(s Stage) []Map
	// Bytes returns the memory of the maps and of the gradients between them, programs of a painter apart.
	Bytes(s Stage) int64
}

// Transform is how the network is shown the pixels in each step.
type Transform interface {
	// Show adds to a graph what the network is shown of the pixels, 1 x H x W x 3.
	Show(pixels *autodiff.Node) View
	// Bytes returns the memory of a view's maps and of the gradients between them.
	Bytes(size Size) int64
}

// View is a transform of the pixels of one stage. Part of it may be in the graph, with inputs that choose
// it, and part outside. write sets an input of the graph.
type View interface {
	// Shown is what the network is shown, as far as it is in the graph.
	Shown() *autodiff.Node
	// Alike is another picture, as large as the pixels, shown in the same way, as far as that is in the graph.
	Alike(picture *autodiff.Node) *autodiff.Node
	// Shift is by how many rows and columns what is shown is rolled, as far as that is in the graph.
	Shift() [2]int
	// Maps are what is done to the pixels before that, outside the graph.
	Maps() []Map
	// Next chooses how the network is shown the pixels in the next step.
	Next(random *rand.Rand, write func(input *autodiff.Node, data []float32))
	// Rest undoes what is in the graph: the network is shown what the graph is given.
	Rest(write func(input *autodiff.Node, data []float32))
}

// Map is a differentiable map to an array of H x W x 3 numbers that is computed outside the graph. It is from
// such an array, or from a canvas.
type Map interface {
	// Forward returns y(x), which is valid until the next call.
	Forward(x []float32) []float32
	// Backward sets dx to the gradient with respect to x of the last Forward, dy being that with respect to y.
	Backward(dy, dx []float32)
}

// Schedule is the sizes of a job in order, what each stage starts from, and the picture that it shows.
type Schedule interface {
	// Sizes returns the size of each stage. fits reports whether the network can see a size.
	Sizes(fits func(Size) bool) []Size
	// Start returns the canvas that a stage starts from. before is the canvas that the stage before ended
	// with, of the size last; the first stage has none.
	Start(s Stage, before []float32, last Size, random *rand.Rand) []float32
	// Picture returns the picture of a stage, at full size, from its pixel values.
	Picture(s Stage, pixels []float32) *Picture
	// Result reports whether the picture of a stage is a result, and not only what the next one starts from.
	Result(s Stage) bool
}
