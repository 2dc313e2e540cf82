package optim

import (
	"math"
	"testing"
)

// constant is a loss with the same gradient everywhere.
func constant(g []float32) Evaluate {
	return func(_, grad []float32) (float64, error) { copy(grad, g); return 1, nil }
}

// The step of gradient descent against the expressions of the sources that are named with each mode,
// on more than one piece, and for gradients of any scale.
func TestNormalize(t *testing.T) {
	const n = pieceLen + 100
	for _, scale := range []float64{1, 1e-4, 1e4} {
		g := filled(n, func(i int) float64 { return scale * (math.Sin(float64(i)) + 0.3) })
		var sum, abs, squares float64
		for _, v := range g {
			sum += float64(v)
			abs += math.Abs(float64(v))
			squares += float64(v) * float64(v)
		}
		mean := sum / n
		for mode, size := range map[Normalize]float64{
			NormalizeNone:    1,
			NormalizeMeanAbs: abs/n + 1e-6,
			NormalizeStd:     math.Sqrt(squares/n-mean*mean) + 1e-6,
			NormalizeRMS:     math.Sqrt(squares/n) + 1e-6,
		} {
			d := NewSGD(n, Machine{}, SGDOptions{LearningRate: 1.5, Normalize: mode, Epsilon: 1e-6})
			x := make([]float32, n)
			steps(t, d, x, constant(g), 1)
			for i := range x {
				want := -1.5 * float64(g[i]) / size
				if !(math.Abs(float64(x[i])-want) <= 1e-6*math.Abs(want)) {
					t.Fatalf("mode %d, scale %g: x[%d] = %v, want %v", mode, scale, i, x[i], want)
				}
			}
		}
	}
}

func TestNormalizeOfNothing(t *testing.T) {
	for _, mode := range []Normalize{NormalizeMeanAbs, NormalizeStd, NormalizeRMS} {
		d := NewSGD(3, Machine{}, SGDOptions{Normalize: mode})
		x := []float32{1, 2, 3}
		steps(t, d, x, constant([]float32{0, 0, 0}), 2)
		if x[0] != 1 || x[1] != 2 || x[2] != 3 {
			t.Errorf("mode %d: a gradient of zero moved x to %v", mode, x)
		}
	}
}

// Momentum gathers the normalised gradients: 1, 1+m, 1+m+m² ...
func TestMomentumOfNormalizedSteps(t *testing.T) {
	d := NewSGD(2, Machine{}, SGDOptions{LearningRate: 0.5, Momentum: 0.5, Normalize: NormalizeMeanAbs})
	x := []float32{0, 0}
	steps(t, d, x, constant([]float32{4, -4}), 1)
	steps(t, d, x, constant([]float32{0.25, -0.25}), 1)
	if want := float32(-0.5 * (1 + 1.5)); math.Abs(float64(x[0]-want)) > 1e-6 || x[1] != -x[0] {
		t.Errorf("x = %v, want ±%v", x, want)
	}
}

// Without bias correction the moments are used as they are.
func TestAdamWithoutBiasCorrection(t *testing.T) {
	a := NewAdam(1, Machine{}, AdamOptions{LearningRate: 0.1, Beta1: 0.5, Beta2: 0.75, Epsilon: 0.01, NoBiasCorrection: true})
	x := []float32{0}
	var m, v, want float64
	for step, g := range []float64{2, -1, 0.5} {
		steps(t, a, x, constant([]float32{float32(g)}), 1)
		m = 0.5*m + 0.5*g
		v = 0.75*v + 0.25*g*g
		want -= 0.1 * m / (math.Sqrt(v) + 0.01)
		if math.Abs(float64(x[0])-want) > 1e-6 {
			t.Errorf("step %d: x = %v, want %v", step, x[0], want)
		}
	}
}

// A negative beta is none: with both, Adam moves by the sign of the gradient.
func TestAdamWithoutMemory(t *testing.T) {
	a := NewAdam(2, Machine{}, AdamOptions{LearningRate: 0.25, Beta1: -1, Beta2: -1})
	x := []float32{0, 0}
	steps(t, a, x, constant([]float32{3, -100}), 1)
	steps(t, a, x, constant([]float32{-0.5, -7}), 1)
	if math.Abs(float64(x[0])) > 1e-6 || math.Abs(float64(x[1])-0.5) > 1e-6 {
		t.Errorf("x = %v, want 0 and 0.5", x)
	}
}

// With the defaults of the paper the corrections are large, and float32 must not spoil them: the
// first steps of a constant gradient are Rate each.
func TestAdamFirstStepsAreRate(t *testing.T) {
	a := NewAdam(1, Machine{}, AdamOptions{LearningRate: 0.01})
	x := []float32{0}
	for step := range 50 {
		steps(t, a, x, constant([]float32{0.3}), 1)
		if want := -0.01 * float64(step+1); math.Abs(float64(x[0])-want) > 2e-6*math.Abs(want) {
			t.Errorf("step %d: x = %v, want %v", step, x[0], want)
		}
	}
}
