package mat

import (
	"fmt"
	"slices"

	"oneiro/weights/internal/container"
)

// MatConvNet's networks ("MatConvNet: Convolutional Neural Networks for MATLAB", Vedaldi and Lenc,
// arXiv:1412.4564; matlab/simplenn and matlab/+dagnn) are one of:
//
//	layers{i}.name, .type, .weights = {filters, biases}   a SimpleNN, since 1.0-beta8
//	layers{i}.name, .type, .filters, .biases              and before
//	params(i).name, .value                                a DagNN
//
// by themselves or as fields of a variable net. Filters are height x width x inputs x outputs in MATLAB's
// order, the first index fastest; dense layers are convolutions too.

// tensor is a tensor of a network.
type tensor struct {
	name   string
	shape  []int
	layout container.Layout
	dtype  container.DType
	at     int64
}

// layers are layers of a SimpleNN or parameters of a DagNN that are not read yet.
type layers struct {
	s           *stream
	array       array    // that has them
	fields      []string // of params; nil for the cells of layers
	next, count int64
	tag         tag // of the next layer, if it was read
	tagged      bool
}

// findLayers looks for layers in an array called name, and in the fields of that if it is a struct. If they
// are not there, it leaves the array.
func findLayers(s *stream, x array, name string, depth int) (layers, bool, error) {
	const mostDepth = 3
	var fields []string
	var err error
	switch {
	case x.class == mxCELL && name == "layers":
		return layers{s: s, array: x, count: x.n}, true, s.room(x, 1)
	case x.class == mxSTRUCT && (name == "params" || x.n == 1 && depth < mostDepth):
		if fields, err = s.fields(x); err != nil {
			return layers{}, false, err
		}
	}
	if name == "params" && slices.Contains(fields, "name") && slices.Contains(fields, "value") {
		return layers{s: s, array: x, fields: fields, count: x.n}, true, nil
	}
	if x.n == 1 {
		for _, field := range fields {
			inner, err := s.matrix(x.end)
			if err != nil {
				return layers{}, false, err
			}
			if layers, found, err := findLayers(s, inner, field, depth+1); found || err != nil {
				return layers, found, err
			}
		}
	}
	return layers{}, false, s.leave(x)
}

func (l *layers) more() bool { return l.next < l.count }

// where names the next layer as MATLAB would.
func (l *layers) where() string {
	if l.fields != nil {
		return fmt.Sprintf("params(%d)", l.next+1)
	}
	return fmt.Sprintf("layers{%d}", l.next+1)
}

// read reads the next layer. If that is large, it only does so if large is true; else ok is false.
func (l *layers) read(large bool) (tensors []tensor, ok bool, err error) {
	if l.fields != nil {
		tensors, err = l.parameter()
	} else {
		if !l.tagged {
			if l.tag, err = l.s.tag(l.array.end); err != nil {
				return nil, false, err
			}
			l.tagged = true
		}
		if l.tag.size > largeLayer && !large {
			return nil, false, nil
		}
		tensors, err = l.layer(l.tag)
		l.tagged = false
	}
	if err == nil {
		l.next++
	}
	return tensors, true, err
}

// layer reads a layer of a SimpleNN after its tag.
func (l *layers) layer(t tag) ([]tensor, error) {
	x, err := l.s.matrixOf(t)
	if err != nil {
		return nil, err
	}
	if x.class != mxSTRUCT || x.n != 1 {
		return nil, l.s.leave(x)
	}
	fields, err := l.s.fields(x)
	if err != nil {
		return nil, err
	}
	name, kind := l.where(), ""
	var parts [3]tensor // filters, biases, and what batch normalisation has besides
	for _, field := range fields {
		inner, err := l.s.matrix(x.end)
		if err != nil {
			return nil, err
		}
		switch field {
		case "name":
			name, err = l.named(inner, name)
		case "type":
			kind, err = l.s.text(inner)
		case "filters":
			parts[0], err = l.numbers(inner)
		case "biases":
			parts[1], err = l.numbers(inner)
		case "weights":
			err = l.weights(inner, parts[:])
		default:
			err = l.s.leave(inner)
		}
		if err != nil {
			return nil, err
		}
	}
	var tensors []tensor
	for i, role := range []string{".weight", ".bias", ".moments"} {
		if p := parts[i]; p.shape != nil {
			p.name = name + role
			if i == 0 && (kind == "conv" || kind == "") {
				p.shape, p.layout = filters(p.shape)
			} else {
				p.shape, p.layout = vectorShape(p.shape)
			}
			tensors = append(tensors, p)
		}
	}
	return tensors, l.s.leave(x)
}

// weights reads a cell with a layer's tensors.
func (l *layers) weights(x array, parts []tensor) error {
	if x.class == mxCELL {
		if err := l.s.room(x, 1); err != nil {
			return err
		}
		for i := range parts[:min(x.n, int64(len(parts)))] {
			inner, err := l.s.matrix(x.end)
			if err != nil {
				return err
			}
			if parts[i], err = l.numbers(inner); err != nil {
				return err
			}
		}
	}
	return l.s.leave(x)
}

// parameter reads a parameter of a DagNN.
func (l *layers) parameter() ([]tensor, error) {
	name := l.where()
	var value tensor
	for _, field := range l.fields {
		inner, err := l.s.matrix(l.array.end)
		if err != nil {
			return nil, err
		}
		switch field {
		case "name":
			name, err = l.named(inner, name)
		case "value":
			value, err = l.numbers(inner)
		default:
			err = l.s.leave(inner)
		}
		if err != nil {
			return nil, err
		}
	}
	if value.shape == nil {
		return nil, nil
	}
	value.name = name
	if len(value.shape) == 2 {
		value.shape, value.layout = vectorShape(value.shape)
	} else {
		value.shape, value.layout = filters(value.shape)
	}
	return []tensor{value}, nil
}

// named reads a name, and returns the one that is given if it is empty.
func (l *layers) named(x array, name string) (string, error) {
	text, err := l.s.text(x)
	if text == "" {
		text = name
	}
	return text, err
}

// numbers reads where the numbers of an array are; shape is nil if there are none.
func (l *layers) numbers(x array) (t tensor, err error) {
	if x.n == 0 || x.class < mxDOUBLE || x.class > mxUINT64 {
		return t, l.s.leave(x)
	}
	t.shape = x.shape
	t.at, t.dtype, err = l.s.numbers(x)
	return t, err
}

// filters gives a shape the dimensions of 1 at its end that MATLAB drops.
func filters(shape []int) ([]int, container.Layout) {
	for len(shape) < 4 {
		shape = append(shape, 1)
	}
	if len(shape) > 4 {
		return shape, ""
	}
	return shape, container.HWIO
}

// vectorShape takes a shape with at most one size other than 1 for a vector, and leaves others as they are.
func vectorShape(shape []int) ([]int, container.Layout) {
	n := 1
	for _, d := range shape {
		if d > 1 && n > 1 {
			return shape, ""
		}
		n *= d
	}
	return []int{n}, container.O
}
