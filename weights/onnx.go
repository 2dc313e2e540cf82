package weights

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// onnx is a model of the Open Neural Network Exchange (onnx.proto): a graph of nodes, and tensors that they read
// by name.
type onnx struct {
	io.Closer
	root *os.Root // the folder of the file, if it has tensors in other files
	all  []entry
}

func (o *onnx) format() string   { return "ONNX model" }
func (o *onnx) entries() []entry { return o.all }

func (o *onnx) Close() error {
	if o.root != nil {
		o.root.Close()
	}
	return o.Closer.Close()
}

// modelProto are the fields of ModelProto.
var modelProto = schema{
	1: wireVarint, 2: wireBytes, 3: wireBytes, 4: wireBytes, 5: wireVarint, 6: wireBytes, 7: wireBytes, 8: wireBytes,
	14: wireBytes, 20: wireBytes, 25: wireBytes, 26: wireBytes,
}

// isONNX goes by the fields that a model has, the version of the format first.
func isONNX(head []byte, _ int64) bool {
	fields := modelProto.starts(head)
	return len(fields) > 1 && fields[0].number == 1 && fields[0].value < 1<<16 && !isSavedModel(head)
}

func openONNX(path string, r source, size int64) (_ container, err error) {
	o := &onnx{Closer: r}
	defer func() {
		if err != nil && o.root != nil {
			o.root.Close()
		}
	}()
	g := onnxGraph{protobuf: newProtobuf(path, r, size), tensors: map[string]*onnxTensor{}}
	if err := g.each(g.whole(), func(f field) error {
		if f.number != 7 {
			return nil
		}
		graph, err := g.message(f)
		if err != nil {
			return err
		}
		return g.each(graph, g.field)
	}); err != nil {
		return nil, err
	}
	if len(g.order) == 0 {
		return nil, &UnsupportedError{File: path, Looks: "an ONNX file without tensors"}
	}
	names, err := g.inOrderOfUse()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t := g.tensors[name]
		e := entry{name: t.name, shape: t.shape, layout: t.layout, dtype: t.dtype, file: path}
		switch {
		case t.dtype.decode == nil:
			e.open = noBytes
		case t.external == nil:
			err = g.lay(&e, t.numbers, false)
		default:
			if o.root == nil {
				if o.root, err = os.OpenRoot(filepath.Dir(path)); err != nil {
					return nil, &ReadError{path, "", err}
				}
			}
			err = t.external.lay(&e, o.root, path)
		}
		if err != nil {
			return nil, err
		}
		o.all = append(o.all, e)
	}
	return o, nil
}

// onnxGraph is what is read of a GraphProto.
type onnxGraph struct {
	*protobuf
	tensors map[string]*onnxTensor
	order   []string // their names, as the file has them
	nodes   []onnxNode
}

// onnxNode is a node that has parameters among what it reads.
type onnxNode struct {
	op     string
	inputs []string
	transB bool
}

// maxOperands is how many inputs of a node are kept: batch normalisation has five.
const maxOperands = 5

// onnxParameters are the operations with parameters.
var onnxParameters = []string{"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"}

// onnxQuantised are operations on whole numbers in place of floats.
var onnxQuantised = []string{
	"QLinearConv", "QLinearMatMul", "QLinearAdd", "QGemm", "ConvInteger", "MatMulInteger", "DequantizeLinear", "QuantizeLinear",
	"DynamicQuantizeLinear",
}

func (g *onnxGraph) quantised() error {
	return &UnsupportedError{File: g.path, Looks: "a quantised ONNX model, with numbers of 8 bits",
		Advice: "take the model that it was made from, with numbers of 32 bits, such as vgg16-12.onnx for vgg16-12-int8.onnx"}
}

func (g *onnxGraph) field(f field) error {
	if f.number != 1 && f.number != 5 { // node, initializer
		return nil
	}
	message, err := g.message(f)
	switch {
	case err != nil:
		return err
	case f.number == 1:
		return g.node(message)
	}
	return g.tensor(message, "")
}

// tensor reads a TensorProto. name is that which it goes by in place of its own, unless that is empty.
func (g *onnxGraph) tensor(message span, name string) error {
	t, err := g.readTensor(message)
	if err != nil {
		return err
	}
	if name != "" {
		t.name = name
	}
	switch {
	case t.name == "":
		return g.wrong("", "none", "a name for every tensor")
	case g.tensors[t.name] != nil:
		return g.wrong(t.name, "another of the same name", "one tensor of each name")
	case len(g.order) == maxTensors:
		return g.wrong("", "more", fmt.Sprintf("at most %d tensors", maxTensors))
	}
	g.tensors[t.name] = t
	g.order = append(g.order, t.name)
	return nil
}

