package hdf5

import (
	"bytes"
	"fmt"
	"slices"

	"oneiro/weights/internal/container"
)

// object is what the header of an object says (section IV.A of the specification). A group has a table, or
// links and what is said of them; an array has a space, a kind, a layout, and filters if it is compressed.
type object struct {
	table                        []byte // where a group's B-tree and heap are
	links                        []child
	linkInfo                     []byte
	space, kind, layout, filters []byte
	attributes                   [][]byte
	elsewhere                    bool // its numbers are in another file
}

func (o *object) group() bool { return o.table != nil || o.linkInfo != nil || o.links != nil }

// The messages of an object header that matter.
const (
	spaceMessage        = 0x01
	linkInfoMessage     = 0x02
	typeMessage         = 0x03
	linkMessage         = 0x06
	externalMessage     = 0x07
	layoutMessage       = 0x08
	filtersMessage      = 0x0b
	attributeMessage    = 0x0c
	continuationMessage = 0x10
	tableMessage        = 0x11
)

// object reads the header of an object with its continuations.
func (h *hdf5) object(at uint64) (o object, err error) {
	header, f, err := h.header(at)
	if err != nil {
		return o, err
	}
	for blocks := []fields{f}; len(blocks) > 0; blocks = blocks[1:] {
		for f := blocks[0]; len(f.b) >= header.before(); {
			kind, data, shared := header.next(&f)
			if f.short {
				return o, h.Wrong("one that is longer",
					fmt.Sprintf("messages that fit the object at address %d", at))
			}
			if shared && kind != continuationMessage { // data says where the message is
				if kind != typeMessage {
					continue
				}
				data = nil
			}
			switch kind {
			case continuationMessage:
				more, err := h.continuation(header, data)
				if err != nil {
					return o, err
				}
				blocks = append(blocks, more)
			case linkMessage:
				link, ok, err := h.link(data)
				if err != nil {
					return o, err
				}
				if ok {
					o.links = append(o.links, link)
				}
			case linkInfoMessage:
				o.linkInfo = data
			case tableMessage:
				o.table = data
			case spaceMessage:
				o.space = data
			case typeMessage:
				o.kind = data
			case layoutMessage:
				o.layout = data
			case filtersMessage:
				o.filters = data
			case attributeMessage:
				o.attributes = append(o.attributes, data)
			case externalMessage:
				o.elsewhere = true
			}
		}
	}
	return o, nil
}

// array makes an entry of an object that is an array. One that cannot be a parameter is only listed.
func (h *hdf5) array(name string, o object) (container.Tensor, error) {
	e := container.Tensor{Name: name, File: h.File, DType: parseType(o.kind)}
	var ok bool
	if e.Shape, ok = parseShape(o.space); !ok {
		return e, h.Of(name).Wrong("another", "a shape of version 1 or 2 with at most 32 sizes")
	}
	e.Layout = container.TensorFlowLayout(len(e.Shape))
	if e.DType.Decode == nil {
		return e, nil
	}
	if o.elsewhere {
		return e, h.unsupported("HDF5 with numbers in another file, those of " + container.Clean(name))
	}
	f := fields{b: o.layout}
	version, class := f.u8(), f.u8()
	switch {
	case version < 3 || version > 5:
		return e, h.unsupported(fmt.Sprintf("HDF5 with a layout of version %d, that of %s", version,
			container.Clean(name)))
	case class == 0:
		return e, h.compact(&e, f)
	case class == 1:
		return e, h.contiguous(&e, f)
	case class == 2:
		return e, h.chunked(&e, f, version, o.filters)
	}
	return e, h.Of(name).Wrong(fmt.Sprintf("class %d", class), "a layout of class 0, 1 or 2")
}

