package train

import (
	"errors"
	"fmt"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/option"
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
	// OnProgress is called as Score and Result go through pictures; nil for never.
	OnProgress func(Progress)
}

func (o *Options) check() error {
	switch {
	case o.Source == nil || o.Device == nil || o.Backend == nil || o.Pool == nil:
		return errors.New("train: source, device, backend or pool is missing")
	case len(o.Source.Classes()) < 2:
		return fmt.Errorf("train: %d classes; a classifier needs at least 2", len(o.Source.Classes()))
	case o.Teacher == nil && o.LabelWeight == 0:
		var m option.Mistakes
		m.Add("label-weight", "choose more than 0, or give a teacher",
			"must be more than 0 without a teacher, or there is nothing to learn")
		return m.Err()
	}
	return o.Validate()
}
