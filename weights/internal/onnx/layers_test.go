package onnx_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

// smallLayer is a layer of testdata/make_layers.py in PyTorch's order, and the batch normalisation behind it.
type smallLayer struct {
	o, i, k      int // outputs, inputs, kernel
	weight, bias [2]float64
	epsilon      float64 // 0 without normalisation
}

var small = []smallLayer{
	{4, 3, 3, [2]float64{0, 1. / 128}, [2]float64{1, 1. / 8}, 1e-5},
	{5, 4, 3, [2]float64{-.5, 1. / 128}, [2]float64{}, .25},
	{6, 20, 1, [2]float64{-.25, 1. / 64}, [2]float64{.5, 1. / 16}, 0},
	{7, 6, 1, [2]float64{-.25, 1. / 64}, [2]float64{.5, 1. / 16}, 0},
}

// folded are the numbers of the layer with its normalisation in them: the weight in the engine's order.
func (s smallLayer) folded() (weight, bias []float64) {
	for at := range s.k * s.k {
		for i := range s.i {
			for o := range s.o {
				n := float64((o*s.i+i)*s.k*s.k + at)
				weight = append(weight, (s.weight[0]+s.weight[1]*n)*s.scale(o))
			}
		}
	}
	for o := range s.o {
		c := float64(o)
		b := s.bias[0] + s.bias[1]*c
		if s.epsilon != 0 {
			b = (b-(2+c))*s.scale(o) - 1 + c/2
		}
		bias = append(bias, b)
	}
	return weight, bias
}

func (s smallLayer) scale(o int) float64 {
	if s.epsilon == 0 {
		return 1
	}
	return (1 + float64(o)/4) / math.Sqrt(4+4*float64(o)+s.epsilon)
}

// near says whether numbers that exporters computed as float32 are those that are wanted.
func near(got []float32, want []float64) bool {
	return slices.EqualFunc(got, want, func(g float32, w float64) bool {
		return math.Abs(float64(g)-w) <= 2e-6*(1+math.Abs(w))
	})
}

func TestLayers(t *testing.T) {
	for _, name := range []string{"legacy", "legacy_norm", "legacy_before", "dynamo", "dynamo_plain", "parts",
		"extended"} {
		f := opentest.Open(t, filepath.Join("testdata", name+".onnx"))
		layers := f.Layers()
		if len(layers) != len(small) {
			t.Errorf("%s: %d layers: %+v", name, len(layers), layers)
			continue
		}
		for i, s := range small {
			weight, bias := s.folded()
			shape := []int{s.k, s.k, s.i, s.o}
			if s.k == 1 {
				shape = shape[2:]
			}
			if got, err := f.Weight(layers[i], shape...); err != nil || !near(got, weight) {
				t.Errorf("%s, weight of %+v: %v, %v, want %v", name, layers[i], got, err, weight)
			}
			if got, err := f.Bias(layers[i], s.o); err != nil || !near(got, bias) {
				t.Errorf("%s, bias of %+v: %v, %v, want %v", name, layers[i], got, err, bias)
			}
		}
	}
}

func TestInput(t *testing.T) {
	for name, want := range map[string]weights.Input{
		"legacy.onnx":        {},
		"legacy_before.onnx": {Mean: []float64{.5, .25, .125}, Deviation: []float64{.25, .5, 2}},
	} {
		got, err := opentest.Open(t, filepath.Join("testdata", name)).Input()
		if err != nil || !slices.Equal(got.Mean, want.Mean) || !slices.Equal(got.Deviation, want.Deviation) ||
			len(got.Others) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// ONNX Runtime has channels in blocks at its highest level.
func TestBlocked(t *testing.T) {
	_, err := weights.Open("testdata/blocked.onnx")
	weightstest.Refused[*weights.UnsupportedError](t, err)
}
