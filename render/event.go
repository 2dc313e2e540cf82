package render

import (
	"time"

	"oneiro/loss"
)

// EventKind says what happened.
type EventKind string

const (
	// EventSize: a new size begins.
	EventSize EventKind = "size"
	// EventStep: a step was taken. Loss and Terms are those that it started from.
	EventStep EventKind = "step"
	// EventPicture: it is time to save the picture so far.
	EventPicture EventKind = "picture"
	// EventLook: somebody wants to see the picture so far.
	EventLook EventKind = "look"
	// EventStalled: the optimiser found no lower loss, and the size ends before its time. Loss is where it
	// stays.
	EventStalled EventKind = "stalled"
	// EventLearnt: a canvas of weights has learnt the photograph. PSNR says how well.
	EventLearnt EventKind = "learnt"
)

// Event reports the progress of a run.
type Event struct {
	Kind EventKind
	// Step counts steps from 1 on over all sizes, Steps is how many there will be at most.
	Step, Steps int
	// W x H is the size of the canvas, number Size (from 1) of Sizes.
	W, H, Size, Sizes int
	// Loss is the loss, and Terms its summands with their weights in them.
	Loss  float64
	Terms []TermValue
	// PSNR is the peak signal-to-noise ratio, in decibels, of what a canvas has learnt.
	PSNR float64
	// Elapsed is the time since the run began.
	Elapsed time.Duration
	// Picture returns the picture so far, in the final size. Only during the call.
	Picture func() *Picture
	// Preview returns the picture so far with a longer side of at most so many pixels, without making the
	// picture itself. Only during the call, and only of EventLook.
	Preview func(longer int) *Picture
}

// TermValue is a summand of the loss.
type TermValue struct {
	Name  string
	Value float64
}

// Result is the outcome of a run, or what there was of it when it was cut short.
type Result struct {
	// Picture is the last of Pictures. Vis has one for each target, the other specs have one.
	Picture  *Picture
	Pictures []*Picture
	// Steps is the number of steps taken.
	Steps int
	// Loss is the loss of Picture, and Report its terms. Of a run that was cut short it is the least loss so
	// far, without a report.
	Loss   float64
	Report loss.Report
	// Canvas is the canvas, if it is one of weights.
	Canvas *SavedCanvas
	// Elapsed is the time that the run took.
	Elapsed time.Duration
}

// add makes r the result with one more picture.
func (r *Result) add(last *Result) {
	pictures := append(r.Pictures, last.Picture)
	*r = *last
	r.Pictures = pictures
}
