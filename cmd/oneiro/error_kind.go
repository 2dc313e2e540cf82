package main

import (
	"errors"

	"oneiro/autodiff/optim"
	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
	"oneiro/weights"
	"oneiro/zoo"
)

// errorKinds are the kinds of errors that programs may want to tell apart; docs/json.md lists them. The first
// that matches counts: an error may wrap others.
var errorKinds = []struct {
	kind    string
	matches func(error) bool
}{
	{"usage", func(err error) bool { return exitCode(err) == exitUsage }},
	{"memory", anyOf(is[*render.MemoryError], is[*imageio.MemoryError], is[*optim.ScratchError])},
	{"device", is[*render.DeviceError]},
	{"diverged", is[*optim.NonFiniteError]},
	{"output", anyOf(is[*outputError], is[*atomicfile.Error], is[*weights.WriteError])},
	{"picture", anyOf(is[*imageio.FileError], is[*imageio.KindError], is[*imageio.DataError],
		is[*render.SmallPictureError])},
	{"recipe", anyOf(is[*imageio.NoRecipeError], is[*render.RecipeError])},
	{"missing", is[*missingError]},
	{"checkpoint", anyOf(is[*render.CheckpointDamagedError], is[*render.CheckpointVersionError],
		is[*render.NoCheckpointError])},
	{"weights", anyOf(is[*weights.ReadError], is[*weights.UnsupportedError], is[*weights.FormatError],
		is[*weights.TruncatedError], is[*weights.ChecksumError], is[*weights.NotFoundError], is[*weights.ShapeError],
		is[*weights.TypeError], is[*weights.ValueError], is[*zoo.UnknownError])},
}

// anyOf returns whether an error is one of several.
func anyOf(all ...func(error) bool) func(error) bool {
	return func(err error) bool {
		for _, one := range all {
			if one(err) {
				return true
			}
		}
		return false
	}
}

// newErrorEvent describes an error for programs.
func newErrorEvent(err error) errorEvent {
	text, hint := inFlags(err)
	e := errorEvent{Event: "error", Kind: "other", Message: oneLine(text), Hint: oneLine(hint)}
	if all, ok := errors.AsType[*option.Error](err); ok {
		for _, m := range all.Mistakes {
			e.Mistakes = append(e.Mistakes, mistakeReport{m.Option, m.Problem, m.Fix})
		}
	}
	for _, k := range errorKinds {
		if k.matches(err) {
			e.Kind = k.kind
			break
		}
	}
	return e
}
