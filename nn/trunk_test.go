package nn

import (
	"errors"
	"slices"
	"testing"
)

func TestTrunk(t *testing.T) {
	for name, want := range map[string][]string{
		"vgg11": {"relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu4_1", "relu4_2", "relu5_1", "relu5_2"},
		"googlenet": {"conv1/relu", "conv2/relu_3x3_reduce", "conv2/relu", "inception_3a/output", "inception_3b/output",
			"inception_4a/output", "inception_4b/output", "inception_4c/output", "inception_4d/output",
			"inception_4e/output", "inception_5a/output", "inception_5b/output"},
		"squeezenet1.1": {"relu_conv1", "fire2/concat", "fire3/concat", "fire4/concat", "fire5/concat", "fire6/concat",
			"fire7/concat", "fire8/concat", "fire9/concat"},
	} {
		n, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Trunk(); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, n := range All() {
		trunk := n.Trunk()
		for _, l := range slices.Concat(n.Style, n.Content, n.Dream) {
			if !slices.Contains(trunk, l) {
				t.Errorf("%s: the default layer %s is not in the trunk %q", n.Name, l, trunk)
			}
		}
	}
}

func TestUnknownLayerIsLike(t *testing.T) {
	for _, c := range []struct{ network, layer, want string }{
		{"googlenet", "inception_4c", "inception_4c/output"},
		{"googlenet", "mixed4c", "inception_4c/output"},
		{"googlenet", "inception4c", "inception_4c/output"},
		{"inception5h", "inception_4c/output", "mixed4c"},
		{"inception5h", "inception_4c", "mixed4c"},
		{"squeezenet1.1", "fire8", "fire8/concat"},
		{"vgg19", "relu41", "relu4_1"},
	} {
		n, err := Get(c.network)
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.Layer(c.layer)
		e, ok := errors.AsType[*UnknownLayerError](err)
		if !ok || len(e.Nearest) == 0 || e.Nearest[0] != c.want {
			t.Errorf("%s of %s: %v, want %s", c.layer, c.network, e.Nearest, c.want)
		}
	}
}
