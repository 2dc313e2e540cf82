package hdf5

import "fmt"

// header is how the header of an object has its messages (IV.A.1).
type header struct {
	second  bool // version 2, of HDF5 1.8
	tracked bool // messages have the number in which they were made
}

// header reads how a header is written, and its first messages.
func (h *hdf5) header(at uint64) (how header, messages fields, err error) {
	b, err := h.once("an object", at, 16)
	if err != nil {
		return how, messages, err
	}
	if string(b[:4]) == "OHDR" {
		return h.secondHeader(at, b)
	}
	f := fields{b: b}
	if version := f.u8(); version != 1 {
		return how, messages, h.Wrong(fmt.Sprintf("version %d", version),
			fmt.Sprintf("an object header of version 1 or 2 at address %d", at))
	}
	f.skip(1 + 2 + 4)
	messages.b, err = h.once("messages", at+16, uint64(f.u32()))
	return how, messages, err
}

// secondHeader is header for version 2, whose first 16 bytes are b.
func (h *hdf5) secondHeader(at uint64, b []byte) (how header, messages fields, err error) {
	const sizeOfSize, tracked, limits, times = 3, 4, 16, 32
	f := fields{b: b[4:]}
	version, flags := f.u8(), f.u8()
	if version != 2 {
		return how, messages, h.Wrong(fmt.Sprintf("version %d", version),
			fmt.Sprintf("an object header of version 2 at address %d", at))
	}
	begin := at + 6
	if flags&times != 0 {
		begin += 4 * 4
	}
	if flags&limits != 0 {
		begin += 2 + 2
	}
	width := uint64(1) << (flags & sizeOfSize)
	if b, err = h.read("the length of messages", begin, width); err != nil {
		return how, messages, err
	}
	f = fields{b: b}
	messages.b, err = h.once("messages", begin+width, f.number(width))
	return header{second: true, tracked: flags&tracked != 0}, messages, err
}

// continuation reads the messages that a message says are elsewhere.
func (h *hdf5) continuation(how header, message []byte) (messages fields, err error) {
	f := fields{b: message}
	at, size := f.u64(), f.u64()
	if !how.second {
		messages.b, err = h.once("messages", at, size)
		return messages, err
	}
	const signature, sum = "OCHK", 4
	if size < uint64(len(signature))+sum {
		return messages, h.Wrong(fmt.Sprintf("%d bytes", size), "messages with a signature and a sum")
	}
	block, err := h.block("messages", signature, at, size)
	if err != nil {
		return messages, err
	}
	messages.b = block.b[:len(block.b)-sum]
	return messages, nil
}

// before is how many bytes a message has before its data.
func (header header) before() int {
	switch {
	case !header.second:
		return 8
	case header.tracked:
		return 6
	}
	return 4
}

// next takes a message. If it is shared, data says where it is.
func (header header) next(f *fields) (kind uint16, data []byte, shared bool) {
	var size uint64
	var flags byte
	if header.second {
		kind, size, flags = uint16(f.u8()), uint64(f.u16()), f.u8()
		if header.tracked {
			f.skip(2)
		}
	} else {
		kind, size, flags = f.u16(), uint64(f.u16()), f.u8()
		f.skip(3)
	}
	return kind, f.bytes(size), flags&2 != 0
}
