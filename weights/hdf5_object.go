package weights

import (
	"fmt"
	"slices"
)

// hdf5Object is what the messages of an object's header say of it: of a group, or of a dataset, which is a tensor.
type hdf5Object struct {
	blocks []extent // of messages that are still to be read

	group      bool
	tree, heap int64               // where its members and their names are
	lists      map[string][]string // the attributes that say in which order the network uses the members

	shaped, typed, stored bool // whether it has what a dataset has to have
	shape                 []int
	dtype                 dtype
	data                  extent // the numbers; at is undefined if nothing was written
}

// maxDepth bounds groups in groups.
const maxDepth = 32

// object reads the object whose header is at an address: a tensor, or a group with the tensors below it. The names
// of the tensors are their paths from there.
func (h *hdf5) object(at int64, depth int) ([]entry, error) {
	o, err := h.header(at)
	switch {
	case err != nil:
		return nil, err
	case o.group && depth == maxDepth:
		return nil, h.wrong("", "more", fmt.Sprintf("at most %d groups in one another", maxDepth))
	case o.group:
		return h.group(o, depth)
	case o.shaped && o.typed && o.stored:
		return h.dataset(o)
	}
	return nil, nil // a type by itself, which has no numbers
}

// header reads an object header of version 1, and the blocks in which it continues.
func (h *hdf5) header(at int64) (*hdf5Object, error) {
	f := h.structure("an object header", at)
	if version := f.number(1); f.err == nil && version != 1 {
		if version == 'O' { // of OHDR, as later versions begin
			return nil, h.unsupported("an HDF5 file with objects of a newer kind")
		}
		return nil, h.wrong("", fmt.Sprint(version), "version 1 of an object header")
	}
	f.pass(7) // reserved, how many messages, how many references
	first := extent{at + 16, int64(f.number(4))}
	if f.err != nil {
		return nil, f.err
	}
	if err := h.claim(extent{at, 16 + first.length}); err != nil {
		return nil, err
	}
	o := &hdf5Object{blocks: []extent{first}, lists: map[string][]string{}}
	for len(o.blocks) > 0 {
		f := h.fields("an object header", o.blocks[0])
		o.blocks = o.blocks[1:]
		for f.err == nil && f.end-f.at >= 8 {
			kind, size, flags := f.number(2), f.number(2), f.number(1)
			f.pass(3)
			body := f.part(size)
			if f.err == nil {
				f.err = h.objectMessage(o, kind, flags, body)
			}
		}
		if f.err != nil {
			return nil, f.err
		}
	}
	return o, nil
}

// objectMessage reads a message of an object header.
func (h *hdf5) objectMessage(o *hdf5Object, kind, flags uint64, body extent) (err error) {
	const (
		space      = 0x01
		links      = 0x02
		kindOf     = 0x03
		link       = 0x06
		external   = 0x07
		layout     = 0x08
		attribute  = 0x0c
		continued  = 0x10
		symbols    = 0x11
		flagShared = 2
	)
	if flags&flagShared != 0 && (kind == space || kind == kindOf) {
		return h.unsupported("an HDF5 file with types that tensors have in common")
	}
	f := h.fields("a message of an object header", body)
	switch kind {
	case space:
		o.shaped = true
		o.shape, err = f.space()
	case kindOf:
		o.typed = true
		o.dtype = f.numberType()
	case layout:
		o.stored = true
		err = h.layout(o, f)
	case attribute:
		if flags&flagShared == 0 {
			err = h.attribute(o, f)
		}
	case continued:
		block := extent{f.address(), int64(f.number(8) & (1<<63 - 1))}
		if f.err == nil {
			err = h.claim(block)
		}
		o.blocks = append(o.blocks, block)
	case symbols:
		o.group = true
		o.tree, o.heap = f.address(), f.address()
	case links, link:
		return h.unsupported("an HDF5 file with groups of a newer kind")
	case external:
		return h.unsupported("an HDF5 file whose numbers are in other files")
	}
	if err == nil {
		err = f.err
	}
	return err
}

// space reads the dimensions of a tensor.
func (f *hdf5Fields) space() ([]int, error) {
	version, rank := f.number(1), f.number(1)
	f.pass(1) // flags
	shape := []int{}
	switch version {
	case 1:
		f.pass(5)
	case 2:
		if null := f.number(1) == 2; null {
			shape = append(shape, 0)
		}
	default:
		return nil, f.wrong("", fmt.Sprint(version), "version 1 or 2 of a dataspace")
	}
	if rank > mostAxes {
		return nil, f.wrong("", fmt.Sprint(rank), fmt.Sprintf("at most %d dimensions", mostAxes))
	}
	for range rank {
		n := f.number(8)
		if n > 1<<48 {
			return nil, f.wrong("", fmt.Sprint(n), "a size that a file can hold")
		}
		shape = append(shape, int(n))
	}
	return shape, f.err
}

