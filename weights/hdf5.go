package weights

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// hdf5 is a file of HDF5 as h5py writes it for Keras: the part of the format that is older than 2008 (superblock
// version 0 or 1, groups in symbol tables), with the numbers of a tensor in one piece. The specification is the HDF5
// File Format Specification, version 3.0 (docs.hdfgroup.org); all numbers are little-endian.
type hdf5 struct {
	*window
	io.Closer
	all []entry

	parts []extent         // everything that the directory consists of, and all numbers
	total int64            // the bytes of it
	used  map[int64]bool   // where parts begin
	heaps map[int64]gcHeap // heaps of texts, by where they begin
	names int              // how many more names are read from attributes
}

const hdf5Signature = "\x89HDF\r\n\x1a\n"

// hdf5Advice is for files of a kind that is not read.
const hdf5Advice = "load it in Python and save it again with h5py, without compression and with libver=\"earliest\", its default"

func (h *hdf5) format() string   { return "HDF5 (Keras .h5)" }
func (h *hdf5) entries() []entry { return h.all }

func isHDF5(head []byte, _ int64) bool { return strings.HasPrefix(string(head), hdf5Signature) }

func openHDF5(path string, r source, size int64) (container, error) {
	h := &hdf5{
		window: newWindow(path, r, size), Closer: r,
		used: map[int64]bool{}, heaps: map[int64]gcHeap{}, names: mostEntries,
	}
	root, err := h.superblock()
	if err != nil {
		return nil, err
	}
	if h.all, err = h.object(root, 0); err != nil {
		return nil, err
	}
	if err := h.apart(); err != nil {
		return nil, err
	}
	return h, nil
}

// superblock returns where the root group is.
func (h *hdf5) superblock() (root int64, err error) {
	if h.size < 16 {
		return 0, &TruncatedError{File: h.path}
	}
	f := h.fields("the superblock", extent{8, h.size - 8})
	version := f.number(1)
	if version > 1 {
		return 0, h.unsupported(fmt.Sprintf("an HDF5 file of a newer kind (superblock %d)", version))
	}
	f.pass(4)
	if offsets, lengths := f.number(1), f.number(1); f.err == nil && (offsets != 8 || lengths != 8) {
		return 0, h.unsupported(fmt.Sprintf("an HDF5 file with addresses of %d and lengths of %d bytes", offsets, lengths))
	}
	f.pass(9) // reserved, sizes of nodes, flags
	if version == 1 {
		f.pass(4)
	}
	base := f.number(8)
	f.pass(8) // free space
	end, driver := f.number(8), f.address()
	f.pass(8) // the name of the root group
	root = f.address()
	switch {
	case f.err != nil:
		return 0, &TruncatedError{File: h.path}
	case end > uint64(h.size):
		return 0, &TruncatedError{h.path, "", h.size, int64(min(end, 1<<48))}
	case base != 0 || driver != undefined:
		return 0, h.unsupported("a part of an HDF5 file")
	}
	return root, h.claim(extent{0, f.at})
}

func (h *hdf5) unsupported(looks string) error {
	return &UnsupportedError{File: h.path, Looks: looks, Advice: hdf5Advice}
}

// claim notes that a part of the file has been given out. It refuses a part that begins where another does, which
// ends every circle, and more bytes than the file has.
func (h *hdf5) claim(part extent) error {
	if part.at < 0 || part.length < 0 || part.at > h.size || part.length > h.size-part.at {
		return h.wrong("", fmt.Sprintf("%d bytes at %d of %d", part.length, part.at, h.size), "a place in the file")
	}
	h.total += part.length
	if h.used[part.at] || h.total > h.size {
		return h.wrong("", fmt.Sprintf("%d taken twice", part.at), "a place of its own for everything")
	}
	if part.length > 0 {
		h.used[part.at] = true
		h.parts = append(h.parts, part)
	}
	return nil
}

// apart checks that no two parts overlap.
func (h *hdf5) apart() error {
	slices.SortFunc(h.parts, func(a, b extent) int { return cmp.Compare(a.at, b.at) })
	for i := 1; i < len(h.parts); i++ {
		if h.parts[i].at < h.parts[i-1].end() {
			return h.wrong("", fmt.Sprintf("%d taken twice", h.parts[i].at), "a place of its own for everything")
		}
	}
	return nil
}

// undefined is the address of what is not there.
const undefined = -1

// hdf5Fields reads the fields of a structure one behind the other. After an error it reads zeros.
type hdf5Fields struct {
	*cursor
	err error
}

func (h *hdf5) fields(what string, part extent) *hdf5Fields {
	return &hdf5Fields{cursor: h.cursor(what, part)}
}

// structure begins at an address and is as long as it says.
func (h *hdf5) structure(what string, at int64) *hdf5Fields {
	f := h.fields(what, extent{at, h.size - at})
	if at == undefined {
		f.err = h.wrong("", "none", what)
	}
	return f
}

// part passes over n bytes.
func (f *hdf5Fields) part(n uint64) (part extent) {
	if f.err == nil {
		part, f.err = f.skip(n)
	}
	return part
}

func (f *hdf5Fields) pass(n uint64) { f.part(n) }

// text reads n bytes.
func (f *hdf5Fields) text(n uint64) string {
	if f.err != nil {
		return ""
	}
	b, err := f.bytes(n)
	f.err = err
	return string(b)
}

// number reads a whole number of n bytes.
func (f *hdf5Fields) number(n uint64) (v uint64) {
	if f.err == nil {
		v, f.err = f.fixed(n)
	}
	return v
}

// address reads an address, which is undefined or lies in the file.
func (f *hdf5Fields) address() int64 {
	v := f.number(8)
	switch {
	case v == 1<<64-1:
		return undefined
	case v > uint64(f.size) && f.err == nil:
		f.err = f.wrong("", fmt.Sprintf("the address %d in %s", v, f.what), fmt.Sprintf("one in a file of %d bytes", f.size))
	}
	return int64(v)
}

// want reads what a structure begins with.
func (f *hdf5Fields) want(start string) {
	if have := f.text(uint64(len(start))); f.err == nil && have != start {
		f.err = f.wrong("", fmt.Sprintf("%q", have), fmt.Sprintf("%q at the start of %s", start, f.what))
	}
}
