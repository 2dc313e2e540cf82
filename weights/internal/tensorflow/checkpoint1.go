package tensorflow

import (
	"fmt"
	"io"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// checkpoint1 is a checkpoint of TensorFlow in the first format, that of TF-slim's networks of 2016: one
// table. The value of its first key says what tensors there are, those of the others are the tensors
// (tensorflow/core/util/saved_tensor_slice.proto).
type checkpoint1 struct {
	scanner // of the values
	table   *table
	all     []container.Tensor
	types   []numberType   // of each
	places  map[string]int // of each, by name
}

// metaOfV1 is how the value of the first key begins: a message as field 1 of SavedTensorSlices.
const metaOfV1 = 1<<3 | protobuf.BytesType

func openCheckpoint1(t *table, r container.Source) (*container.Container, error) {
	c := &checkpoint1{scanner: t.scanner, table: t, places: map[string]int{}}
	for i, b := range t.blocks {
		err := t.entries(b, func(key []byte, value protobuf.Span) error {
			if len(key) == 0 && i == 0 && c.all == nil {
				return c.meta(value)
			}
			return c.record(b, value)
		})
		if err != nil {
			return nil, err
		}
	}
	for _, e := range c.all {
		if e.Open == nil {
			return nil, c.Of(e.Name).Wrong("none", "the numbers of every tensor")
		}
	}
	return &container.Container{Closer: r, Format: "TensorFlow checkpoint (V1)", Tensors: c.all}, nil
}

// meta reads SavedTensorSlices.meta, and the SavedSliceMeta in it.
func (c *checkpoint1) meta(value protobuf.Span) error {
	return c.Under(value, 1, func(meta protobuf.Span) error { return c.Under(meta, 1, c.tensor) })
}

// tensor reads a SavedSliceMeta: a name, a shape, a type, and into what slices the tensor was cut.
func (c *checkpoint1) tensor(meta protobuf.Span) error {
	e := container.Tensor{File: c.File}
	kind, cuts := uint64(0), []protobuf.Span{}
	err := c.Each(meta, func(f protobuf.Field) (err error) {
		var m protobuf.Span
		switch f.Number {
		case 1:
			e.Name, err = c.Text(f)
		case 2:
			if m, err = c.Message(f); err == nil {
				e.Shape, err = c.tensorShape(m, e.Name)
			}
		case 3:
			kind, err = c.Number(f)
		case 4:
			m, err = c.Message(f)
			cuts = append(cuts, m)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, cut := range cuts {
		whole, err := c.isWhole(cut, e.Shape)
		if err != nil {
			return err
		}
		if !whole || len(cuts) > 1 {
			return partitioned(c.File, e.Name)
		}
	}
	if _, twice := c.places[e.Name]; twice || len(c.all) == container.MaxTensors {
		return c.Of(e.Name).Wrong("another, or more",
			fmt.Sprintf("one tensor of each name, and at most %d", container.MaxTensors))
	}
	t := typeOf(kind)
	e.DType, e.Layout = t.dtype, container.TensorFlowLayout(len(e.Shape))
	c.places[e.Name] = len(c.all)
	c.all, c.types = append(c.all, e), append(c.types, t)
	return nil
}

// isWhole says whether a TensorSliceProto (tensorflow/core/framework/tensor_slice.proto) is all of the tensor:
// then it says nothing of a dimension, or that it is as long as the tensor.
func (c *checkpoint1) isWhole(slice protobuf.Span, shape []int) (bool, error) {
	whole, d := true, 0
	err := c.Under(slice, 1, func(extent protobuf.Span) error {
		err := c.Each(extent, func(f protobuf.Field) error {
			switch {
			case f.Number == 1 && f.Value != 0:
				whole = false
			case f.Number == 2 && (d >= len(shape) || f.Value != uint64(shape[d])):
				whole = false
			}
			return nil
		})
		d++
		return err
	})
	return whole, err
}

func partitioned(path, tensor string) error {
	return &container.UnsupportedError{File: path, Looks: "a checkpoint in which " + tensor +
		" is cut into slices",
		Advice: "load the checkpoint in TensorFlow without partitioned variables and save it again"}
}

// record finds the numbers in the value of a key, the SavedSlice in SavedTensorSlices.data. The checksum of
// the block that they are in is compared before they are read.
func (c *checkpoint1) record(b *block, value protobuf.Span) error {
	return c.Under(value, 2, func(slice protobuf.Span) error {
		name, data := "", protobuf.Span{}
		err := c.Each(slice, func(f protobuf.Field) (err error) {
			switch f.Number {
			case 1:
				name, err = c.Text(f)
			case 3:
				data, err = c.Message(f)
			}
			return err
		})
		if err != nil {
			return err
		}
		i, ok := c.places[name]
		if !ok {
			return c.Of(name).Wrong("a tensor that is not in it", "the directory of a checkpoint")
		}
		e := &c.all[i]
		if e.Open != nil {
			return c.Of(name).Wrong("more of it", "a tensor in one piece")
		}
		if err := c.values(e, c.types[i].field, data); err != nil {
			return err
		}
		open := e.Open
		e.Open = func() (io.ReadCloser, error) {
			if err := c.table.check(b, name); err != nil {
				return nil, err
			}
			return open()
		}
		return nil
	})
}

// values says where the numbers in a TensorProto are: in the field of their type, as it is the directory that
// has the type.
func (c *checkpoint1) values(e *container.Tensor, number int, data protobuf.Span) error {
	if number == 0 {
		e.Open = container.NoBytes
		return nil
	}
	const half = 13 // half_val, which has whole numbers of any length
	n := protobuf.Numbers{Size: int64(e.DType.Size)}
	if number == half {
		n.Size = 0
	}
	err := c.Each(data, func(f protobuf.Field) error {
		if f.Number != number {
			return nil
		}
		return c.Add(&n, e.Name, f)
	})
	if err != nil {
		return err
	}
	return c.Locate(e, n, false)
}