// hdf5Floats are the messages that describe numbers of IEEE 754, without the version: bits of the order and the
// sign, the size, and where exponent and fraction are.
var hdf5Floats = map[string]dtype{
	"\x20\x0f\x00\x02\x00\x00\x00" + "\x00\x00\x10\x00\x0a\x05\x00\x0a\x0f\x00\x00\x00": float16LE,
	"\x21\x0f\x00\x02\x00\x00\x00" + "\x00\x00\x10\x00\x0a\x05\x00\x0a\x0f\x00\x00\x00": float16BE,
	"\x20\x0f\x00\x02\x00\x00\x00" + "\x00\x00\x10\x00\x07\x08\x00\x07\x7f\x00\x00\x00": bfloat16LE,
	"\x20\x1f\x00\x04\x00\x00\x00" + "\x00\x00\x20\x00\x17\x08\x00\x17\x7f\x00\x00\x00": float32LE,
	"\x21\x1f\x00\x04\x00\x00\x00" + "\x00\x00\x20\x00\x17\x08\x00\x17\x7f\x00\x00\x00": float32BE,
	"\x20\x3f\x00\x08\x00\x00\x00" + "\x00\x00\x40\x00\x34\x0b\x00\x34\xff\x03\x00\x00": float64LE,
	"\x21\x3f\x00\x08\x00\x00\x00" + "\x00\x00\x40\x00\x34\x0b\x00\x34\xff\x03\x00\x00": float64BE,
}

// The classes of types that are told apart.
const (
	classInteger  = 0
	classFloat    = 1
	classText     = 3
	classEnum     = 8 // such as NumPy's truth values
	classVariable = 9
)

// numberType reads the type of numbers.
func (f *hdf5Fields) numberType() dtype {
	class := f.number(1) & 15
	if class == classFloat {
		if t, ok := hdf5Floats[f.text(19)]; ok {
			return t
		}
		return dtype{name: "floating-point numbers of an unusual kind"}
	}
	bits := f.number(3)
	size := f.number(4)
	switch class {
	case classInteger:
		name := fmt.Sprintf("int%d", 8*size)
		if signed := bits&8 != 0; !signed {
			name = "u" + name
		}
		return dtype{name: name}
	case classText, classVariable:
		return dtype{name: "text"}
	case classEnum:
		return dtype{name: "an enumeration"}
	}
	return dtype{name: fmt.Sprintf("HDF5's class %d", class)}
}

// layout reads where the numbers are.
func (h *hdf5) layout(o *hdf5Object, f *hdf5Fields) error {
	const (
		compact = iota
		contiguous
		chunked
	)
	version, class := f.number(1), f.number(1)
	switch {
	case f.err != nil:
		return f.err
	case version != 3:
		return h.unsupported(fmt.Sprintf("an HDF5 file with a layout of version %d", version))
	case class == compact:
		o.data = f.part(f.number(2))
	case class == contiguous:
		o.data.at = f.address()
		o.data.length = int64(f.number(8) & (1<<63 - 1))
		if f.err == nil && o.data.at != undefined {
			return h.claim(o.data)
		}
	case class == chunked:
		return h.unsupported("an HDF5 file with tensors in chunks, as for compression")
	default:
		return h.wrong("", fmt.Sprint(class), "a layout of one of three classes")
	}
	return f.err
}

// dataset makes a tensor of an object.
func (h *hdf5) dataset(o *hdf5Object) ([]entry, error) {
	e := entry{file: h.path, shape: o.shape, dtype: o.dtype, layout: channelsLast(len(o.shape))}
	if o.dtype.decode == nil || slices.Contains(o.shape, 0) {
		e.unread()
		return []entry{e}, nil
	}
	n, _ := product(o.shape)
	want := n * int64(o.dtype.size)
	switch {
	case o.data.at == undefined:
		return nil, h.wrong("", "none", "the numbers of a tensor of the shape "+by(o.shape))
	case n == 0 || o.data.length != want:
		return nil, h.wrong("", fmt.Sprintf("%d bytes", o.data.length), fmt.Sprintf("as many as the shape %s asks for", by(o.shape)))
	}
	if err := e.lies(h.r, h.size, o.data.at); err != nil {
		return nil, err
	}
	return []entry{e}, nil
}
