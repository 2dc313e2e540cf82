package weights

import (
	"bytes"
	"fmt"
	"slices"
)

// hdf5Object is what the header of an object says (section IV.A of the specification). A group has a table, or links
// and what is said of them; an array has a space, a kind, a layout, and filters if it is compressed.
type hdf5Object struct {
	table                        []byte // where a group's B-tree and heap lie
	links                        []hdf5Child
	linkInfo                     []byte
	space, kind, layout, filters []byte
	attributes                   [][]byte
	elsewhere                    bool // its numbers are in another file
}

func (o *hdf5Object) group() bool { return o.table != nil || o.linkInfo != nil || o.links != nil }

// The messages of an object header that matter.
const (
	hdf5Space        = 0x01
	hdf5LinkInfo     = 0x02
	hdf5Type         = 0x03
	hdf5Link         = 0x06
	hdf5External     = 0x07
	hdf5Layout       = 0x08
	hdf5Filters      = 0x0b
	hdf5Attribute    = 0x0c
	hdf5Continuation = 0x10
	hdf5Table        = 0x11
)

// object reads the header of an object with its continuations.
func (h *hdf5) object(at uint64) (o hdf5Object, err error) {
	header, f, err := h.header(at)
	if err != nil {
		return o, err
	}
	for blocks := []hdf5Fields{f}; len(blocks) > 0; blocks = blocks[1:] {
		for f := blocks[0]; len(f.b) >= header.before(); {
			kind, data, shared := header.next(&f)
			if f.short {
				return o, h.wrong("", "one that is longer", fmt.Sprintf("messages that fit the object at address %d", at))
			}
			if shared && kind != hdf5Continuation { // data says where the message is
				if kind != hdf5Type {
					continue
				}
				data = nil
			}
			switch kind {
			case hdf5Continuation:
				more, err := h.continuation(header, data)
				if err != nil {
					return o, err
				}
				blocks = append(blocks, more)
			case hdf5Link:
				link, ok, err := h.link(data)
				if err != nil {
					return o, err
				}
				if ok {
					o.links = append(o.links, link)
				}
			case hdf5LinkInfo:
				o.linkInfo = data
			case hdf5Table:
				o.table = data
			case hdf5Space:
				o.space = data
			case hdf5Type:
				o.kind = data
			case hdf5Layout:
				o.layout = data
			case hdf5Filters:
				o.filters = data
			case hdf5Attribute:
				o.attributes = append(o.attributes, data)
			case hdf5External:
				o.elsewhere = true
			}
		}
	}
	return o, nil
}

// array makes an entry of an object that is an array. One that no parameter can be is only listed.
func (h *hdf5) array(name string, o hdf5Object) (entry, error) {
	e := entry{name: name, file: h.path, dtype: hdf5DType(o.kind)}
	var ok bool
	if e.shape, ok = hdf5Shape(o.space); !ok {
		return e, h.wrong(name, "another", "a shape of version 1 or 2 with at most 32 sizes")
	}
	e.layout = channelsLast(len(e.shape))
	if e.dtype.decode == nil {
		return e, nil
	}
	if o.elsewhere {
		return e, h.unsupported("HDF5 with numbers in another file, those of " + clean(name))
	}
	f := hdf5Fields{b: o.layout}
	version, class := f.u8(), f.u8()
	switch {
	case version < 3 || version > 5:
		return e, h.unsupported(fmt.Sprintf("HDF5 with a layout of version %d, that of %s", version, clean(name)))
	case class == 0:
		return e, h.compact(&e, f)
	case class == 1:
		return e, h.contiguous(&e, f)
	case class == 2:
		return e, h.chunked(&e, f, version, o.filters)
	}
	return e, h.wrong(name, fmt.Sprintf("class %d", class), "a layout of class 0, 1 or 2")
}

// contiguous is for numbers that lie in one piece in the file.
func (h *hdf5) contiguous(e *entry, f hdf5Fields) error {
	at, size := f.u64(), f.u64()
	switch {
	case f.short:
		return h.wrong(e.name, "a layout that ends early", "an address and a length")
	case size == 0 && slices.Contains(e.shape, 0):
		e.open = noBytes
		return nil
	case at == 1<<64-1:
		return h.wrong(e.name, "none", "numbers")
	case at > uint64(h.end):
		return h.wrong(e.name, fmt.Sprintf("address %d", at), fmt.Sprintf("one within the file's %d bytes", h.end))
	}
	if err := e.lies(h, h.end, int64(at)); err != nil {
		return err
	}
	want := e.count() * int64(e.dtype.size)
	if uint64(want) != size {
		return h.wrong(e.name, fmt.Sprintf("%d bytes", size), fmt.Sprintf("%d bytes", want))
	}
	h.extents = append(h.extents, hdf5Extent{int64(at), int64(at) + want, e.name})
	return nil
}

