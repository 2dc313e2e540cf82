package hdf5

import (
	"fmt"
	"io"
	"slices"
	"sort"

	"oneiro/weights/internal/container"
)

// chunks are the numbers of an array that is cut into boxes of one shape. Those at the end of an axis may go
// beyond the array.
type chunks struct {
	r       io.ReaderAt
	e       *container.Tensor
	shape   []int // of the array
	box     []int // of a chunk
	filters []filter
	chunks  []chunk // in the order of the places that they have
}

// chunk is the place of a chunk in the file, as it was written.
type chunk struct {
	place int64 // which one it is, the last axis first
	at    uint64
	bytes uint64
	skips uint32 // a bit for each filter that was not used
}

// chunked locates numbers in chunks (IV.A.2.i, class 2). Older files find them by a B-tree. Of the ways that
// HDF5 1.10 (version 4; 5 is the same with wider sizes) added, two are read: a single chunk, and an array of
// addresses, which arrays of a fixed shape have.
func (h *hdf5) chunked(e *container.Tensor, f fields, version byte, filters []byte) (err error) {
	flags := byte(0)
	if version > 3 {
		flags = f.u8()
	}
	rank := int(f.u8()) - 1 // the size of a number is one more
	at, width := uint64(0), uint64(4)
	if version == 3 {
		at = f.u64()
	} else {
		width = uint64(f.u8())
	}
	if rank != len(e.Shape) || rank == 0 || width == 0 || width > 8 {
		return h.Of(e.Name).Wrong(fmt.Sprintf("chunks of %d sizes", rank),
			fmt.Sprintf("the %d of the array", len(e.Shape)))
	}
	c := &chunks{r: h, e: e, shape: e.Shape, box: make([]int, rank)}
	for i := range c.box {
		c.box[i] = int(min(f.number(width), 1<<48))
	}
	size := f.number(width)
	numbers, ok := container.Product(c.box)
	_, sound := container.Product(e.Shape)
	switch {
	case slices.Contains(e.Shape, 0):
		e.Open = container.NoBytes
		return nil
	case !sound:
		return e.BadShape()
	case f.short || !ok || size != uint64(e.DType.Size):
		return h.Of(e.Name).Wrong(fmt.Sprintf("chunks of %s numbers of %d bytes", container.By(c.box), size),
			fmt.Sprintf("sizes above 0, and numbers of %d bytes", e.DType.Size))
	}
	if c.filters, err = h.pipeline(e.Name, filters); err != nil {
		return err
	}
	switch {
	case version == 3:
		err = h.chunkTree(c, at)
	default:
		err = h.chunkIndex(c, flags, f)
	}
	if err != nil {
		return err
	}
	sort.Slice(c.chunks, func(i, j int) bool { return c.chunks[i].place < c.chunks[j].place })
	whole := uint64(numbers) * uint64(e.DType.Size)
	for i, chunk := range c.chunks {
		if chunk.place != int64(i) {
			return h.Of(e.Name).Wrong(fmt.Sprintf("chunk %d", chunk.place), fmt.Sprintf("chunk %d", i))
		}
		if chunk.at > uint64(h.end) || chunk.bytes > uint64(h.end)-chunk.at {
			return h.Of(e.Name).Wrong(fmt.Sprintf("a chunk of %d bytes at address %d", chunk.bytes, chunk.at),
				fmt.Sprintf("one within the file's %d bytes", h.end))
		}
		if most := chunk.mayHold(c.filters); whole > most {
			return h.Of(e.Name).Wrong(fmt.Sprintf("a chunk of %d bytes", chunk.bytes),
				fmt.Sprintf("one that holds %d", whole))
		}
		h.extents = append(h.extents, extent{int64(chunk.at), int64(chunk.at + chunk.bytes), e.Name})
	}
	if int64(len(c.chunks)) != c.places() {
		return h.Of(e.Name).Wrong(fmt.Sprintf("%d chunks", len(c.chunks)),
			fmt.Sprintf("%d of %s for the shape %s", c.places(), container.By(c.box), container.By(e.Shape)))
	}
	e.Open = c.open
	return nil
}

// along is how many chunks there are along an axis.
func (c *chunks) along(axis int) int64 {
	return (int64(c.shape[axis]) + int64(c.box[axis]) - 1) / int64(c.box[axis])
}

// places is how many chunks there are.
func (c *chunks) places() int64 {
	n := int64(1)
	for axis := range c.shape {
		n *= c.along(axis)
	}
	return n
}

// chunkTree finds chunks by a B-tree, whose keys say how long each is, which filters it skips, and where it
// begins.
func (h *hdf5) chunkTree(c *chunks, at uint64) error {
	const nowhere = 1<<64 - 1
	if at == nowhere {
		return nil
	}
	key := 4 + 4 + 8*uint64(len(c.shape)+1)
	return h.tree(btree{kind: 1, what: "chunks", key: key, leaf: func(key []byte, child uint64) error {
		f := fields{b: key}
		chunk := chunk{at: child, bytes: uint64(f.u32()), skips: f.u32()}
		for axis, box := range c.box {
			from := f.u64()
			if from%uint64(box) != 0 || from >= uint64(c.shape[axis]) {
				return h.Of(c.e.Name).Wrong(fmt.Sprintf("a chunk at %d", from),
					"chunks side by side, inside the array")
			}
			chunk.place = chunk.place*c.along(axis) + int64(from)/int64(box)
		}
		c.chunks = append(c.chunks, chunk)
		return nil
	}}, at, -1)
}

