// Package onnx reads models of the Open Neural Network Exchange (onnx.proto): a graph of nodes, and tensors
// that they read by name.
package onnx

import (
	"io"
	"path/filepath"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// file closes the folder of the file too, which is open if there are tensors in other files.
type file struct {
	io.Closer
	home *container.Home // or nil
}

func (f *file) Close() error {
	if f.home != nil {
		f.home.Close()
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
	o := &file{Closer: r}
	c := &container.Container{Closer: o, Format: "ONNX model"}
	defer func() {
		if err != nil && o.home != nil {
			o.home.Close()
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
	if err := g.layouts(); err != nil {
		return nil, err
	}
	g.dataflow().Describe(c)
	for _, name := range g.inOrderOfUse() {
		t := g.tensors[name]
		e := container.Tensor{Name: t.name, Shape: t.shape, Layout: t.layout, DType: t.dtype, File: path}
		switch {
		case t.dtype.Decode == nil:
			e.Open = container.NoBytes
		case t.external == nil:
			err = g.Locate(&e, t.numbers, false)
		default:
			if o.home == nil {
				if o.home, err = container.OpenHome(filepath.Dir(path)); err != nil {
					return nil, err
				}
			}
			err = t.external.locate(&e, o.home, path)
		}
		if err != nil {
			return nil, err
		}
		c.Tensors = append(c.Tensors, e)
	}
	return c, nil
}
