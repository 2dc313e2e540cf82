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

// Options say what to train, on what, and how. DefaultSettings has good Settings.
type Options struct {
	Source Source
	// Teacher is the network to learn from beside labels, with its parameters, or nil. It has the layers
	// conv1_1 to conv5_1 of a VGG, none with more channels than the student's.
	Teacher       *nn.Network
	TeacherParams nn.Params

	Device  autodiff.Device
	Backend optim.Backend  // of the optimiser
	Pool    *parallel.Pool // on which pictures are drawn

	Settings
	// OnEvent, if there is one, is told of the progress every EventEvery steps.
	OnEvent    func(Event)
	EventEvery int
}

// Settings are the options that decide about the result.
type Settings struct {
	Seed  uint64 `json:"seed"`  // of the first filters
	Steps int    `json:"steps"` // in all; the learning rate falls to 0 towards them
	Batch int    `json:"batch"` // pictures in a step
	Size  int    `json:"size"`  // of their sides, in pixels

	Rate      float64 `json:"rate"`      // the learning rate at its highest
	WarmUp    int     `json:"warm_up"`   // steps until then
	Decay     float64 `json:"decay"`     // of filters in a step, as a share of the rate
	Smoothing float64 `json:"smoothing"` // of labels

	LabelWeight   float64 `json:"label_weight"`   // of the cross entropy in the loss
	TeacherWeight float64 `json:"teacher_weight"` // of each layer's distance from the teacher
}

// DefaultSettings are those that the built-in network was trained with.
func DefaultSettings() Settings {
	return Settings{
		Seed: 1, Steps: 13000, Batch: 64, Size: 64, Rate: 2e-3, WarmUp: 300, Decay: 0.02, Smoothing: 0.1,
		LabelWeight: 1, TeacherWeight: 12,
	}
}

// rate returns the learning rate of a step: it rises evenly, then falls as half a cosine wave (Loshchilov and
// Hutter, arXiv:1608.03983, without restarts).
func (s *Settings) rate(step int) float64 {
	if step < s.WarmUp {
		return s.Rate * float64(step+1) / float64(s.WarmUp)
	}
	t := float64(step-s.WarmUp) / float64(max(s.Steps-s.WarmUp, 1))
	return s.Rate * 0.5 * (1 + math.Cos(math.Pi*t))
}

// Validate checks each setting by itself. The error is an *OptionError.
func (s *Settings) Validate() error {
	const any = 1e9
	for _, o := range []struct {
		option             string
		value, least, most float64
	}{
		{"steps", float64(s.Steps), 1, any},
		{"batch", float64(s.Batch), 2, 4096}, // over which layers are normalised
		{"size", float64(s.Size), 16, 512},
		{"warm-up", float64(s.WarmUp), 0, any},
		{"rate", s.Rate, 1e-6, 1},
		{"decay", s.Decay, 0, 10},
		{"smoothing", s.Smoothing, 0, 0.99},
		{"label-weight", s.LabelWeight, 0, any},
		{"teacher-weight", s.TeacherWeight, 0, any},
	} {
		if o.value >= o.least && o.value <= o.most {
			continue
		}
		fix := fmt.Sprintf("choose %g to %g", o.least, o.most)
		if o.most == any {
			fix = fmt.Sprintf("choose %g or more", o.least)
		}
		return &OptionError{o.option, fmt.Sprintf("%g is not possible", o.value), fix}
	}
	return nil
}

func (o *Options) check() error {
	switch {
	case o.Source == nil || o.Device == nil || o.Backend == nil || o.Pool == nil:
		return errors.New("train: no source, device, backend or pool")
	case len(o.Source.Classes()) < 2:
		return fmt.Errorf("train: there are %d classes; two are the least to tell apart", len(o.Source.Classes()))
	}
	if o.Teacher == nil && o.LabelWeight == 0 {
		return &OptionError{"label-weight", "0 leaves nothing to learn without a teacher", "choose more than 0, or give a teacher"}
	}
	return o.Validate()
}
