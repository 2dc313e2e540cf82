package caffe_test

import (
	"math"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

// layerOf is a LayerParameter that reads one place and writes another, with blobs of these numbers.
func layerOf(name, kind, bottom, top string, more []byte, blobs ...[]float32) []byte {
	b := weightstest.Concat(weightstest.PB(1, name), weightstest.PB(2, kind), weightstest.PB(3, bottom),
		weightstest.PB(4, top), more)
	for i, numbers := range blobs {
		shape := weightstest.Uvarints(uint64(len(numbers)))
		if i == 0 && kind == "Convolution" {
			shape = weightstest.Uvarints(uint64(len(numbers)/2), 2, 1, 1)
		}
		b = append(b, weightstest.PB(7, weightstest.Concat(weightstest.PB(7, weightstest.PB(1, shape)),
			weightstest.PB(5, weightstest.Float32s(numbers))))...)
	}
	return weightstest.PB(100, b)
}

// normalised is a network as Caffe writes it: normalisation in place, sums that are to be divided by a factor,
// scale and shift as a layer of their own, convolutions without bias, copies for places that are read twice.
func normalised() []byte {
	epsilon := weightstest.PB(139, weightstest.PB(3, float32(.5)))
	return weightstest.Concat(weightstest.PB(1, "net"),
		layerOf("b", "Convolution", "data", "b", nil, []float32{1, 2, 3, 4, 5, 6}),
		layerOf("b/bn", "BatchNorm", "b", "b", epsilon, []float32{2, 4, 6}, []float32{7, 15, 31}, []float32{2}),
		layerOf("b/scale", "Scale", "b", "b", weightstest.PB(142, weightstest.PB(4, 1)), []float32{1, 2, 3},
			[]float32{-1, -2, -3}),
		layerOf("b/relu", "ReLU", "b", "b", nil),
		layerOf("a", "Convolution", "b", "a", nil, []float32{1, 2, 3, 4}, []float32{5, 6}),
		layerOf("a/bn", "BatchNorm", "a", "a/bn", nil, []float32{1, 1}, []float32{4, 4}, []float32{0}),
		layerOf("split", "Split", "a/bn", "s0", weightstest.PB(4, "s1")),
		layerOf("late", "Scale", "s0", "late", nil, []float32{3, 3}),
		layerOf("c", "Convolution", "late", "c", nil, []float32{1, 2}),
		layerOf("c/bn", "BN", "c", "c", nil, []float32{3}, []float32{4}),
	)
}

func TestCaffeLayers(t *testing.T) {
	f := opentest.File(t, normalised())
	root := func(v float64) float32 { return float32(1 / math.Sqrt(v)) }
	a := float32(1 / math.Sqrt(1e-5)) // a factor of 0 makes mean and variance 0
	for i, want := range []struct {
		layer        weights.Layer
		shape        []int
		weight, bias []float32
	}{
		{weights.Layer{Weight: "b.weight", Norm: weights.Norm{Scale: "b/scale.weight", Shift: "b/scale.bias",
			Mean: "b/bn.weight", Variance: "b/bn.bias", Factor: "b/bn.2", Epsilon: .5}}, []int{2, 3},
			[]float32{root(4), 3 * 2 * root(8), 5 * 3 * root(16), 2 * root(4), 4 * 2 * root(8), 6 * 3 * root(16)},
			[]float32{-1*root(4) - 1, -2*2*root(8) - 2, -3*3*root(16) - 3}},
		{weights.Layer{Weight: "a.weight", Bias: "a.bias", Norm: weights.Norm{Mean: "a/bn.weight",
			Variance: "a/bn.bias", Factor: "a/bn.2", Epsilon: float64(float32(1e-5))}}, []int{2, 2},
			[]float32{a, 3 * a, 2 * a, 4 * a}, []float32{5 * a, 6 * a}},
		{weights.Layer{Weight: "c.weight", Norm: weights.Norm{Scale: "c/bn.weight", Shift: "c/bn.bias"}}, []int{2, 1},
			[]float32{3, 6}, []float32{4}},
	} {
		l := f.Layers()[i]
		if l != want.layer {
			t.Errorf("%+v, want %+v", l, want.layer)
		}
		near := func(a, b float32) bool { return math.Abs(float64(a-b)) <= 1e-6*math.Abs(float64(b)) }
		if got, err := f.Weight(l, want.shape...); err != nil || !slices.EqualFunc(got, want.weight, near) {
			t.Errorf("weight of %s: %v, %v, want %v", l.Weight, got, err, want.weight)
		}
		if got, err := f.Bias(l, want.shape[1]); err != nil || !slices.EqualFunc(got, want.bias, near) {
			t.Errorf("bias of %s: %v, %v, want %v", l.Weight, got, err, want.bias)
		}
	}
	if n := len(f.Layers()); n != 3 {
		t.Errorf("%d layers", n)
	}
}