// contiguous locates numbers in one piece in the file.
func (h *hdf5) contiguous(e *container.Tensor, f fields) error {
	at, size := f.u64(), f.u64()
	switch {
	case f.short:
		return h.Of(e.Name).Wrong("a layout that ends early", "an address and a length")
	case size == 0 && slices.Contains(e.Shape, 0):
		e.Open = container.NoBytes
		return nil
	case at == 1<<64-1:
		return h.Of(e.Name).Wrong("none", "numbers")
	case at > uint64(h.end):
		return h.Of(e.Name).Wrong(fmt.Sprintf("address %d", at),
			fmt.Sprintf("one within the file's %d bytes", h.end))
	}
	if err := e.Locate(h, h.end, int64(at)); err != nil {
		return err
	}
	want := e.Count() * int64(e.DType.Size)
	if uint64(want) != size {
		return h.Of(e.Name).Wrong(fmt.Sprintf("%d bytes", size), fmt.Sprintf("%d bytes", want))
	}
	h.extents = append(h.extents, extent{int64(at), int64(at) + want, e.Name})
	return nil
}

// compact locates numbers in the header of their array.
func (h *hdf5) compact(e *container.Tensor, f fields) error {
	data := bytes.Clone(f.bytes(uint64(f.u16())))
	if f.short {
		return h.Of(e.Name).Wrong("a layout that ends early", "numbers")
	}
	if err := e.Locate(bytes.NewReader(data), int64(len(data)), 0); err != nil {
		return err
	}
	if want := e.Count() * int64(e.DType.Size); want != int64(len(data)) {
		return h.Of(e.Name).Wrong(fmt.Sprintf("%d bytes", len(data)), fmt.Sprintf("%d bytes", want))
	}
	return nil
}

// parseShape reads a dataspace message (IV.A.2.b).
func parseShape(message []byte) (shape []int, ok bool) {
	f := fields{b: message}
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

// parseType reads a datatype message (IV.A.2.d). Types other than floating-point numbers only get a name.
func parseType(message []byte) container.DType {
	f := fields{b: message}
	class, flags, sign, _ := f.u8(), f.u8(), f.u8(), f.u8()
	size := f.u32()
	if f.short {
		return container.DType{Name: "a type that stands elsewhere in the file"}
	}
	switch class & 15 {
	case 0:
		name := "uint"
		if signed := flags&8 != 0; signed {
			name = "int"
		}
		if size <= 8 {
			return container.DType{Name: fmt.Sprintf("%s%d", name, size*8)}
		}
	case 1:
		return parseFloat(flags, sign, size, f)
	case 3:
		return container.DType{Name: "text"}
	case 6:
		return container.DType{Name: "records"}
	case 8:
		return container.DType{Name: "an enumeration"}
	case 9:
		return container.DType{Name: "text or arrays of any length"}
	}
	return container.DType{Name: "HDF5's type " + fmt.Sprint(class&15)}
}

// parseFloat recognises the formats of IEEE 754, and bfloat16, by where their bits are.
func parseFloat(flags, sign byte, size uint32, f fields) container.DType {
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
		container.DType
	}{
		{bits{2, 0, 16, 10, 5, 0, 10, 15, implied, 15}, container.Float16LE},
		{bits{2, 0, 16, 10, 5, 0, 10, 15, implied | 1, 15}, container.Float16BE},
		{bits{2, 0, 16, 7, 8, 0, 7, 127, implied, 15}, container.BFloat16LE},
		{bits{4, 0, 32, 23, 8, 0, 23, 127, implied, 31}, container.Float32LE},
		{bits{4, 0, 32, 23, 8, 0, 23, 127, implied | 1, 31}, container.Float32BE},
		{bits{8, 0, 64, 52, 11, 0, 52, 1023, implied, 63}, container.Float64LE},
		{bits{8, 0, 64, 52, 11, 0, 52, 1023, implied | 1, 63}, container.Float64BE},
	}
	for _, k := range known {
		if k.bits == have && !f.short {
			return k.DType
		}
	}
	return container.DType{Name: fmt.Sprintf("HDF5's floating point of %d bytes", size)}
}
