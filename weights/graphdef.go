package weights

import (
	"fmt"
	"io"
)

// graphDef is a frozen graph of TensorFlow (the message GraphDef of tensorflow/core/framework/graph.proto), in which
// the parameters are nodes of the operation Const. Kernels are H, W, I, O.
type graphDef struct {
	io.Closer
	all []entry
}

func (g *graphDef) format() string   { return "TensorFlow graph (.pb)" }
func (g *graphDef) entries() []entry { return g.all }

// The fields of GraphDef and of NodeDef.
var (
	graphDefFields = schema{1: wireBytes, 2: wireBytes, 3: wireVarint, 4: wireBytes}
	nodeDefFields  = schema{1: wireBytes, 2: wireBytes, 3: wireBytes, 4: wireBytes, 5: wireBytes, 6: wireBytes, 7: wireBytes}
)

// isGraphDef goes by the first node, which begins with its name and its operation.
func isGraphDef(head []byte, _ int64) bool {
	nodes := graphDefFields.starts(head)
	if len(nodes) == 0 || nodes[0].number != 1 {
		return false
	}
	node := nodeDefFields.starts(head[nodes[0].at:nodes[0].end])
	if len(node) < 2 || node[0].number != 1 || node[1].number != 2 {
		return false
	}
	for _, f := range node[:2] {
		at := nodes[0].at
		if f.length() == 0 || !printable(string(head[at+f.at:at+f.end])) {
			return false
		}
	}
	return true
}

// isSavedModel tells the message SavedModel, which is a version and a MetaGraphDef that begins with a message, from
// the ONNX file whose second field is a name.
func isSavedModel(head []byte) bool {
	fields := schema{1: wireVarint, 2: wireBytes}.starts(head)
	if len(fields) < 2 || fields[0].number != 1 || fields[1].number != 2 {
		return false
	}
	meta := head[fields[1].at:fields[1].end]
	return len(meta) > 0 && meta[0] == 0x0a && !printable(string(meta))
}

