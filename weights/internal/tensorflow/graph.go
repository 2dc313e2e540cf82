package tensorflow

import (
	"fmt"
	"math"
	"slices"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// Graphs are frozen graphs (the message GraphDef of tensorflow/core/framework/graph.proto), in which the
// parameters are nodes of the operation Const. Kernels are H, W, I, O.

// The fields of GraphDef and of NodeDef.
var (
	graphFields = protobuf.SchemaOf([]int{3}, []int{1, 2, 4})
	nodeFields  = protobuf.SchemaOf(nil, []int{1, 2, 3, 4, 5, 6, 7})
)

// IsGraph looks at the first node, which begins with its name and its operation.
func IsGraph(head []byte, _ int64) bool {
	nodes := graphFields.Starts(head)
	if len(nodes) == 0 || nodes[0].Number != 1 {
		return false
	}
	node := nodeFields.Starts(head[nodes[0].At:nodes[0].End])
	if len(node) < 2 || node[0].Number != 1 || node[1].Number != 2 {
		return false
	}
	for _, f := range node[:2] {
		at := nodes[0].At
		if f.Length() == 0 || !container.Printable(string(head[at+f.At:at+f.End])) {
			return false
		}
	}
	return true
}

// IsSavedModel distinguishes the message SavedModel, which is a version and a MetaGraphDef that begins with a
// message, from the ONNX file, whose second field is a name.
func IsSavedModel(head []byte) bool {
	fields := protobuf.SchemaOf([]int{1}, []int{2}).Starts(head)
	if len(fields) < 2 || fields[0].Number != 1 || fields[1].Number != 2 {
		return false
	}
	meta := head[fields[1].At:fields[1].End]
	return len(meta) > 0 && meta[0] == 0x0a && !container.Printable(string(meta))
}

// OpenGraph lists the constants of a graph.
func OpenGraph(path string, r container.Source, size int64) (*container.Container, error) {
	c := &container.Container{Closer: r, Format: "TensorFlow graph (.pb)"}
	p := scanner{protobuf.New(path, r, size)}
	net := newNetwork()
	err := p.Each(p.Whole(), func(f protobuf.Field) error {
		if f.Number != 1 { // node
			return nil
		}
		message, err := p.Message(f)
		if err != nil {
			return err
		}
		n, err := p.node(message)
		switch {
		case err != nil:
			return err
		case n.op != "Const":
			return net.add(p, n)
		case n.name == "":
			return p.Wrong("none", "a name for every constant")
		case n.value == nil:
			return p.Of(n.name).Wrong("none", "the value of a constant")
		}
		e, err := p.tensorProto(*n.value, n.name)
		if err != nil {
			return err
		}
		if c.Tensors = append(c.Tensors, e); len(c.Tensors) > container.MaxTensors {
			return p.Wrong("more", fmt.Sprintf("at most %d constants", container.MaxTensors))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := net.finish(c); err != nil {
		return nil, err
	}
	frozen := func(l container.Layer) bool { return l.Weight != "" }
	if net.variables && !slices.ContainsFunc(c.Layers, frozen) {
		return nil, &container.UnsupportedError{File: path, Looks: "a TensorFlow graph that is not frozen",
			Advice: "its parameters are in a checkpoint: give that, such as the .index file beside it"}
	}
	for _, e := range c.Tensors {
		if e.DType.Decode != nil && len(e.Shape) > 0 {
			return c, nil
		}
	}
	return nil, &container.UnsupportedError{File: path, Looks: "a TensorFlow graph without parameters",
		Advice: "they are in a checkpoint: give that, or the graph with its variables frozen into it"}
}

// scanner reads the messages that graphs and checkpoints have in common.
type scanner struct{ *protobuf.Scanner }

// node is a NodeDef.
type node struct {
	name, op string
	inputs   []string
	attributes
}

// attributes are those of nodes that matter.
type attributes struct {
	value                   *protobuf.Span // of a constant
	epsilon                 float32
	transposed, firstTurned bool // of the second and the first matrix of a product
	channelsFirst           bool
	unscaled                bool // a normalisation that does not use its scale
}

// node reads a NodeDef.
func (p scanner) node(message protobuf.Span) (node, error) {
	n := node{attributes: attributes{epsilon: 1e-4}}
	return n, p.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			n.name, err = p.Text(f)
		case 2:
			n.op, err = p.Text(f)
		case 3:
			var input string
			input, err = p.Text(f)
			if n.inputs = append(n.inputs, input); err == nil && len(n.inputs) > container.MaxTensors {
				err = p.Of(n.name).Wrong("more", fmt.Sprintf("at most %d inputs", container.MaxTensors))
			}
		case 5: // attr, a map
			var pair protobuf.Span
			if pair, err = p.Message(f); err == nil {
				err = p.attr(pair, &n.attributes)
			}
		}
		return err
	})
}

// attr reads an entry of the map attr, and its AttrValue if it is one that matters.
func (p scanner) attr(pair protobuf.Span, a *attributes) error {
	var key string
	return p.Each(pair, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			key, err = p.Text(f)
		case 2:
			var v protobuf.Span
			if v, err = p.Message(f); err == nil {
				err = p.Each(v, func(f protobuf.Field) error { return p.attrValue(key, f, a) })
			}
		}
		return err
	})
}

