package dataflow

import (
	"slices"
	"strings"
	"testing"

	"oneiro/weights/internal/container"
)

// graph is a graph of nodes "op inputs > output", with these constants, each of three numbers.
func graph(nodes []string, constants string) *Graph {
	kinds := map[string]Kind{"conv": Conv, "dense": Dense, "norm": Norm, "add": Add, "sub": Sub, "mul": Mul,
		"div": Div, "same": Same, "reshape": Reordered}
	g := &Graph{Constants: map[string]Constant{}, Outputs: func(string) int64 { return 3 }}
	for _, text := range nodes {
		w := strings.Fields(text)
		n := Node{Kind: kinds[w[0]], Op: w[0]}
		for i, name := range w[1:] {
			switch {
			case name == "-":
				n.Inputs = append(n.Inputs, "")
			case name == ">":
				n.Outputs = w[i+2:]
			case n.Outputs == nil:
				n.Inputs = append(n.Inputs, name)
			}
		}
		g.Nodes = append(g.Nodes, n)
	}
	for _, name := range strings.Fields(constants) {
		g.Constants[name] = Constant{Tensor: name, Count: 3}
	}
	return g
}

func TestLayers(t *testing.T) {
	l := func(weight, bias string, norm container.Norm) container.Layer {
		return container.Layer{Weight: weight, Bias: bias, Norm: norm}
	}
	none := container.Norm{}
	for name, c := range map[string]struct {
		nodes []string
		want  []container.Layer
	}{
		"a bias that is added": {[]string{"conv x w > a", "add b a > y"}, []container.Layer{l("w", "b", none)}},
		"a bias, and one more": {[]string{"conv x w b > a", "add a c > y"},
			[]container.Layer{l("w", "b", container.Norm{Shift: "c"})}},
		"all parts": {[]string{"dense x w > 1", "add 1 b > 2", "sub 2 m > 3", "div 3 d > 4", "mul s 4 > 5",
			"add 5 c > y"}, []container.Layer{l("w", "b", container.Norm{Mean: "m", Deviation: "d", Scale: "s",
			Shift: "c"})}},
		"swapped": {[]string{"conv x w > 1", "sub m 1 > y"}, []container.Layer{l("w", "", none)}},
		"scale, then mean": {[]string{"conv x w > 1", "mul 1 s > 2", "sub 2 m > y"},
			[]container.Layer{l("w", "", container.Norm{Scale: "s"})}},
		"two normalisations": {[]string{"conv x w > 1", "norm 1 s b m d > 2", "norm 2 s b m d > 3"},
			[]container.Layer{l("w", "", container.Norm{Scale: "s", Shift: "b", Mean: "m", Variance: "d"})}},
		"behind something else": {[]string{"conv x w > 1", "relu 1 > 2", "norm 2 s b m d > 3"},
			[]container.Layer{l("w", "", none)}},
		"used twice": {[]string{"conv x w > 1", "norm 1 s b m d > 2", "add 1 2 > y"},
			[]container.Layer{l("w", "", none)}},
		"through copies": {[]string{"same w > u", "reshape s > t", "conv x u > 1", "same 1 > 2", "mul 2 t > y"},
			[]container.Layer{l("w", "", container.Norm{Scale: "s"})}},
		"not through a new shape": {[]string{"dense x w > 1", "reshape 1 > 2", "mul 2 s > y"},
			[]container.Layer{l("w", "", none)}},
		"a computed weight": {[]string{"mul w s > u", "conv x u > y"}, []container.Layer{l("", "", none)}},
		"a computed bias":   {[]string{"mul b s > u", "conv x w u > y"}, []container.Layer{l("", "", none)}},
		"no weight":         {[]string{"relu x > 1", "dense x 1 > y"}, nil},
		"out of order": {[]string{"conv 1 w > y", "conv x v > 1"}, []container.Layer{l("v", "", none),
			l("w", "", none)}},
		"a circle": {[]string{"conv y w > x", "conv x v > y"}, []container.Layer{l("v", "", none),
			l("w", "", none)}},
		"its own input": {[]string{"conv x w > x", "same x > x"}, []container.Layer{l("w", "", none)}},
	} {
		if got, _ := graph(c.nodes, "w v b c s m d").Layers(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// A constant in a row along the width of a picture is not one for each channel.
func TestLayersWithShapes(t *testing.T) {
	for _, c := range []struct {
		shape []int
		last  bool
		want  bool
	}{
		{[]int{1, 3, 1, 1}, false, true}, {[]int{3, 1, 1}, false, true}, {[]int{3}, false, false},
		{[]int{1, 1, 1, 3}, false, false}, {[]int{1, 1, 1, 3}, true, true}, {[]int{3}, true, true},
		{[]int{3, 1, 1}, true, false}, {nil, false, true},
	} {
		g := graph([]string{"conv x w > 1", "mul 1 s > y"}, "w s")
		g.Constants["s"] = Constant{Tensor: "s", Shape: c.shape, Count: 3}
		g.ChannelsLast = c.last
		if layers, _ := g.Layers(); (layers[0].Norm.Scale == "s") != c.want {
			t.Errorf("%v: %+v", c, layers)
		}
	}
	g := graph([]string{"conv x w > 1", "mul 1 s > y"}, "w")
	for count, want := range map[int64]bool{1: true, 2: false, 3: true, 4: false} {
		g.Constants["s"] = Constant{Tensor: "s", Count: count}
		if layers, _ := g.Layers(); (layers[0].Norm.Scale == "s") != want {
			t.Errorf("%d numbers: %+v", count, layers)
		}
	}
}

func TestBefore(t *testing.T) {
	_, before := graph([]string{"sub x m > 1", "same 1 > 2", "div c 2 > 3", "gather 3 i > 4", "conv 4 w > y",
		"mul y s > z"}, "w m c i s").Layers()
	want := []container.Step{{Kind: container.SubtractStep, Op: "sub", Tensor: "m"},
		{Kind: container.DivideStep, Op: "div", Tensor: "c", Swapped: true},
		{Op: "gather", Tensor: "i"}}
	if !slices.Equal(before, want) {
		t.Errorf("%+v, want %+v", before, want)
	}
}
