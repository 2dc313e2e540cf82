package render

import (
	"errors"
	"runtime"
	"runtime/debug"
	"strings"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/memory"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// Engine is what a run computes with: a device for the graph, and the processor for the rest.
type Engine struct {
	Device  autodiff.Device
	Kernels *simd.Kernels
	Pool    *parallel.Pool
	// Memory is how many bytes the process may take in all, 0 for what the machine has. Less makes a run
	// slower, as far as that goes; the result has the same bits. On a GPU it is how many bytes of its memory a
	// run may take.
	Memory int64
	// Scratch is a folder for what does not fit into Memory, or into what the machine has: a file with the state
	// of the optimiser, which is gone with the engine. The result has the same bytes. Without a folder a run that
	// does not fit is refused. On a GPU it is not used.
	Scratch string
	// Tile says whether pictures are computed on tiles, and on how large ones.
	Tile TileSize
	// GPUMemory is how much memory the GPU has, 0 if the device is the processor.
	GPUMemory int64

	host    optim.Backend
	scratch *optim.Scratch // nil before there is need of one
	close   func()
}

// EngineOptions configure an engine; the zero value is the best that the processor has.
type EngineOptions struct {
	// Device is what the graph runs on: the processor, "cpu" or empty, or another device that is registered
	// with package autodiff, such as "cuda" or "cuda:1". A device is known to programs that import its
	// package.
	Device string
	// Threads, Kernels, Winograd and TF32 are those of autodiff.DeviceOptions. On a GPU, threads and kernels are
	// those of what is done beside the graph.
	Threads           int
	Kernels, Winograd string
	TF32              bool
}

// processor is a device that computes on the processor: the rest of a run shares its kernels and threads.
type processor interface {
	Kernels() *simd.Kernels
	Pool() *parallel.Pool
}

// gpu is a device with memory of its own.
type gpu interface {
	Memory() int64
	// Vectors returns a backend whose vectors the device reads and writes without a copy through the process.
	Vectors() optim.DeviceBackend
}

// NewEngine returns an engine. It must be closed. The error is an *OptionError, a *simd.TierError, or that
// of the device.
func NewEngine(o EngineOptions) (*Engine, error) {
	if o.Device == "" {
		o.Device = "cpu"
	}
	kernels := simd.Best()
	if o.Kernels != "" {
		var err error
		if kernels, err = simd.Lookup(o.Kernels); err != nil {
			return nil, err
		}
	}
	d, err := autodiff.OpenDevice(o.Device, autodiff.DeviceOptions{
		Threads: o.Threads, Kernels: o.Kernels, Winograd: o.Winograd, TF32: o.TF32,
	})
	if err != nil {
		return nil, engineError(err)
	}
	return engineOn(d, kernels, o.Threads), nil
}

// engineOn returns an engine on a device, which it closes.
func engineOn(d autodiff.Device, kernels *simd.Kernels, threads int) *Engine {
	e := &Engine{Device: d, Kernels: kernels, close: d.Close}
	if p, ok := d.(processor); ok {
		e.Kernels, e.Pool = p.Kernels(), p.Pool()
	} else {
		if threads == 0 {
			threads = runtime.GOMAXPROCS(0)
		}
		e.Pool = parallel.New(threads)
		e.close = func() {
			e.Pool.Close()
			d.Close()
		}
	}
	if g, ok := d.(gpu); ok {
		e.GPUMemory = g.Memory()
	}
	e.host = optim.NewHost(e.Kernels, e.Pool)
	return e
}

// engineError names the option that an engine could not be opened with.
func engineError(err error) error {
	if e, ok := errors.AsType[*autodiff.UnknownDeviceError](err); ok {
		if len(e.Kinds) == 0 {
			return mistake("device", "import oneiro/autodiff/cpu", "has nothing to choose from")
		}
		return mistake("device", "write :1 after the name for the second of its kind", "must be %s, not %q",
			strings.Join(e.Kinds, " or "), e.Name)
	}
	if e, ok := errors.AsType[*autodiff.DeviceOptionError](err); ok {
		return mistake(e.Option, "choose another "+e.Option, "cannot be used: %v", e.Err)
	}
	return err
}

// Host returns the backend of the processor.
func (e *Engine) Host() optim.Backend { return e.host }

// vectors returns the backend for an optimiser, and what to call when it is no longer needed. If all of the
// objective is computed by the device, vectors are kept there.
func (e *Engine) vectors(onDevice bool) (optim.Backend, func()) {
	if g, ok := e.Device.(gpu); ok && onDevice {
		v := g.Vectors()
		return v, v.Close
	}
	return e.host, func() {}
}

// squeeze returns the limit, 0 for none, with which to load a program that computes a plan once, and its
// footprint. beside is what the process takes beside it.
func (e *Engine) squeeze(p *autodiff.Plan, beside int64) (limit int64, f autodiff.Footprint) {
	f = e.Device.Footprint(p, 0)
	left := f.Total()
	switch {
	case e.GPUMemory > 0:
		left = e.gpuLimit()
	case e.Memory > 0:
		left = max(e.Memory-beside, 1)
	}
	if f.Total() <= left {
		return 0, f
	}
	return left, e.Device.Footprint(p, left)
}

// fits returns an error if need is more than the process may take or than the machine has, or, on a GPU, if
// onGPU is more than that of its memory.
func (e *Engine) fits(need, onGPU int64) *MemoryError {
	if e.GPUMemory > 0 {
		if have := e.gpuLimit(); onGPU > have {
			return &MemoryError{Need: onGPU, Have: have, Budget: e.Memory == have, GPU: true}
		}
		return nil
	}
	if e.Memory > 0 && need > e.Memory {
		return &MemoryError{Need: need, Have: e.Memory, Budget: true}
	}
	if have := memory.Machine(); have > 0 && need > have {
		return &MemoryError{Need: need, Have: have}
	}
	return nil
}

// hostMemory is how many bytes of the machine's memory the process may take, 0 for what there is.
func (e *Engine) hostMemory() int64 {
	if e.GPUMemory > 0 {
		return 0
	}
	return e.Memory
}

// codeBytes is what the process takes outside of Go's memory: code, read-only data, tables of pages.
const codeBytes = 12 << 20

// limitHeap makes the collector keep the process within what it may take; mapped is how many of those bytes
// are outside Go's heap. It returns a function that undoes this.
func (e *Engine) limitHeap(mapped int64) func() {
	if e.hostMemory() == 0 {
		return func() {}
	}
	before := debug.SetMemoryLimit(max(e.Memory-mapped-codeBytes, 1<<20))
	return func() { debug.SetMemoryLimit(before) }
}

// gpuLimit is how much of the GPU's memory a run may take.
func (e *Engine) gpuLimit() int64 {
	if e.Memory > 0 {
		return min(e.Memory, e.GPUMemory)
	}
	return e.GPUMemory
}

// Close ends the engine's threads and closes its device.
func (e *Engine) Close() {
	e.releaseScratch()
	e.close()
}