// attrValue reads a field of the AttrValue of a key.
func (p scanner) attrValue(key string, f protobuf.Field, a *attributes) error {
	switch key {
	case "value":
		if f.Number == 8 { // tensor
			tensor, err := p.Message(f)
			a.value = &tensor
			return err
		}
	case "epsilon", "variance_epsilon":
		if f.Number == 4 { // f
			bits, err := p.Fixed(f)
			a.epsilon = math.Float32frombits(bits)
			return err
		}
	case "transpose_a":
		a.firstTurned = f.Number == 5 && f.Value != 0 // b
	case "transpose_b":
		a.transposed = f.Number == 5 && f.Value != 0
	case "scale_after_normalization":
		a.unscaled = f.Number == 5 && f.Value == 0
	case "data_format":
		if f.Number == 2 { // s
			text, err := p.Text(f)
			a.channelsFirst = text == "NCHW"
			return err
		}
	}
	return nil
}

// numberType is a type of TensorFlow, and the field of a TensorProto that has such numbers one by one: 0 for
// types that no parameter has.
type numberType struct {
	dtype container.DType
	field int
}

// The types of DataType in tensorflow/core/framework/types.proto: parameters, and others.
var (
	floatTypes = map[uint64]numberType{
		1: {container.Float32LE, 5}, 2: {container.Float64LE, 6},
		14: {container.BFloat16LE, 13}, 19: {container.Float16LE, 13},
	}
	otherTypes = map[uint64]string{
		3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "text", 8: "complex64", 9: "int64", 10: "bool",
		11: "qint8", 12: "quint8", 13: "qint32", 15: "qint16", 16: "quint16", 17: "uint16",
		18: "complex128", 22: "uint32", 23: "uint64",
	}
)

// typeOf returns a type by its number.
func typeOf(kind uint64) numberType {
	if known, ok := floatTypes[kind]; ok {
		return known
	}
	name, ok := otherTypes[kind]
	if !ok {
		name = fmt.Sprintf("TensorFlow's type %d", kind)
	}
	return numberType{dtype: container.DType{Name: name}}
}

// tensorProto reads a TensorProto. Its numbers are in tensor_content, or in a field of their type, which may
// leave out those at the end that are like the last.
func (p scanner) tensorProto(message protobuf.Span, name string) (container.Tensor, error) {
	e := container.Tensor{Name: name, File: p.File}
	var kind uint64
	var raw *protobuf.Span
	fields := map[int]*protobuf.Numbers{5: {Size: 4}, 6: {Size: 8},
		13: {Size: 0}} // float_val, double_val, half_val
	if err := p.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1: // dtype
			kind, err = p.Number(f)
		case 2: // tensor_shape
			var shape protobuf.Span
			if shape, err = p.Message(f); err == nil {
				e.Shape, err = p.tensorShape(shape, name)
			}
		case 4: // tensor_content
			raw = new(protobuf.Span)
			*raw, err = p.Message(f)
		case 5, 6, 13:
			err = p.Add(fields[f.Number], name, f)
		}
		return err
	}); err != nil {
		return e, err
	}
	known := typeOf(kind)
	e.DType, e.Layout = known.dtype, container.TensorFlowLayout(len(e.Shape))
	if known.field == 0 {
		e.Open = container.NoBytes
		return e, nil
	}
	values := *fields[known.field]
	if raw == nil || raw.Length() == 0 {
		return e, p.Locate(&e, values, true)
	}
	if values.Count > 0 {
		return e, p.Of(name).Wrong("more than one", "one place with numbers")
	}
	values, err := p.Raw(*raw, name, e.DType)
	if err != nil {
		return e, err
	}
	return e, p.Locate(&e, values, false)
}

// tensorShape reads a TensorShapeProto.
func (p scanner) tensorShape(message protobuf.Span, name string) ([]int, error) {
	var shape []int
	return shape, p.Each(message, func(f protobuf.Field) error {
		switch f.Number {
		case 2: // dim
			if len(shape) == container.MaxDimensions {
				return p.Of(name).Wrong("more", fmt.Sprintf("at most %d dimensions", container.MaxDimensions))
			}
			dim, err := p.Message(f)
			if err != nil {
				return err
			}
			size := 0 // which is not written
			if err := p.Each(dim, func(f protobuf.Field) error {
				if f.Number != 1 {
					return nil
				}
				v, err := p.Number(f)
				if err == nil {
					size, err = p.Dimension(v)
				}
				return err
			}); err != nil {
				return err
			}
			shape = append(shape, size)
		case 3: // unknown_rank
			if f.Value != 0 {
				return p.Of(name).Wrong("an unknown one", "a shape")
			}
		}
		return nil
	})
}
