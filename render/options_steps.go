package render

import "oneiro/internal/option"

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
