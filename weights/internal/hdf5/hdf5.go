// Package hdf5 reads files of Keras (.h5), in the subset of HDF5 that h5py writes: groups of the first kind
// and of that of HDF5 1.8, and arrays in one piece or in chunks, which may be compressed. The source is "HDF5
// File Format Specification", version 3.0. Sums of the directory, which only newer structures have, are not
// compared: what is read of it is checked by itself.
package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"oneiro/weights/internal/container"
)

// hdf5 is an open file.
type hdf5 struct {
	container.Source
	container.Place
	end     int64          // of the file, as the superblock has it; no address is beyond it
	left    int            // how many bytes of directory may still be read
	seen    map[int64]bool // addresses that were followed
	heaps   map[int64]globalHeap
	extents []extent
	// description is Keras' of the network, in JSON, if the file has it
	description string
	theano      bool // Keras wrote the file with Theano, whose convolutions turn kernels by 180 degrees
}

// maxDirectory bounds what is read to find the tensors, so that structures that overlap cannot cost more
// than that. The directory of a large network has a few hundred kilobytes.
const maxDirectory = 16 << 20

const (
	magic = "\x89HDF\r\n\x1a\n"
	// howToSave is how to make a file that is read.
	howToSave = "with h5py.File(path, 'w', libver='earliest'), without compression other than gzip, " +
		"or with Keras' model.save('name.h5')"
)

// Is recognises the signature.
func Is(head []byte, _ int64) bool { return bytes.HasPrefix(head, []byte(magic)) }

// Open lists the arrays of a file.
func Open(path string, r container.Source, size int64) (*container.Container, error) {
	h := &hdf5{
		Source: r, Place: container.In(path), end: size, left: maxDirectory,
		seen: map[int64]bool{}, heaps: map[int64]globalHeap{},
	}
	root, err := h.superblock(size)
	if err != nil {
		return nil, err
	}
	found, err := h.walk(root, "", 0)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "an HDF5 file without arrays",
			Advice: "save the network with Keras' model.save('name.h5')"}
	}
	c := &container.Container{Closer: r, Format: "HDF5 file (Keras .h5)"}
	// Keras 1 does not say it in the file, but its authors in the names of theirs
	h.theano = h.theano || strings.Contains(filepath.Base(path), "_th_kernels")
	if isSnapshot(found) {
		c.Format = "Caffe snapshot (.caffemodel.h5)"
		found = snapshot(found)
	}
	for _, f := range found {
		f.Turned = h.theano && len(f.Shape) == 4
		c.Tensors = append(c.Tensors, f.Tensor)
	}
	if h.description != "" {
		Describe(c, []byte(h.description))
	}
	return c, h.apart()
}

// superblock returns the address of the root group. It finds the length that the file should have.
func (h *hdf5) superblock(size int64) (root uint64, err error) {
	b := make([]byte, min(size, 100))
	if n, err := h.ReadAt(b, 0); n < len(b) {
		return 0, (&container.Tensor{File: h.File}).Failed(err, 0, 0)
	}
	f := fields{b: b[len(magic):]}
	version := f.u8()
	var offsets, lengths byte
	var base, end uint64
	length := int64(len(magic)) + 88
	if f.short || version < 2 {
		f.skip(4)
		offsets, lengths = f.u8(), f.u8()
		f.skip(1 + 2 + 2 + 4)
		if version == 1 {
			f.skip(4)
		}
		base = f.u64()
		f.skip(8)
		end = f.u64()
		f.skip(8 + 8)
		root = f.u64()
	} else {
		offsets, lengths, _ = f.u8(), f.u8(), f.u8()
		base = f.u64()
		f.skip(8)
		end, root = f.u64(), f.u64()
		f.skip(4)
		length = int64(len(magic)) + 40
	}
	switch {
	case version > 3 && !f.short:
		return 0, h.unsupported(fmt.Sprintf("version %d of HDF5's superblock", version))
	case f.short:
		return 0, container.In(h.File).Truncated(size, length)
	case offsets != 8 || lengths != 8:
		return 0, h.unsupported(fmt.Sprintf("HDF5 with addresses of %d bytes and lengths of %d", offsets,
			lengths))
	case base != 0:
		return 0, h.unsupported("HDF5 after something else")
	case end > 1<<62:
		return 0, h.Wrong(fmt.Sprintf("%d bytes", end), "a length that a file can have")
	case int64(end) > size:
		return 0, container.In(h.File).Truncated(size, int64(end))
	}
	h.end = int64(end)
	return root, nil
}

