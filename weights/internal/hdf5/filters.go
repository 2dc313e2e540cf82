package hdf5

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/container"
)

// filter is a step that chunks went through before they were written, by its number.
type filter struct {
	kind uint16
	size int // of what is shuffled, in bytes
}

// The filters that are read.
const (
	deflate = 1
	shuffle = 2
)

// filterNames are filters that are not read, for messages.
var filterNames = map[uint16]string{
	3: "with sums (fletcher32)", 4: "compressed with szip", 5: "of fewer bits (nbit)",
	6:     "scaled and shifted (scaleoffset)",
	32000: "compressed with lzf", 32001: "compressed with Blosc", 32004: "compressed with LZ4",
	32008: "shuffled by bits",
	32013: "compressed with zfp", 32015: "compressed with Zstandard", 32026: "compressed with Blosc2",
}

// pipeline reads a filter pipeline message (IV.A.2.l), in the order of writing.
func (h *hdf5) pipeline(tensor string, message []byte) ([]filter, error) {
	if message == nil {
		return nil, nil
	}
	f := fields{b: message}
	version, count := f.u8(), int(f.u8())
	if version == 1 {
		f.skip(6)
	}
	if version != 1 && version != 2 {
		return nil, h.Of(tensor).Wrong(fmt.Sprintf("version %d", version), "filters of version 1 or 2")
	}
	var all []filter
	for range count {
		const named = 256 // filters of others
		kind, name := f.u16(), uint64(0)
		if version == 1 || kind >= named {
			name = uint64(f.u16())
		}
		f.skip(2)
		values := int(f.u16())
		if version == 1 {
			name += -name % 8
		}
		f.skip(name)
		filter := filter{kind: kind}
		for i := range values {
			if v := f.u32(); i == 0 {
				filter.size = int(min(v, 1<<16))
			}
		}
		if version == 1 && values%2 == 1 {
			f.skip(4)
		}
		if f.short {
			return nil, h.Of(tensor).Wrong("filters that end early", fmt.Sprintf("%d of them", count))
		}
		if kind != deflate && kind != shuffle {
			how, ok := filterNames[kind]
			if !ok {
				how = fmt.Sprintf("that went through filter %d", kind)
			}
			return nil, h.unsupported("HDF5 with arrays " + how + ", such as " + container.Clean(tensor))
		}
		all = append(all, filter)
	}
	for i, f := range all { // so that a byte becomes no more than deflate makes of it
		if slices.ContainsFunc(all[:i], func(g filter) bool { return g.kind == f.kind }) {
			return nil, h.Of(tensor).Wrong(fmt.Sprintf("filter %d twice", f.kind), "each filter once")
		}
	}
	return all, nil
}

// used says whether a chunk went through the i-th filter.
func (c chunk) used(i int) bool { return c.skips&(1<<i) == 0 }

// mayHold is how many bytes a chunk can be at most once it is unpacked.
func (c chunk) mayHold(filters []filter) uint64 {
	for i, f := range filters {
		if f.kind == deflate && c.used(i) {
			return c.bytes * archive.MaxInflated
		}
	}
	return c.bytes
}

// read unpacks a chunk into dst, which it fills.
func (c chunk) read(dst []byte, of *chunks) error {
	r := io.Reader(io.NewSectionReader(of.r, int64(c.at), int64(c.bytes)))
	damaged := func(err error) error {
		if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
			return err
		}
		return container.In(of.e.File).Of(of.e.Name).Wrong("damaged data, or another number of bytes",
			fmt.Sprintf("a chunk of %d bytes", len(dst)))
	}
	var err error
	for i := len(of.filters) - 1; i >= 0; i-- {
		if !c.used(i) {
			continue
		}
		switch f := of.filters[i]; f.kind {
		case deflate:
			if r, err = zlib.NewReader(r); err != nil {
				return damaged(err)
			}
		case shuffle:
			if err := fill(r, dst); err != nil {
				return damaged(err)
			}
			r = bytes.NewReader(unshuffled(dst, f.size))
		}
	}
	if err := fill(r, dst); err != nil {
		return damaged(err)
	}
	return nil
}

// fill reads dst, which is all that there is.
func fill(r io.Reader, dst []byte) error {
	if _, err := io.ReadFull(r, dst); err != nil {
		return err
	}
	var more [1]byte
	if n, err := io.ReadFull(r, more[:]); n > 0 || err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// unshuffled puts the bytes of each number together again: the first of all, the second of all and so on
// become numbers of that size. The rest follows them.
func unshuffled(b []byte, size int) []byte {
	if size < 2 {
		return bytes.Clone(b)
	}
	out := bytes.Clone(b)
	n := len(b) / size
	for i := range n {
		for j := range size {
			out[i*size+j] = b[j*n+i]
		}
	}
	return out
}
