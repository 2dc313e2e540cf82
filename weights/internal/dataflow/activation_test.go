package dataflow

import (
	"maps"
	"testing"
)

func TestActivations(t *testing.T) {
	for name, c := range map[string]struct {
		nodes []string
		want  map[string]string
	}{
		"directly": {[]string{"conv x w > 1", "LeakyRelu 1 > y"}, map[string]string{"w": "LeakyRelu"}},
		"after a bias": {[]string{"conv x w > 1", "add 1 b > 2", "leaky_relu 2 > y"},
			map[string]string{"w": "leaky_relu"}},
		"after a norm": {[]string{"conv x w > 1", "norm 1 s b m d > 2", "PReLU 2 c > y"},
			map[string]string{"w": "PReLU"}},
		"one of two": {[]string{"conv x w > 1", "Relu 1 > 2", "conv 2 v > 3", "Elu 3 > y"},
			map[string]string{"v": "Elu"}},
		"beside":         {[]string{"conv x w > 1", "Sigmoid 1 > 2", "mul 1 2 > y"}, map[string]string{"w": "Sigmoid"}},
		"ReLU":           {[]string{"conv x w > 1", "Relu 1 > 2", "Sigmoid 2 > y"}, nil},
		"none":           {[]string{"conv x w > 1", "MaxPool 1 > y"}, nil},
		"a computed one": {[]string{"mul w s > u", "conv x u > 1", "Elu 1 > y"}, nil},
	} {
		if got := graph(c.nodes, "w v b c s m d").Activations(); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
