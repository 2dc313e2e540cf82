package render

import "oneiro/internal/option"

// Common are the options that style, dream and vis share.
type Common struct {
	// Size is the longer side of the result in pixels; 0 keeps the size of the picture.
	Size int
	// Iterations is the number of optimisation steps at each size of the schedule.
	Iterations int
	// Seed is the random seed. The same options with the same seed give the same bits, on any number of threads
	// of one instruction set with the same table of tiles (EngineOptions).
	Seed uint64
	// UntilLoss ends a run at the last size when the loss is no more than that; 0 turns it off.
	UntilLoss float64
	// UntilChange ends a size when the loss has fallen by less than this fraction in 10 steps; 0 turns it off.
	UntilChange float64
}

// MaxSize is the largest picture side that is worked on.
const MaxSize = 16384

// OptionError reports options that do not make sense, all of them at once.
type OptionError = option.Error

// Mistake is one option with a value that does not work, and what would.
type Mistake = option.Mistake
