package onnx

import (
	"fmt"
	"math"
	"slices"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// graph is what is read of a GraphProto.
type graph struct {
	*protobuf.Scanner
	tensors map[string]*tensor
	order   []string // their names, as the file has them
	nodes   []node
	values  int // how many inputs and outputs the nodes have
}

// node is a NodeProto.
type node struct {
	op              string
	inputs, outputs []string
	attributes
}

// attributes are those of nodes that matter.
type attributes struct {
	transA, transB, perNumber bool
	alpha, beta               float32
	epsilon                   float32
	perm                      []int
	value                     *protobuf.Span // TensorProto of a constant
	numbers                   *tensor        // of a constant that is written as an attribute
}

// maxValues bounds how many inputs and outputs all nodes have.
const maxValues = 1 << 17

// quantisedOps are operations on whole numbers in place of floats.
var quantisedOps = []string{
	"QLinearConv", "QLinearMatMul", "QLinearAdd", "QGemm", "ConvInteger", "MatMulInteger",
	"DequantizeLinear", "QuantizeLinear", "DynamicQuantizeLinear",
}

func (g *graph) quantised() error {
	return &container.UnsupportedError{File: g.File, Looks: "a quantised ONNX model, with numbers of 8 bits",
		Advice: "take the model that it was made from, with numbers of 32 bits, such as vgg16-12.onnx for " +
			"vgg16-12-int8.onnx"}
}

func (g *graph) field(f protobuf.Field) error {
	if f.Number != 1 && f.Number != 5 { // node, initializer
		return nil
	}
	message, err := g.Message(f)
	switch {
	case err != nil:
		return err
	case f.Number == 1:
		return g.node(message)
	}
	return g.tensor(message, "")
}

// tensor reads a TensorProto. If name is not empty, it replaces the tensor's own.
func (g *graph) tensor(message protobuf.Span, name string) error {
	t, err := g.readTensor(message)
	if err != nil {
		return err
	}
	if name != "" {
		t.name = name
	}
	return g.addTensor(t)
}

func (g *graph) addTensor(t *tensor) error {
	switch {
	case t.name == "":
		return g.Wrong("none", "a name for every tensor")
	case g.tensors[t.name] != nil:
		return g.Of(t.name).Wrong("another of the same name", "one tensor of each name")
	case len(g.order) == container.MaxTensors:
		return g.Wrong("more", fmt.Sprintf("at most %d tensors", container.MaxTensors))
	}
	g.tensors[t.name] = t
	g.order = append(g.order, t.name)
	return nil
}

// node reads a NodeProto. A constant is a tensor.
func (g *graph) node(message protobuf.Span) error {
	n := node{attributes: attributes{alpha: 1, beta: 1, epsilon: 1e-5}}
	domain := ""
	name := func(list *[]string, f protobuf.Field) error {
		text, err := g.Text(f)
		*list = append(*list, text)
		if g.values++; err == nil && g.values > maxValues {
			err = g.Wrong("more", fmt.Sprintf("at most %d inputs and outputs of nodes", maxValues))
		}
		return err
	}
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1: // input
			err = name(&n.inputs, f)
		case 2: // output
			err = name(&n.outputs, f)
		case 4: // op_type
			n.op, err = g.Text(f)
		case 5: // attribute
			var attribute protobuf.Span
			if attribute, err = g.Message(f); err == nil {
				err = g.attribute(attribute, &n)
			}
		case 7: // domain
			domain, err = g.Text(f)
		}
		return err
	}); err != nil {
		return err
	}
	switch {
	case slices.Contains(quantisedOps, n.op):
		return g.quantised()
	case domain == blockedDomain:
		return &container.UnsupportedError{File: g.File,
			Looks: "an ONNX model that ONNX Runtime has rearranged for the processor that it ran on",
			Advice: "take the model that it was made from, or have it optimised at the level " +
				"ORT_ENABLE_EXTENDED, which keeps the order of the numbers"}
	case len(g.nodes) == container.MaxTensors:
		return g.Wrong("more", fmt.Sprintf("at most %d nodes", container.MaxTensors))
	case n.op == "Constant" && len(n.outputs) > 0 && n.value != nil:
		return g.tensor(*n.value, n.outputs[0])
	case n.op == "Constant" && len(n.outputs) > 0 && n.numbers != nil:
		n.numbers.name = n.outputs[0]
		return g.addTensor(n.numbers)
	}
	g.nodes = append(g.nodes, n)
	return nil
}

// blockedDomain is that of operations on channels in blocks of as many as the processor has at once, such as
// Conv on a kernel of OIHW8i8o.
const blockedDomain = "com.microsoft.nchwc"

// attribute reads an AttributeProto.
func (g *graph) attribute(message protobuf.Span, n *node) error {
	var name string
	var number float32
	var i uint64
	var whole []int
	floats := protobuf.Numbers{Size: 4}
	var value *protobuf.Span
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			name, err = g.Text(f)
		case 2: // f
			var bits uint32
			if bits, err = g.Fixed(f); err == nil {
				number = math.Float32frombits(bits)
				err = g.Add(&floats, "", f)
			}
		case 3:
			i, err = g.Number(f)
		case 5: // t
			value = new(protobuf.Span)
			*value, err = g.Message(f)
		case 7: // floats
			if name == "value_floats" {
				err = g.Add(&floats, "", f)
			}
		case 8: // ints
			if name == "perm" {
				whole, err = g.Dimensions(whole, f)
			}
		}
		return err
	}); err != nil {
		return err
	}
	switch name {
	case "transA":
		n.transA = i != 0
	case "transB":
		n.transB = i != 0
	case "spatial":
		n.perNumber = i == 0
	case "alpha":
		n.alpha = number
	case "beta":
		n.beta = number
	case "epsilon":
		n.epsilon = number
	case "perm":
		n.perm = whole
	case "value":
		n.value = value
	case "value_float":
		n.numbers = &tensor{dtype: container.Float32LE, numbers: floats}
	case "value_floats":
		n.numbers = &tensor{dtype: container.Float32LE, numbers: floats, shape: []int{int(floats.Count)},
			layout: container.O}
	}
	return nil
}