// chunkIndex finds chunks by the indexes of HDF5 1.10.
func (h *hdf5) chunkIndex(c *chunks, flags byte, f fields) error {
	const single, fixed = 1, 3
	const edgesAreNotFiltered, singleIsFiltered = 1, 2
	if flags&edgesAreNotFiltered != 0 {
		return h.unsupported("HDF5 with chunks that are compressed in part, those of " +
			container.Clean(c.e.Name))
	}
	numbers, _ := container.Product(c.box)
	whole := uint64(numbers) * uint64(c.e.DType.Size)
	switch kind := f.u8(); kind {
	case single:
		one := chunk{bytes: whole}
		if flags&singleIsFiltered != 0 {
			one.bytes, one.skips = f.u64(), f.u32()
		}
		one.at = f.u64()
		c.chunks = []chunk{one}
	case fixed:
		f.skip(1)
		return h.fixedArray(c, f.u64(), whole)
	default:
		return h.unsupported(fmt.Sprintf("HDF5 with chunks that are found in way %d, those of %s", kind,
			container.Clean(c.e.Name)))
	}
	if f.short {
		return h.Of(c.e.Name).Wrong("a layout that ends early", "where its chunk is")
	}
	return nil
}

// fixedArray finds chunks by an array of addresses (VII.C). It is cut into pages if it is long, each followed
// by a sum.
func (h *hdf5) fixedArray(c *chunks, at, whole uint64) error {
	const filtered, sum = 1, 4
	f, err := h.block("an array of chunks", "FAHD", at, 28)
	if err != nil {
		return err
	}
	version, client, width, pageBits := f.u8(), f.u8(), uint64(f.u8()), f.u8()
	count, data := f.u64(), f.u64()
	switch {
	case version != 0 || client > filtered || client == filtered && (width < 8+4+1 || width > 8+4+8) ||
		client != filtered && width != 8 || pageBits > 32:
		return h.Of(c.e.Name).Wrong(fmt.Sprintf("version %d of kind %d, %d bytes each", version, client,
			width), "an array of addresses, version 0")
	case count != uint64(c.places()) || count > uint64(h.end)/8:
		return h.Of(c.e.Name).Wrong(fmt.Sprintf("%d chunks", count), fmt.Sprintf("%d", c.places()))
	}
	const head = 4 + 1 + 1 + 8
	page := uint64(1) << pageBits
	begin, trailer := uint64(head), uint64(0)
	if count > page {
		begin, trailer = head+((count+page-1)/page+7)/8+sum, sum
	}
	pages := (count + page - 1) / page
	block, err := h.block("an array of chunks", "FADB", data, begin+count*width+pages*trailer)
	if err != nil {
		return err
	}
	block.skip(begin - 4)
	for i := range count {
		if i > 0 && i%page == 0 {
			block.skip(trailer)
		}
		chunk := chunk{place: int64(i), at: block.u64(), bytes: whole}
		if client == filtered {
			chunk.bytes, chunk.skips = block.number(width-8-4), block.u32()
		}
		c.chunks = append(c.chunks, chunk)
	}
	return nil
}

// open returns the numbers in order. The chunks side by side on the first axis are held in memory.
func (c *chunks) open() (io.ReadCloser, error) {
	slab := int64(c.box[0]) * int64(c.e.DType.Size)
	for _, n := range c.shape[1:] {
		slab *= int64(n)
	}
	numbers, _ := container.Product(c.box)
	if whole := numbers * int64(c.e.DType.Size); slab > container.MaxInMemory ||
		whole > container.MaxInMemory {
		return nil, &container.UnsupportedError{File: c.e.File,
			Looks: fmt.Sprintf("the tensor %s in chunks of %d bytes", container.Clean(c.e.Name),
				max(slab, whole)),
			Advice: "save it again " + howToSave}
	}
	return io.NopCloser(&slabs{c: c, slab: make([]byte, slab),
		box: make([]byte, numbers*int64(c.e.DType.Size))}), nil
}

// slabs reads chunks, a slab at a time: those side by side on the first axis.
type slabs struct {
	c         *chunks
	next      int    // how many slabs were read
	slab, box []byte // memory for a slab and a chunk
	rest      []byte // of the slab
}

func (s *slabs) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		if int64(s.next) == s.c.along(0) {
			return 0, io.EOF
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// fill reads the next slab.
func (s *slabs) fill() error {
	c := s.c
	perSlab := c.places() / c.along(0)
	for place := range perSlab {
		chunk := c.chunks[int64(s.next)*perSlab+place]
		if err := chunk.read(s.box, c); err != nil {
			return err
		}
		from := make([]int, len(c.shape)) // where the chunk begins in the slab
		for axis := len(c.shape) - 1; axis > 0; axis-- {
			from[axis] = int(place%c.along(axis)) * c.box[axis]
			place /= c.along(axis)
		}
		c.paste(s.slab, s.box, from, 0, 0, 0)
	}
	rows := min(c.box[0], c.shape[0]-s.next*c.box[0])
	s.rest = s.slab[:len(s.slab)/c.box[0]*rows]
	s.next++
	return nil
}

// paste copies what a chunk has inside the array into a slab. row and line count boxes of the axes before that
// axis, in the slab and in the chunk.
func (c *chunks) paste(slab, box []byte, from []int, axis, row, line int) {
	n := min(c.box[axis], c.shape[axis]-from[axis])
	wide := c.shape[axis]
	if axis == 0 {
		n, wide = c.box[0], c.box[0] // the slab is as high as a chunk
	}
	row, line = row*wide+from[axis], line*c.box[axis]
	if axis == len(c.shape)-1 {
		size := c.e.DType.Size
		copy(slab[row*size:(row+n)*size], box[line*size:])
		return
	}
	for i := range n {
		c.paste(slab, box, from, axis+1, row+i, line+i)
	}
}
