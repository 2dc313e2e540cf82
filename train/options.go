package train

import (
	"errors"
	"fmt"
	"time"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/option"
	"oneiro/internal/parallel"
	"oneiro/nn"
)

// Options are what to train, on what and how.
type Options struct {
	Source Source
	// Others are pictures of anything but the classes of Source, for a classifier to tell them from; nil for
	// none. They are one more class while the network learns.
	Others Source
	// Teacher is a network to learn from beside the labels, with its parameters, or nil. It has the layers
	// conv1_1 to conv5_1 of a VGG, none with more channels than the student's.
	Teacher       *nn.Network
	TeacherParams nn.Params

	// Start are the parameters of a trained network like the built-in one to start from, nil for random ones.
	// Its classifier is kept if StartClasses are those of the source, else it starts anew. StartName is what a
	// checkpoint calls it.
	Start        nn.Params
	StartClasses []string
	StartName    string

	Device  autodiff.Device
	Backend optim.Backend  // of the optimiser
	Pool    *parallel.Pool // draws the pictures

	Settings
	// Limit is the time that the training may take, that before it was resumed included; 0 for no limit. The
	// learning rate follows the time then, so that it reaches 0 at the end, and the result depends on the
	// speed of the machine.
	Limit time.Duration
	// OnStep is called after every step, nil for never. Its error ends the training, which can go on from
	// there.
	OnStep func() error
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
