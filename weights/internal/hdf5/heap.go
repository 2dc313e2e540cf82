package hdf5

import (
	"fmt"
	"math/bits"
	"sort"
)

// fractalHeap is a heap of HDF5 1.8 (III.G): objects in blocks, whose sizes double from row to row.
type fractalHeap struct {
	h              *hdf5
	offset, length uint64 // how many bytes of an object's identifier say where in the heap it is, and how long
	blocks         []heapBlock
}

// heapBlock is a block of a heap: where in the heap, how long, and where in the file.
type heapBlock struct{ from, size, at uint64 }

// fractalHeap finds the blocks of a heap.
func (h *hdf5) fractalHeap(at uint64) (*fractalHeap, error) {
	f, err := h.block("a heap", "FRHP", at, 146)
	if err != nil {
		return nil, err
	}
	version := f.u8()
	f.skip(2) // the length of identifiers
	filters := f.u16()
	f.skip(1)
	largest := uint64(f.u32())
	f.skip(8 * 12) // objects of other kinds, and statistics
	width, first, last, heapBits := uint64(f.u16()), f.u64(), f.u64(), uint64(f.u16())
	f.skip(2)
	root, rows := f.u64(), uint64(f.u16())
	powers := bits.OnesCount64(width) == 1 && bits.OnesCount64(first) == 1 && bits.OnesCount64(last) == 1
	switch {
	case version != 0:
		return nil, h.Wrong(fmt.Sprintf("version %d", version), "a heap of version 0")
	case filters != 0:
		return nil, h.unsupported("HDF5 with names that are compressed")
	case !powers || first > last || last > 1<<32 || width > 1<<10 || heapBits == 0 || heapBits > 64 ||
		rows > 28:
		return nil, h.Wrong(fmt.Sprintf("blocks of %d to %d bytes, %d in each of %d rows, %d bits", first,
			last, width, rows, heapBits), "a heap whose blocks double")
	}
	heap := &fractalHeap{h: h, offset: (heapBits + 7) / 8,
		length: min(bytesFor(largest), (uint64(bits.Len64(last))+6)/8)}
	if rows == 0 {
		heap.blocks = []heapBlock{{0, first, root}}
		return heap, nil
	}
	return heap, heap.rows(root, 0, rows, width, first, last)
}

// rows lists the blocks of an indirect block: rows of width addresses. Blocks of the first two rows have first
// bytes, those of each later one twice as many; those longer than last are indirect blocks themselves.
func (heap *fractalHeap) rows(at, from, rows, width, first, last uint64) error {
	const nowhere = 1<<64 - 1
	head := 4 + 1 + 8 + heap.offset
	f, err := heap.h.block("a heap's blocks", "FHIB", at, head+8*rows*width)
	if err != nil {
		return err
	}
	f.skip(head - 4)
	for row := range rows {
		size := first << max(row, 1) >> 1
		for range width {
			child := f.u64()
			switch {
			case child == nowhere:
			case size <= last:
				heap.blocks = append(heap.blocks, heapBlock{from, size, child})
			default:
				under := uint64(bits.Len64(size / (first * width))) // rows that make up so many bytes
				if err := heap.rows(child, from, under, width, first, last); err != nil {
					return err
				}
			}
			from += size
		}
	}
	return nil
}

// object returns an object by its identifier.
func (heap *fractalHeap) object(id []byte) ([]byte, error) {
	f := fields{b: id}
	kind := f.u8()
	offset, length := f.number(heap.offset), f.number(heap.length)
	if kind != 0 || f.short { // HDF5 puts only objects that are too long for a block elsewhere
		return nil, heap.h.unsupported("HDF5 with names that are very long")
	}
	i := sort.Search(len(heap.blocks), func(i int) bool { return heap.blocks[i].from > offset }) - 1
	if i >= 0 {
		if b := heap.blocks[i]; offset-b.from < b.size && length <= b.size-(offset-b.from) {
			return heap.h.once("a link", b.at+(offset-b.from), length)
		}
	}
	return nil, heap.h.Wrong(fmt.Sprintf("%d bytes at %d", length, offset), "an object inside its heap")
}
