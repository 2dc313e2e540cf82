package caffe_test

import (
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights/internal/opentest"
)

// A ReLU with a slope below 0 is none, and so is a PReLU.
func TestActivations(t *testing.T) {
	slope := func(v float32) []byte { return weightstest.PB(123, weightstest.PB(1, v)) }
	for _, c := range []struct {
		kind  string
		more  []byte
		blobs [][]float32
		want  string
	}{
		{"ReLU", nil, nil, ""}, {"ReLU", slope(0), nil, ""}, {"ReLU", slope(.1), nil, "LeakyReLU"},
		{"PReLU", nil, [][]float32{{.5, .25}}, "PReLU"}, {"Pooling", nil, nil, ""},
	} {
		f, err := opentest.Bytes(weightstest.Concat(weightstest.PB(1, "net"),
			layerOf("a", "Convolution", "data", "a", nil, []float32{1, 2, 3, 4}, []float32{5, 6}),
			layerOf("act", c.kind, "a", "a", c.more, c.blobs...)))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Activation("a.weight"); got != c.want {
			t.Errorf("%s: %q, want %q", c.kind, got, c.want)
		}
		f.Close()
	}
}
