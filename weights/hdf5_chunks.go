package weights

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// hdf5Chunks are the numbers of an array that is cut into boxes of one shape. Those at the end of an axis may go beyond
// the array.
type hdf5Chunks struct {
	r       io.ReaderAt
	e       *entry
	shape   []int // of the array
	box     []int // of a chunk
	filters []hdf5Filter
	chunks  []hdf5Chunk // in the order of the places that they have
}

// hdf5Chunk is where a chunk lies as it was written.
type hdf5Chunk struct {
	place int64 // which one it is, the last axis first
	at    uint64
	bytes uint64
	skips uint32 // a bit for each filter that was not used
}

// chunked is for numbers that lie in chunks (IV.A.2.i, class 2). Older files find them by a B-tree; of the ways that
// HDF5 1.10 (version 4; 5 is the same with wider sizes) added there are a single chunk, and an array of addresses, which those of a fixed shape have.
func (h *hdf5) chunked(e *entry, f hdf5Fields, version byte, filters []byte) (err error) {
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
	if rank != len(e.shape) || rank == 0 || width == 0 || width > 8 {
		return h.wrong(e.name, fmt.Sprintf("chunks of %d sizes", rank), fmt.Sprintf("the %d of the array", len(e.shape)))
	}
	c := &hdf5Chunks{r: h, e: e, shape: e.shape, box: make([]int, rank)}
	for i := range c.box {
		c.box[i] = int(min(f.number(width), 1<<48))
	}
	size := f.number(width)
	numbers, ok := product(c.box)
	_, sound := product(e.shape)
	switch {
	case slices.Contains(e.shape, 0):
		e.open = noBytes
		return nil
	case !sound:
		return h.wrong(e.name, "the shape "+by(e.shape), "sizes above 0 that a file can hold")
	case f.short || !ok || size != uint64(e.dtype.size):
		return h.wrong(e.name, fmt.Sprintf("chunks of %s numbers of %d bytes", by(c.box), size),
			fmt.Sprintf("sizes above 0, and numbers of %d bytes", e.dtype.size))
	}
	if c.filters, err = h.pipeline(e.name, filters); err != nil {
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
	slices.SortFunc(c.chunks, func(a, b hdf5Chunk) int { return cmp.Compare(a.place, b.place) })
	whole := uint64(numbers) * uint64(e.dtype.size)
	for i, chunk := range c.chunks {
		if chunk.place != int64(i) {
			return h.wrong(e.name, fmt.Sprintf("chunk %d", chunk.place), fmt.Sprintf("chunk %d", i))
		}
		if chunk.at > uint64(h.end) || chunk.bytes > uint64(h.end)-chunk.at {
			return h.wrong(e.name, fmt.Sprintf("a chunk of %d bytes at address %d", chunk.bytes, chunk.at),
				fmt.Sprintf("one within the file's %d bytes", h.end))
		}
		if most := chunk.mayHold(c.filters); whole > most {
			return h.wrong(e.name, fmt.Sprintf("a chunk of %d bytes", chunk.bytes), fmt.Sprintf("one that holds %d", whole))
		}
		h.extents = append(h.extents, hdf5Extent{int64(chunk.at), int64(chunk.at + chunk.bytes), e.name})
	}
	if int64(len(c.chunks)) != c.places() {
		return h.wrong(e.name, fmt.Sprintf("%d chunks", len(c.chunks)), fmt.Sprintf("%d of %s for the shape %s", c.places(), by(c.box), by(e.shape)))
	}
	e.open = c.open
	return nil
}

// along is how many chunks lie along an axis.
func (c *hdf5Chunks) along(axis int) int64 {
	return (int64(c.shape[axis]) + int64(c.box[axis]) - 1) / int64(c.box[axis])
}

// places is how many chunks there are.
func (c *hdf5Chunks) places() int64 {
	n := int64(1)
	for axis := range c.shape {
		n *= c.along(axis)
	}
	return n
}

// chunkTree finds chunks by a B-tree, whose keys say how long each is, which filters it skips, and where it begins.
func (h *hdf5) chunkTree(c *hdf5Chunks, at uint64) error {
	const nowhere = 1<<64 - 1
	if at == nowhere {
		return nil
	}
	key := 4 + 4 + 8*uint64(len(c.shape)+1)
	return h.tree(hdf5Tree{kind: 1, what: "chunks", key: key, leaf: func(key []byte, child uint64) error {
		f := hdf5Fields{b: key}
		chunk := hdf5Chunk{at: child, bytes: uint64(f.u32()), skips: f.u32()}
		for axis, box := range c.box {
			from := f.u64()
			if from%uint64(box) != 0 || from >= uint64(c.shape[axis]) {
				return h.wrong(c.e.name, fmt.Sprintf("a chunk at %d", from), "chunks side by side, inside the array")
			}
			chunk.place = chunk.place*c.along(axis) + int64(from)/int64(box)
		}
		c.chunks = append(c.chunks, chunk)
		return nil
	}}, at, -1)
}

// chunkIndex finds chunks as HDF5 1.10 has them.
func (h *hdf5) chunkIndex(c *hdf5Chunks, flags byte, f hdf5Fields) error {
	const single, fixed = 1, 3
	const edgesAreNotFiltered, singleIsFiltered = 1, 2
	if flags&edgesAreNotFiltered != 0 {
		return h.unsupported("HDF5 with chunks that are compressed in part, those of " + clean(c.e.name))
	}
	numbers, _ := product(c.box)
	whole := uint64(numbers) * uint64(c.e.dtype.size)
	switch kind := f.u8(); kind {
	case single:
		chunk := hdf5Chunk{bytes: whole}
		if flags&singleIsFiltered != 0 {
			chunk.bytes, chunk.skips = f.u64(), f.u32()
		}
		chunk.at = f.u64()
		c.chunks = []hdf5Chunk{chunk}
	case fixed:
		f.skip(1)
		return h.fixedArray(c, f.u64(), whole)
	default:
		return h.unsupported(fmt.Sprintf("HDF5 with chunks that are found in way %d, those of %s", kind, clean(c.e.name)))
	}
	if f.short {
		return h.wrong(c.e.name, "a layout that ends early", "where its chunk is")
	}
	return nil
}

// fixedArray finds chunks by an array of addresses (VII.C). It is cut into pages if it is long, each with a sum behind.
func (h *hdf5) fixedArray(c *hdf5Chunks, at, whole uint64) error {
	const filtered, sum = 1, 4
	f, err := h.block("an array of chunks", "FAHD", at, 28)
	if err != nil {
		return err
	}
	version, client, width, pageBits := f.u8(), f.u8(), uint64(f.u8()), f.u8()
	count, data := f.u64(), f.u64()
	switch {
	case version != 0 || client > filtered || client == filtered && (width < 8+4+1 || width > 8+4+8) || client != filtered && width != 8 || pageBits > 32:
		return h.wrong(c.e.name, fmt.Sprintf("version %d of kind %d, %d bytes each", version, client, width), "an array of addresses, version 0")
	case count != uint64(c.places()) || count > uint64(h.end)/8:
		return h.wrong(c.e.name, fmt.Sprintf("%d chunks", count), fmt.Sprintf("%d", c.places()))
	}
	const head = 4 + 1 + 1 + 8
	page := uint64(1) << pageBits
	begin, behind := uint64(head), uint64(0)
	if count > page {
		begin, behind = head+((count+page-1)/page+7)/8+sum, sum
	}
	pages := (count + page - 1) / page
	block, err := h.block("an array of chunks", "FADB", data, begin+count*width+pages*behind)
	if err != nil {
		return err
	}
	block.skip(begin - 4)
	for i := range count {
		if i > 0 && i%page == 0 {
			block.skip(behind)
		}
		chunk := hdf5Chunk{place: int64(i), at: block.u64(), bytes: whole}
		if client == filtered {
			chunk.bytes, chunk.skips = block.number(width-8-4), block.u32()
		}
		c.chunks = append(c.chunks, chunk)
	}
	return nil
}

// open returns the numbers in order. As many chunks are held in memory as lie side by side on the first axis.
func (c *hdf5Chunks) open() (io.ReadCloser, error) {
	slab := int64(c.box[0]) * int64(c.e.dtype.size)
	for _, n := range c.shape[1:] {
		slab *= int64(n)
	}
	numbers, _ := product(c.box)
	if whole := numbers * int64(c.e.dtype.size); slab > mostGathered || whole > mostGathered {
		return nil, &UnsupportedError{File: c.e.file, Looks: fmt.Sprintf("the tensor %s in chunks of %d bytes", clean(c.e.name), max(slab, whole)),
			Advice: "save it again " + hdf5Save}
	}
	return io.NopCloser(&hdf5Slabs{c: c, slab: make([]byte, slab), box: make([]byte, numbers*int64(c.e.dtype.size))}), nil
}

// hdf5Slabs reads chunks, a slab at a time: those side by side on the first axis.
type hdf5Slabs struct {
	c         *hdf5Chunks
	next      int    // how many slabs were read
	slab, box []byte // memory for a slab and a chunk
	rest      []byte // of the slab
}

func (s *hdf5Slabs) Read(b []byte) (int, error) {
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
func (s *hdf5Slabs) fill() error {
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

// paste copies what a chunk has inside the array into a slab. row and line count boxes of the axes before that axis,
// in the slab and in the chunk.
func (c *hdf5Chunks) paste(slab, box []byte, from []int, axis, row, line int) {
	n := min(c.box[axis], c.shape[axis]-from[axis])
	wide := c.shape[axis]
	if axis == 0 {
		n, wide = c.box[0], c.box[0] // the slab is as high as a chunk
	}
	row, line = row*wide+from[axis], line*c.box[axis]
	if axis == len(c.shape)-1 {
		size := c.e.dtype.size
		copy(slab[row*size:(row+n)*size], box[line*size:])
		return
	}
	for i := range n {
		c.paste(slab, box, from, axis+1, row+i, line+i)
	}
}
