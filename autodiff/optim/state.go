package optim

import "fmt"

// State is what an optimiser remembers from one step to the next.
type State struct {
	Numbers []float64
	// Vectors lie in the optimiser's backend and change with its next step: call the backend's Err before
	// reading them.
	Vectors [][]float32
}

// StateError reports numbers that are not those of the state of such an optimiser.
type StateError struct{ Method, Problem string }

func (e *StateError) Error() string { return "not a state of " + e.Method + ": " + e.Problem }

// checkCount returns an error unless there are so many numbers.
func checkCount(method string, numbers []float64, count int) error {
	if len(numbers) != count {
		return &StateError{method, fmt.Sprintf("it has %d numbers, not %d", len(numbers), count)}
	}
	return nil
}

// whole returns a number as an integer of 0 to most.
func whole(method string, number float64, most int) (int, error) {
	n := int(number)
	if float64(n) != number || n < 0 || n > most {
		return 0, &StateError{method, fmt.Sprintf("it counts %v", number)}
	}
	return n, nil
}

// flag returns a truth value as a number.
func flag(set bool) float64 {
	if set {
		return 1
	}
	return 0
}

// maxSteps is more steps than any optimiser takes.
const maxSteps = 1 << 50

// State implements [Optimizer].
func (a *Adam) State() State {
	return State{[]float64{float64(a.steps)}, [][]float32{a.moment, a.second}}
}

// Restore implements [Optimizer].
func (a *Adam) Restore(numbers []float64) (State, error) {
	const method = "Adam"
	if err := checkCount(method, numbers, 1); err != nil {
		return State{}, err
	}
	steps, err := whole(method, numbers[0], maxSteps)
	if err != nil {
		return State{}, err
	}
	a.steps = steps
	return a.State(), nil
}

// State implements [Optimizer].
func (s *sgd) State() State {
	if s.velocity == nil {
		return State{}
	}
	return State{Vectors: [][]float32{s.velocity}}
}

// Restore implements [Optimizer].
func (s *sgd) Restore(numbers []float64) (State, error) {
	if err := checkCount("gradient descent", numbers, 0); err != nil {
		return State{}, err
	}
	return s.State(), nil
}

// State implements [Optimizer]. Its pairs are in the order of their age.
func (l *lbfgs) State() State {
	numbers := []float64{
		float64(l.count), float64(l.steps), float64(l.points),
		flag(l.settled), flag(l.pending),
		l.prevLoss, l.t, l.settledLoss, l.hDiag, l.radius, l.length, l.slope, l.promised,
	}
	numbers = append(numbers, l.recent[:]...)
	vectors := [][]float32{l.prev}
	switch {
	case l.options.TrustRadius > 0:
		vectors = append(vectors, l.x0)
	case l.options.StrongWolfe:
		vectors = append(vectors, l.d, l.x0, l.free[0])
	default:
		vectors = append(vectors, l.d)
	}
	for i := range l.count {
		k := l.slot(i)
		numbers = append(numbers, l.rho[k], l.ratio[k])
		vectors = append(vectors, l.s[k], l.y[k])
	}
	return State{numbers, vectors}
}

// lbfgsNumbers is how many numbers the state of L-BFGS has besides two for each pair.
const lbfgsNumbers = 13 + window

// Restore implements [Optimizer].
func (l *lbfgs) Restore(numbers []float64) (State, error) {
	const method = "L-BFGS"
	if len(numbers) < lbfgsNumbers {
		return State{}, checkCount(method, numbers, lbfgsNumbers)
	}
	var counts [5]int
	for i, most := range []int{len(l.s), maxSteps, maxSteps, 1, 1} {
		var err error
		if counts[i], err = whole(method, numbers[i], most); err != nil {
			return State{}, err
		}
	}
	pairs := numbers[lbfgsNumbers:]
	if err := checkCount(method, pairs, 2*counts[0]); err != nil {
		return State{}, err
	}
	l.oldest, l.count, l.steps, l.points = 0, counts[0], counts[1], counts[2]
	l.settled, l.pending = counts[3] == 1, counts[4] == 1
	for i, to := range []*float64{
		&l.prevLoss, &l.t, &l.settledLoss, &l.hDiag, &l.radius, &l.length, &l.slope, &l.promised,
	} {
		*to = numbers[5+i]
	}
	copy(l.recent[:], numbers[13:])
	for i := range counts[0] {
		l.rho[i], l.ratio[i] = pairs[2*i], pairs[2*i+1]
	}
	return l.State(), nil
}
