package optim

import (
	"errors"
	"testing"
)

// failing is an Arithmetic whose device is lost after so many operations: as Arithmetic says, they then do
// nothing and return 0.
type failing struct {
	*processor
	left int
}

var errLost = errors.New("the device is lost")

func (f *failing) works() bool { f.left--; return f.left >= 0 }

func (f *failing) Err() error {
	if f.left < 0 {
		return errLost
	}
	return nil
}

func (f *failing) Copy(dst, x []float32) {
	if f.works() {
		f.processor.Copy(dst, x)
	}
}

func (f *failing) Scale(dst, x []float32, s float32) {
	if f.works() {
		f.processor.Scale(dst, x, s)
	}
}

func (f *failing) Axpy(dst, x []float32, s float32) {
	if f.works() {
		f.processor.Axpy(dst, x, s)
	}
}

func (f *failing) Dot(a, b []float32) float64 {
	if !f.works() {
		return 0
	}
	return f.processor.Dot(a, b)
}

func (f *failing) Sum(a []float32) float64 {
	if !f.works() {
		return 0
	}
	return f.processor.Sum(a)
}

// TestArithmeticFails loses the device at each operation in turn. The optimiser has to say so, by the end
// of the next step, rather than blame the objective or go on.
func TestArithmeticFails(t *testing.T) {
	f := wave(20)
	for _, k := range kinds(Range{}) {
		for left := range 40 {
			o := k.make(20, Machine{Arithmetic: &failing{newProcessor(Machine{}), left}})
			x, eval := f.x0(), f.evaluate()
			var err error
			for step := 0; err == nil; step++ {
				if step > 40 {
					t.Fatalf("%s: lost after %d operations, and 40 steps went on", k.name, left)
				}
				_, err = o.Step(x, eval)
			}
			if !errors.Is(err, errLost) {
				t.Fatalf("%s: lost after %d operations: %v", k.name, left, err)
			}
		}
	}
}
