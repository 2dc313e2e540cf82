package render

import (
	"oneiro/internal/option"
	"oneiro/nn"
)

// Common are the options that style, dream and vis share.
type Common struct {
	// Network is the network whose features are compared or amplified, Params its parameters.
	Network *nn.Network
	Params  nn.Params
	// Size is the longer side of the result in pixels; 0 keeps the size of the picture.
	Size int
	// Iterations is the number of optimisation steps at each size of the schedule.
	Iterations int
	// Seed starts every random choice. The same options with the same seed give the same bits, on
	// any number of threads of one instruction set with the same table of tiles (EngineOptions).
	Seed uint64
	// UntilLoss ends a run at the last size when the loss is no more than that; 0 never does.
	UntilLoss float64
	// UntilChange ends a size when the loss has fallen by less than this fraction in 10 steps; 0
	// never does.
	UntilChange float64
	// EventEvery is the number of steps from one step event to the next, PictureEvery from one
	// picture event to the next; 0 for none.
	EventEvery, PictureEvery int
	// OnEvent is called with every event, on the goroutine of the run. It may be nil.
	OnEvent func(Event)
	// Engine is what the run computes with; nil stands for all processors and the best kernels.
	Engine *Engine
}

// OptionError reports options that do not make sense, all of them at once.
type OptionError = option.Error

// Mistake is one option with a value that does not do, and what would.
type Mistake = option.Mistake

// MaxSize is the largest picture side that is worked on.
const MaxSize = 16384
