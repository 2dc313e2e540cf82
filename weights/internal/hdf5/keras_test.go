package hdf5_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/weights"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/hdf5"
	"oneiro/weights/internal/opentest"
)

// A network in a network, by Keras' description: the second normalisation comes after an activation, so that it
// cannot be taken into the convolution before it.
func TestKerasLayers(t *testing.T) {
	for file, norms := range map[string][]string{
		"nested2.h5":      {"norm1", "", "norm3", ""},
		"nested3.keras":   {"batch_normalization/", "", "batch_normalization_2/", ""},
		"keras3_model.h5": {"norm", ""},
		"model.keras":     {"batch_normalization", ""},
	} {
		f := opentest.Open(t, filepath.Join("testdata", file))
		layers := f.Layers()
		if len(layers) != len(norms) {
			t.Fatalf("%s: %+v", file, layers)
		}
		for i, l := range layers {
			if norms[i] == "" && l.Norm != (weights.Norm{}) || !strings.Contains(l.Norm.Mean, norms[i]) {
				t.Errorf("%s: %+v", file, l)
			}
			for _, name := range l.Tensors() {
				if !f.Has(name) {
					t.Errorf("%s: no %s", file, name)
				}
			}
		}
	}
	for _, file := range []string{"nested2.h5", "nested3.keras"} {
		f := opentest.Open(t, filepath.Join("testdata", file))
		first := f.Layers()[0]
		if first.Bias != "" || first.Norm.Scale != "" || first.Norm.Epsilon != .25 {
			t.Errorf("%s: %+v", file, first)
		}
		// shift, mean and variance are 0 and 1/8
		got, err := f.Bias(first, 2)
		want := float32(.125 - .125/math.Sqrt(.125+.25))
		if err != nil || len(got) != 2 || got[0] != 0 || math.Abs(float64(got[1]-want)) > 1e-6 {
			t.Errorf("%s: %v, %v, want %v", file, got, err, want)
		}
		if third := f.Layers()[2]; third.Bias == "" || third.Norm.Epsilon != 1e-3 || third.Norm.Scale == "" {
			t.Errorf("%s: %+v", file, third)
		}
	}
}

// A description that cannot be followed says nothing.
func TestKerasDescriptionsThatLie(t *testing.T) {
	conv := `{"class_name": "Conv2D", "config": {"name": "a"}}`
	deep := strings.Repeat(`{"class_name": "Model", "config": {"layers": [`, 20) + conv + strings.Repeat("]}}", 20)
	for name, text := range map[string]string{
		"none": "", "no JSON": "{", "a list": "[]", "no layers": `{"class_name": "Sequential", "config": {"layers": []}}`,
		"no weights": `{"class_name": "Sequential", "config": {"layers": [` + conv + `]}}`, "deep": deep,
		"a number": `{"class_name": "Sequential", "config": 3}`,
	} {
		c := testContainer("b/kernel", "b/bias")
		hdf5.Describe(c, []byte(text))
		if c.Layers != nil {
			t.Errorf("%s: %+v", name, c.Layers)
		}
	}
	c := testContainer("a/kernel", "a/bias")
	hdf5.Describe(c, []byte(`{"class_name": "Sequential", "config": [`+conv+`]}`))
	if want := []weights.Layer{{Weight: "a/kernel", Bias: "a/bias"}}; !slices.Equal(c.Layers, want) {
		t.Errorf("%+v", c.Layers)
	}
	c = testContainer("x/a/kernel", "x/a/bias", "y/a/kernel", "y/a/bias")
	hdf5.Describe(c, []byte(`{"class_name": "Sequential", "config": [`+conv+`]}`))
	if c.Layers != nil {
		t.Errorf("%+v", c.Layers)
	}
}

func testContainer(names ...string) *container.Container {
	c := &container.Container{}
	for _, name := range names {
		c.Tensors = append(c.Tensors, container.Tensor{Name: name})
	}
	return c
}

func FuzzKerasDescription(f *testing.F) {
	f.Add([]byte(`{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "a"}}]}`))
	f.Add([]byte(`{"class_name": "Model", "config": {"layers": [{"class_name": "Conv2D", "name": "a", "config": {},
		"inbound_nodes": [[["a", 0, 0, {}]]]}], "output_layers": [["a", 0, 0]]}}`))
	f.Fuzz(func(_ *testing.T, text []byte) { hdf5.Describe(testContainer("a/kernel", "a/bias"), text) })
}
