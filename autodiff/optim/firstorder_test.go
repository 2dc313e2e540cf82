package optim

import (
	"math"
	"testing"
)

// constant is a loss with the same gradient everywhere.
func constant(g []float32) Evaluate {
	return func(_, grad []float32) (float64, error) { copy(grad, g); return 1, nil }
}

// The step of gradient descent against the definition, on more than one piece, and for gradients of any
// scale.
func TestNormalize(t *testing.T) {
	const n = pieceLen + 100
	for _, scale := range []float64{1, 1e-4, 1e4} {
		g := filled(n, func(i int) float64 { return scale * (math.Sin(float64(i)) + 0.3) })
		var abs float64
		for _, v := range g {
			abs += math.Abs(float64(v))
		}
		for normalize, size := range map[bool]float64{false: 1, true: abs/n + 1e-6} {
			o := SGDOptions{LearningRate: 1.5, Normalize: normalize, Epsilon: 1e-6}.New(n, processor())
			x := make([]float32, n)
			steps(t, o, x, constant(g), 1)
			for i := range x {
				want := -1.5 * float64(g[i]) / size
				if !(math.Abs(float64(x[i])-want) <= 1e-6*math.Abs(want)) {
					t.Fatalf("normalize %v, scale %g: x[%d] = %v, want %v", normalize, scale, i, x[i], want)
				}
			}
		}
	}
}

// With Deviation the size of a step is in units of the gradient's standard deviation.
func TestNormalizeByDeviation(t *testing.T) {
	g := []float32{3, -1, 5, 1} // mean 2, variance 5
	o := SGDOptions{LearningRate: 0.5, Normalize: true, Deviation: true}.New(4, processor())
	x := make([]float32, 4)
	steps(t, o, x, constant(g), 1)
	for i := range x {
		if want := -0.5 * float64(g[i]) / math.Sqrt(5); !(math.Abs(float64(x[i])-want) <= 1e-6) {
			t.Errorf("x[%d] = %v, want %v", i, x[i], want)
		}
	}
}

func TestNormalizeZeroGradient(t *testing.T) {
	o := SGDOptions{Normalize: true}.New(3, processor())
	x := []float32{1, 2, 3}
	steps(t, o, x, constant([]float32{0, 0, 0}), 2)
	if x[0] != 1 || x[1] != 2 || x[2] != 3 {
		t.Errorf("a gradient of zero moved x to %v", x)
	}
}

// Momentum gathers the normalised gradients: 1, 1+m, 1+m+m² ...
func TestMomentumOfNormalizedSteps(t *testing.T) {
	d := SGDOptions{LearningRate: 0.5, Momentum: 0.5, Normalize: true}.New(2, processor())
	x := []float32{0, 0}
	steps(t, d, x, constant([]float32{4, -4}), 1)
	steps(t, d, x, constant([]float32{0.25, -0.25}), 1)
	if want := float32(-0.5 * (1 + 1.5)); !(math.Abs(float64(x[0]-want)) <= 1e-6) || x[1] != -x[0] {
		t.Errorf("x = %v, want ±%v", x, want)
	}
}

// A negative beta is none: with both, Adam moves by the sign of the gradient.
func TestAdamWithoutMemory(t *testing.T) {
	a := NewAdam(2, processor(), AdamOptions{LearningRate: 0.25, Beta1: -1, Beta2: -1})
	x := []float32{0, 0}
	steps(t, a, x, constant([]float32{3, -100}), 1)
	steps(t, a, x, constant([]float32{-0.5, -7}), 1)
	if !(math.Abs(float64(x[0])) <= 1e-6 && math.Abs(float64(x[1])-0.5) <= 1e-6) {
		t.Errorf("x = %v, want 0 and 0.5", x)
	}
}

// With the defaults of the paper the corrections are large, and float32 must not spoil them: the
// first steps along a constant gradient are LearningRate each.
func TestAdamFirstStepsAreLearningRate(t *testing.T) {
	a := NewAdam(1, processor(), AdamOptions{LearningRate: 0.01})
	x := []float32{0}
	for step := range 50 {
		steps(t, a, x, constant([]float32{0.3}), 1)
		if want := -0.01 * float64(step+1); !(math.Abs(float64(x[0])-want) <= 2e-6*math.Abs(want)) {
			t.Errorf("step %d: x = %v, want %v", step, x[0], want)
		}
	}
}
