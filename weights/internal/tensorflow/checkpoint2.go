package tensorflow

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// checkpoint2 is a checkpoint of TensorFlow in the second format: a table, the .index, that says of each
// tensor where it is in the .data files beside it (tensorflow/core/protobuf/tensor_bundle.proto).
type checkpoint2 struct {
	scanner // of the values in the index
	index   io.Closer
	root    *os.Root // the folder: no data are read from outside it
	dir     string
	prefix  string // what the names of all files begin with
	shards  uint64 // how many .data files there are
	sizes   map[uint64]int64
	all     []container.Tensor
	objects extent // of the graph of objects that the variables belong to
}

// extent is where something is in a .data file.
type extent struct{ shard, offset, size uint64 }

func (c *checkpoint2) Close() error { return errors.Join(c.index.Close(), c.root.Close()) }

// headerOfV2 is how the value of the first key begins: the number of shards, field 1 of BundleHeaderProto.
const headerOfV2 = 1<<3 | protobuf.VarintType

func openCheckpoint2(t *table, r container.Source) (_ *container.Container, err error) {
	c := &checkpoint2{scanner: t.scanner, index: r, dir: filepath.Dir(t.File), sizes: map[uint64]int64{}}
	c.prefix = strings.TrimSuffix(filepath.Base(t.File), indexSuffix)
	if c.root, err = os.OpenRoot(c.dir); err != nil {
		return nil, container.In(c.dir).Unreadable(err)
	}
	defer func() {
		if err != nil {
			c.root.Close()
		}
	}()
	for i, b := range t.blocks {
		if err := t.check(b, ""); err != nil {
			return nil, err
		}
		err := t.entries(b, func(key []byte, value protobuf.Span) error {
			if len(key) == 0 && i == 0 && c.shards == 0 {
				return c.header(value)
			}
			return c.tensor(string(key), value)
		})
		if err != nil {
			return nil, err
		}
	}
	c.renameExported()
	return &container.Container{Closer: c, Format: "TensorFlow checkpoint (V2)", Tensors: c.all}, nil
}

// header reads a BundleHeaderProto.
func (c *checkpoint2) header(value protobuf.Span) error {
	big := false
	err := c.Each(value, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			c.shards, err = c.Number(f)
		case 2:
			big = f.Value != 0
		}
		return err
	})
	const most = 99999 // the names of the files have five digits
	switch {
	case err != nil:
		return err
	case c.shards < 1 || c.shards > most:
		return c.Wrong(fmt.Sprint(c.shards), fmt.Sprintf("1 to %d files of data", most))
	case big:
		return &container.UnsupportedError{File: c.File, Looks: "a checkpoint of a big-endian machine",
			Advice: "load it in TensorFlow on such a machine and save it as .h5 or .npz"}
	}
	return nil
}

// tensor reads a BundleEntryProto.
func (c *checkpoint2) tensor(name string, value protobuf.Span) error {
	e := container.Tensor{Name: name, File: c.File}
	var shard, offset, size uint64
	var sum uint32
	sliced := false
	err := c.Each(value, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			var kind uint64
			kind, err = c.Number(f)
			e.DType = typeOf(kind).dtype
		case 2:
			var shape protobuf.Span
			if shape, err = c.Message(f); err == nil {
				e.Shape, err = c.tensorShape(shape, name)
			}
		case 3:
			shard, err = c.Number(f)
		case 4:
			offset, err = c.Number(f)
		case 5:
			size, err = c.Number(f)
		case 6:
			sum, err = c.Fixed(f)
		case 7:
			sliced = true
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case sliced:
		return partitioned(c.File, name)
	case len(c.all) == container.MaxTensors:
		return c.Wrong("more", fmt.Sprintf("at most %d tensors", container.MaxTensors))
	}
	if name == objectGraph {
		c.objects = extent{shard, offset, size}
	}
	e.Layout = container.TensorFlowLayout(len(e.Shape))
	if e.DType.Decode == nil || size == 0 && slices.Contains(e.Shape, 0) {
		e.Open = container.NoBytes
	} else if err := c.locate(&e, shard, offset, size, sum); err != nil {
		return err
	}
	c.all = append(c.all, e)
	return nil
}

// locate sets the bytes of e to those in a .data file.
func (c *checkpoint2) locate(e *container.Tensor, shard, offset, size uint64, sum uint32) error {
	n, ok := container.Product(e.Shape)
	want := n * int64(e.DType.Size)
	switch {
	case shard >= c.shards:
		return c.Of(e.Name).Wrong(fmt.Sprintf("number %d", shard),
			fmt.Sprintf("one of %d files of data", c.shards))
	case !ok || size != uint64(want):
		return c.Of(e.Name).Wrong(fmt.Sprintf("%d bytes", size),
			fmt.Sprintf("as many as the shape %s asks for", container.By(e.Shape)))
	}
	file := fmt.Sprintf("%s.data-%05d-of-%05d", c.prefix, shard, c.shards)
	e.File = filepath.Join(c.dir, file)
	there, err := c.dataSize(shard, file)
	if err != nil {
		return err
	}
	if offset > uint64(there) || size > uint64(there)-offset {
		return container.In(e.File).Of(e.Name).Truncated(there, int64(min(offset, 1<<48))+want)
	}
	name, path := e.Name, e.File
	e.Open = func() (io.ReadCloser, error) {
		r, _, err := container.OpenRegular(c.root, c.dir, file, name)
		if err != nil {
			return nil, err
		}
		return &summed{
			Closer: r, r: io.NewSectionReader(r, int64(offset),
				want), left: want, sum: sum, file: path, tensor: name,
		}, nil
	}
	return nil
}

// dataSize returns how long a .data file is.
func (c *checkpoint2) dataSize(shard uint64, file string) (int64, error) {
	if size, ok := c.sizes[shard]; ok {
		return size, nil
	}
	r, size, err := container.OpenRegular(c.root, c.dir, file, "")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, &container.UnsupportedError{File: c.File, Looks: "the index of a checkpoint without " + file,
			Advice: "a checkpoint is several files: put " + file + " into the folder of the .index"}
	}
	if err != nil {
		return 0, err
	}
	r.Close()
	c.sizes[shard] = size
	return size, nil
}

// summed reads a tensor and compares its checksum at the end.
type summed struct {
	io.Closer
	r            io.Reader
	left         int64
	have, sum    uint32 // the CRC-32C of what was read, and the masked one that was stored
	file, tensor string
}

func (s *summed) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.have = crc32.Update(s.have, castagnoli, b[:n])
	s.left -= int64(n)
	if err == io.EOF && s.left == 0 && maskedCRC(s.have) != s.sum {
		err = &container.ChecksumError{File: s.file, Tensor: s.tensor,
			Have: fmt.Sprintf("crc32c %08x", maskedCRC(s.have)), Want: fmt.Sprintf("crc32c %08x", s.sum)}
	}
	return n, err
}
