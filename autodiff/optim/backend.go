package optim

import "oneiro/simd"

// Backend is where vectors lie and what computes on them: the processor ([NewHost]) or another device,
// which then holds all that an optimiser remembers, so that nothing is copied back and forth.
//
// Operands are vectors that Vector returned, or parts of them; only Copy also takes other memory of the
// process. dst may be one of the other operands. Sums are taken in float64 or nearly so, in an order that
// depends on the length alone.
//
// Operations return no error: after one has failed, all do nothing and return 0, and Err says why. A
// Backend is not safe for concurrent use.
type Backend interface {
	// Vector returns n zeros. The process may also read and write them itself, after Err.
	Vector(n int) []float32

	Copy(dst, x []float32)                              // dst = x
	Scale(dst, x []float32, s float32)                  // dst = s·x
	Sub(dst, x, y []float32)                            // dst = x - y
	Axpy(dst, x []float32, s float32)                   // dst += s·x
	Clamp(x []float32, lo, hi float32)                  // limits x to lo..hi
	Adam(x, moment, second, grad []float32, s AdamStep) // as simd.Kernels.Adam

	Sum(a []float32) float64
	AbsSum(a []float32) float64
	Dot(a, b []float32) float64
	MaxAbs(a []float32) float64
	Equal(a, b []float32) bool
	// AxpyDot adds s·x to dst and returns dst·y.
	AxpyDot(dst, x []float32, s float32, y []float32) float64

	// Halve sets dst to x with half as many positions each way, g being the grid of x and g.Half that of dst:
	// the means over 4 x 4 positions with the weights 1/8, 3/8, 3/8, 1/8 each way, 0 outside of x.
	Halve(dst, x []float32, g Grid)
	// Double sets dst to s·dst + t·Ux. U is 4 times the transpose of Halve: bilinear interpolation to twice as
	// many positions each way, g being the grid of dst and g.Half that of x.
	Double(dst []float32, s float32, x []float32, t float32, g Grid)

	// Err waits until all operations are done, and returns the error of the first that failed.
	Err() error
}

// DeviceBackend is the Backend of a device with memory of its own. It must be closed before the device; its
// vectors are then gone.
type DeviceBackend interface {
	Backend
	Close()
}

// AdamStep holds the numbers of one step of Adam.
type AdamStep = simd.AdamStep
