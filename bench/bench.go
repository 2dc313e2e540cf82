// Package bench holds the workloads that the program's speed is measured with, as data: each can be opened
// on an engine and run as often as needed.
//
// They take the same path as real runs: a kernel is a graph of one node, planned by autodiff.Compile and
// loaded on the engine's device like any other. Parameters are noise, so that no file is needed.
package bench

import (
	"context"
	"path"
	"strings"

	"oneiro/autodiff"
	"oneiro/render"
)

// Workload is something to measure.
type Workload struct {
	// Name has parts from the general to the specific: conv3x3/64-64@512/forward.
	Name string
	// Quick marks the most informative of the short workloads.
	Quick bool
	// Bound is what limits its speed.
	Bound Bound
	// Open prepares the work on an engine, which must outlive the instance and runs one at a time.
	Open func(e *render.Engine) (*Instance, error)
}

// Bound is what limits the speed of a workload, and so what its rate is compared with.
type Bound int

// The bounds.
const (
	ByNothing    Bound = iota // more than one thing
	ByArithmetic              // arithmetic, measured by Peak
	ByMemory                  // memory bandwidth, measured by Bandwidth
)

// Instance is a workload on an engine.
type Instance struct {
	// Run does the work once.
	Run func(ctx context.Context) error
	// Outputs returns copies of what the last run computed.
	Outputs func() [][]float32
	// Profile runs once and returns the time of each step; nil if the device does not support it.
	Profile func(ctx context.Context) ([]autodiff.StepTime, error)
	// FLOPs are the floating-point operations of one run, or 0 if unknown. Convolutions count as direct
	// ones, whatever the kernels do. Bytes are the sizes of operands and results.
	FLOPs float64
	Bytes int64
	// Footprint is the memory on the device in bytes, or 0 if it varies from step to step.
	Footprint int64
	// Close frees the memory.
	Close func() error
}

// Workloads returns all workloads: kernels, networks, pipelines.
func Workloads() []Workload { return workloads(func(size int) int { return size }) }

// workloads returns all workloads, with the sides of pictures mapped by size.
func workloads(size func(int) int) []Workload {
	var all []Workload
	for _, list := range [][]Workload{kernels(size), networks(size), pipelines(size)} {
		all = append(all, list...)
	}
	return all
}

// Match returns the workloads whose name matches a pattern of path.Match, where * also matches slashes.
// The error is path.ErrBadPattern.
func Match(list []Workload, pattern string) ([]Workload, error) {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	var out []Workload
	for _, w := range list {
		ok, err := path.Match(flat(pattern), flat(w.Name))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, w)
		}
	}
	return out, nil
}
