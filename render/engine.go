package render

import (
	"runtime"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/autodiff/optim"
	"oneiro/cuda"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// Engine is what a run computes with: a device for the graph, and the processor for what is beside it.
type Engine struct {
	Device  autodiff.Device
	Kernels *simd.Kernels
	Pool    *parallel.Pool
	// Memory is how many bytes the process may take in all, 0 for what the machine has. Less makes a
	// run slower, as far as that goes; the result has the same bits. On a card it is how many bytes of
	// the card's memory a run may take.
	Memory int64
	// Card is how much memory the card has, 0 if the device is the processor.
	Card int64

	vectors func() cuda.Vectors // of the card
	close   func()
}

// EngineOptions configure an engine; the zero value is the best that the processor has.
type EngineOptions struct {
	// Device is what the graph runs on: the processor, "cpu" or empty, or an NVIDIA card, "cuda" or
	// "cuda:1" for the second. A card is there only in programs that are built with the tag cuda.
	Device  string
	TF32    bool   // have a card multiply with 11 bits of each factor where it can: several times as fast
	Threads int    // 0 stands for all processors
	Kernels string // the name of a tier of package simd; empty stands for the best
	// Tiles chooses between Winograd algorithms of the processor, whose results differ in rounding; nil
	// stands for the table that is built in for the kernels.
	Tiles *cpu.TileTable
}

// NewEngine returns an engine. It must be closed. The error is a *simd.TierError; an *OptionError for a
// device that is not known or a table that cannot be chosen from; a *cuda.UnavailableError or a
// *cuda.DriverError for a card that cannot be computed on.
func NewEngine(o EngineOptions) (*Engine, error) {
	index, card, err := Card(o.Device)
	if err != nil {
		return nil, err
	}
	kernels := simd.Best()
	if o.Kernels != "" {
		if kernels, err = simd.Lookup(o.Kernels); err != nil {
			return nil, err
		}
	}
	if card {
		return newCardEngine(cuda.Options{Index: index, TF32: o.TF32}, kernels, o.Threads)
	}
	if o.Tiles != nil {
		if err := o.Tiles.Check(); err != nil {
			return nil, &OptionError{[]Mistake{{"tiles", err.Error(), "oneiro bench --tune measures a table"}}}
		}
	}
	d := cpu.New(cpu.Options{Threads: o.Threads, Kernels: kernels, Tiles: o.Tiles})
	return &Engine{Device: d, Kernels: kernels, Pool: d.Pool(), close: d.Close}, nil
}

func newCardEngine(o cuda.Options, kernels *simd.Kernels, threads int) (*Engine, error) {
	d, err := cuda.Open(o)
	if err != nil {
		return nil, err
	}
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	pool := parallel.New(threads)
	return &Engine{
		Device: d, Kernels: kernels, Pool: pool, Card: d.Info().Memory, vectors: d.Vectors,
		close: func() {
			pool.Close()
			d.Close()
		},
	}, nil
}

// Host returns a backend of the processor for optimisers.
func (e *Engine) Host() optim.Backend { return optim.NewHost(e.Kernels, e.Pool) }

// canvas returns the backend for an optimiser whose objective is the device's alone, the same again if it
// is that of a card, else nil, and what to call when it is no longer needed.
func (e *Engine) canvas() (backend, card optim.Backend, done func()) {
	if e.vectors == nil {
		return e.Host(), nil, func() {}
	}
	v := e.vectors()
	return v, v, v.Close
}

// cardLimit is how much of the card's memory a run may take.
func (e *Engine) cardLimit() int64 {
	if e.Memory > 0 {
		return min(e.Memory, e.Card)
	}
	return e.Card
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