// read returns n bytes of directory at an address.
func (h *hdf5) read(what string, at, n uint64) ([]byte, error) {
	end := uint64(h.end)
	if at > end || n > end-at {
		return nil, h.Wrong(fmt.Sprintf("%s of %d bytes at address %d", what, n, at),
			fmt.Sprintf("one within the file's %d bytes", h.end))
	}
	if err := h.spend(int(n)); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if n, err := h.ReadAt(b, int64(at)); n < len(b) {
		return nil, (&container.Tensor{File: h.File}).Failed(err, 0, 0)
	}
	return b, nil
}

// spend counts n bytes of directory, or of names made of it.
func (h *hdf5) spend(n int) error {
	if n > h.left {
		return h.Wrong("more than that", fmt.Sprintf("a directory of at most %d bytes", maxDirectory))
	}
	h.left -= n
	return nil
}

// once reads as read does, but no address twice: the directory is a tree.
func (h *hdf5) once(what string, at, n uint64) ([]byte, error) {
	b, err := h.read(what, at, n)
	if err != nil {
		return nil, err
	}
	if h.seen[int64(at)] {
		return nil, h.Wrong(fmt.Sprintf("a second way to %s at address %d", what, at),
			"a tree, in which there is one")
	}
	h.seen[int64(at)] = true
	return b, nil
}

// block is once for a structure that begins with a signature.
func (h *hdf5) block(what, signature string, at, n uint64) (*fields, error) {
	b, err := h.once(what, at, n)
	if err != nil {
		return nil, err
	}
	if have := b[:len(signature)]; string(have) != signature {
		return nil, h.Wrong(fmt.Sprintf("%q", have), fmt.Sprintf("%s (%s) at address %d", what, signature, at))
	}
	return &fields{b: b[len(signature):]}, nil
}

// unsupported refuses what is sound HDF5 but outside of the subset.
func (h *hdf5) unsupported(looks string) error {
	return &container.UnsupportedError{File: h.File, Looks: looks, Advice: "save it again " + howToSave}
}

// extent is where a tensor's numbers are.
type extent struct {
	from, to int64
	name     string
}

// apart refuses tensors that share bytes.
func (h *hdf5) apart() error {
	sort.Slice(h.extents, func(i, j int) bool { return h.extents[i].from < h.extents[j].from })
	for i := 1; i < len(h.extents); i++ {
		if a, b := h.extents[i-1], h.extents[i]; b.from < a.to {
			return h.Of(b.name).Wrong("the bytes of tensor "+container.Clean(a.name), "bytes of its own")
		}
	}
	return nil
}

// fields takes little-endian numbers from the front of a structure. What is missing is 0, and short is
// true from then on.
type fields struct {
	b     []byte
	short bool
}

// bytes takes n bytes, or none if there are fewer.
func (f *fields) bytes(n uint64) []byte {
	if n > uint64(len(f.b)) {
		f.b, f.short = nil, true
		return nil
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

func (f *fields) skip(n uint64) { f.bytes(n) }

func (f *fields) number(size uint64) uint64 {
	var b [8]byte
	copy(b[:], f.bytes(size))
	return binary.LittleEndian.Uint64(b[:])
}

func (f *fields) u8() byte    { return byte(f.number(1)) }
func (f *fields) u16() uint16 { return uint16(f.number(2)) }
func (f *fields) u32() uint32 { return uint32(f.number(4)) }
func (f *fields) u64() uint64 { return f.number(8) }
