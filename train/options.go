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

// Options say what to train, on what, and how. DefaultOptions has good ones.
type Options struct {
	Source Source
	// Teacher is the network to learn from beside labels, with its parameters, or nil. It has the layers
	// conv1_1 to conv5_1 of a VGG, none with more channels than the student's.
	Teacher       *nn.Network
	TeacherParams nn.Params

	Device  autodiff.Device
	Machine optim.Machine // with a pool, on which pictures are drawn

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
		Seed: 1, Steps: 8000, Batch: 64, Size: 64, Rate: 2e-3, WarmUp: 300, Decay: 0.02, Smoothing: 0.1,
		LabelWeight: 1, TeacherWeight: 3,
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

func (o *Options) check() error {
	switch {
	case o.Source == nil || o.Device == nil || o.Machine.Pool == nil:
		return errors.New("train: there is no source, device or pool")
	case len(o.Source.Classes()) < 2:
		return fmt.Errorf("train: there are %d classes; two are the least to tell apart", len(o.Source.Classes()))
	case o.Steps < 1 || o.Batch < 1 || o.Size < 16:
		return fmt.Errorf("train: %d steps of %d pictures of %d pixels: at least 1, 1 and 16 are needed", o.Steps, o.Batch, o.Size)
	}
	return nil
}

func (o *Options) pool() *parallel.Pool { return o.Machine.Pool }
