package onnx

import (
	"slices"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/dataflow"
)

// kinds are the operations that matter to layers, with those that ONNX Runtime's optimiser makes of them
// (domain com.microsoft).
var kinds = map[string]dataflow.Kind{
	"Conv": dataflow.Conv, "ConvTranspose": dataflow.Conv, "FusedConv": dataflow.Conv,
	"Gemm": dataflow.Dense, "FusedGemm": dataflow.Dense, "MatMul": dataflow.Dense, "FusedMatMul": dataflow.Dense,
	"BatchNormalization": dataflow.Norm,
	"Add":                dataflow.Add, "Sub": dataflow.Sub, "Mul": dataflow.Mul, "Div": dataflow.Div,
	"Identity": dataflow.Same, "Cast": dataflow.Same, "Dropout": dataflow.Same,
	"CastLike": dataflow.Same,
	"Reshape":  dataflow.Reordered, "Transpose": dataflow.Reordered, "Unsqueeze": dataflow.Reordered,
	"Squeeze": dataflow.Reordered, "Flatten": dataflow.Reordered, "Expand": dataflow.Reordered,
}

// kind is what a node does. A node with a factor other than 1, or that adds another picture, counts as Other.
func (n *node) kind() dataflow.Kind {
	switch kind := kinds[n.op]; {
	case n.transA, n.alpha != 1, n.beta != 1 && len(n.inputs) > 2, n.perNumber:
		return dataflow.Other
	case n.op == "FusedConv" && len(n.inputs) > 3 && n.inputs[3] != "": // adds another picture
		return dataflow.Other
	default:
		return kind
	}
}

// dataflow returns the graph of operations.
func (g *graph) dataflow() *dataflow.Graph {
	d := &dataflow.Graph{Constants: map[string]dataflow.Constant{}}
	for name, t := range g.tensors {
		n, _ := container.Product(t.shape)
		d.Constants[name] = dataflow.Constant{Tensor: name, Shape: t.shape, Count: n}
	}
	for i := range g.nodes {
		n := &g.nodes[i]
		d.Nodes = append(d.Nodes, dataflow.Node{Kind: n.kind(), Op: n.op, Inputs: n.inputs, Outputs: n.outputs,
			Epsilon: float64(n.epsilon)})
	}
	d.Outputs = func(weight string) int64 {
		t := g.tensors[weight]
		if t == nil {
			return 0
		}
		for i, letter := range t.layout {
			if letter == 'O' && i < len(t.shape) {
				return int64(t.shape[i])
			}
		}
		return 0
	}
	return d
}

// source is the tensor that a value is made of by changing its order: dimension i of the value is order[i] of
// the tensor.
type source struct {
	tensor *tensor
	order  []int
}

// layouts finds out the layouts of parameters from how nodes use them, and refuses whole numbers among them.
func (g *graph) layouts() error {
	made := map[string]source{}
	from := func(value string) source {
		if t := g.tensors[value]; t != nil {
			return source{t, nil}
		}
		return made[value]
	}
	for i := range g.nodes {
		n := &g.nodes[i]
		if len(n.inputs) == 0 {
			continue
		}
		s, output := from(n.inputs[0]), ""
		if len(n.outputs) > 0 {
			output = n.outputs[0]
		}
		switch kinds[n.op] {
		case dataflow.Same:
			made[output] = s
		case dataflow.Reordered:
			switch {
			case n.op == "Transpose" && s.tensor != nil:
				made[output] = s.transposed(n.perm)
			case s.order == nil:
				made[output] = s
			}
		case dataflow.Conv, dataflow.Dense:
			if len(n.inputs) < 2 {
				continue
			}
			w := from(n.inputs[1])
			if w.tensor == nil {
				continue
			}
			if slices.Contains(eightBits, w.tensor.dtype.Name) {
				return g.quantised()
			}
			w.is(n.weightLayout(len(w.tensor.shape)))
		}
	}
	return nil
}

// weightLayout is the layout of the weight of a node, which has so many dimensions.
func (n *node) weightLayout(dimensions int) container.Layout {
	switch {
	case n.op == "ConvTranspose":
		return "" // I, O, H, W
	case kinds[n.op] == dataflow.Dense && dimensions == 2 && !n.transB:
		return container.IO
	}
	return container.TorchLayout(dimensions)
}

// transposed is the source of a value with the dimensions in another order: reversed if perm is nil.
func (s source) transposed(perm []int) source {
	dimensions := len(s.tensor.shape)
	order := make([]int, dimensions)
	for i := range order {
		at := dimensions - 1 - i
		if len(perm) == dimensions {
			at = perm[i]
		}
		if at >= dimensions {
			return source{}
		}
		if order[i] = at; s.order != nil {
			order[i] = s.order[at]
		}
	}
	return source{s.tensor, order}
}

// is sets the tensor's layout by that of the value.
func (s source) is(layout container.Layout) {
	if s.order == nil {
		s.tensor.layout = layout
		return
	}
	letters := make([]byte, len(s.order))
	for i, at := range s.order {
		if i < len(layout) {
			letters[at] = layout[i]
		}
	}
	if s.tensor.layout = container.Layout(letters); !s.tensor.layout.Known() {
		s.tensor.layout = ""
	}
}

// inOrderOfUse returns the names of all tensors: those that nodes use in the order of the nodes, which is that
// of the computation, and then the rest.
func (g *graph) inOrderOfUse() []string {
	var all []string
	used := map[string]bool{}
	add := func(names []string) {
		for _, name := range names {
			if g.tensors[name] != nil && !used[name] {
				used[name] = true
				all = append(all, name)
			}
		}
	}
	for i := range g.nodes {
		if kind := kinds[g.nodes[i].op]; kind != dataflow.Other && kind != dataflow.Reordered {
			add(g.nodes[i].inputs)
		}
	}
	add(g.order)
	return all
}

// eightBits are the types of quantised parameters.
var eightBits = []string{"uint8", "int8", "uint4", "int4", "uint2", "int2"}
