package simd

import (
	"testing"
	"unsafe"
)

// calls runs each kernel on vectors that alloc makes, of about n floats. The results do not matter.
var calls = map[string]func(k *Kernels, n int, alloc func(n int) []float32) func(){
	"Gemm": func(k *Kernels, n int, alloc func(int) []float32) func() {
		depth := n%5 + 1
		a, at, b := alloc(7*depth), alloc(7*depth), alloc(k.PackedSize(depth, n))
		c, bias := alloc(7*n), alloc(n)
		ahead := alloc(n)
		rows := Gemm{
			M: 7, N: n, K: depth, A: a, ARowStride: depth, AColStride: 1, B: b, C: c, LDC: n,
			Accumulate: true, Bias: bias, ReLU: true,
		}
		columns := Gemm{M: 7, N: n, K: depth, A: at, ARowStride: 1, AColStride: 7, B: b, C: c, LDC: n, Ahead: ahead}
		return func() {
			k.Gemm(rows)
			k.Gemm(columns)
		}
	},
	"ReLU":            call2(func(k *Kernels, dst, a []float32) { k.ReLU(dst, a) }),
	"ReLUGrad":        call3(func(k *Kernels, dst, a, b []float32) { k.ReLUGrad(dst, a, b) }),
	"Add":             call3(func(k *Kernels, dst, a, b []float32) { k.Add(dst, a, b) }),
	"Sub":             call3(func(k *Kernels, dst, a, b []float32) { k.Sub(dst, a, b) }),
	"Mul":             call3(func(k *Kernels, dst, a, b []float32) { k.Mul(dst, a, b) }),
	"Scale":           call2(func(k *Kernels, dst, a []float32) { k.Scale(dst, a, 0.5) }),
	"Axpy":            call2(func(k *Kernels, dst, a []float32) { k.Axpy(dst, a, 0.5) }),
	"ScaledDiff":      call3(func(k *Kernels, dst, a, b []float32) { k.ScaledDiff(dst, a, b, 0.5) }),
	"Sum":             call2(func(k *Kernels, a, _ []float32) { k.Sum(a) }),
	"Dot":             call2(func(k *Kernels, a, b []float32) { k.Dot(a, b) }),
	"SquaredDistance": call2(func(k *Kernels, a, b []float32) { k.SquaredDistance(a, b) }),
	"MaxPool":         callPool(func(k *Kernels, in, _, out []float32, p Pool) { k.MaxPool(out, in, p) }),
	"MaxPoolGrad": callPool(func(k *Kernels, in, in2, out []float32, p Pool) {
		k.MaxPoolGrad(in, in2, out, p)
	}),
	"AvgPool":     callPool(func(k *Kernels, in, _, out []float32, p Pool) { k.AvgPool(out, in, p, 0.25) }),
	"AvgPoolGrad": callPool(func(k *Kernels, in, _, out []float32, p Pool) { k.AvgPoolGrad(in, out, p, 0.25) }),
	"Positive": func(k *Kernels, n int, alloc func(int) []float32) func() {
		bits, src := words(alloc(2*wordsOf(n))), alloc(2*n)
		return func() { k.Positive(bits, wordsOf(n), src, n, 2, n) }
	},
	"Mask": func(k *Kernels, n int, alloc func(int) []float32) func() {
		dst, src, bits := alloc(2*n), alloc(2*n), words(alloc(2*wordsOf(n)))
		return func() { k.Mask(dst, src, n, bits, wordsOf(n), 2, n) }
	},
	"MaxPoolArgMax": func(k *Kernels, n int, alloc func(int) []float32) func() {
		dst, right, low, src := alloc(2*n), words(alloc(2*wordsOf(n))), words(alloc(2*wordsOf(n))), alloc(9*n)
		return func() { k.MaxPoolArgMax(dst, right, low, src, Windows{2, n, 2 * n, n, 5 * n, n, wordsOf(n)}) }
	},
	"MaxUnpool": func(k *Kernels, n int, alloc func(int) []float32) func() {
		dst, src, right, low := alloc(4*n), alloc(2*n), words(alloc(2*wordsOf(n))), words(alloc(2*wordsOf(n)))
		return func() { k.MaxUnpool(dst, src, right, low, true, Windows{2, n, 2 * n, n, 5 * n, n, wordsOf(n)}) }
	},
	"F43.In":     testF43.callIn,
	"F43.Out":    testF43.callOut,
	"F43.Filter": testF43.callFilter,
	"F63.In":     testF63.callIn,
	"F63.Out":    testF63.callOut,
	"F63.Filter": testF63.callFilter,
	"WinogradGradIn": func(k *Kernels, n int, alloc func(int) []float32) func() {
		dst, src := alloc(36*2*n), alloc(4*8*n)
		return func() {
			k.WinogradGradIn(dst, src, Tiles{
				Tiles: 2, Channels: n, Row: 8 * n, Pixel: n, Point: 2 * n,
			})
		}
	},
	"WinogradFilterGrad": func(k *Kernels, n int, alloc func(int) []float32) func() {
		dst, src := alloc(9*n), alloc(36*n)
		return func() {
			k.WinogradFilterGrad(dst, n, src, n, n, false)
			k.WinogradFilterGrad(dst, n, src, n, n, true)
		}
	},
	"Adam": func(k *Kernels, n int, alloc func(int) []float32) func() {
		x, m, v, g := alloc(n), alloc(n), alloc(n), alloc(n)
		return func() { k.Adam(x, m, v, g, AdamStep{0.9, 0.999, 0.1, 1e-8, 1, 1}) }
	},
	"LRN": func(k *Kernels, n int, alloc func(int) []float32) func() {
		scale, slope, sums := alloc(n), alloc(n), alloc(n)
		return func() {
			k.LRN(scale, nil, sums, 0.5, 1)
			k.LRN(scale, slope, sums, 0.5, 1)
		}
	},
	"Relax": func(k *Kernels, n int, alloc func(int) []float32) func() {
		x, r := alloc(n), Relaxation{Beside: alloc(n + 1), Omega: 0.5}
		for _, v := range r.vectors() {
			*v = alloc(n)
		}
		return func() { k.Relax(x, r) }
	},
}

