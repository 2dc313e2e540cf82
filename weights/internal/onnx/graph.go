package onnx

import (
	"fmt"
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
}

// node is a node that has parameters among what it reads.
type node struct {
	op     string
	inputs []string
	transB bool
}

// maxOperands is how many inputs of a node are kept: batch normalisation has five.
const maxOperands = 5

// withParameters are the operations with parameters.
var withParameters = []string{"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"}

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

// node reads a NodeProto, and keeps it if it has parameters. A constant is a tensor.
func (g *graph) node(message protobuf.Span) error {
	var n node
	var output string
	var constant *protobuf.Span
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1: // input
			if len(n.inputs) < maxOperands {
				var name string
				name, err = g.Text(f)
				n.inputs = append(n.inputs, name)
			}
		case 2: // output
			if output == "" {
				output, err = g.Text(f)
			}
		case 4: // op_type
			n.op, err = g.Text(f)
		case 5: // attribute
			var attribute protobuf.Span
			if attribute, err = g.Message(f); err == nil {
				err = g.attribute(attribute, &n, &constant)
			}
		}
		return err
	}); err != nil {
		return err
	}
	switch {
	case slices.Contains(quantisedOps, n.op):
		return g.quantised()
	case n.op == "Constant" && constant != nil:
		return g.tensor(*constant, output)
	case !slices.Contains(withParameters, n.op):
		return nil
	case len(g.nodes) == container.MaxTensors:
		return g.Wrong("more", fmt.Sprintf("at most %d nodes with parameters", container.MaxTensors))
	}
	g.nodes = append(g.nodes, n)
	return nil
}

// attribute reads an AttributeProto: transB of a node, and the value of a constant.
func (g *graph) attribute(message protobuf.Span, n *node, constant **protobuf.Span) error {
	var name string
	var i uint64
	var tensor *protobuf.Span
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			name, err = g.Text(f)
		case 3:
			i, err = g.Number(f)
		case 5:
			var t protobuf.Span
			t, err = g.Message(f)
			tensor = &t
		}
		return err
	}); err != nil {
		return err
	}
	switch name {
	case "transB":
		n.transB = i != 0
	case "value":
		*constant = tensor
	}
	return nil
}

// inOrderOfUse returns the names of all tensors: those that nodes have as parameters in the order of the
// nodes, which is that of the computation, and then the rest. It sets the parameters' layouts, and refuses
// whole numbers among them.
func (g *graph) inOrderOfUse() ([]string, error) {
	var all []string
	used := map[string]bool{}
	for _, n := range g.nodes {
		for i, name := range n.inputs {
			t := g.tensors[name]
			if t == nil {
				continue
			}
			if !used[name] {
				used[name] = true
				all = append(all, name)
			}
			if i != 1 {
				continue
			}
			switch n.op {
			case "ConvTranspose":
				t.layout = "" // I, O, H, W
			case "MatMul", "Gemm":
				if len(t.shape) == 2 && !n.transB {
					t.layout = container.IO
				}
			}
			if slices.Contains(eightBits, t.dtype.Name) {
				return nil, g.quantised()
			}
		}
	}
	for _, name := range g.order {
		if !used[name] {
			all = append(all, name)
		}
	}
	return all, nil
}

// eightBits are the types of quantised parameters.
var eightBits = []string{"uint8", "int8", "uint4", "int4", "uint2", "int2"}
