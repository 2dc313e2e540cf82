package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"oneiro/autodiff/cpu"
	"oneiro/render"
)

// recipe is what it takes to make a picture again, as far as a result depends on it: neither the
// number of threads nor the name of the output does. It travels inside the picture as JSON. Files
// are named without their folders, which are nobody's business.
type recipe struct {
	Program  string            `json:"program"`
	Version  string            `json:"version"`
	Command  string            `json:"command"`
	Pictures []string          `json:"pictures"` // none: the built-in ones
	Model    string            `json:"model"`
	Weights  string            `json:"weights,omitempty"`
	Device   string            `json:"device,omitempty"` // the name of a card; none: the processor
	Kernels  string            `json:"kernels"`
	Tiles    *cpu.TileTable    `json:"tiles,omitempty"` // none: what is built in for the kernels; else what --tiles reads from a file
	Options  map[string]string `json:"options"`         // flags and their values, defaults too
}

// newRecipe returns a recipe with the options that flags hold.
func newRecipe(command string, pictures []string, m modelOptions, e engineOptions, engine *render.Engine, t tiles, options *pflag.FlagSet) recipe {
	kernels := engine.Kernels.Name
	r := recipe{
		Program: "oneiro", Version: version(), Command: command, Pictures: []string{},
		Model: m.model, Kernels: kernels, Tiles: t.recorded(kernels), Options: map[string]string{},
	}
	for _, p := range pictures {
		r.Pictures = append(r.Pictures, filepath.Base(p))
	}
	if m.weights != "" {
		r.Weights = filepath.Base(m.weights)
	}
	options.VisitAll(func(f *pflag.Flag) { r.set(f.Name, valueOf(f)) })
	r.set("pooling", m.pooling)
	r.set("preset", m.preset)
	if e.onCard() {
		r.Device = engine.Device.Name()
		r.set("device", e.device)
		if e.tf32 {
			r.set("tf32", "true")
		}
	}
	return r
}

// set adds an option, unless it is empty.
func (r *recipe) set(option, value string) {
	if value != "" {
		r.Options[option] = value
	}
}

// valueOf returns a flag's value in the form that the flag reads.
func valueOf(f *pflag.Flag) string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return strings.Join(list.GetSlice(), ",")
	}
	return f.Value.String()
}
