// Package optim minimises functions of long float32 vectors: L-BFGS, Adam and gradient descent.
//
// An optimiser knows a vector and its gradient, and nothing of pictures. The caller owns the vector,
// evaluates the loss, and decides when to stop; one step is one move. To maximise, negate the loss
// and the gradient.
//
// Vectors are float32. Every sum over one is taken in float64, in pieces of a fixed length that are
// added in order: the result has the same bits on any number of threads. An optimiser allocates all
// its memory when it is made and none in a step.
package optim

import "fmt"

// Method is a way to minimise, with its parameters: [AdamOptions], [LBFGSOptions] or [SGDOptions].
type Method interface {
	// New returns an optimiser for vectors of n elements, whose state lies in b. It panics if n or a
	// parameter makes no sense. b must outlive the optimiser.
	New(n int, b Backend) Optimizer
	// Bytes returns the memory that the optimiser allocates.
	Bytes(n int) int64
	// Traffic returns how many bytes of vectors of n elements a step reads and writes, evaluations apart: the mean
	// over so many steps, roughly.
	Traffic(n, steps int) int64
}

var (
	_ Method = AdamOptions{}
	_ Method = LBFGSOptions{}
	_ Method = SGDOptions{}
)

// Evaluate sets grad to the gradient at x and returns the loss there. It must neither change x nor
// keep either slice. It may use the thread pool of the optimiser's backend.
type Evaluate func(x, grad []float32) (loss float64, err error)

// Optimizer moves a vector towards a minimum, step by step. It is not safe for concurrent use.
type Optimizer interface {
	// Step moves x once and returns the loss at the point where it started. x is a vector of the
	// optimiser's backend, and the caller may change it between steps. Step panics if the length of x
	// is not that given to New.
	//
	// The error is that of eval, a *NonFiniteError or ErrNoDescent; after each x is where the step began,
	// the state is sound, and Step may be called again. After an error of the backend neither x nor the
	// state can be relied on. After one of eval the next step is what this one would have been.
	Step(x []float32, eval Evaluate) (loss float64, err error)

	// State returns what the optimiser remembers. Another one of the same options, for vectors of the same
	// length, that is given this state continues as this one would have, bit for bit.
	State() State
	// Restore gives the optimiser the numbers of a state, and returns the state with the vectors that the
	// caller has to give their values (Backend.Copy) before the next step. The error is a *StateError.
	Restore(numbers []float64) (State, error)
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
