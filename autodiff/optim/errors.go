package optim

import (
	"errors"
	"fmt"
	"math"
)

// NonFiniteError reports a loss, a gradient or a direction that is infinite or NaN. The step was not taken.
type NonFiniteError struct {
	// What is "loss", "gradient" or "direction".
	What string
	// Index is that of the first bad element, or -1 for the loss.
	Index int
	// Value is the bad loss or element.
	Value float64
	// Loss is the loss at the point.
	Loss float64
}

func (e *NonFiniteError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("the %s is %v", e.What, e.Value)
	}
	return fmt.Sprintf("element %d of the %s is %v where the loss is %g", e.Index, e.What, e.Value, e.Loss)
}

// Hint says what to change.
func (e *NonFiniteError) Hint() string {
	return "the optimisation has diverged, or a weight is so large that float32 overflows: " +
		"lower the learning rate or the weights"
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// nonFinite describes the first bad element of a, the gradient or the direction.
func nonFinite(what string, a []float32, loss float64) error {
	for i, v := range a {
		if !finite(float64(v)) {
			return &NonFiniteError{What: what, Index: i, Value: float64(v), Loss: loss}
		}
	}
	return &NonFiniteError{What: what, Index: -1, Value: math.NaN(), Loss: loss}
}

// ErrNoDescent reports a step that found no lower loss: x is at a minimum, as far as float32 can tell, or
// where the gradient does not say which way is down. The next step would find none either.
var ErrNoDescent = errors.New("no lower loss was found")