// node reads a NodeProto, and keeps it if it has parameters. One that stands for a constant is a tensor.
func (g *onnxGraph) node(message span) error {
	var n onnxNode
	var output string
	var constant *span
	if err := g.each(message, func(f field) (err error) {
		switch f.number {
		case 1: // input
			if len(n.inputs) < maxOperands {
				var name string
				name, err = g.text(f)
				n.inputs = append(n.inputs, name)
			}
		case 2: // output
			if output == "" {
				output, err = g.text(f)
			}
		case 4: // op_type
			n.op, err = g.text(f)
		case 5: // attribute
			var attribute span
			if attribute, err = g.message(f); err == nil {
				err = g.attribute(attribute, &n, &constant)
			}
		}
		return err
	}); err != nil {
		return err
	}
	switch {
	case slices.Contains(onnxQuantised, n.op):
		return g.quantised()
	case n.op == "Constant" && constant != nil:
		return g.tensor(*constant, output)
	case !slices.Contains(onnxParameters, n.op):
		return nil
	case len(g.nodes) == maxTensors:
		return g.wrong("", "more", fmt.Sprintf("at most %d nodes with parameters", maxTensors))
	}
	g.nodes = append(g.nodes, n)
	return nil
}

// attribute reads an AttributeProto: transB of a node, and the value of a constant.
func (g *onnxGraph) attribute(message span, n *onnxNode, constant **span) error {
	var name string
	var i uint64
	var tensor *span
	if err := g.each(message, func(f field) (err error) {
		switch f.number {
		case 1:
			name, err = g.text(f)
		case 3:
			i, err = g.number(f)
		case 5:
			var t span
			t, err = g.message(f)
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

// inOrderOfUse returns the names of all tensors: those that nodes have as parameters in the order of the nodes, which
// is that of the computation, and then the rest. It sets the parameters' layouts, and refuses whole numbers among
// them.
func (g *onnxGraph) inOrderOfUse() ([]string, error) {
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
					t.layout = IO
				}
			}
			if slices.Contains(eightBits, t.dtype.name) {
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

// onnxTensor is a TensorProto.
type onnxTensor struct {
	name     string
	shape    []int
	layout   Layout
	dtype    dtype
	numbers  numbers
	external *external // where the numbers are if they are in another file
}

// onnxType is a type of number, and the field of a TensorProto that has such numbers if they are not raw.
type onnxType struct {
	dtype dtype
	field int
}

// onnxTypes are the types of TensorProto.DataType. Those without a field are no parameters.
var onnxTypes = map[uint64]onnxType{
	1: {float32LE, 4}, 10: {float16LE, 5}, 11: {float64LE, 10}, 16: {bfloat16LE, 5},
	2: {dtype{name: "uint8"}, 0}, 3: {dtype{name: "int8"}, 0}, 4: {dtype{name: "uint16"}, 0}, 5: {dtype{name: "int16"}, 0},
	6: {dtype{name: "int32"}, 0}, 7: {dtype{name: "int64"}, 0}, 8: {dtype{name: "text"}, 0}, 9: {dtype{name: "bool"}, 0},
	12: {dtype{name: "uint32"}, 0}, 13: {dtype{name: "uint64"}, 0}, 14: {dtype{name: "complex64"}, 0}, 15: {dtype{name: "complex128"}, 0},
	17: {dtype{name: "8-bit float (E4M3)"}, 0}, 18: {dtype{name: "8-bit float (E4M3FNUZ)"}, 0}, 19: {dtype{name: "8-bit float (E5M2)"}, 0},
	20: {dtype{name: "8-bit float (E5M2FNUZ)"}, 0}, 21: {dtype{name: "uint4"}, 0}, 22: {dtype{name: "int4"}, 0}, 23: {dtype{name: "4-bit float"}, 0},
	24: {dtype{name: "8-bit float (E8M0)"}, 0}, 25: {dtype{name: "uint2"}, 0}, 26: {dtype{name: "int2"}, 0},
}

func (g *onnxGraph) readTensor(message span) (*onnxTensor, error) {
	t := new(onnxTensor)
	var kind uint64
	var raw *span
	var elsewhere external
	fields := map[int]*numbers{4: {size: 4}, 5: {size: 0}, 10: {size: 8}} // float_data, int32_data, double_data
	if err := g.each(message, func(f field) (err error) {
		switch f.number {
		case 1: // dims
			t.shape, err = g.dimensions(t.shape, f)
		case 2: // data_type
			kind, err = g.number(f)
		case 3: // segment
			err = g.wrong(t.name, "one in segments", "a whole tensor")
		case 4, 5, 10:
			err = g.add(fields[f.number], t.name, f)
		case 8: // name
			t.name, err = g.text(f)
		case 9: // raw_data
			raw = new(span)
			*raw, err = g.message(f)
		case 13: // external_data
			var pair span
			if pair, err = g.message(f); err == nil {
				err = g.externalData(pair, &elsewhere)
			}
		case 14: // data_location
			var location uint64
			if location, err = g.number(f); location == 1 {
				t.external = &elsewhere
			}
		}
		return err
	}); err != nil {
		return nil, err
	}
	known, ok := onnxTypes[kind]
	if !ok {
		return nil, g.wrong(t.name, fmt.Sprintf("%d", kind), "a type of number that the format has")
	}
	t.dtype, t.layout = known.dtype, usual(len(t.shape))
	if known.field == 0 {
		return t, nil
	}
	sources := 0
	for _, number := range []int{4, 5, 10} {
		if fields[number].count > 0 {
			sources++
			if number != known.field {
				return nil, g.wrong(t.name, fmt.Sprintf("them in field %d", number), fmt.Sprintf("numbers of type %s in field %d", t.dtype.name, known.field))
			}
		}
	}
	t.numbers = *fields[known.field]
	if raw != nil {
		sources++
		var err error
		if t.numbers, err = g.raw(*raw, t.name, t.dtype); err != nil {
			return nil, err
		}
	}
	if t.external != nil {
		sources++
	}
	if sources > 1 {
		return nil, g.wrong(t.name, "more than one", "one place with numbers")
	}
	return t, nil
}

// external says where a tensor's numbers are in another file.
type external struct {
	location string
	offset   int64
	length   int64 // 0 if unknown
}

// externalData reads a StringStringEntryProto.
func (g *onnxGraph) externalData(message span, x *external) error {
	var key, value string
	if err := g.each(message, func(f field) (err error) {
		switch f.number {
		case 1:
			key, err = g.text(f)
		case 2:
			value, err = g.text(f)
		}
		return err
	}); err != nil {
		return err
	}
	var err error
	switch key {
	case "location":
		x.location = value
	case "offset":
		x.offset, err = g.place(value)
	case "length":
		x.length, err = g.place(value)
	}
	return err
}

func (g *onnxGraph) place(text string) (int64, error) {
	v, err := strconv.ParseUint(text, 10, 48)
	if err != nil {
		return 0, g.wrong("", fmt.Sprintf("%q", text), "a place in another file")
	}
	return int64(v), nil
}

// lay makes e's bytes those in the other file, which has to lie beside the model: a model that comes from somewhere
// else must not have others of the user's files read (CVE-2022-25882, CVE-2024-27318), by a link neither
// (CVE-2026-27489).
func (x *external) lay(e *entry, root *os.Root, path string) error {
	n, ok := product(e.shape)
	size := n * int64(e.dtype.size)
	switch {
	case slices.Contains(e.shape, 0):
		size = 0
	case !ok:
		return &FormatError{path, e.name, "the shape " + by(e.shape), "sizes that a file can hold"}
	}
	switch {
	case !filepath.IsLocal(x.location) || x.location == "." || strings.ContainsAny(x.location, "/\\:\x00"):
		return &FormatError{path, e.name, fmt.Sprintf("%q", x.location), "the name of a file beside the model"}
	case x.length != 0 && x.length != size:
		return &FormatError{path, e.name, fmt.Sprintf("%d bytes", x.length), fmt.Sprintf("%d for the shape %s", size, by(e.shape))}
	}
	dir, tensor, location, offset := filepath.Dir(path), e.name, x.location, x.offset
	e.file = filepath.Join(dir, location)
	e.open = func() (io.ReadCloser, error) {
		r, have, err := openBeside(root, dir, location, tensor)
		if err != nil {
			return nil, err
		}
		if offset > have || size > have-offset {
			r.Close()
			return nil, &TruncatedError{filepath.Join(dir, location), tensor, have, offset + size}
		}
		return struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(r, offset, size), r}, nil
	}
	r, err := e.open()
	if err != nil {
		return err
	}
	return r.Close()
}

// openBeside opens a file in the folder that is one itself, and not a link.
func openBeside(root *os.Root, dir, file, tensor string) (*os.File, int64, error) {
	full := filepath.Join(dir, file)
	before, err := root.Lstat(file)
	if err != nil {
		return nil, 0, &ReadError{full, tensor, err}
	}
	odd := &FormatError{full, tensor, "a link or something else", "a file"}
	if !before.Mode().IsRegular() {
		return nil, 0, odd
	}
	r, size, err := openRegular(root, dir, file, tensor)
	if err != nil {
		return nil, 0, err
	}
	after, err := r.Stat()
	if err != nil || !os.SameFile(before, after) {
		r.Close()
		return nil, 0, odd
	}
	return r, size, nil
}
