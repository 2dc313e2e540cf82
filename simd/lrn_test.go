package simd

import (
	"math"
	"slices"
	"testing"
)

func testLRN(t *testing.T, k *Kernels) {
	r := newRand()
	for _, n := range lengths() {
		for offset := range 17 {
			checkParityLRN(t, k, normals(r, true), n, offset, 0.7, 0.3)
		}
	}
	for _, p := range []struct{ alpha, k float32 }{
		{1e-4, 1}, {1e-4 / 5, 2}, {1, 0}, {-0.3, 1}, {float32(math.NaN()), 1}, {0, float32(math.Inf(1))},
	} {
		checkParityLRN(t, k, normals(r, true), 257, 5, p.alpha, p.k)
	}
	// Over the whole range of exponents, as an activation may be large before it is normalised.
	wide := func() float32 { return float32(math.Exp(r.Float64()*170 - 85)) }
	checkParityLRN(t, k, wide, chunked, 3, 1e-4/5, 1)
	checkParityLRN(t, k, wide, chunked, 3, 1, 0)
}

// checkParityLRN runs the kernel with and without slope, and with sums in the place of either.
func checkParityLRN(t *testing.T, k *Kernels, next func() float32, n, offset int, alpha, bias float32) {
	t.Helper()
	modes := []string{"slope", "no slope", "scale is sums", "scale is sums, no slope", "slope is sums"}
	for _, mode := range modes {
		scale := guard(n, offset).fill(next)
		slope := guard(n, (5*offset+3)%17).fill(next)
		sums := guard(n, (3*offset+7)%17).fill(next)
		out, vectors := slope.v, []*guarded{scale, slope, sums}
		switch mode {
		case "no slope":
			out = nil
		case "scale is sums":
			sums = scale
		case "scale is sums, no slope":
			sums, out = scale, nil
		case "slope is sums":
			sums = slope
		}
		in, old := slices.Clone(sums.v), slices.Clone(slope.v)
		k.LRN(scale.v, out, sums.v, alpha, bias)
		for _, v := range vectors {
			v.check(t, mode)
		}
		if sums != scale && sums != slope && !slices.EqualFunc(sums.v, in, same) {
			t.Fatalf("%s, n=%d offset=%d: sums was written", mode, n, offset)
		}
		if out == nil && !slices.EqualFunc(slope.v, old, same) {
			t.Fatalf("%s, n=%d offset=%d: a slope that was not asked for was written", mode, n, offset)
		}
		for i, s := range in {
			var slopeOf []float32 // empty or of one element
			if out != nil {
				slopeOf = out[i : i+1]
			}
			if !lrnIsRounded(scale.v[i], slopeOf, s, alpha, bias) {
				t.Fatalf("%s, n=%d offset=%d: element %d is %v, %v, from %v with alpha %v and k %v",
					mode, n, offset, i, scale.v[i], slopeOf, s, alpha, bias)
			}
			checkLRNError(t, scale.v[i], slopeOf, s, alpha, bias)
		}
	}
}

// lrnIsRounded says whether scale and slope are what arithmetic that rounds every operation makes of
// n, which may be rounded once or twice.
func lrnIsRounded(scale float32, slope []float32, s, alpha, bias float32) bool {
	product := float64(alpha) * float64(s)
	for _, n := range []float64{round32(product + float64(bias)), round32(round32(product) + float64(bias))} {
		root := round32(math.Sqrt(n))
		want := round32(1 / round32(root*round32(math.Sqrt(root))))
		if same(scale, float32(want)) && (slope == nil || same(slope[0], float32(want/n))) {
			return true
		}
	}
	return false
}

// checkLRNError compares with the power itself, where the contract promises something.
func checkLRNError(t *testing.T, scale float32, slope []float32, s, alpha, bias float32) {
	t.Helper()
	const tiny = 0x1p-126 // the smallest normal float32
	product := float64(alpha) * float64(s)
	n := float64(bias) + product
	if !(product >= tiny || product == 0) || !(n >= tiny && n <= math.MaxFloat32) {
		return
	}
	if want := math.Pow(n, -0.75); !near(scale, want, 6*ulp*want) {
		t.Fatalf("scale of n = %v is %v, want %v within %v", n, scale, want, 6*ulp*want)
	}
	want := math.Pow(n, -1.75)
	if slope != nil && want >= tiny && want <= math.MaxFloat32 && !near(slope[0], want, 9*ulp*want) {
		t.Fatalf("slope of n = %v is %v, want %v within %v", n, slope[0], want, 9*ulp*want)
	}
}

// Each n here is exact, and so is each result.
func TestLRNAtTheEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	zero := float32(math.Copysign(0, -1))
	in := []float32{1, 16, 256, 1. / 16, 0, zero, -1, -inf, inf, nan}
	wantScale := []float32{1, 1. / 8, 1. / 64, 8, inf, inf, nan, nan, 0, nan}
	wantSlope := []float32{1, 1. / 128, 1. / 16384, 128, inf, inf, nan, nan, 0, nan}
	for _, k := range Available() {
		scale, slope := make([]float32, len(in)), make([]float32, len(in))
		k.LRN(scale, slope, in, 1, 0)
		if !slices.EqualFunc(scale, wantScale, same) || !slices.EqualFunc(slope, wantSlope, same) {
			t.Errorf("%s: LRN of %v: %v and %v, want %v and %v", k.Name, in, scale, slope, wantScale, wantSlope)
		}
	}
}
