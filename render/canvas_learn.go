package render

import (
	"math"
	"math/rand/v2"

	"oneiro/autodiff/optim"
	"oneiro/loss"
	"oneiro/nn"
)

// learning is a job on a canvas of weights. Before its own stages there may be one in which the emitter learns
// the photograph. From one size to the next the weights are carried over as they are: the emitter reads more of
// the photograph then, and emits a larger picture in the same way.
type learning struct {
	canvas weights
	steps  int          // of the stage that learns the photograph, 0 for none
	start  *SavedCanvas // to begin with; nil for what the emitter begins with
}

// learns makes a spec one on a canvas of weights.
func (l *learning) learns(spec *Spec) {
	spec.Canvas = l.canvas
	spec.Objective = learningObjective{spec.Objective, l}
	spec.Schedule = learningSchedule{spec.Schedule, l}
	if l.steps == 0 {
		return
	}
	spec.Learns = func(stage int) bool { return stage == 0 }
	optimizer := spec.Optimizer
	spec.Optimizer = func(s Stage) optim.Method {
		if s.Index == 0 {
			return optim.LBFGSOptions{TrustRadius: trustRadius}
		}
		return optimizer(l.own(s))
	}
	iterations, steps := spec.Iterations, spec.Steps
	spec.Steps = func(i, stages int) int {
		switch {
		case i == 0:
			return l.steps
		case steps == nil:
			return iterations
		}
		return steps(i-1, stages-1)
	}
	if readings := spec.Readings; readings != nil {
		spec.Readings = func(stages []Size) []Reading {
			all := readings(stages[1:])
			for i := range all {
				all[i].Until++
			}
			return all
		}
	}
	if notes := spec.Notes; notes != nil {
		spec.Notes = func(net *nn.Network, stages []Size) []string { return notes(net, stages[1:]) }
	}
}

// own returns a stage as the job without learning counts it.
func (l *learning) own(s Stage) Stage {
	if l.steps > 0 {
		s.Index--
	}
	return s
}

// learningSchedule has one more stage, at the first size.
type learningSchedule struct {
	Schedule
	*learning
}

func (l learningSchedule) Sizes(fits func(Size) bool) []Size {
	sizes := l.Schedule.Sizes(fits)
	if l.steps > 0 {
		sizes = append([]Size{sizes[0]}, sizes...)
	}
	return sizes
}

func (l learningSchedule) canvases(int) int64 { return 2 }

func (l learningSchedule) Start(s Stage, before []float32, _ Size, random *rand.Rand) []float32 {
	if before != nil {
		return before
	}
	x := make([]float32, l.canvas.Len(s))
	parts := l.canvas.split(s, x)
	if l.start == nil {
		l.canvas.begin(s, random, parts)
		return x
	}
	values, _ := l.start.values(l.canvas.parameters(s)) // which was checked
	for i := range values {
		copy(parts[i], values[i])
	}
	return x
}

func (l learningSchedule) Picture(s Stage, pixels []float32) *Picture {
	return l.Schedule.Picture(l.own(s), pixels)
}

func (l learningSchedule) Result(s Stage) bool {
	return s.Index >= min(l.steps, 1) && l.Schedule.Result(l.own(s))
}

// learningObjective aims at the photograph in the first stage.
type learningObjective struct {
	Objective
	*learning
}

func (l learningObjective) Layers(net *nn.Network) []string {
	layers := l.Objective.Layers(net)
	if name := l.canvas.reads(net); name != "" {
		layers = append(layers[:len(layers):len(layers)], name)
	}
	return layers
}

func (l learningObjective) Like(_ *nn.Network, i int) int { return i }

func (l learningObjective) Terms(s Stage) Terms {
	var t Terms
	if s.Index > 0 || l.steps == 0 {
		t = l.Objective.Terms(l.own(s))
		if l.own(s).Index == 0 { // what was learnt is but a copy of the photograph
			t.before = nil
		}
		return t
	}
	t.add(loss.Same(1, t.colours(s, func() []float32 { return resampled(l.canvas.photo, s.Size, nn.UnitRange) })))
	return t
}

// psnr returns the peak signal-to-noise ratio, in decibels, of a mean squared error of values in 0..1.
func psnr(mean float64) float64 { return -10 * math.Log10(mean) }
