package hdf5

import (
	"fmt"
	"strings"
)

// link reads a link message (IV.A.2.g); ok is false for one that is a second name for something, or in another
// file.
func (h *hdf5) link(message []byte) (c child, ok bool, err error) {
	const widthOfLength, tracked, kind, charset, hard = 3, 4, 8, 16, 0
	f := fields{b: message}
	version, flags := f.u8(), f.u8()
	if version != 1 {
		return c, false, h.Wrong(fmt.Sprintf("version %d", version), "a link of version 1")
	}
	linkKind := byte(hard)
	if flags&kind != 0 {
		linkKind = f.u8()
	}
	if flags&tracked != 0 {
		c.made = f.u64()
	}
	if flags&charset != 0 {
		f.skip(1)
	}
	c.name = string(f.bytes(f.number(1 << (flags & widthOfLength))))
	if linkKind != hard {
		return c, false, nil
	}
	c.at = f.u64()
	if flags&tracked == 0 {
		c.made = c.at
	}
	if f.short || c.name == "" || len(c.name) > maxName || strings.ContainsAny(c.name, "/\x00") {
		return c, false, h.Wrong(fmt.Sprintf("%q", c.name),
			"the name of an object, without a slash, and its address")
	}
	return c, true, nil
}

// denseLinks lists a group whose links are not in its header: a link info message (IV.A.2.c) says where they
// are.
func (h *hdf5) denseLinks(info []byte, all *[]child) error {
	const tracked, nowhere = 1, 1<<64 - 1
	f := fields{b: info}
	version, flags := f.u8(), f.u8()
	if flags&tracked != 0 {
		f.skip(8)
	}
	heapAt, namesAt := f.u64(), f.u64()
	switch {
	case f.short || version != 0:
		return h.Wrong(fmt.Sprintf("version %d, %d bytes", version, len(info)),
			"where the links of a group are, version 0")
	case heapAt == nowhere:
		return nil
	}
	heap, err := h.fractalHeap(heapAt)
	if err != nil {
		return err
	}
	return h.secondTree(namesAt, func(record []byte) error {
		if len(record) < 4 {
			return h.Wrong(fmt.Sprintf("%d bytes", len(record)),
				"the sum of a name, and where it is in its heap")
		}
		message, err := heap.object(record[4:])
		if err != nil {
			return err
		}
		c, ok, err := h.link(message)
		if ok {
			*all = append(*all, c)
		}
		return err
	})
}

// secondTree hands the records of a B-tree of version 2 (III.A.2) that finds links by name to visit.
func (h *hdf5) secondTree(at uint64, visit func(record []byte) error) error {
	const byName, trailer = 5, 4 // a sum
	f, err := h.block("a tree", "BTHD", at, 34)
	if err != nil {
		return err
	}
	version, kind := f.u8(), f.u8()
	node, record, depth := uint64(f.u32()), uint64(f.u16()), int(f.u16())
	f.skip(1 + 1)
	root, records := f.u64(), uint64(f.u16())
	const head, deepest = 4 + 1 + 1, 16
	switch {
	case version != 0 || kind != byName:
		return h.Wrong(fmt.Sprintf("version %d of type %d", version, kind),
			"a tree of links by name, type 5, version 0")
	case record == 0 || node < head+trailer+record || node > 1<<20 || depth > deepest:
		return h.Wrong(fmt.Sprintf("nodes of %d bytes for records of %d, %d levels", node, record, depth),
			fmt.Sprintf("nodes that hold a record, and at most %d levels", deepest))
	case records == 0:
		return nil
	}
	// How many records a node of each level holds and how many are under it says how wide these numbers are.
	room := (node - head - trailer) / record
	counts := bytesFor(room)
	under, width := []uint64{room}, []uint64{0}
	for level := 1; level <= depth; level++ {
		pointer := 8 + counts + width[level-1]
		if node < head+trailer+pointer {
			return h.Wrong(fmt.Sprintf("nodes of %d bytes", node), "nodes that hold a record")
		}
		room := (node - head - trailer - pointer) / (record + pointer)
		if under[level-1] > 1<<32 {
			return h.Wrong("more", "a tree that a file can hold")
		}
		under = append(under, (room+1)*under[level-1]+room)
		width = append(width, bytesFor(under[level]))
	}
	var walk func(at, records uint64, level int) error
	walk = func(at, records uint64, level int) error {
		signature, size := "BTLF", head+records*record
		pointer := uint64(0)
		if level > 0 {
			signature, pointer = "BTIN", 8+counts+width[level-1]
			size += (records + 1) * pointer
		}
		if size > node-trailer {
			return h.Wrong(fmt.Sprintf("%d records", records),
				fmt.Sprintf("those that a node of %d bytes holds", node))
		}
		f, err := h.block("a tree", signature, at, size)
		if err != nil {
			return err
		}
		f.skip(1 + 1)
		for range records {
			if err := visit(f.bytes(record)); err != nil {
				return err
			}
		}
		for level > 0 && len(f.b) > 0 {
			child, records := f.u64(), f.number(counts)
			f.skip(width[level-1])
			if err := walk(child, records, level-1); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(root, records, depth)
}

// bytesFor is how many bytes HDF5 takes for numbers up to n.
func bytesFor(n uint64) uint64 {
	width := uint64(1)
	for n >>= 8; n > 0; n >>= 8 {
		width++
	}
	return width
}
