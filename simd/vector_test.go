package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// elementwise describes a kernel that computes dst[i] from dst[i] and one element of each input.
type elementwise struct {
	inputs int
	run    func(dst []float32, in [][]float32)
	want   func(dst float64, in []float64) float64
	// tol is the permitted error; nil if the kernel rounds as want does, after every operation.
	tol func(dst float64, in []float64) float64
}

// lengths are all around the widths and unrolled widths of vectors, then one in several chunks.
func lengths() []int {
	var n []int
	for i := range 101 {
		n = append(n, i)
	}
	return append(n, 127, 128, 129, 255, 257)
}

const chunked = 2*(1<<15) + 37

func (e elementwise) test(t *testing.T) {
	t.Helper()
	r := newRand()
	run := func(n, offset int, alias []int) {
		what := fmt.Sprintf("n=%d offset=%d aliases=%v", n, offset, alias)
		dst := guard(n, offset).fill(normals(r, true))
		vectors := make([]*guarded, e.inputs)
		in := make([][]float32, e.inputs)
		for i := range in {
			vectors[i] = guard(n, (5*offset+3*i+1)%17).fill(normals(r, true))
			in[i] = vectors[i].v
			if slices.Contains(alias, i) {
				in[i] = dst.v
			}
		}
		old := slices.Clone(dst.v)
		args := make([][]float32, e.inputs)
		for i := range args {
			args[i] = slices.Clone(in[i])
		}
		e.run(dst.v, in)
		dst.check(t, what)
		for _, v := range vectors {
			v.check(t, what)
		}
		x := make([]float64, e.inputs)
		for i, got := range dst.v {
			for j := range x {
				x[j] = float64(args[j][i])
				if !slices.Contains(alias, j) && !same(in[j][i], args[j][i]) {
					t.Fatalf("%s: input %d was written", what, j)
				}
			}
			want, tol := e.want(float64(old[i]), x), 0.0
			if e.tol != nil {
				tol = e.tol(float64(old[i]), x)
			}
			if !near(got, want, tol) {
				t.Fatalf("%s: dst[%d] = %v from %v and %v, want %v within %v", what, i, got, old[i], x, want, tol)
			}
		}
	}
	for _, n := range lengths() {
		for offset := range 17 {
			run(n, offset, nil)
		}
		for i := range e.inputs {
			run(n, n%17, []int{i})
		}
		if e.inputs > 1 {
			run(n, n%17, []int{0, 1})
		}
	}
	run(chunked, 3, nil)
}

// round32 rounds as a float32 kernel does between two operations. One operation in float64 on
// float32 inputs, rounded, is the same as that operation in float32.
func round32(x float64) float64 { return float64(float32(x)) }

func testReLU(t *testing.T, k *Kernels) {
	elementwise{inputs: 1,
		run:  func(dst []float32, in [][]float32) { k.ReLU(dst, in[0]) },
		want: func(_ float64, in []float64) float64 { return math.Max(in[0], 0) },
	}.test(t)
}

func testReLUGrad(t *testing.T, k *Kernels) {
	elementwise{inputs: 2,
		run: func(dst []float32, in [][]float32) { k.ReLUGrad(dst, in[0], in[1]) },
		want: func(_ float64, in []float64) float64 {
			if in[1] > 0 {
				return in[0]
			}
			return 0
		},
	}.test(t)
}

func testAdd(t *testing.T, k *Kernels) {
	elementwise{inputs: 2,
		run:  func(dst []float32, in [][]float32) { k.Add(dst, in[0], in[1]) },
		want: func(_ float64, in []float64) float64 { return in[0] + in[1] },
	}.test(t)
}

func testSub(t *testing.T, k *Kernels) {
	elementwise{inputs: 2,
		run:  func(dst []float32, in [][]float32) { k.Sub(dst, in[0], in[1]) },
		want: func(_ float64, in []float64) float64 { return in[0] - in[1] },
	}.test(t)
}

func testMul(t *testing.T, k *Kernels) {
	elementwise{inputs: 2,
		run:  func(dst []float32, in [][]float32) { k.Mul(dst, in[0], in[1]) },
		want: func(_ float64, in []float64) float64 { return in[0] * in[1] },
	}.test(t)
}

var factors = []float32{0, 1, -0.3, 1e30, float32(math.Inf(1)), float32(math.NaN())}

func testScale(t *testing.T, k *Kernels) {
	for _, s := range factors {
		elementwise{inputs: 1,
			run:  func(dst []float32, in [][]float32) { k.Scale(dst, in[0], s) },
			want: func(_ float64, in []float64) float64 { return float64(s) * in[0] },
		}.test(t)
	}
}

func testAxpy(t *testing.T, k *Kernels) {
	for _, s := range factors[:3] {
		elementwise{inputs: 1,
			run:  func(dst []float32, in [][]float32) { k.Axpy(dst, in[0], s) },
			want: func(dst float64, in []float64) float64 { return dst + float64(s)*in[0] },
			// A rounding of the product, if it is not fused, and one of the sum.
			tol: func(dst float64, in []float64) float64 {
				p := float64(s) * in[0]
				return ulp*(math.Abs(p)+math.Abs(p+dst)) + math.SmallestNonzeroFloat32
			},
		}.test(t)
	}
}

func testScaledDiff(t *testing.T, k *Kernels) {
	for _, s := range factors {
		elementwise{inputs: 2,
			run:  func(dst []float32, in [][]float32) { k.ScaledDiff(dst, in[0], in[1], s) },
			want: func(_ float64, in []float64) float64 { return float64(s) * round32(in[0]-in[1]) },
		}.test(t)
	}
}
