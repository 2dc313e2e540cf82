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

// EngineOptions configure an engine; the zero value is the best that the machine has.
type EngineOptions struct {
	Threads int    // 0 stands for all processors
	Kernels string // the name of a tier of package simd; empty stands for the best
	// Tiles chooses between Winograd algorithms, whose results differ in rounding; nil stands for the
	// table that is built in for the kernels.
	Tiles *cpu.TileTable
}

// NewEngine returns the processor as an engine. It must be closed. The error is a *simd.TierError or,
// for a table that cannot be chosen from, an *OptionError.
func NewEngine(o EngineOptions) (*Engine, error) {
	kernels := simd.Best()
	if o.Kernels != "" {
		var err error
		if kernels, err = simd.Lookup(o.Kernels); err != nil {
			return nil, err
		}
	}
	if o.Tiles != nil {
		if err := o.Tiles.Check(); err != nil {
			return nil, &OptionError{[]Mistake{{"tiles", err.Error(), "oneiro bench --tune measures a table"}}}
		}
	}
	d := cpu.New(cpu.Options{Threads: o.Threads, Kernels: kernels, Tiles: o.Tiles})
	return &Engine{Device: d, Machine: optim.Machine{Kernels: kernels, Pool: d.Pool()}, close: d.Close}, nil
}

// engine returns what the run computes with, and what to call at its end: the caller's engine is left
// open. Without one it is the best engine with a table of tiles.
func (c *Common) engine(tiles *cpu.TileTable) (e *Engine, done func(), err error) {
	if c.Engine != nil {
		return c.Engine, func() {}, nil
	}
	if e, err = NewEngine(EngineOptions{Tiles: tiles}); err != nil {
		return nil, nil, err
	}
	return e, e.Close, nil
}

// Close ends the engine's threads.
func (e *Engine) Close() { e.close() }
