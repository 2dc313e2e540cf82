//go:build cuda

package cuda

import (
	"fmt"
	"slices"

	"oneiro/autodiff/optim"
)

// vectors is the optim.Backend of a GPU. Its vectors lie in memory that the driver keeps where it is
// used, which is on the GPU unless the process reads one.
type vectors struct {
	dev     *device
	own     [][]float32
	partial address // what the blocks of a sum leave
	sums    []float64
	failed  error
}

// vectorPiece is VECTOR_PIECE of kernels/vectors.cu, the elements of which a block makes one number.
const vectorPiece = 4096

// Vectors implements Device.
func (d *device) Vectors() optim.DeviceBackend { return &vectors{dev: d} }

// do does something on the device's thread, unless something has failed before.
func (v *vectors) do(f func(d *driver) error) {
	if v.failed == nil {
		v.failed = v.dev.do(func() error { return f(v.dev.driver) })
	}
}

// Vector implements optim.Backend. What it returns if there is no memory on the GPU is memory of the
// process, which no operation will be asked to touch.
func (v *vectors) Vector(n int) []float32 {
	var s []float32
	v.do(func(d *driver) (err error) {
		if s, err = d.allocShared(n); err != nil {
			return err
		}
		v.own, v.dev.shared = append(v.own, s), append(v.dev.shared, s)
		return v.reserve(n)
	})
	if s == nil {
		return make([]float32, n)
	}
	v.each("vector_fill", s, float32(0))
	return s
}

// reserve makes room for the sums over vectors of n elements.
func (v *vectors) reserve(n int) error {
	blocks := blocksOf(n)
	if blocks <= len(v.sums) {
		return nil
	}
	p, err := v.dev.driver.alloc(8 * int64(blocks))
	if err != nil {
		return err
	}
	if v.sums != nil {
		v.dev.driver.free(v.partial)
	}
	v.partial, v.sums = p, make([]float64, blocks)
	return nil
}

func blocksOf(n int) int { return ceil(n, vectorPiece) }

func (v *vectors) free(s []float32) error {
	is := func(t []float32) bool { return addressOf(t) == addressOf(s) }
	v.own, v.dev.shared = slices.DeleteFunc(v.own, is), slices.DeleteFunc(v.dev.shared, is)
	return v.dev.driver.free(addressOf(s))
}

// Close gives all vectors back.
func (v *vectors) Close() {
	v.dev.do(func() error {
		for len(v.own) > 0 {
			v.free(v.own[0])
		}
		if v.sums != nil {
			v.dev.driver.free(v.partial)
		}
		return nil
	})
}

// Err implements optim.Backend.
func (v *vectors) Err() error {
	v.do(func(d *driver) error { return d.synchronize() })
	return v.failed
}

// each launches a kernel that has a thread for each element.
func (v *vectors) each(kernel string, dst []float32, args ...any) {
	v.do(func(d *driver) error {
		n := len(dst)
		return d.start(v.dev.module, inLine(kernel, ceil(n, threads), n, append([]any{v.at(n, dst)}, args...)...))
	})
}

// numbers launches a kernel that makes a number of each piece of n elements, and returns those.
func (v *vectors) numbers(kernel string, n int, args ...any) (numbers []float64) {
	v.do(func(d *driver) error {
		if err := v.reserve(n); err != nil {
			return err
		}
		blocks := blocksOf(n)
		if err := d.start(v.dev.module, inLine(kernel, blocks, n, append([]any{v.partial}, args...)...)); err != nil {
			return err
		}
		if err := read(d, v.sums[:blocks], v.partial); err != nil {
			return err
		}
		numbers = v.sums[:blocks]
		return nil
	})
	return numbers
}

// sum adds the numbers of a kernel in the order of the pieces.
func (v *vectors) sum(kernel string, n int, args ...any) (sum float64) {
	for _, part := range v.numbers(kernel, n, args...) {
		sum += part
	}
	return sum
}

// at returns where n elements lie that have to be a vector's.
func (v *vectors) at(n int, s []float32) address {
	if len(s) < n || v.failed == nil && !v.dev.holds(s) {
		panic(fmt.Sprintf("cuda: %d numbers that are no vector of %d", len(s), n))
	}
	return addressOf(s)
}

// Copy implements optim.Backend, as the methods below do. It copies over the bus only if one side is memory of
// the process.
func (v *vectors) Copy(dst, x []float32) {
	if len(x) != len(dst) {
		panic(fmt.Sprintf("cuda: %d numbers to copy to %d", len(x), len(dst)))
	}
	v.do(func(d *driver) error {
		if v.dev.holds(dst) {
			return v.dev.put(addressOf(dst), x)
		}
		return read(d, dst, v.at(len(x), x))
	})
}

func (v *vectors) Scale(dst, x []float32, s float32) {
	v.each("vector_scale", dst, v.at(len(dst), x), s)
}

func (v *vectors) Sub(dst, x, y []float32) {
	v.each("vector_sub", dst, v.at(len(dst), x), v.at(len(dst), y))
}

func (v *vectors) Axpy(dst, x []float32, s float32) {
	v.each("vector_axpy", dst, v.at(len(dst), x), s)
}

func (v *vectors) Clamp(x []float32, lo, hi float32) { v.each("vector_clamp", x, lo, hi) }

func (v *vectors) Adam(x, moment, second, grad []float32, s optim.AdamStep) {
	n := len(x)
	v.each("vector_adam", x, v.at(n, moment), v.at(n, second), v.at(n, grad),
		s.Beta1, s.Beta2, s.LearningRate, s.Epsilon, s.BiasCorrection1, s.BiasCorrection2)
}

func (v *vectors) Halve(dst, x []float32, g optim.Grid) {
	v.mustBeGrid(x, dst, g)
	v.each("vector_halve", dst, v.at(len(x), x), int32(g.H), int32(g.W), int32(g.C))
}

func (v *vectors) Double(dst []float32, s float32, x []float32, t float32, g optim.Grid) {
	v.mustBeGrid(dst, x, g)
	v.each("vector_double", dst, s, v.at(len(x), x), t, int32(g.H), int32(g.W), int32(g.C))
}

func (v *vectors) mustBeGrid(large, small []float32, g optim.Grid) {
	if len(large) != g.Len() || len(small) != g.Half().Len() {
		panic(fmt.Sprintf("cuda: %d and %d numbers for a grid of %v", len(large), len(small), g))
	}
}

func (v *vectors) Sum(a []float32) float64 { return v.sum("vector_sum", len(a), v.at(len(a), a)) }
func (v *vectors) AbsSum(a []float32) float64 {
	return v.sum("vector_abs_sum", len(a), v.at(len(a), a))
}

func (v *vectors) Dot(a, b []float32) float64 {
	return v.sum("vector_dot", len(a), v.at(len(a), a), v.at(len(a), b))
}

func (v *vectors) Equal(a, b []float32) bool {
	return v.sum("vector_differ", len(a), v.at(len(a), a), v.at(len(a), b)) == 0
}

func (v *vectors) AxpyDot(dst, x []float32, s float32, y []float32) float64 {
	n := len(dst)
	return v.sum("vector_axpy_dot", n, v.at(n, dst), v.at(n, x), s, v.at(n, y))
}

func (v *vectors) MaxAbs(a []float32) (most float64) {
	for _, part := range v.numbers("vector_max_abs", len(a), v.at(len(a), a)) {
		most = max(most, part)
	}
	return most
}
