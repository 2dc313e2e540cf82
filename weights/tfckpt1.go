package weights

import (
	"fmt"
	"io"
)

// checkpoint1 is a checkpoint of TensorFlow in the first format, that of TF-slim's networks of 2016: one table. The
// value of its first key says what tensors there are, those of the others are the tensors
// (tensorflow/core/util/saved_tensor_slice.proto).
type checkpoint1 struct {
	*protobuf // for the values
	io.Closer
	table  *table
	all    []entry
	types  []tfType       // of each
	places map[string]int // of each, by name
}

func (c *checkpoint1) format() string   { return "TensorFlow checkpoint (V1)" }
func (c *checkpoint1) entries() []entry { return c.all }

// metaOfV1 is how the value of the first key begins: a message as field 1 of SavedTensorSlices.
const metaOfV1 = 1<<3 | wireBytes

func openCheckpoint1(t *table, r source) (container, error) {
	c := &checkpoint1{protobuf: t.protobuf, Closer: r, table: t, places: map[string]int{}}
	for i, b := range t.blocks {
		err := t.entries(b, func(key []byte, value span) error {
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
		if e.open == nil {
			return nil, c.wrong(e.name, "none", "the numbers of every tensor")
		}
	}
	return c, nil
}

// under hands the messages that are a field of a message to visit.
func (p *protobuf) under(message span, number int, visit func(span) error) error {
	return p.each(message, func(f field) error {
		if f.number != number {
			return nil
		}
		m, err := p.message(f)
		if err != nil {
			return err
		}
		return visit(m)
	})
}

// meta reads SavedTensorSlices.meta, and the SavedSliceMeta in it.
func (c *checkpoint1) meta(value span) error {
	return c.under(value, 1, func(meta span) error { return c.under(meta, 1, c.tensor) })
}

// tensor reads a SavedSliceMeta: a name, a shape, a type, and into what slices the tensor was cut.
func (c *checkpoint1) tensor(meta span) error {
	e := entry{file: c.path}
	kind, cuts := uint64(0), []span{}
	err := c.each(meta, func(f field) (err error) {
		var m span
		switch f.number {
		case 1:
			e.name, err = c.text(f)
		case 2:
			if m, err = c.message(f); err == nil {
				e.shape, err = c.tensorShape(m, e.name)
			}
		case 3:
			kind, err = c.number(f)
		case 4:
			m, err = c.message(f)
			cuts = append(cuts, m)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, cut := range cuts {
		whole, err := c.whole(cut, e.shape)
		if err != nil {
			return err
		}
		if !whole || len(cuts) > 1 {
			return partitioned(c.path, e.name)
		}
	}
	if _, twice := c.places[e.name]; twice || len(c.all) == maxTensors {
		return c.wrong(e.name, "another, or more", fmt.Sprintf("one tensor of each name, and at most %d", maxTensors))
	}
	t := tfTypeOf(kind)
	e.dtype, e.layout = t.dtype, channelsLast(len(e.shape))
	c.places[e.name] = len(c.all)
	c.all, c.types = append(c.all, e), append(c.types, t)
	return nil
}

// whole says whether a TensorSliceProto (tensorflow/core/framework/tensor_slice.proto) is all of the tensor: then it
// says nothing of a dimension, or that it is as long as the tensor.
func (c *checkpoint1) whole(slice span, shape []int) (bool, error) {
	whole, d := true, 0
	err := c.under(slice, 1, func(extent span) error {
		err := c.each(extent, func(f field) error {
			switch {
			case f.number == 1 && f.value != 0:
				whole = false
			case f.number == 2 && (d >= len(shape) || f.value != uint64(shape[d])):
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
	return &UnsupportedError{File: path, Looks: "a checkpoint in which " + tensor + " is cut into slices",
		Advice: "load the checkpoint in TensorFlow without partitioned variables and save it again"}
}

// record finds the numbers in the value of a key, the SavedSlice in SavedTensorSlices.data. The checksum of the
// block that they are in is compared before they are read.
func (c *checkpoint1) record(b *tableBlock, value span) error {
	return c.under(value, 2, func(slice span) error {
		name, data := "", span{}
		err := c.each(slice, func(f field) (err error) {
			switch f.number {
			case 1:
				name, err = c.text(f)
			case 3:
				data, err = c.message(f)
			}
			return err
		})
		if err != nil {
			return err
		}
		i, ok := c.places[name]
		if !ok {
			return c.wrong(name, "a tensor that is not in it", "the directory of a checkpoint")
		}
		e := &c.all[i]
		if e.open != nil {
			return c.wrong(name, "more of it", "a tensor in one piece")
		}
		if err := c.values(e, c.types[i].field, data); err != nil {
			return err
		}
		open := e.open
		e.open = func() (io.ReadCloser, error) {
			if err := c.table.check(b, name); err != nil {
				return nil, err
			}
			return open()
		}
		return nil
	})
}

// values says where the numbers in a TensorProto are: in the field of their type, as it is the directory that has
// the type.
func (c *checkpoint1) values(e *entry, number int, data span) error {
	if number == 0 {
		e.open = noBytes
		return nil
	}
	const half = 13 // half_val, which has whole numbers of any length
	n := numbers{size: int64(e.dtype.size)}
	if number == half {
		n.size = 0
	}
	err := c.each(data, func(f field) error {
		if f.number != number {
			return nil
		}
		return c.add(&n, e.name, f)
	})
	if err != nil {
		return err
	}
	return c.lay(e, n, false)
}
