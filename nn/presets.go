package nn

import (
	"fmt"
	"strings"

	"oneiro/internal/nearest"
)

// presets are the preprocessings that files of weights were trained with, by name. Networks of the same
// layers circulate with different ones.
var presets = []struct {
	name string
	Preprocess
}{
	{"caffe-bgr", caffeBGR},
	// MatConvNet: the same parameters, with the first kernels reordered for red first
	{"caffe-rgb", Preprocess{Order: RGB, Scale: 255, Mean: [3]float64{123.68, 116.779, 103.939}, Std: one3}},
	{"bvlc-bgr", bvlcBGR},
	{"torchvision", torchRGB},
	{"inception", inceptionRGB},
	{"inception5h", inception5hRGB},
	{"rgb01", Preprocess{Order: RGB, Scale: 1, Std: one3}},
}

// Presets lists the names of the presets.
func Presets() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

// Preset returns the preprocessing called name. The error is an *UnknownPresetError.
func Preset(name string) (Preprocess, error) {
	for _, p := range presets {
		if p.name == name {
			return p.Preprocess, nil
		}
	}
	return Preprocess{}, &UnknownPresetError{name, nearest.Names(name, Presets(), 3)}
}

// Preset returns the name of the preset that p is, or nothing if it is none.
func (p Preprocess) Preset() string {
	for _, known := range presets {
		if known.Preprocess == p {
			return known.name
		}
	}
	return ""
}

// UnknownPresetError reports a name that no preset has.
type UnknownPresetError struct {
	Name    string
	Nearest []string // presets with similar names, the most similar first
}

func (e *UnknownPresetError) Error() string { return fmt.Sprintf("there is no preset %q", e.Name) }

// Hint names the presets that may have been meant, or all of them.
func (e *UnknownPresetError) Hint() string {
	return nearest.Hint(e.Nearest, "the presets are "+strings.Join(Presets(), ", "))
}
