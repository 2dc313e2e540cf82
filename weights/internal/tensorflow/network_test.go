package tensorflow_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

func TestLayers(t *testing.T) {
	scale := func(i int) float64 { c := float64(i % 5); return (1 + c/4) / math.Sqrt(4+4*c+.25) }
	for _, name := range []string{"fused", "parts", "old"} {
		f := opentest.Open(t, filepath.Join("testdata", name+".pb"))
		layers := f.Layers()
		if len(layers) != 3 {
			t.Fatalf("%s: %+v", name, layers)
		}
		for i, c := range []struct {
			shape        []int
			weight, bias func(i int) float64
		}{
			{[]int{3, 3, 3, 4}, func(i int) float64 { return float64(i) / 128 },
				func(i int) float64 { return 1 + float64(i)/8 }},
			{[]int{1, 1, 4, 5}, func(i int) float64 { return (float64(i)/8 - .5) * scale(i) },
				func(i int) float64 { return -(2+float64(i))*scale(i) - 1 + float64(i)/2 }},
			{[]int{80, 2}, func(i int) float64 { return float64(i)/64 - .25 },
				func(i int) float64 { return 1 + float64(i) }},
		} {
			check := func(what string, want func(int) float64, got []float32, err error) {
				near := err == nil && len(got) > 0
				for i, v := range got {
					near = near && math.Abs(float64(v)-want(i)) <= 1e-6*(1+math.Abs(want(i)))
				}
				if !near {
					t.Errorf("%s, %s of layer %d: %v, %v", name, what, i, got, err)
				}
			}
			weight, err := f.Weight(layers[i], c.shape...)
			check("weight", c.weight, weight, err)
			bias, err := f.Bias(layers[i], c.shape[len(c.shape)-1])
			check("bias", c.bias, bias, err)
		}
		input, err := f.Input()
		if err != nil || !slices.Equal(input.Mean, []float64{100, 108, 116}) ||
			!slices.Equal(input.Deviation, []float64{2, 3, 4}) || len(input.Others) > 0 {
			t.Errorf("%s: %+v, %v", name, input, err)
		}
	}
	_, err := weights.Open("testdata/variables.pb")
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); e.Looks != "a TensorFlow graph that is not frozen" {
		t.Error(e)
	}
}

func TestQuantisedGraph(t *testing.T) {
	node := func(name, op string) []byte {
		return weightstest.PB(1, weightstest.Concat(weightstest.PB(1, name), weightstest.PB(2, op)))
	}
	_, err := opentest.Bytes(weightstest.Concat(node("x", "Placeholder"), node("y", "Dequantize")))
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); e.Looks[:11] != "a quantised" {
		t.Error(e)
	}
}
