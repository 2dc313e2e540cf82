package weights

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// caffe is a trained network of Caffe: the message NetParameter of caffe.proto, with the layers' parameters in
// blobs. Those of a layer are called after it: name.weight, name.bias, name.2 and so on.
type caffe struct {
	io.Closer
	all []entry
}

func (c *caffe) format() string   { return "Caffe model (.caffemodel)" }
func (c *caffe) entries() []entry { return c.all }

// netParameter are the fields of NetParameter.
var netParameter = schema{
	1: wireBytes, 2: wireBytes, 3: wireBytes, 4: wireVarint, 5: wireVarint, 6: wireBytes, 7: wireVarint, 8: wireBytes, 100: wireBytes,
}

// isCaffe goes by the fields that a network has: its name in letters, and layers.
func isCaffe(head []byte, _ int64) bool {
	layers := false
	for _, f := range netParameter.starts(head) {
		if f.number == 1 && !printable(string(head[f.at:f.end])) {
			return false
		}
		layers = layers || f.number == 2 || f.number == 100
	}
	return layers
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// caffeLayer says which fields a layer has its parts in: Caffe changed that in 2014 from V1LayerParameter to
// LayerParameter, and what it wrote before is still around.
type caffeLayer struct{ name, kind, blobs int }

var caffeLayers = map[int]caffeLayer{2: {4, 5, 6}, 100: {1, 2, 7}}

func openCaffe(path string, r source, size int64) (container, error) {
	c := &caffe{Closer: r}
	p := newProtobuf(path, r, size)
	err := p.each(p.whole(), func(f field) error {
		fields, ok := caffeLayers[f.number]
		if !ok {
			return nil
		}
		layer, err := p.message(f)
		if err != nil {
			return err
		}
		blobs, err := p.caffeLayer(layer, fields)
		c.all = append(c.all, blobs...)
		if err == nil && len(c.all) > maxTensors {
			err = p.wrong("", "more", fmt.Sprintf("at most %d tensors", maxTensors))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(c.all) == 0 {
		return nil, &UnsupportedError{File: path, Looks: "a Caffe model without parameters"}
	}
	return c, nil
}

// caffeLayer returns the parameters of a layer.
func (p *protobuf) caffeLayer(layer span, fields caffeLayer) ([]entry, error) {
	var name string
	var blobs []caffeBlob
	convolution := false
	err := p.each(layer, func(f field) (err error) {
		switch {
		case f.number == fields.name:
			name, err = p.text(f)
		case f.number == fields.kind && f.wire == wireVarint:
			convolution = f.value == 4 || f.value == 39 // CONVOLUTION, DECONVOLUTION
		case f.number == fields.kind && fields.kind == 5: // where Caffe's successor has its arguments
			err = &UnsupportedError{File: p.path, Looks: "a network of Caffe2",
				Advice: "take it as an ONNX file, such as vgg19-caffe2-9.onnx"}
		case f.number == fields.kind:
			var kind string
			kind, err = p.text(f)
			convolution = kind == "Convolution" || kind == "Deconvolution"
		case f.number == fields.blobs:
			var b caffeBlob
			b, err = p.caffeBlob(f)
			blobs = append(blobs, b)
			if err == nil && len(blobs) > maxTensors {
				err = p.wrong(name, "more", fmt.Sprintf("at most %d blobs", maxTensors))
			}
		case f.number == 1 && fields.name == 4: // V0LayerParameter
			err = &UnsupportedError{File: p.path, Looks: "a Caffe model of 2013, whose layers are another message",
				Advice: "convert it with Caffe's own tool upgrade_net_proto_binary"}
		}
		return err
	})
	if err != nil || len(blobs) == 0 {
		return nil, err
	}
	if name == "" {
		return nil, p.wrong("", "none", "a name for every layer with parameters")
	}
	all := make([]entry, len(blobs))
	for i, b := range blobs {
		e := &all[i]
		*e = entry{name: fmt.Sprintf("%s.%d", name, i), dtype: b.dtype, file: p.path}
		switch i {
		case 0:
			e.name = name + ".weight"
		case 1:
			e.name = name + ".bias"
		}
		e.shape = b.sizes(i == 0, convolution)
		e.layout = usual(len(e.shape))
		if err := p.lay(e, b.numbers, false); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// caffeBlob is a BlobProto.
type caffeBlob struct {
	numbers
	dtype dtype
	shape []int  // nil in old files
	old   [4]int // num, channels, height, width
}

func (p *protobuf) caffeBlob(f field) (caffeBlob, error) {
	var b caffeBlob
	message, err := p.message(f)
	if err != nil {
		return b, err
	}
	kind := 0 // the field that has the numbers
	err = p.each(message, func(f field) error {
		switch f.number {
		case 1, 2, 3, 4:
			v, err := p.number(f)
			if err != nil {
				return err
			}
			b.old[f.number-1], err = p.dimension(v)
			return err
		case 5, 8: // data, double_data
			if kind != 0 && kind != f.number {
				return p.wrong("", "both", "numbers of one type in a blob")
			}
			kind = f.number
			b.dtype, b.size = float32LE, 4
			if f.number == 8 {
				b.dtype, b.size = float64LE, 8
			}
			return p.add(&b.numbers, "", f)
		case 7: // BlobShape
			shape, err := p.message(f)
			if err != nil {
				return err
			}
			b.shape = []int{} // which is a single number
			return p.each(shape, func(f field) error {
				if f.number != 1 {
					return nil
				}
				b.shape, err = p.dimensions(b.shape, f)
				return err
			})
		case 12: // raw_data
			return &UnsupportedError{File: p.path, Looks: "a Caffe model with numbers of 16 bits, an addition of NVIDIA's and OpenCV's",
				Advice: "take the model that it was made from, with numbers of 32 bits"}
		}
		return nil
	})
	if err == nil && kind == 0 {
		err = p.wrong("", "a blob without them", "numbers of 32 or 64 bits")
	}
	return b, err
}

// sizes returns the shape. Old files have four sizes for everything, with 1 in front of a dense layer's two and of
// a vector's one; Caffe takes such shapes for the same (Blob::ShapeEquals).
func (b *caffeBlob) sizes(weight, convolution bool) []int {
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