// compact is for numbers that lie in the header of their array.
func (h *hdf5) compact(e *entry, f hdf5Fields) error {
	data := bytes.Clone(f.bytes(uint64(f.u16())))
	if f.short {
		return h.wrong(e.name, "a layout that ends early", "numbers")
	}
	if err := e.lies(bytes.NewReader(data), int64(len(data)), 0); err != nil {
		return err
	}
	if want := e.count() * int64(e.dtype.size); want != int64(len(data)) {
		return h.wrong(e.name, fmt.Sprintf("%d bytes", len(data)), fmt.Sprintf("%d bytes", want))
	}
	return nil
}

// hdf5Shape reads a dataspace message (IV.A.2.b).
func hdf5Shape(message []byte) (shape []int, ok bool) {
	f := hdf5Fields{b: message}
	version, rank, _ := f.u8(), f.u8(), f.u8()
	switch version {
	case 1:
		f.skip(5)
	case 2:
		if null := f.u8() == 2; null {
			return []int{0}, true
		}
	default:
		return nil, false
	}
	if rank > 32 { // HDF5's own limit
		return nil, false
	}
	shape = make([]int, rank)
	for i := range shape {
		n := f.u64()
		if n > 1<<48 {
			return nil, false
		}
		shape[i] = int(n)
	}
	return shape, !f.short
}

// hdf5DType reads a datatype message (IV.A.2.d). What is no floating-point number gets a name and no more.
func hdf5DType(message []byte) dtype {
	f := hdf5Fields{b: message}
	class, flags, sign, _ := f.u8(), f.u8(), f.u8(), f.u8()
	size := f.u32()
	if f.short {
		return dtype{name: "a type that stands elsewhere in the file"}
	}
	switch class & 15 {
	case 0:
		name := "uint"
		if signed := flags&8 != 0; signed {
			name = "int"
		}
		if size <= 8 {
			return dtype{name: fmt.Sprintf("%s%d", name, size*8)}
		}
	case 1:
		return hdf5Float(flags, sign, size, f)
	case 3:
		return dtype{name: "text"}
	case 6:
		return dtype{name: "records"}
	case 8:
		return dtype{name: "an enumeration"}
	case 9:
		return dtype{name: "text or arrays of any length"}
	}
	return dtype{name: "HDF5's type " + fmt.Sprint(class&15)}
}

// hdf5Float tells the formats of IEEE 754, and bfloat16, by where their bits are.
func hdf5Float(flags, sign byte, size uint32, f hdf5Fields) dtype {
	const implied = 2 << 4 // the highest bit of the fraction
	type bits struct {
		size                                               uint32
		offset, precision                                  uint16
		exponentAt, exponentSize, fractionAt, fractionSize byte
		bias                                               uint32
		flags, sign                                        byte
	}
	have := bits{size, f.u16(), f.u16(), f.u8(), f.u8(), f.u8(), f.u8(), f.u32(), flags &^ 0x0e, sign}
	known := []struct {
		bits
		dtype
	}{
		{bits{2, 0, 16, 10, 5, 0, 10, 15, implied, 15}, float16LE},
		{bits{2, 0, 16, 10, 5, 0, 10, 15, implied | 1, 15}, float16BE},
		{bits{2, 0, 16, 7, 8, 0, 7, 127, implied, 15}, bfloat16LE},
		{bits{4, 0, 32, 23, 8, 0, 23, 127, implied, 31}, float32LE},
		{bits{4, 0, 32, 23, 8, 0, 23, 127, implied | 1, 31}, float32BE},
		{bits{8, 0, 64, 52, 11, 0, 52, 1023, implied, 63}, float64LE},
		{bits{8, 0, 64, 52, 11, 0, 52, 1023, implied | 1, 63}, float64BE},
	}
	for _, k := range known {
		if k.bits == have && !f.short {
			return k.dtype
		}
	}
	return dtype{name: fmt.Sprintf("HDF5's floating point of %d bytes", size)}
}
