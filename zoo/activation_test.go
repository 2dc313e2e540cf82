package zoo

import (
	"path/filepath"
	"testing"

	"oneiro/internal/weightstest"
)

// TestActivations refuses a network whose graph has another activation than ReLU.
func TestActivations(t *testing.T) {
	pb, all := weightstest.PB, weightstest.Concat
	node := func(op, name string, more ...[]byte) []byte {
		return pb(1, all(pb(1, name), pb(2, op), all(more...)))
	}
	constant := func(name string, shape ...int) []byte {
		var dims []byte
		n := 1
		for _, d := range shape {
			dims, n = append(dims, pb(2, pb(1, d))...), n*d
		}
		return node("Const", name, pb(5, all(pb(1, "value"), pb(2, pb(8, all(pb(1, 1), pb(2, dims),
			pb(4, weightstest.Float32s(make([]float32, n)))))))))
	}
	const conv = "vgg_16/conv1/conv1_1/"
	for op, refused := range map[string]bool{"LeakyRelu": true, "Elu": true, "Relu": false} {
		graph := all(node("Placeholder", "x"), constant(conv+"weights", 3, 3, 3, 64), constant(conv+"biases", 64),
			node("Conv2D", "c", pb(3, "x"), pb(3, conv+"weights")), node("BiasAdd", "b", pb(3, "c"),
				pb(3, conv+"biases")),
			node(op, "y", pb(3, "b")))
		p := open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.pb"), graph))
		_, err := p.Describe(Options{})
		if !refused && err != nil {
			t.Errorf("%s: %v", op, err)
		}
		if refused {
			if e := weightstest.Refused[*ActivationError](t, err); e.Op != op || e.Layer != "conv1_1" {
				t.Errorf("%s: %v", op, e)
			}
		}
	}
}
