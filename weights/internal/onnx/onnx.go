// Package onnx reads models of the Open Neural Network Exchange (onnx.proto): a graph of nodes, and tensors
// that they read by name.
package onnx

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// folder closes the folder of the file too, which is open if there are tensors in other files.
type folder struct {
	io.Closer
	root *os.Root // or nil
}

func (f *folder) Close() error {
	if f.root != nil {
		f.root.Close()
	}
	return f.Closer.Close()
}

// modelProto are the fields of ModelProto.
var modelProto = protobuf.SchemaOf([]int{1, 5}, []int{2, 3, 4, 6, 7, 8, 14, 20, 25, 26})

// Is looks at the fields that a model has, the version of the format first. A SavedModel of TensorFlow begins
// so too.
func Is(head []byte, _ int64) bool {
	fields := modelProto.Starts(head)
	return len(fields) > 1 && fields[0].Number == 1 && fields[0].Value < 1<<16
}

// Open lists the tensors of a model in the order in which nodes use them.
func Open(path string, r container.Source, size int64) (_ *container.Container, err error) {
	o := &folder{Closer: r}
	c := &container.Container{Closer: o, Format: "ONNX model"}
	defer func() {
		if err != nil && o.root != nil {
			o.root.Close()
		}
	}()
	g := graph{Scanner: protobuf.New(path, r, size), tensors: map[string]*tensor{}}
	if err := g.Each(g.Whole(), func(f protobuf.Field) error {
		if f.Number != 7 {
			return nil
		}
		graph, err := g.Message(f)
		if err != nil {
			return err
		}
		return g.Each(graph, g.field)
	}); err != nil {
		return nil, err
	}
	if len(g.order) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "an ONNX file without tensors"}
	}
	names, err := g.inOrderOfUse()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t := g.tensors[name]
		e := container.Tensor{Name: t.name, Shape: t.shape, Layout: t.layout, DType: t.dtype, File: path}
		switch {
		case t.dtype.Decode == nil:
			e.Open = container.NoBytes
		case t.external == nil:
			err = g.Lay(&e, t.numbers, false)
		default:
			if o.root == nil {
				if o.root, err = os.OpenRoot(filepath.Dir(path)); err != nil {
					return nil, container.In(path).Unreadable(err)
				}
			}
			err = t.external.lay(&e, o.root, path)
		}
		if err != nil {
			return nil, err
		}
		c.Tensors = append(c.Tensors, e)
	}
	return c, nil
}

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

// tensor is a TensorProto.
type tensor struct {
	name     string
	shape    []int
	layout   container.Layout
	dtype    container.DType
	numbers  protobuf.Numbers
	external *external // where the numbers are if they are in another file
}

// floatType is a type of floating-point number, and the field of a TensorProto that has such numbers if they
// are not raw.
type floatType struct {
	dtype container.DType
	field int
}

// The types of TensorProto.DataType: parameters, and others.
var (
	floatTypes = map[uint64]floatType{
		1: {container.Float32LE, 4}, 10: {container.Float16LE, 5},
		11: {container.Float64LE, 10}, 16: {container.BFloat16LE, 5},
	}
	otherTypes = map[uint64]string{
		2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
		12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128",
		17: "8-bit float (E4M3)", 18: "8-bit float (E4M3FNUZ)",
		19: "8-bit float (E5M2)", 20: "8-bit float (E5M2FNUZ)",
		21: "uint4", 22: "int4", 23: "4-bit float", 24: "8-bit float (E8M0)", 25: "uint2", 26: "int2",
	}
)

