package train

import (
	"errors"
	"fmt"
	"math"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/parallel"
	"oneiro/nn"
)

// Options are what to train, on what and how.
type Options struct {
	Source Source
	// Teacher is a network to learn from beside the labels, with its parameters, or nil. It has the layers
	// conv1_1 to conv5_1 of a VGG, none with more channels than the student's.
	Teacher       *nn.Network
	TeacherParams nn.Params

	Device  autodiff.Device
	Backend optim.Backend  // of the optimiser
	Pool    *parallel.Pool // draws the pictures

	Settings
	// OnEvent is called every EventEvery steps; nil or 0 for never.
	OnEvent    func(Event)
	EventEvery int
}

// Settings are the options that the result depends on. Their JSON is part of checkpoints and trained files, so
// its keys stay as they are.
type Settings struct {
	Seed       uint64 `json:"seed"`  // of pictures and initial weights
	Iterations int    `json:"steps"` // number of steps; the learning rate reaches 0 at the last
	Batch      int    `json:"batch"` // pictures in a step
	Size       int    `json:"size"`  // side of a picture, in pixels

	LearningRate float64 `json:"rate"`      // of Adam, at its highest
	WarmUp       int     `json:"warm_up"`   // steps until the learning rate is that high
	Decay        float64 `json:"decay"`     // weight decay in a step, as a fraction of the learning rate
	Smoothing    float64 `json:"smoothing"` // fraction of a label that is spread over all classes

	LabelWeight   float64 `json:"label_weight"`   // of the cross entropy in the loss
	TeacherWeight float64 `json:"teacher_weight"` // of each layer's distance from the teacher in the loss
}

// DefaultSettings are those of the built-in network.
func DefaultSettings() Settings {
	return Settings{
		Seed: 1, Iterations: 13000, Batch: 64, Size: 64,
		LearningRate: 2e-3, WarmUp: 300, Decay: 0.02, Smoothing: 0.1,
		LabelWeight: 1, TeacherWeight: 12,
	}
}

// learningRate returns the learning rate of a step: a linear warm-up, then half a period of a cosine
// (Loshchilov and Hutter, arXiv:1608.03983, without restarts).
func (s *Settings) learningRate(step int) float64 {
	if step < s.WarmUp {
		return s.LearningRate * float64(step+1) / float64(s.WarmUp)
	}
	t := float64(step-s.WarmUp) / float64(max(s.Iterations-s.WarmUp, 1))
	return s.LearningRate * 0.5 * (1 + math.Cos(math.Pi*t))
}

// setting is one of Settings by the name of its option, with its range.
type setting struct {
	option      string
	value       any // an int, uint64 or float64
	least, most float64
}

const unlimited = 1e9

// list returns all settings.
func (s *Settings) list() []setting {
	return []setting{
		{"seed", s.Seed, 0, math.MaxUint64},
		{"iterations", s.Iterations, 1, unlimited},
		{"batch", s.Batch, 2, 4096}, // two for batch normalisation
		{"size", s.Size, 16, 512},
		{"lr", s.LearningRate, 1e-6, 1},
		{"warm-up", s.WarmUp, 0, unlimited},
		{"decay", s.Decay, 0, 10},
		{"smoothing", s.Smoothing, 0, 0.99},
		{"label-weight", s.LabelWeight, 0, unlimited},
		{"teacher-weight", s.TeacherWeight, 0, unlimited},
	}
}

// number returns the value of a setting.
func (s *setting) number() float64 {
	switch v := s.value.(type) {
	case int:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return s.value.(float64)
}

// Validate checks each setting by itself. The error is an *OptionError.
func (s *Settings) Validate() error {
	for _, o := range s.list() {
		if v := o.number(); v >= o.least && v <= o.most {
			continue
		}
		fix := fmt.Sprintf("choose %g to %g", o.least, o.most)
		if o.most == unlimited {
			fix = fmt.Sprintf("choose %g or more", o.least)
		}
		return &OptionError{o.option, fmt.Sprintf("%v is not possible", o.value), fix}
	}
	return nil
}

func (o *Options) check() error {
	switch {
	case o.Source == nil || o.Device == nil || o.Backend == nil || o.Pool == nil:
		return errors.New("train: source, device, backend or pool is missing")
	case len(o.Source.Classes()) < 2:
		return fmt.Errorf("train: %d classes; a classifier needs at least 2", len(o.Source.Classes()))
	case o.Teacher == nil && o.LabelWeight == 0:
		return &OptionError{
			"label-weight", "0 leaves nothing to learn without a teacher",
			"choose more than 0, or give a teacher",
		}
	}
	return o.Validate()
}
