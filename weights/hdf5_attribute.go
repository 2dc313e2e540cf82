package weights

import (
	"fmt"
	"strings"
)

// The attributes in which Keras says the order of layers and of their tensors. Those that would be longer than 64 KB
// are cut into layer_names0, layer_names1 and so on.
const (
	layerNames  = "layer_names"
	weightNames = "weight_names"
)

// attribute reads an attribute of a group, if it has names. Nothing else that is in attributes is needed, so that
// what is unusual there is passed over.
func (h *hdf5) attribute(o *hdf5Object, f *hdf5Fields) error {
	version, flags := f.number(1), f.number(1)
	sizes := [3]uint64{f.number(2), f.number(2), f.number(2)} // of the name, the type, the dimensions
	pad := uint64(1)
	switch version {
	case 1:
		pad, flags = 8, 0
	case 2:
	case 3:
		f.pass(1) // how the name is encoded
	default:
		return h.wrong("", fmt.Sprint(version), "version 1, 2 or 3 of an attribute")
	}
	if sizes[0] > maxTensorName {
		return f.err
	}
	name, _, _ := strings.Cut(f.text((sizes[0]+pad-1)/pad*pad), "\x00")
	list := strings.TrimRight(name, "0123456789")
	if f.err != nil || list != layerNames && list != weightNames || flags&3 != 0 {
		return f.err
	}
	kind := h.fields("the type of "+name, f.part((sizes[1]+pad-1)/pad*pad))
	space := h.fields("the dimensions of "+name, f.part((sizes[2]+pad-1)/pad*pad))
	if f.err != nil {
		return f.err
	}
	shape, err := space.space()
	if err != nil {
		return err
	}
	n, ok := product(shape)
	if !ok {
		return nil // none: a layer without tensors
	}
	class, bits, size := kind.number(1)&15, kind.number(3), kind.number(4)
	if kind.err != nil {
		return kind.err
	}
	variable := class == classVariable && bits&15 == 1 // texts, and not arrays
	if class != classText && !variable || size == 0 {
		return nil
	}
	if n > int64(h.names) {
		return h.wrong("", "more", fmt.Sprintf("at most %d names in attributes", mostEntries))
	}
	h.names -= int(n)
	names := []string{}
	for range n {
		text := f.part(size)
		if f.err == nil && variable {
			text, f.err = h.variableText(text)
		}
		if f.err != nil {
			return f.err
		}
		b, err := h.read(text.at, min(text.length, maxTensorName))
		if err != nil {
			return err
		}
		s, _, _ := strings.Cut(string(b), "\x00")
		names = append(names, s)
	}
	o.lists[name] = names
	return nil
}

// gcHeap is a global heap: where the objects in it are, by their numbers.
type gcHeap map[uint64]extent

// variableText finds a text of any length: it is an object in a global heap.
func (h *hdf5) variableText(reference extent) (extent, error) {
	f := h.fields("a reference to a text", reference)
	length, at, index := f.number(4), f.address(), f.number(4)
	if f.err != nil || length == 0 {
		return extent{}, f.err
	}
	heap, ok := h.heaps[at]
	if !ok {
		var err error
		if heap, err = h.globalHeap(at); err != nil {
			return extent{}, err
		}
		h.heaps[at] = heap
	}
	text, ok := heap[index]
	if !ok || length > uint64(text.length) {
		return extent{}, h.wrong("", fmt.Sprintf("%d bytes of object %d", length, index), "a text in a heap")
	}
	return extent{text.at, int64(length)}, nil
}

func (h *hdf5) globalHeap(at int64) (gcHeap, error) {
	f := h.structure("a global heap", at)
	f.want("GCOL")
	f.pass(4) // version
	size := int64(f.number(8) & (1<<63 - 1))
	if f.err != nil {
		return nil, f.err
	}
	if err := h.claim(extent{at, size}); err != nil {
		return nil, err
	}
	heap := gcHeap{}
	f.end = at + size
	for f.err == nil && f.end-f.at >= 16 {
		index := f.number(2)
		f.pass(6) // how many references
		length := f.number(8)
		if index == 0 { // the rest is free
			break
		}
		heap[index] = f.part(length)
		f.pass(-length & 7)
	}
	return heap, f.err
}
