package tensorflow

import (
	"fmt"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/dataflow"
)

// kinds are the operations that matter to layers.
var kinds = map[string]dataflow.Kind{
	"Conv2D": dataflow.Conv, "MatMul": dataflow.Dense, "BiasAdd": dataflow.Add,
	"FusedBatchNorm": dataflow.Norm, "FusedBatchNormV2": dataflow.Norm, "FusedBatchNormV3": dataflow.Norm,
	"BatchNormWithGlobalNormalization": dataflow.Norm,
	"Add":                              dataflow.Add, "AddV2": dataflow.Add, "Sub": dataflow.Sub,
	"Mul": dataflow.Mul, "RealDiv": dataflow.Div, "Div": dataflow.Div,
	"Identity": dataflow.Same, "CheckNumerics": dataflow.Same, "Cast": dataflow.Same,
	"StopGradient": dataflow.Same, "Reshape": dataflow.Reordered, "Squeeze": dataflow.Reordered,
	"ExpandDims": dataflow.Reordered, "Transpose": dataflow.Reordered,
}

// variables are the operations whose numbers are in a checkpoint.
var variables = map[string]bool{"Variable": true, "VariableV2": true, "VarHandleOp": true}

// quantised are the operations on numbers of 8 bits.
var quantised = map[string]bool{"Dequantize": true, "QuantizedConv2D": true, "QuantizedMatMul": true,
	"QuantizeV2": true}

// maxInputs bounds how many inputs all nodes have.
const maxInputs = 1 << 18

// network is what a graph computes.
type network struct {
	graph     dataflow.Graph
	inputs    int
	variables bool            // some numbers are in a checkpoint
	turned    map[string]bool // values that are matrices of outputs x inputs
}

func newNetwork() *network {
	return &network{graph: dataflow.Graph{ChannelsLast: true, Constants: map[string]dataflow.Constant{}},
		turned: map[string]bool{}}
}

// add appends a node.
func (n *network) add(p scanner, from node) error {
	if quantised[from.op] {
		return &container.UnsupportedError{File: p.File, Looks: "a quantised TensorFlow graph, with numbers of 8 bits",
			Advice: "take the graph that it was made from, with numbers of 32 bits"}
	}
	n.variables = n.variables || variables[from.op]
	to := dataflow.Node{Kind: kinds[from.op], Op: from.op, Epsilon: float64(from.epsilon),
		Outputs: []string{from.name}}
	for _, input := range from.inputs {
		if !strings.HasPrefix(input, "^") { // which says that something comes first
			to.Inputs = append(to.Inputs, strings.TrimSuffix(input, ":0"))
		}
	}
	if n.inputs += len(to.Inputs); n.inputs > maxInputs || len(n.graph.Nodes) == container.MaxTensors {
		return p.Wrong("more", fmt.Sprintf("at most %d nodes, with %d inputs", container.MaxTensors, maxInputs))
	}
	switch to.Kind {
	case dataflow.Conv:
		n.graph.ChannelsLast = n.graph.ChannelsLast && !from.channelsFirst
	case dataflow.Dense:
		if from.firstTurned {
			to.Kind = dataflow.Other
		} else if from.transposed && len(to.Inputs) > 1 {
			n.turned[to.Inputs[1]] = true
		}
	case dataflow.Norm:
		if from.op == "BatchNormWithGlobalNormalization" && len(to.Inputs) == 5 { // x, mean, variance, shift, scale
			i := to.Inputs
			to.Inputs = []string{i[0], i[4], i[3], i[1], i[2]}
			if from.unscaled {
				to.Inputs[1] = ""
			}
		}
	}
	n.graph.Nodes = append(n.graph.Nodes, to)
	return nil
}

// finish lists the layers of a file whose constants are known.
func (n *network) finish(c *container.Container) error {
	byName := map[string]*container.Tensor{}
	for i := range c.Tensors {
		t := &c.Tensors[i]
		byName[t.Name] = t
		n.graph.Constants[t.Name] = dataflow.Constant{Tensor: t.Name, Shape: t.Shape, Count: t.Count()}
	}
	n.graph.Outputs = func(weight string) int64 {
		t := byName[weight]
		if t == nil || len(t.Shape) == 0 {
			return 0
		}
		if t.Layout == container.OI {
			return int64(t.Shape[0])
		}
		return int64(t.Shape[len(t.Shape)-1])
	}
	n.graph.Spread()
	for value := range n.turned {
		if t := byName[n.graph.Constants[value].Tensor]; t != nil && t.Layout == container.IO {
			t.Layout = container.OI
		}
	}
	n.graph.Describe(c)
	c.Unread = n.unread(c.Tensors)
	return nil
}

// unread lists the tensors that no operation on the picture reads, directly or by way of operations on
// constants alone: tools that rewrite graphs leave what they have folded.
func (n *network) unread(tensors []container.Tensor) []string {
	nodes := n.graph.Nodes
	maker := map[string]int{}
	for i := range nodes {
		maker[nodes[i].Outputs[0]] = i
	}
	of := func(value string) (name string, i int, ok bool) { // the node that makes a value, if it is no constant
		name, _, _ = strings.Cut(value, ":")
		i, ok = maker[name]
		return name, i, ok
	}
	fixed := make([]bool, len(nodes)) // nodes that depend on no picture
	for _, i := range n.graph.Spread() {
		fixed[i] = len(nodes[i].Inputs) > 0
		for _, input := range nodes[i].Inputs {
			_, from, ok := of(input)
			fixed[i] = fixed[i] && (!ok || fixed[from])
		}
	}
	read := map[string]bool{}
	var follow []string
	for i := range nodes {
		if !fixed[i] {
			follow = append(follow, nodes[i].Inputs...)
		}
	}
	for len(follow) > 0 {
		name, i, ok := of(follow[len(follow)-1])
		follow = follow[:len(follow)-1]
		if ok && fixed[i] && !read[name] {
			follow = append(follow, nodes[i].Inputs...)
		}
		read[name] = true
	}
	var all []string
	for i := range tensors {
		if name := tensors[i].Name; !read[name] {
			all = append(all, name)
		}
	}
	if len(all) == len(tensors) { // the graph says nothing
		return nil
	}
	return all
}
