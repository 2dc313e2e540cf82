package hdf5

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
)

// listed returns the names that Keras lists in the attributes layer_names or weight_names of a group. They
// only say in which order the arrays come: other attributes are skipped.
func (h *hdf5) listed(attributes [][]byte) ([]string, error) {
	type part struct {
		number int
		names  []string
	}
	var parts []part
	for _, message := range attributes {
		a, ok := parseAttribute(message)
		number, isPart := listPart(a.name)
		if !ok || !isPart {
			continue
		}
		names, err := h.texts(a)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{number, names})
	}
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].number < parts[j].number })
	var all []string
	for _, p := range parts {
		all = append(all, p.names...)
	}
	return all, nil
}

// text returns the text of the attribute of that name, or nothing.
func (h *hdf5) text(attributes [][]byte, name string) (string, error) {
	for _, message := range attributes {
		a, ok := parseAttribute(message)
		if !ok || a.name != name {
			continue
		}
		all, err := h.texts(a)
		if err != nil || len(all) != 1 {
			return "", err
		}
		return all[0], nil
	}
	return "", nil
}

// listPart recognises the attributes that are lists. Keras splits one that is longer than HDF5 allows into
// layer_names0, layer_names1 and so on.
func listPart(attribute string) (number int, ok bool) {
	for _, list := range []string{"layer_names", "weight_names"} {
		if digits, found := strings.CutPrefix(attribute, list); found {
			number, err := strconv.Atoi("0" + digits)
			return number, err == nil
		}
	}
	return 0, false
}

// attribute holds the parts of an attribute message.
type attribute struct {
	name              string
	kind, space, data []byte
}

// parseAttribute reads an attribute message (IV.A.2.m).
func parseAttribute(message []byte) (a attribute, ok bool) {
	f := fields{b: message}
	version, flags := f.u8(), f.u8()
	name, kind, space := uint64(f.u16()), uint64(f.u16()), uint64(f.u16())
	padding := func(uint64) uint64 { return 0 }
	switch version {
	case 1:
		padding = func(n uint64) uint64 { return -n % 8 }
	case 2:
	case 3:
		f.skip(1) // the encoding of the name
	default:
		return a, false
	}
	take := func(n uint64) []byte {
		b := f.bytes(n)
		f.skip(padding(n))
		return b
	}
	b := take(name)
	a.kind, a.space = take(kind), take(space)
	a.name, a.data = string(bytes.TrimRight(b, "\x00")), f.b
	const shared = 3 // type or shape are somewhere else
	return a, !f.short && (version == 1 || flags&shared == 0)
}

// texts returns the texts that an attribute is made of.
func (h *hdf5) texts(a attribute) ([]string, error) {
	shape, ok := parseShape(a.space)
	count, sound := container.Product(shape)
	f := fields{b: a.kind}
	class, flags := f.u8()&15, f.u8()
	f.skip(2)
	size := uint64(f.u32())
	if !ok || !sound || f.short || size == 0 || uint64(count) > uint64(len(a.data))/size {
		return nil, nil
	}
	var all []string
	for data := a.data; count > 0; count-- {
		text := data[:size]
		data = data[size:]
		const variable, texts = 9, 1
		switch {
		case class == 3:
		case class == variable && flags&15 == texts && size == 16:
			f := fields{b: text}
			length, at, index := f.u32(), f.u64(), f.u32()
			heap, err := h.globalHeap(at)
			if err != nil {
				return nil, err
			}
			text = heap[index]
			text = text[:min(uint64(length), uint64(len(text)))]
		default:
			return nil, nil
		}
		text, _, _ = bytes.Cut(text, []byte{0})
		if err := h.spend(len(text)); err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return all, nil
}

// globalHeap is a collection of texts by their numbers.
type globalHeap map[uint32][]byte

// globalHeap reads a collection of texts (III.E), or returns it if it has been read.
func (h *hdf5) globalHeap(at uint64) (globalHeap, error) {
	if heap, ok := h.heaps[int64(at)]; ok {
		return heap, nil
	}
	f, err := h.block("texts", "GCOL", at, 16)
	if err != nil {
		return nil, err
	}
	f.skip(4)
	size := f.u64()
	if size < 16 {
		return nil, h.Wrong(fmt.Sprintf("%d bytes", size), "texts of 16 bytes and more")
	}
	b, err := h.read("texts", at+16, size-16)
	if err != nil {
		return nil, err
	}
	heap := globalHeap{}
	for f := (fields{b: b}); len(f.b) >= 16; {
		index := uint32(f.u16())
		f.skip(2 + 4)
		length := f.u64()
		if index == 0 { // what is free
			break
		}
		heap[index] = f.bytes(length)
		f.skip(-length % 8)
		if f.short && len(heap[index]) == 0 {
			return nil, h.Wrong(fmt.Sprintf("a text of %d bytes", length), "one that fits its heap")
		}
	}
	h.heaps[int64(at)] = heap
	return heap, nil
}
