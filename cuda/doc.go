// Package cuda runs plans on an NVIDIA GPU through nothing but its driver. It is there in programs that
// are built with -tags cuda, which needs cgo and a C compiler, but no CUDA toolkit; in others Open says
// so. The driver's library is opened when it is wanted: a program with the package starts on machines
// without one.
//
// Kernels are CUDA C++ in the folder kernels, and embedded as PTX, which the driver translates for the
// GPU that is there. A step of a plan becomes one or more launches of them when it is loaded; a run
// is that list. Sums are taken in a fixed order, so that the same GPU gives the same bits again.
package cuda

import (
	"oneiro/autodiff"
	"oneiro/autodiff/optim"
)

//go:generate go run -C _gen . ..

// Device is a GPU. Its programs run one at a time.
type Device interface {
	autodiff.Device
	// Info says what the GPU is.
	Info() Info
	// Memory returns how many bytes of memory the GPU has.
	Memory() int64
	// Vectors returns a backend for optimisers on memory of the GPU. Programs copy its vectors on the GPU.
	Vectors() optim.DeviceBackend
}

func init() {
	open := func(index int, o autodiff.DeviceOptions) (autodiff.Device, error) {
		return Open(Options{Index: index, TF32: o.TF32})
	}
	autodiff.Register(autodiff.Driver{Name: "cuda", Open: open})
}

// Options choose a Device; the zero value is the first one.
type Options struct {
	Index int // in the driver's list
	// TF32 has matrix products take 11 bits of each factor where the GPU can, several times as fast.
	TF32 bool
	// Direct has no convolution go by Winograd's algorithm, for tests.
	Direct bool
}

// Info says what a GPU is.
type Info struct {
	Name              string
	Major, Minor      int   // compute capability
	Memory            int64 // bytes
	Processors, Clock int   // multiprocessors, and their clock in kHz
	Driver            int   // the newest CUDA that the driver knows: 12040 is 12.4
}

// UnavailableError says why there is no GPU to compute on, and what to do about it.
type UnavailableError struct{ Reason, Fix string }

func (e *UnavailableError) Error() string { return "no CUDA device: " + e.Reason }

// Hint says what to do.
func (e *UnavailableError) Hint() string { return e.Fix }
