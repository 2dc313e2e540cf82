package simd

import (
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"
)

// parity holds one test for every kernel, by the name of its field. Each compares a tier with a
// straightforward computation in float64, never with another tier.
var parity = map[string]func(t *testing.T, k *Kernels){
	"Gemm":            testGemm,
	"ReLU":            testReLU,
	"ReLUGrad":        testReLUGrad,
	"Add":             testAdd,
	"Sub":             testSub,
	"Mul":             testMul,
	"Scale":           testScale,
	"Axpy":            testAxpy,
	"ScaledDiff":      testScaledDiff,
	"Sum":             testSum,
	"Dot":             testDot,
	"SquaredDistance": testSquaredDistance,
	"MaxPool":         testMaxPool,
	"MaxPoolGrad":     testMaxPoolGrad,
	"AvgPool":         testAvgPool,
	"AvgPoolGrad":     testAvgPoolGrad,
	"Positive":        testPositive,
	"Mask":            testMask,
	"MaxPoolArgMax":   testMaxPoolArgMax,
	"MaxUnpool":       testMaxUnpool,
	"F43.In":          testF43.in,
	"F43.Out":         testF43.out,
	"F43.Filter":      testF43.filter,
	"F63.In":          testF63.in,
	"F63.Out":         testF63.out,
	"F63.Filter":      testF63.filter,

	"WinogradGradIn":     testWinogradGradIn,
	"WinogradFilterGrad": testWinogradFilterGrad,

	"Adam": testAdam,
	"LRN":  testLRN,

	"Relax": testRelax,
}

func TestParity(t *testing.T) {
	for _, k := range Available() {
		for name, test := range parity {
			t.Run(k.Name+"/"+name, func(t *testing.T) { test(t, k) })
		}
	}
}

// A kernel without a parity test is a kernel that nobody has compared with its definition.
func TestEveryKernelIsTestedAndThere(t *testing.T) {
	for _, k := range Available() {
		there := functions(reflect.ValueOf(k).Elem(), "")
		for name, f := range there {
			if parity[name] == nil {
				t.Errorf("%s has no parity test", name)
			}
			if calls[name] == nil {
				t.Errorf("%s is not among the calls that run at the edge of memory", name)
			}
			if f.IsNil() {
				t.Errorf("%s has no %s", k.Name, name)
			}
		}
		for name := range parity {
			if _, ok := there[name]; !ok {
				t.Errorf("parity test of %s, which is no kernel", name)
			}
		}
	}
}

// functions returns those of a struct and of the structs in it, by the names of the fields that lead
// there.
func functions(v reflect.Value, prefix string) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	for field, f := range v.Fields() {
		switch f.Kind() {
		case reflect.Func:
			all[prefix+field.Name] = f
		case reflect.Struct:
			maps.Copy(all, functions(f, prefix+field.Name+"."))
		}
	}
	return all
}

// guarded is a vector between guards: NaNs with a payload that no computation makes.
type guarded struct {
	memory, v []float32
	start     int
	owned     func(i int) bool // may v[i] be written? nil for yes
}

const (
	guardBits   = 0x7fc0dead
	guardFloats = 40
)

// guard returns a vector of n floats that starts offset floats after a multiple of 64 bytes. It is
// full of guards too.
func guard(n, offset int) *guarded {
	memory := make([]float32, n+offset+2*guardFloats+16)
	for i := range memory {
		memory[i] = math.Float32frombits(guardBits)
	}
	start := guardFloats
	for uintptr(unsafe.Pointer(&memory[start]))%64 != 0 {
		start++
	}
	start += offset
	return &guarded{memory: memory, v: memory[start : start+n : start+n], start: start}
}

// check reports a guard that is gone.
func (g *guarded) check(t *testing.T, what string) {
	t.Helper()
	for i, x := range g.memory {
		at := i - g.start
		if at >= 0 && at < len(g.v) && (g.owned == nil || g.owned(at)) {
			continue
		}
		if math.Float32bits(x) != guardBits {
			t.Fatalf("%s: element %d of a vector of %d floats became %v, out of bounds", what, at, len(g.v), x)
		}
	}
}

// fill sets the elements that may be written.
func (g *guarded) fill(f func() float32) *guarded {
	for i := range g.v {
		if g.owned == nil || g.owned(i) {
			g.v[i] = f()
		}
	}
	return g
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// integers returns small integers: sums of products are exact in float32, whatever their order, and
// ties are frequent.
func integers(r *rand.Rand, limit int) func() float32 {
	return func() float32 { return float32(r.IntN(2*limit+1) - limit) }
}

var specials = []float32{
	float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)),
	math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-39,
}

// normals returns normally distributed numbers, every eighth of them special if mixed.
func normals(r *rand.Rand, mixed bool) func() float32 {
	return func() float32 {
		if mixed && r.IntN(8) == 0 {
			return specials[r.IntN(len(specials))]
		}
		return float32(r.NormFloat64())
	}
}

// same is equality in which NaN is NaN, and zeros of either sign are equal.
func same(a, b float32) bool { return a == b || a != a && b != b }

// near is same, or a distance of at most tol.
func near(got float32, want, tol float64) bool {
	return same(got, float32(want)) || math.Abs(float64(got)-want) <= tol
}

// ulp is the relative error of one rounding to float32.
const ulp = 1.0 / (1 << 24)
