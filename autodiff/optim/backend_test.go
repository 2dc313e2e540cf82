package optim

import (
	"errors"
	"testing"
)

// failing is a Backend whose device is lost after so many operations. As Backend says, they then do
// nothing and return 0.
type failing struct {
	*host
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
		f.host.Copy(dst, x)
	}
}

func (f *failing) Scale(dst, x []float32, s float32) {
	if f.works() {
		f.host.Scale(dst, x, s)
	}
}

func (f *failing) Axpy(dst, x []float32, s float32) {
	if f.works() {
		f.host.Axpy(dst, x, s)
	}
}

func (f *failing) Dot(a, b []float32) float64 {
	if !f.works() {
		return 0
	}
	return f.host.Dot(a, b)
}

func (f *failing) Sum(a []float32) float64 {
	if !f.works() {
		return 0
	}
	return f.host.Sum(a)
}

// TestBackendFails loses the device at each operation in turn. The optimiser has to report it, by the end of
// the next step, and neither blame the objective nor go on.
func TestBackendFails(t *testing.T) {
	f := wave(20)
	for _, m := range methods(Range{}) {
		for left := range 40 {
			o := m.New(20, &failing{newHost(nil, nil), left})
			x, eval := f.x0(), f.evaluate()
			var err error
			for step := 0; err == nil; step++ {
				if step > 40 {
					t.Fatalf("%s: lost after %d operations, and 40 steps went on", m.name, left)
				}
				_, err = o.Step(x, eval)
			}
			if !errors.Is(err, errLost) {
				t.Fatalf("%s: lost after %d operations: %v", m.name, left, err)
			}
		}
	}
}
