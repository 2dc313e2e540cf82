// Package bench holds the work that the program's speed is measured by, as data: a list of
// workloads, each of which can be opened on an engine and run as often as asked.
//
// What is measured is what runs: a kernel is a graph of one node, planned by autodiff.Compile and
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
	// Name says what, in parts from the general to the particular: conv3x3/64-64@512/forward.
	Name string
	// Quick marks the workloads that tell most in little time.
	Quick bool
	// Bound says what limits it.
	Bound Bound
	// Open prepares the work on an engine, which must outlive the instance and runs only one at a
	// time.
	Open func(e *render.Engine) (*Instance, error)
}

// Bound is what a workload is limited by, and so what its rate is to be compared with.
type Bound int

// The bounds.
const (
	ByNothing    Bound = iota // by more than one thing
	ByArithmetic              // by Peak's multiplications and additions
	ByMemory                  // by Bandwidth's copy
)

// Instance is a workload on an engine.
type Instance struct {
	// Run does the work once.
	Run func(ctx context.Context) error
	// Outputs returns copies of what the last run computed.
	Outputs func() [][]float32
	// Profile runs once and says where the time went; nil if the device cannot.
	Profile func(ctx context.Context) ([]autodiff.StepTime, error)
	// FLOPs are the floating-point operations of one run, convolutions counted as by the direct
	// method whatever the kernels do, or 0 if nobody counted. Bytes are those that the operands and
	// the results take.
	FLOPs float64
	Bytes int64
	// Footprint is the device's memory in bytes, or 0 if it differs from step to step.
	Footprint int64
	// Close gives the memory back.
	Close func() error
}

// Workloads returns all workloads: kernels, networks, pipelines.
func Workloads() []Workload { return workloads(func(size int) int { return size }) }

// workloads returns all workloads with the pictures' sides mapped by size.
func workloads(size func(int) int) []Workload {
	var all []Workload
	for _, list := range [][]Workload{kernels(size), networks(size), pipelines(size)} {
		all = append(all, list...)
	}
	return all
}

// Match returns the workloads whose name matches a pattern of path.Match, of which a * also stands
// for slashes. The error is path.ErrBadPattern.
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
