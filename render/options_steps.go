package render

import (
	"slices"

	"oneiro/internal/option"
)

// StepOptions say how many steps are taken at the sizes before the last.
type StepOptions struct {
	// CoarseIterations are the steps at each size from the coarsest on; the last number is that of all further
	// sizes but the last, which has Iterations. If it is empty there are coarseSteps of them where the canvas
	// begins as the content, and elsewhere Iterations.
	CoarseIterations []int
}

// coarseSteps are the steps at a coarse size of a canvas that began as the content. They make the large
// strokes. More of them lower no loss at the last size: it is 2 % higher after 100 than after 25.
const coarseSteps = 50

var stepTable = option.Table{
	{Name: "coarse-iterations", Field: "CoarseIterations", Unit: "steps",
		Help:    "steps at the sizes before the last: one number, or several from the coarsest size on",
		Default: "50, or iterations if less; if init is not content, as many as iterations",
		Range:   option.Between(1, MaxIterations), Changes: option.Result},
}.In("Picture")

var styleIterationsOption = with(iterationsOption, func(o *option.Option) {
	o.Help = "optimisation steps at the last size"
})

// styleUntilChange ends the last size where about 1 % of the loss could still be saved, which nobody sees:
// after 65 to 86 steps with VGG-19 (docs/convergence.md).
const styleUntilChange = 0.003

// styleStopOptions are stopOptions with the default of a style transfer.
var styleStopOptions = func() option.Table {
	t := slices.Clone(stopOptions)
	t.Lookup("until-change").Default = "0.003 for pixels with L-BFGS, else 0"
	return t
}()

// fallsSteadily returns whether the loss, once it falls slowly, falls slowly until the end. That is so with
// L-BFGS on pixels; with other optimisers and canvases it rests now and then.
func (o *StyleOptions) fallsSteadily() bool {
	return o.isPixels() && (o.Optimizer == LBFGS || o.Optimizer == LBFGSWolfe)
}

// steps returns how many steps stage i of so many takes.
func (o *StyleOptions) steps(i, stages int) int {
	switch given := o.CoarseIterations; {
	case i == stages-1:
	case len(given) > 0:
		return given[min(i, len(given)-1)]
	case o.carriesDetail():
		return min(coarseSteps, o.Iterations)
	}
	return o.Iterations
}