func (g *graph) readTensor(message protobuf.Span) (*tensor, error) {
	t := new(tensor)
	var kind uint64
	var raw *protobuf.Span
	var elsewhere external
	fields := map[int]*protobuf.Numbers{4: {Size: 4}, 5: {Size: 0},
		10: {Size: 8}} // float_data, int32_data, double_data
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1: // dims
			t.shape, err = g.Dimensions(t.shape, f)
		case 2: // data_type
			kind, err = g.Number(f)
		case 3: // segment
			err = g.Of(t.name).Wrong("one in segments", "a whole tensor")
		case 4, 5, 10:
			err = g.Add(fields[f.Number], t.name, f)
		case 8: // name
			t.name, err = g.Text(f)
		case 9: // raw_data
			raw = new(protobuf.Span)
			*raw, err = g.Message(f)
		case 13: // external_data
			var pair protobuf.Span
			if pair, err = g.Message(f); err == nil {
				err = g.externalData(pair, &elsewhere)
			}
		case 14: // data_location
			var location uint64
			if location, err = g.Number(f); location == 1 {
				t.external = &elsewhere
			}
		}
		return err
	}); err != nil {
		return nil, err
	}
	t.layout = container.TorchLayout(len(t.shape))
	known, ok := floatTypes[kind]
	if !ok {
		if t.dtype.Name = otherTypes[kind]; t.dtype.Name == "" {
			return nil, g.Of(t.name).Wrong(fmt.Sprintf("%d", kind), "a type of number that the format has")
		}
		return t, nil
	}
	t.dtype = known.dtype
	sources := 0
	for _, number := range []int{4, 5, 10} {
		if fields[number].Count > 0 {
			sources++
			if number != known.field {
				return nil, g.Of(t.name).Wrong(fmt.Sprintf("them in field %d", number),
					fmt.Sprintf("numbers of type %s in field %d", t.dtype.Name, known.field))
			}
		}
	}
	t.numbers = *fields[known.field]
	if raw != nil {
		sources++
		var err error
		if t.numbers, err = g.Raw(*raw, t.name, t.dtype); err != nil {
			return nil, err
		}
	}
	if t.external != nil {
		sources++
	}
	if sources > 1 {
		return nil, g.Of(t.name).Wrong("more than one", "one place with numbers")
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
func (g *graph) externalData(message protobuf.Span, x *external) error {
	var key, value string
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			key, err = g.Text(f)
		case 2:
			value, err = g.Text(f)
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

func (g *graph) place(text string) (int64, error) {
	v, err := strconv.ParseUint(text, 10, 48)
	if err != nil {
		return 0, g.Wrong(fmt.Sprintf("%q", text), "a place in another file")
	}
	return int64(v), nil
}

// lay makes e's bytes those in the other file, which has to lie beside the model: a model that comes from
// somewhere else must not have others of the user's files read (CVE-2022-25882, CVE-2024-27318), by a link
// neither (CVE-2026-27489).
func (x *external) lay(e *container.Tensor, root *os.Root, path string) error {
	n, ok := container.Product(e.Shape)
	size := n * int64(e.DType.Size)
	switch {
	case slices.Contains(e.Shape, 0):
		size = 0
	case !ok:
		return e.BadShape()
	}
	switch {
	case !filepath.IsLocal(x.location) || x.location == "." || strings.ContainsAny(x.location, "/\\:\x00"):
		return container.In(path).Of(e.Name).Wrong(fmt.Sprintf("%q", x.location),
			"the name of a file beside the model")
	case x.length != 0 && x.length != size:
		return container.In(path).Of(e.Name).Wrong(fmt.Sprintf("%d bytes", x.length),
			fmt.Sprintf("%d for the shape %s", size, container.By(e.Shape)))
	}
	dir, tensor, location, offset := filepath.Dir(path), e.Name, x.location, x.offset
	e.File = filepath.Join(dir, location)
	e.Open = func() (io.ReadCloser, error) {
		r, have, err := openBeside(root, dir, location, tensor)
		if err != nil {
			return nil, err
		}
		if offset > have || size > have-offset {
			r.Close()
			return nil, container.In(filepath.Join(dir, location)).Of(tensor).Truncated(have, offset+size)
		}
		return struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(r, offset, size), r}, nil
	}
	r, err := e.Open()
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
		return nil, 0, container.In(full).Of(tensor).Unreadable(err)
	}
	odd := container.In(full).Of(tensor).Wrong("a link or something else", "a file")
	if !before.Mode().IsRegular() {
		return nil, 0, odd
	}
	r, size, err := container.OpenRegular(root, dir, file, tensor)
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
