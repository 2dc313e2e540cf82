package render

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Card returns the number of the card that an EngineOptions.Device names, and whether it names one and not
// the processor. The error is an *OptionError.
func Card(device string) (index int, ok bool, err error) {
	name, number, numbered := strings.Cut(device, ":")
	if numbered {
		index, err = strconv.Atoi(number)
	}
	switch {
	case device == "" || device == "cpu":
		return 0, false, nil
	case name == "cuda" && err == nil && index >= 0:
		return index, true, nil
	}
	return 0, false, mistake("device", "choose cpu, cuda, or cuda:1 for the second GPU; oneiro devices lists them", "%q is not known", device)
}

// DeviceError reports a device that failed in the middle of a run. What there was of the picture is in
// memory of the process.
type DeviceError struct{ Err error }

func (e *DeviceError) Error() string { return "the device failed: " + e.Err.Error() }

// Unwrap returns what the device said.
func (e *DeviceError) Unwrap() error { return e.Err }

// deviceError makes a *DeviceError of what a device returned, unless the run was cancelled.
func deviceError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return &DeviceError{err}
}

// cutShort returns the error of a run that ended before its time with a picture to keep: because it was
// cancelled, or because the device failed after a step was taken. It returns nil if err is something else.
func (r *run) cutShort(err error) error {
	if err != nil && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if _, ok := errors.AsType[*DeviceError](err); ok && r.step > 0 {
		return err
	}
	return nil
}
