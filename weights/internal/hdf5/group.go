package hdf5

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"oneiro/weights/internal/container"
)

// foundArray is an array. Its name is the path from the root.
type foundArray struct {
	container.Tensor
	rank int // its place in the last list that was seen
}

// maxDepth bounds how deeply groups are nested. Keras has five: a model in a model, its layers, the
// layer's scope, and its weights.
const maxDepth = 16

// maxName bounds the name of an object in its group.
const maxName = 1024

// walk lists the arrays of the object at an address and of all that is in it. They come in the order of the
// attributes layer_names and weight_names that Keras gives to its groups; where there are none, in the order
// in which they were made.
func (h *hdf5) walk(at uint64, name string, depth int) ([]foundArray, error) {
	if depth > maxDepth {
		return nil, h.Of(name).Wrong("more of them", fmt.Sprintf("at most %d groups in each other", maxDepth))
	}
	if err := h.spend(len(name)); err != nil {
		return nil, err
	}
	o, err := h.object(at)
	switch {
	case err != nil:
		return nil, err
	case o.group() && o.layout != nil:
		return nil, h.Of(name).Wrong("both", "a group or an array")
	case o.layout != nil:
		e, err := h.array(name, o)
		return []foundArray{{Tensor: e}}, err
	case !o.group():
		return nil, nil // a type with a name, or a kind of object yet to come
	}
	if depth <= 1 {
		backend, err := h.text(o.attributes, "backend")
		if err != nil {
			return nil, err
		}
		h.theano = h.theano || backend == "theano"
	}
	if depth == 0 {
		if h.description, err = h.text(o.attributes, "model_config"); err != nil {
			return nil, err
		}
	}
	children, err := h.children(o)
	if err != nil {
		return nil, err
	}
	var all []foundArray
	prefix := ""
	if depth > 0 {
		prefix = name + "/"
	}
	for _, c := range children {
		found, err := h.walk(c.at, prefix+c.name, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	names, err := h.listed(o.attributes)
	if err != nil {
		return nil, err
	}
	order(all, len(prefix), names)
	return all, nil
}

// order sorts arrays by the first of names that is their name from the byte skip on, or the name of a group on
// the way to it. Those with none come last.
func order(all []foundArray, skip int, names []string) {
	if len(names) == 0 {
		return
	}
	ranks := map[string]int{}
	for i, name := range names {
		if _, ok := ranks[name]; !ok {
			ranks[name] = i
		}
	}
	for i := range all {
		all[i].rank = len(names)
		name := all[i].Name[skip:]
		for end := 1; end <= len(name); end++ {
			if end < len(name) && name[end] != '/' {
				continue
			}
			if r, ok := ranks[name[:end]]; ok {
				all[i].rank = r
				break
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].rank < all[j].rank })
}

// child is a name in a group and the address that it stands for.
type child struct {
	name string
	at   uint64
	made uint64 // its number in the group, or its address, which gives the same order
}

// children lists a group in the order in which its children were made.
func (h *hdf5) children(o object) ([]child, error) {
	all := o.links
	var err error
	switch {
	case o.table != nil:
		err = h.symbolTable(o.table, &all)
	case o.linkInfo != nil:
		err = h.denseLinks(o.linkInfo, &all)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].made < all[j].made })
	return all, err
}

// symbolTable lists a group of the first kind (III.A.1, III.B and III.D of the specification).
func (h *hdf5) symbolTable(table []byte, all *[]child) error {
	f := fields{b: table}
	tree, heap := f.u64(), f.u64()
	if f.short {
		return h.Wrong(fmt.Sprintf("%d bytes", len(table)), "the addresses of a group's tree and names")
	}
	names, err := h.localHeap(heap)
	if err != nil {
		return err
	}
	return h.tree(btree{kind: 0, what: "a group", key: 8, leaf: func(_ []byte, child uint64) error {
		return h.symbols(child, names, all)
	}}, tree, -1)
}

// localHeap returns the bytes that hold the names of a group.
func (h *hdf5) localHeap(at uint64) ([]byte, error) {
	f, err := h.block("a heap", "HEAP", at, 32)
	if err != nil {
		return nil, err
	}
	if version := f.u8(); version != 0 {
		return nil, h.Wrong(fmt.Sprintf("version %d", version), "a heap of version 0")
	}
	f.skip(3)
	size := f.u64()
	f.skip(8)
	return h.once("names", f.u64(), size)
}

// btree is a B-tree of version 1: what it is of, how long its keys are, and what is done with each of its
// leaves and the key before it.
type btree struct {
	kind byte
	what string
	key  uint64
	leaf func(key []byte, child uint64) error
}

// tree walks what is under a node of a B-tree. The level falls by one on each way down; -1 stands for any, as
// the root's is not known.
func (h *hdf5) tree(t btree, at uint64, level int) error {
	const mostLevels = 16 // each node has many children
	f, err := h.block("a tree", "TREE", at, 24)
	if err != nil {
		return err
	}
	kind, have, used := f.u8(), int(f.u8()), f.u16()
	switch {
	case kind != t.kind:
		return h.Wrong(fmt.Sprintf("type %d", kind),
			fmt.Sprintf("a tree of type %d, that of %s", t.kind, t.what))
	case have > mostLevels || level >= 0 && have != level:
		return h.Wrong(fmt.Sprintf("level %d", have),
			fmt.Sprintf("a tree whose level falls, from %d at most", mostLevels))
	}
	b, err := h.read("a tree", at+24, uint64(used)*(t.key+8))
	if err != nil {
		return err
	}
	for f := (fields{b: b}); len(f.b) > 0; {
		key, child := f.bytes(t.key), f.u64()
		if have > 0 {
			err = h.tree(t, child, have-1)
		} else {
			err = t.leaf(key, child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// symbols lists the names in a leaf of a group.
func (h *hdf5) symbols(at uint64, names []byte, all *[]child) error {
	f, err := h.block("symbols", "SNOD", at, 8)
	if err != nil {
		return err
	}
	if version := f.u8(); version != 1 {
		return h.Wrong(fmt.Sprintf("version %d", version), "symbols of version 1")
	}
	f.skip(1)
	b, err := h.read("symbols", at+8, uint64(f.u16())*40)
	if err != nil {
		return err
	}
	for f := (fields{b: b}); len(f.b) > 0; {
		offset, object, cache := f.u64(), f.u64(), f.u32()
		f.skip(4 + 16)
		const symbolicLink = 2
		if cache == symbolicLink { // a second name for what has one already
			continue
		}
		name, ok := heapName(names, offset)
		if !ok {
			return h.Wrong(fmt.Sprintf("%q", name), "the name of an object, without a slash")
		}
		*all = append(*all, child{name, object, object})
	}
	return nil
}

// heapName returns the name at an offset of a group's names, up to a zero.
func heapName(names []byte, offset uint64) (name string, ok bool) {
	if offset >= uint64(len(names)) {
		return "", false
	}
	b, _, ended := bytes.Cut(names[offset:min(offset+maxName, uint64(len(names)))], []byte{0})
	return string(b), ended && len(b) > 0 && !strings.Contains(string(b), "/")
}
