// Package caffe reads trained networks of Caffe: the message NetParameter of caffe.proto, with the layers'
// parameters in blobs. Those of a layer are named after it: name.weight, name.bias, name.2 and so on.
package caffe

import (
	"fmt"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// netFields are the fields of NetParameter.
var netFields = protobuf.SchemaOf([]int{4, 5, 7}, []int{1, 2, 3, 6, 8, 100})

// Is looks at the fields that a network has: its name in letters, and layers.
func Is(head []byte, _ int64) bool {
	layers := false
	for _, f := range netFields.Starts(head) {
		if f.Number == 1 && !container.Printable(string(head[f.At:f.End])) {
			return false
		}
		layers = layers || f.Number == 2 || f.Number == 100
	}
	return layers
}

// layerFields says which fields a layer has its parts in: Caffe changed that in 2014 from V1LayerParameter to
// LayerParameter, and what it wrote before is still around.
type layerFields struct{ name, kind, blobs, bottom, top int }

// layers are the fields of NetParameter with layers.
var layers = map[int]layerFields{2: {4, 5, 6, 2, 3}, 100: {1, 2, 7, 3, 4}}

// Open lists the blobs of a network.
func Open(path string, r container.Source, size int64) (*container.Container, error) {
	c := &container.Container{Closer: r, Format: "Caffe model (.caffemodel)"}
	p := reader{protobuf.New(path, r, size)}
	net := newNetwork()
	err := p.Each(p.Whole(), func(f protobuf.Field) error {
		fields, ok := layers[f.Number]
		if !ok {
			return nil
		}
		layer, err := p.Message(f)
		if err != nil {
			return err
		}
		l, err := p.layer(layer, fields)
		if err != nil {
			return err
		}
		c.Tensors = append(c.Tensors, l.tensors...)
		if len(c.Tensors) > container.MaxTensors || len(net.graph.Nodes) > container.MaxTensors {
			return p.Wrong("more", fmt.Sprintf("at most %d tensors", container.MaxTensors))
		}
		net.add(l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(c.Tensors) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "a Caffe model without parameters"}
	}
	net.graph.Describe(c)
	return c, nil
}

// reader reads the messages of a network.
type reader struct{ *protobuf.Scanner }

// layer is a layer of a network.
type layer struct {
	name, kind   string // the kind as LayerParameter has it
	bottoms, top []string
	tensors      []container.Tensor
	options
}

// v1Kinds are the kinds of V1LayerParameter that matter.
var v1Kinds = map[uint64]string{4: "Convolution", 14: "InnerProduct", 39: "Deconvolution"}

// layer reads a layer with its parameters.
func (p reader) layer(message protobuf.Span, fields layerFields) (layer, error) {
	l := layer{options: standard}
	var blobs []blob
	name := func(list *[]string, f protobuf.Field) error {
		text, err := p.Text(f)
		if *list = append(*list, text); err == nil && len(*list) > maxEnds {
			err = p.Of(l.name).Wrong("more", fmt.Sprintf("at most %d inputs or outputs of a layer", maxEnds))
		}
		return err
	}
	err := p.Each(message, func(f protobuf.Field) (err error) {
		switch {
		case f.Number == fields.name:
			l.name, err = p.Text(f)
		case f.Number == fields.bottom:
			err = name(&l.bottoms, f)
		case f.Number == fields.top:
			err = name(&l.top, f)
		case f.Number == fields.kind && f.Wire == protobuf.VarintType:
			l.kind = v1Kinds[f.Value]
		case f.Number == fields.kind && fields.kind == 5: // where Caffe's successor has its arguments
			err = &container.UnsupportedError{File: p.File, Looks: "a network of Caffe2",
				Advice: "take it as an ONNX file, such as vgg19-caffe2-9.onnx"}
		case f.Number == fields.kind:
			l.kind, err = p.Text(f)
		case f.Number == fields.blobs:
			var b blob
			b, err = p.blob(f)
			blobs = append(blobs, b)
			if err == nil && len(blobs) > container.MaxTensors {
				err = p.Of(l.name).Wrong("more", fmt.Sprintf("at most %d blobs", container.MaxTensors))
			}
		case f.Number == 1 && fields.name == 4: // V0LayerParameter
			err = &container.UnsupportedError{File: p.File,
				Looks:  "a Caffe model of 2013, whose layers are another message",
				Advice: "convert it with Caffe's own tool upgrade_net_proto_binary"}
		default:
			err = p.option(&l.options, f)
		}
		return err
	})
	if err != nil || len(blobs) == 0 {
		return l, err
	}
	if l.name == "" {
		return l, p.Wrong("none", "a name for every layer with parameters")
	}
	convolution := l.kind == "Convolution" || l.kind == "Deconvolution"
	l.tensors = make([]container.Tensor, len(blobs))
	for i, b := range blobs {
		e := &l.tensors[i]
		*e = container.Tensor{Name: fmt.Sprintf("%s.%d", l.name, i), DType: b.dtype, File: p.File}
		switch i {
		case 0:
			e.Name = l.name + ".weight"
		case 1:
			e.Name = l.name + ".bias"
		}
		e.Shape = b.sizes(i == 0, convolution)
		e.Layout = container.TorchLayout(len(e.Shape))
		if l.transposed && e.Layout == container.OI {
			e.Layout = container.IO
		}
		if err := p.Locate(e, b.Numbers, false); err != nil {
			return l, err
		}
	}
	return l, nil
}

// maxEnds is how many inputs or outputs a layer has at most.
const maxEnds = 1 << 10

// blob is a BlobProto.
type blob struct {
	protobuf.Numbers
	dtype container.DType
	shape []int  // nil in old files
	old   [4]int // num, channels, height, width
}

func (p reader) blob(f protobuf.Field) (blob, error) {
	var b blob
	message, err := p.Message(f)
	if err != nil {
		return b, err
	}
	kind := 0 // the field that has the numbers
	err = p.Each(message, func(f protobuf.Field) error {
		switch f.Number {
		case 1, 2, 3, 4:
			v, err := p.Number(f)
			if err != nil {
				return err
			}
			b.old[f.Number-1], err = p.Dimension(v)
			return err
		case 5, 8: // data, double_data
			if kind != 0 && kind != f.Number {
				return p.Wrong("both", "numbers of one type in a blob")
			}
			kind = f.Number
			b.dtype, b.Size = container.Float32LE, 4
			if f.Number == 8 {
				b.dtype, b.Size = container.Float64LE, 8
			}
			return p.Add(&b.Numbers, "", f)
		case 7: // BlobShape
			shape, err := p.Message(f)
			if err != nil {
				return err
			}
			b.shape = []int{} // which is a single number
			return p.Each(shape, func(f protobuf.Field) error {
				if f.Number != 1 {
					return nil
				}
				b.shape, err = p.Dimensions(b.shape, f)
				return err
			})
		case 12: // raw_data
			return &container.UnsupportedError{File: p.File,
				Looks:  "a Caffe model with numbers of 16 bits, an addition of NVIDIA's and OpenCV's",
				Advice: "take the model that it was made from, with numbers of 32 bits"}
		}
		return nil
	})
	if err == nil && kind == 0 {
		err = p.Wrong("a blob without them", "numbers of 32 or 64 bits")
	}
	return b, err
}

// sizes returns the shape. Old files have four sizes for everything, with 1 in front of a dense layer's two
// and of a vector's one; Caffe takes such shapes for the same (Blob::ShapeEquals).
func (b *blob) sizes(weight, convolution bool) []int {
	shape := b.shape
	if shape == nil {
		shape = b.old[:]
	}
	switch {
	case len(shape) != 4 || shape[0] != 1 || shape[1] != 1:
	case !weight && shape[2] == 1:
		return shape[3:]
	case weight && !convolution:
		return shape[2:]
	}
	return shape
}
