package optim

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// twin returns an optimiser of a method in the state that another one is in.
func twin(t *testing.T, m Method, n int, of Optimizer) Optimizer {
	t.Helper()
	backend := processor()
	o := m.New(n, backend)
	from := of.State()
	to, err := o.Restore(slices.Clone(from.Numbers))
	if err != nil {
		t.Fatal(err)
	}
	if len(to.Vectors) != len(from.Vectors) {
		t.Fatalf("the state has %d vectors, and %d are restored", len(from.Vectors), len(to.Vectors))
	}
	for i, v := range from.Vectors {
		backend.Copy(to.Vectors[i], v)
	}
	return o
}

// TestState moves the state of each optimiser to another one before every step: all bits have to be as if
// nothing had happened.
func TestState(t *testing.T) {
	const count = 40
	for _, clamp := range []Range{{}, {-0.5, 1}} {
		for _, m := range methods(clamp) {
			for _, f := range []function{rosenbrock, wave(200)} {
				n := len(f.start)
				whole, x := m.New(n, processor()), f.x0()
				moved, y := m.New(n, processor()), f.x0()
				for i := range count {
					moved = twin(t, m, n, moved)
					want, errWant := whole.Step(x, f.evaluate())
					got, err := moved.Step(y, f.evaluate())
					if got != want || fmt.Sprint(err) != fmt.Sprint(errWant) || !slices.Equal(x, y) {
						t.Errorf("%s, %s: step %d has the loss %v, %v, and %v, %v with its state moved",
							m.name, f.name, i, want, errWant, got, err)
						break
					}
				}
			}
		}
	}
}

// TestStateAfterError ends steps by an error, at every evaluation: the state that is left has to lead on as if
// nothing had happened.
func TestStateAfterError(t *testing.T) {
	const count = 15
	cut := errors.New("cut")
	for _, m := range methods(Range{-0.5, 1}) {
		for _, f := range []function{rosenbrock, wave(30)} {
			n := len(f.start)
			evaluations := 0
			counting := func(x, grad []float32) (float64, error) {
				evaluations++
				return f.evaluate()(x, grad)
			}
			whole, x := m.New(n, processor()), f.x0()
			var want []float64
			for range count {
				loss, _ := whole.Step(x, counting)
				want = append(want, loss)
			}
			for last := 1; last <= evaluations; last++ {
				left := last
				failing := func(x, grad []float32) (float64, error) {
					if left--; left == 0 {
						grad[0] = 1e30 // whatever stands there after an error
						return 0, cut
					}
					return f.evaluate()(x, grad)
				}
				o, y := m.New(n, processor()), f.x0()
				var got []float64
				for len(got) < count {
					before := slices.Clone(y)
					loss, err := o.Step(y, failing)
					if err == cut {
						if !slices.Equal(before, y) {
							t.Fatalf("%s: x has moved", m.name)
						}
						o = twin(t, m, n, o)
						continue
					}
					got = append(got, loss)
				}
				if !slices.Equal(got, want) || !slices.Equal(x, y) {
					t.Fatalf("%s, %s: with an error in evaluation %d of %d the losses are\n%v, want\n%v",
						m.name, f.name, last, evaluations, got, want)
				}
			}
		}
	}
}

// TestRestoreRefuses gives every optimiser numbers that cannot be those of its state.
func TestRestoreRefuses(t *testing.T) {
	f := wave(20)
	for _, m := range methods(Range{}) {
		o := m.New(20, processor())
		x := f.x0()
		steps(t, o, x, f.evaluate(), 8)
		numbers := o.State().Numbers
		wrong := [][]float64{append(slices.Clone(numbers), 1)}
		for i := range min(len(numbers), 3) { // what counts
			for _, bad := range []float64{-1, 0.5, 1e300} {
				w := slices.Clone(numbers)
				w[i] = bad
				wrong = append(wrong, w)
			}
		}
		if len(numbers) > 0 {
			wrong = append(wrong, numbers[:len(numbers)-1])
		}
		for _, w := range wrong {
			var e *StateError
			if _, err := m.New(20, processor()).Restore(w); !errors.As(err, &e) {
				t.Errorf("%s: %v gives %v", m.name, w, err)
			}
		}
	}
}
