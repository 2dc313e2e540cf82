package zoo

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"oneiro/weights"
)

// TestAsTrained gives the layers of a graph that several networks have, and tells these apart by names, classes
// and layout.
func TestAsTrained(t *testing.T) {
	for _, c := range []struct {
		network string
		name    string
		classes int
		layout  weights.Layout
		want    string
		other   string
	}{
		{"googlenet-tv", "onnx::Conv_%d", 1000, weights.OIHW, "googlenet-tv", ""},
		{"googlenet-tv", "onnx::Conv_%d", 10, weights.OIHW, "googlenet-tv", ""},
		{"googlenet-tv", "const_fold_opt__%d", 1001, weights.OIHW, "", slimV1},
		{"googlenet-tv", "InceptionV1/InceptionV1/c%d/Conv2D_weights", 10, weights.HWIO, "", slimV1},
		{"inceptionv3-tv", "onnx::Conv_%d", 1000, weights.OIHW, "inceptionv3-tv", ""},
		{"inceptionv3-tv", "const_fold_opt__%d", 1001, weights.OIHW, "inceptionv3-tf", ""},
		{"inceptionv3-tv", "m/InceptionV3/InceptionV3/c%d/Conv2D_weights", 10, weights.OIHW, "inceptionv3-tf", ""},
		{"inceptionv3-tv", "conv%d", 1000, weights.HWIO, "inceptionv3-tf", ""},
	} {
		var file []weights.Info
		var graph []weights.Layer
		sizes := sizesOf(c.network)
		for k, s := range slices.SortedFunc(maps.Values(sizes), func(a, b layerSize) int { return a.place - b.place }) {
			shape := slices.Clone(s.shape)
			if s.last {
				shape[len(shape)-1] = c.classes
			}
			name := fmt.Sprintf(c.name, k)
			file = append(file, weights.Info{Name: name, Shape: shape, Layout: c.layout, Float: true})
			graph = append(graph, weights.Layer{Weight: name})
		}
		m := inOrder(indexOf(file), graph, file)
		if m == nil {
			t.Fatalf("%+v was not recognised", c)
		}
		if other := m.asTrained(file); other != c.other || other == "" && m.network != c.want {
			t.Errorf("%+v was taken for %q, %s", c, other, m.network)
		}
		if background := m.layers[len(m.layers)-1].from.Background; c.want == "inceptionv3-tf" &&
			(background != (c.classes == 1001) || m.classes != c.classes-c.classes%10) {
			t.Errorf("%+v has %d classes, background %v", c, m.classes, background)
		}
	}
}
