package autodiff

import "context"

// Device runs plans on memory that it owns. It has a lowering for each row of the table of
// operations, and passes the suite in package conformance.
type Device interface {
	Fuser
	// Name describes the device for people: "cpu avx512, 2 threads".
	Name() string
	// Footprint returns the memory that Load would take with the same limit, without taking it.
	Footprint(p *Plan, limit int64) Footprint
	// Load prepares p, which must have been compiled for this device. The constants must have their
	// data. The limit is how many bytes the program may take, 0 for no limit: to stay below it, the
	// program uses less workspace and keeps fewer copies of constants. If that is not enough it takes
	// more than the limit, so check Footprint first. Results do not depend on the limit.
	Load(p *Plan, limit int64) (Program, error)
	// Close gives back what the device holds. Programs must be closed before.
	Close()
}

// ConvTiler is a Device that says on what tiles of the result it computes convolutions by Winograd's method
// (Conv.Winograd). How values are rounded depends on where they lie in a tile.
type ConvTiler interface {
	// ConvTile returns the side of a tile for a convolution to h x w pixels from in channels to out.
	ConvTile(in, out, h, w int) int
}

// Footprint is the memory of a loaded plan in bytes.
type Footprint struct {
	Arena     int64 // values: inputs, activations, gradients
	Constants int64 // parameters and targets as the graph holds them
	Packed    int64 // copies of constants in the order the kernels read
	Scratch   int64 // workspace of the kernels

	// Mapped is the part of these that lies in the process's memory but outside of Go's heap.
	Mapped int64
}

// Total returns the sum.
func (f Footprint) Total() int64 { return f.Arena + f.Constants + f.Packed + f.Scratch }

// Program is a plan on a device. It is used by one goroutine at a time. After Load nothing is
// allocated.
type Program interface {
	// Write copies data into an input. The value stays until it is written again.
	Write(input *Node, data []float32)
	// Run computes the outputs. It returns early with ctx's error if ctx is cancelled; the outputs
	// are then undefined and the inputs as they were.
	Run(ctx context.Context) error
	// Read copies an output, or an input, into dst.
	Read(n *Node, dst []float32)
	// Close gives the memory back. The program must not be used afterwards.
	Close() error
}

// Profiler is a Program that can measure where its time goes.
type Profiler interface {
	// Profile does what Run does, and returns the time of each kind of step, the longest first.
	Profile(ctx context.Context) ([]StepTime, error)
}

// StepTime is the time of all steps of one operation together.
type StepTime struct {
	Op      string       `json:"op"`
	Steps   int          `json:"steps"`
	Seconds float64      `json:"s"`
	FLOPs   float64      `json:"flops"` // as the plan counts them: convolutions by the direct method
	Kernels []KernelTime `json:"kernels"`
}

// KernelTime is the time of all launches of a kernel together.
type KernelTime struct {
	Kernel   string  `json:"kernel"`
	Launches int     `json:"launches"`
	Seconds  float64 `json:"s"`
}
