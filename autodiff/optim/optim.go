// Package optim minimises functions of long float32 vectors: L-BFGS, Adam and gradient descent.
//
// An optimiser knows a vector and its gradient and nothing of pictures. The caller owns the vector,
// evaluates the loss, and decides when to stop; one step is one move. To maximise, negate the loss
// and the gradient.
//
// Vectors are float32 and every sum over one is taken in float64, in pieces of a fixed length that
// are added in order: the result has the same bits on any number of threads. All memory is
// allocated by New and Reset, none by Step.
package optim

import (
	"fmt"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

// Evaluate sets grad to the gradient at x and returns the loss there. It must neither change x nor
// keep either slice. It may use the pool of the optimiser that calls it.
type Evaluate func(x, grad []float32) (loss float64, err error)

// An Optimizer makes one vector after another better. It is not safe for concurrent use.
type Optimizer interface {
	// Step moves x once and returns the loss at the point it started from. The error is eval's own
	// or a *NonFiniteError; after either x is where the step began, the state is sound, and Step
	// may be called again. Or it is that of Machine.Arithmetic, after which x and the state are not to
	// be relied on. Step panics if x has not the length given to New or Reset. With a
	// Machine.Arithmetic, x has to be one of its vectors.
	//
	// The caller may change x between steps.
	Step(x []float32, eval Evaluate) (loss float64, err error)

	// Reset forgets all that was learnt and makes ready for vectors of n elements, reusing the
	// memory if it suffices.
	Reset(n int)

	// Bytes returns the memory that the optimiser holds.
	Bytes() int64
}

// Machine says what an optimiser computes with.
type Machine struct {
	// Kernels is the tier to use. The default is simd.Best().
	Kernels *simd.Kernels
	// Pool shares the work between threads. Without one it is done by the caller alone.
	Pool *parallel.Pool
	// Arithmetic takes the place of both, and must outlive the optimiser.
	Arithmetic VectorOps
}

// Range is an interval that the elements of x are clamped to after every step. The zero Range, and
// any other in which Lo is not below Hi, leaves them alone.
type Range struct{ Lo, Hi float32 }

func (r Range) limits() bool { return r.Lo < r.Hi }

// orDefault returns value, or otherwise if value is zero.
func orDefault(value, otherwise float64) float64 {
	if value == 0 {
		return otherwise
	}
	return value
}

// mustNotBeNegative panics if an option is negative or not a number.
func mustNotBeNegative(name string, value float64) {
	if !(value >= 0) {
		panic(fmt.Sprintf("optim: %s is %v, must not be negative", name, value))
	}
}