// words is the memory of v for bits.
func words(v []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

type caller = func(k *Kernels, n int, alloc func(n int) []float32) func()

func call2(f func(k *Kernels, a, b []float32)) caller {
	return func(k *Kernels, n int, alloc func(int) []float32) func() {
		a, b := alloc(n), alloc(n)
		return func() { f(k, a, b) }
	}
}

func call3(f func(k *Kernels, a, b, c []float32)) caller {
	return func(k *Kernels, n int, alloc func(int) []float32) func() {
		a, b, c := alloc(n), alloc(n), alloc(n)
		return func() { f(k, a, b, c) }
	}
}

// callPool pools n channels by 3x3 windows, every other pixel.
func callPool(f func(k *Kernels, in, in2, out []float32, p Pool)) caller {
	return func(k *Kernels, n int, alloc func(int) []float32) func() {
		p := Pool{Out: 2, Step: 2, WinH: 3, WinW: 3, Channels: n, Stride: n, Row: 5 * n, DstStride: n}
		in, in2, out := alloc(15*n), alloc(15*n), alloc(2*n)
		return func() { f(k, in, in2, out, p) }
	}
}

// callIn, callOut and callFilter transform two tiles of n channels, or n filters.
func (w winogradTest) callIn(k *Kernels, n int, alloc func(int) []float32) func() {
	width := (2*w.tile + 2) * n
	dst, src := alloc(w.side*w.side*2*n), alloc(w.side*width)
	return func() { w.of(k).In(dst, src, Tiles{Tiles: 2, Channels: n, Row: width, Pixel: n, Point: 2 * n}) }
}

func (w winogradTest) callOut(k *Kernels, n int, alloc func(int) []float32) func() {
	width := 2 * w.tile * n
	dst, src, bias := alloc(w.tile*width), alloc(w.side*w.side*2*n), alloc(n)
	return func() {
		w.of(k).Out(dst, src, Tiles{
			Tiles: 2, Channels: n, Row: width, Pixel: n, Point: 2 * n,
		}, bias, true)
	}
}

func (w winogradTest) callFilter(k *Kernels, n int, alloc func(int) []float32) func() {
	dst, g := alloc(w.side*w.side*n), alloc(9*n)
	return func() {
		w.of(k).Filter(dst, g, Filters{
			Filters: n, Rows: 1, Weight: n, WeightRow: n, Point: n, PointRow: n,
		})
	}
}

func TestKernelsAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, k := range Available() {
		for name, c := range calls {
			run := c(k, 67, func(n int) []float32 { return make([]float32, n) })
			if n := testing.AllocsPerRun(10, run); n != 0 {
				t.Errorf("%s.%s allocates %v times", k.Name, name, n)
			}
		}
	}
}

func TestShortVectorPanics(t *testing.T) {
	for _, k := range Available() {
		for name, c := range calls {
			vectors := 0
			c(k, 67, func(n int) []float32 { vectors++; return make([]float32, n) })
			for short := range vectors {
				i := 0
				run := c(k, 67, func(n int) []float32 {
					defer func() { i++ }()
					if i == short {
						return make([]float32, n-1, n) // a kernel must not go by the capacity
					}
					return make([]float32, n)
				})
				if may := mayBeShort(name, short); panics(run) == may {
					t.Errorf("%s.%s with vector %d too short: panics should be %v", k.Name, name, short, !may)
				}
			}
		}
	}
}

// mayBeShort says that the length of that vector is the one that counts, or that the call does not
// use it.
func mayBeShort(name string, vector int) bool {
	switch name {
	case "MaxPoolGrad", "Positive", "Mask", "MaxPoolArgMax", "MaxUnpool", "F43.In", "F43.Out", "F43.Filter",
		"F63.In", "F63.Out", "F63.Filter", "WinogradGradIn", "WinogradFilterGrad":
		return false
	case "Gemm":
		return vector == 5 // Ahead
	case "MaxPool", "AvgPool", "AvgPoolGrad":
		return vector == 1
	case "Sum":
		return true
	default:
		return vector == 0
	}
}
