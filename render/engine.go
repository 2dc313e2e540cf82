package render

import (
	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/autodiff/optim"
	"oneiro/simd"
)

// Engine is what a run computes with: a device for the graph and a machine for the optimiser.
type Engine struct {
	Device  autodiff.Device
	Machine optim.Machine
	// Memory is how many bytes the process may take in all, 0 for what the machine has. Less makes a
	// run slower, as far as that goes; the result has the same bits.
	Memory int64
	close  func()
}

// NewEngine returns the processor as an engine, on so many threads (0 for all processors) and with
// the kernels of the named tier (empty for the best). It must be closed. The error is a
// *simd.TierError.
func NewEngine(threads int, tier string) (*Engine, error) {
	kernels := simd.Best()
	if tier != "" {
		var err error
		if kernels, err = simd.Lookup(tier); err != nil {
			return nil, err
		}
	}
	d := cpu.New(cpu.Options{Threads: threads, Kernels: kernels})
	return &Engine{Device: d, Machine: optim.Machine{Kernels: kernels, Pool: d.Pool()}, close: d.Close}, nil
}

// engine returns what the run computes with, and what to call at its end: the caller's engine is left
// open.
func (c *Common) engine() (e *Engine, done func(), err error) {
	if c.Engine != nil {
		return c.Engine, func() {}, nil
	}
	if e, err = NewEngine(0, ""); err != nil {
		return nil, nil, err
	}
	return e, e.Close, nil
}

// Close ends the engine's threads.
func (e *Engine) Close() { e.close() }