func openGraphDef(path string, r source, size int64) (container, error) {
	g := &graphDef{Closer: r}
	p := newProtobuf(path, r, size)
	err := p.each(p.whole(), func(f field) error {
		if f.number != 1 { // node
			return nil
		}
		node, err := p.message(f)
		if err != nil {
			return err
		}
		e, ok, err := p.constant(node)
		if !ok || err != nil {
			return err
		}
		if g.all = append(g.all, e); len(g.all) > maxTensors {
			return p.wrong("", "more", fmt.Sprintf("at most %d constants", maxTensors))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, e := range g.all {
		if e.dtype.decode != nil && len(e.shape) > 0 {
			return g, nil
		}
	}
	return nil, &UnsupportedError{File: path, Looks: "a TensorFlow graph without parameters",
		Advice: "they are in a checkpoint: give that, or the graph with its variables frozen into it"}
}

// constant reads a NodeDef; ok is false if it is another operation.
func (p *protobuf) constant(node span) (e entry, ok bool, err error) {
	var name, op string
	var value *span
	if err := p.each(node, func(f field) (err error) {
		switch f.number {
		case 1:
			name, err = p.text(f)
		case 2:
			op, err = p.text(f)
		case 5: // attr, a map
			var pair span
			if pair, err = p.message(f); err == nil && op == "Const" {
				err = p.attr(pair, &value)
			}
		}
		return err
	}); err != nil {
		return e, false, err
	}
	switch {
	case op != "Const":
		return e, false, nil
	case name == "":
		return e, false, p.wrong("", "none", "a name for every constant")
	case value == nil:
		return e, false, p.wrong(name, "none", "the value of a constant")
	}
	e, err = p.tensorProto(*value, name)
	return e, true, err
}

// attr reads an entry of the map attr, and its AttrValue if it is the value of a constant.
func (p *protobuf) attr(pair span, value **span) error {
	var key string
	return p.each(pair, func(f field) (err error) {
		switch {
		case f.number == 1:
			key, err = p.text(f)
		case f.number == 2 && key == "value":
			var v span
			if v, err = p.message(f); err != nil {
				return err
			}
			return p.each(v, func(f field) error {
				if f.number != 8 { // tensor
					return nil
				}
				tensor, err := p.message(f)
				*value = &tensor
				return err
			})
		}
		return err
	})
}

// tfType is a type of TensorFlow, and the field of a TensorProto that has such numbers one by one.
type tfType struct {
	dtype dtype
	field int
}

// tfTypes are the types of DataType in tensorflow/core/framework/types.proto. Those without a field are no parameters.
var tfTypes = map[uint64]tfType{
	1: {float32LE, 5}, 2: {float64LE, 6}, 14: {bfloat16LE, 13}, 19: {float16LE, 13},
	3: {dtype{name: "int32"}, 0}, 4: {dtype{name: "uint8"}, 0}, 5: {dtype{name: "int16"}, 0}, 6: {dtype{name: "int8"}, 0},
	7: {dtype{name: "text"}, 0}, 8: {dtype{name: "complex64"}, 0}, 9: {dtype{name: "int64"}, 0}, 10: {dtype{name: "bool"}, 0},
	11: {dtype{name: "qint8"}, 0}, 12: {dtype{name: "quint8"}, 0}, 13: {dtype{name: "qint32"}, 0}, 15: {dtype{name: "qint16"}, 0},
	16: {dtype{name: "quint16"}, 0}, 17: {dtype{name: "uint16"}, 0}, 18: {dtype{name: "complex128"}, 0}, 22: {dtype{name: "uint32"}, 0},
	23: {dtype{name: "uint64"}, 0},
}

// tfTypeOf returns a type by its number.
func tfTypeOf(kind uint64) tfType {
	if known, ok := tfTypes[kind]; ok {
		return known
	}
	return tfType{dtype{name: fmt.Sprintf("TensorFlow's type %d", kind)}, 0}
}

// tensorProto reads a TensorProto. Its numbers are in tensor_content, or in a field of their type, which may leave out
// those at the end that are like the last.
func (p *protobuf) tensorProto(message span, name string) (entry, error) {
	e := entry{name: name, file: p.path}
	var kind uint64
	var raw *span
	fields := map[int]*numbers{5: {size: 4}, 6: {size: 8}, 13: {size: 0}} // float_val, double_val, half_val
	if err := p.each(message, func(f field) (err error) {
		switch f.number {
		case 1: // dtype
			kind, err = p.number(f)
		case 2: // tensor_shape
			var shape span
			if shape, err = p.message(f); err == nil {
				e.shape, err = p.tensorShape(shape, name)
			}
		case 4: // tensor_content
			raw = new(span)
			*raw, err = p.message(f)
		case 5, 6, 13:
			err = p.add(fields[f.number], name, f)
		}
		return err
	}); err != nil {
		return e, err
	}
	known := tfTypeOf(kind)
	e.dtype, e.layout = known.dtype, channelsLast(len(e.shape))
	if known.field == 0 {
		e.open = noBytes
		return e, nil
	}
	values := *fields[known.field]
	if raw == nil || raw.length() == 0 {
		return e, p.lay(&e, values, true)
	}
	if values.count > 0 {
		return e, p.wrong(name, "more than one", "one place with numbers")
	}
	values, err := p.raw(*raw, name, e.dtype)
	if err != nil {
		return e, err
	}
	return e, p.lay(&e, values, false)
}

// tensorShape reads a TensorShapeProto.
func (p *protobuf) tensorShape(message span, name string) ([]int, error) {
	var shape []int
	return shape, p.each(message, func(f field) error {
		switch f.number {
		case 2: // dim
			if len(shape) == maxDimensions {
				return p.wrong(name, "more", fmt.Sprintf("at most %d dimensions", maxDimensions))
			}
			dim, err := p.message(f)
			if err != nil {
				return err
			}
			size := 0 // which is not written
			if err := p.each(dim, func(f field) error {
				if f.number != 1 {
					return nil
				}
				v, err := p.number(f)
				if err == nil {
					size, err = p.dimension(v)
				}
				return err
			}); err != nil {
				return err
			}
			shape = append(shape, size)
		case 3: // unknown_rank
			if f.value != 0 {
				return p.wrong(name, "an unknown one", "a shape")
			}
		}
		return nil
	})
}
