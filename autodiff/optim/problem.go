package optim

import "fmt"

// problem is what every optimiser has: vectors of n elements in a backend.
type problem struct {
	on Backend
	n  int
}

func newProblem(n int, on Backend) problem {
	if n < 1 {
		panic(fmt.Sprintf("optim: vectors of %d elements", n))
	}
	return problem{on, n}
}

func (p *problem) mustFit(x []float32) {
	if len(x) != p.n {
		panic(fmt.Sprintf("optim: x has %d elements, the optimiser is for %d", len(x), p.n))
	}
}

// clamp limits x to r, if r limits anything.
func (p *problem) clamp(x []float32, r Range) {
	if r.limits() {
		p.on.Clamp(x, r.Lo, r.Hi)
	}
}

// evaluate calls eval and returns its error, or one that says what is not finite.
func (p *problem) evaluate(eval Evaluate, x, grad []float32) (float64, error) {
	loss, err := eval(x, grad)
	if err != nil {
		return loss, err
	}
	if !finite(loss) {
		return loss, &NonFiniteError{What: "loss", Index: -1, Value: loss, Loss: loss}
	}
	sum := p.on.Sum(grad)
	if err := p.on.Err(); err != nil {
		return loss, err
	}
	// A float64 sum of finite float32 values cannot overflow, and one of others is never finite.
	if !finite(sum) {
		return loss, nonFinite("gradient", grad, loss)
	}
	return loss, nil
}
