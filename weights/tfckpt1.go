package weights

import (
	"fmt"
	"io"
	"slices"
)

// checkpoint1 is a checkpoint of TensorFlow in the first format, that of TF-slim's networks of 2016: one table. The
// value of its first key says what tensors there are, those of the others are the tensors
// (tensorflow/core/util/saved_tensor_slice.proto).
type checkpoint1 struct {
	*table
	io.Closer
	all []entry
	of  map[string]int // the place in all of each name
}

func (c *checkpoint1) format() string   { return "TensorFlow checkpoint (V1)" }
func (c *checkpoint1) entries() []entry { return c.all }

// metaOfV1 is how the value of the first key begins: a message as field 1 of SavedTensorSlices.
const metaOfV1 = 1<<3 | 2

// maxMeta bounds the directory of a checkpoint.
const maxMeta = 64 << 20

func openCheckpoint1(t *table, r source) (container, error) {
	c := &checkpoint1{table: t, Closer: r, of: map[string]int{}}
	for i, b := range t.blocks {
		err := t.each(b, func(key []byte, value extent) error {
			if len(key) == 0 && i == 0 && c.all == nil {
				return c.meta(value)
			}
			return c.record(b, value)
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range c.all {
		if e := &c.all[i]; e.open == nil {
			return nil, t.wrong(e.name, "none", "the numbers of every tensor")
		}
	}
	return c, nil
}

// meta reads SavedTensorSlices.meta.
func (c *checkpoint1) meta(value extent) error {
	if value.length > maxMeta {
		return c.wrong("", fmt.Sprintf("%d bytes", value.length), fmt.Sprintf("a directory of at most %d bytes", maxMeta))
	}
	return c.message(value, func(f wireField) error {
		if f.number != 1 || !f.bytes {
			return nil
		}
		return c.message(f.extent, func(f wireField) error {
			if f.number != 1 || !f.bytes {
				return nil
			}
			return c.tensor(f.extent)
		})
	})
}

// tensor reads a SavedSliceMeta: a name, a shape, a type, and into what slices the tensor was cut.
func (c *checkpoint1) tensor(m extent) (err error) {
	e := entry{file: c.path, shape: []int{}}
	var cuts []extent
	err = c.message(m, func(f wireField) (err error) {
		switch {
		case f.number == 1 && f.bytes:
			e.name, err = c.ckptName(f.extent)
		case f.number == 2 && f.bytes:
			e.shape, err = c.ckptShape(f.extent)
		case f.number == 3 && !f.bytes:
			e.dtype = ckptType(f.value)
		case f.number == 4 && f.bytes && len(cuts) < 2:
			cuts = append(cuts, f.extent)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range cuts {
		whole, err := c.whole(s, e.shape)
		if err != nil {
			return err
		}
		if !whole || len(cuts) > 1 {
			return partitioned(c.path, e.name)
		}
	}
	if _, twice := c.of[e.name]; twice || len(c.all) == mostEntries {
		return c.wrong(e.name, "another, or more", fmt.Sprintf("one tensor of each name, and at most %d", mostEntries))
	}
	e.layout = channelsLast(len(e.shape))
	c.of[e.name] = len(c.all)
	c.all = append(c.all, e)
	return nil
}

// whole says whether a TensorSliceProto (tensorflow/core/framework/tensor_slice.proto) is all of the tensor: then it
// says nothing of a dimension, or that it is as long as the tensor.
func (c *checkpoint1) whole(m extent, shape []int) (bool, error) {
	whole, d := true, 0
	err := c.message(m, func(f wireField) error {
		if f.number != 1 || !f.bytes {
			return nil
		}
		err := c.message(f.extent, func(f wireField) error {
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

// record finds the numbers in the value of a key, SavedTensorSlices.data.
func (c *checkpoint1) record(b *tableBlock, value extent) error {
	return c.message(value, func(f wireField) error {
		if f.number != 2 || !f.bytes {
			return nil
		}
		name, data := "", extent{}
		err := c.message(f.extent, func(f wireField) (err error) {
			switch {
			case f.number == 1 && f.bytes:
				name, err = c.ckptName(f.extent)
			case f.number == 3 && f.bytes:
				data = f.extent
			}
			return err
		})
		if err != nil {
			return err
		}
		i, ok := c.of[name]
		if !ok {
			return c.wrong(name, "a tensor that is not in it", "the directory of a checkpoint")
		}
		if c.all[i].open != nil {
			return c.wrong(name, "more of it", "a tensor in one piece")
		}
		return c.lay(&c.all[i], b, data)
	})
}

// packedFields are the fields of a TensorProto (tensorflow/core/framework/tensor.proto) that have numbers of a type
// as a tensor does in memory. Half-precision numbers are there as whole numbers of any length.
var packedFields = map[string]uint64{float32LE.name: 5, float64LE.name: 6}

// lay says where the numbers in a TensorProto are. The checksum of the block that they are in is compared before
// they are read.
func (c *checkpoint1) lay(e *entry, b *tableBlock, data extent) error {
	const content = 4 // the field with the memory of a tensor of any type
	packed, ok := packedFields[e.dtype.name]
	if !ok || slices.Contains(e.shape, 0) {
		e.unread()
		return nil
	}
	var numbers extent
	pieces := 0
	err := c.message(data, func(f wireField) error {
		if f.number == content || f.number == packed {
			pieces++
			numbers = f.extent // nothing, for a number by itself
		}
		return nil
	})
	if err != nil {
		return err
	}
	n, _ := product(e.shape)
	if want := n * int64(e.dtype.size); pieces != 1 || numbers.length != want {
		return c.wrong(e.name, fmt.Sprintf("%d bytes in %d", numbers.length, pieces), fmt.Sprintf("%d bytes in one piece", want))
	}
	if err := e.lies(c.r, c.size, numbers.at); err != nil {
		return err
	}
	open := e.open
	e.open = func() (io.ReadCloser, error) {
		if err := c.check(b, e.name); err != nil {
			return nil, err
		}
		return open()
	}
	return nil
}

// unread makes e a tensor that is listed, but has no numbers that can be read.
func (e *entry) unread() {
	switch {
	case slices.Contains(e.shape, 0):
		e.dtype = dtype{name: "an empty array"}
	case e.dtype.decode != nil:
		e.dtype = dtype{name: e.dtype.name + " as whole numbers"}
	}
	e.open = func() (io.ReadCloser, error) { return nil, &TypeError{e.file, e.name, e.dtype.name} }
}
