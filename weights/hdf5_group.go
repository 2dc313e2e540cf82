package weights

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// hdf5Member is an object in a group.
type hdf5Member struct {
	name string
	at   int64 // its header
}

// group reads the tensors below a group, in the order that its attributes have, or in that of their headers, which
// is that in which they were written.
func (h *hdf5) group(o *hdf5Object, depth int) ([]entry, error) {
	heap, err := h.localHeap(o.heap)
	if err != nil {
		return nil, err
	}
	var members []hdf5Member
	if err := h.tree(o.tree, heap, 256, &members); err != nil {
		return nil, err
	}
	slices.SortFunc(members, func(a, b hdf5Member) int { return cmp.Compare(a.at, b.at) })
	var all []entry
	for _, m := range members {
		below, err := h.object(m.at, depth+1)
		if err != nil {
			return nil, err
		}
		for _, e := range below {
			if e.name = strings.TrimSuffix(m.name+"/"+e.name, "/"); len(e.name) > maxTensorName {
				return nil, h.wrong("", e.name, fmt.Sprintf("names of at most %d bytes, with all groups", maxTensorName))
			}
			all = append(all, e)
		}
		if len(all) > mostEntries {
			return nil, h.wrong("", "more", fmt.Sprintf("at most %d tensors", mostEntries))
		}
	}
	o.sort(all)
	return all, nil
}

// sort puts the tensors below a group into the order of the names in its attributes: names of tensors, or of groups
// with all that is in them. What is not named comes last.
func (o *hdf5Object) sort(all []entry) {
	place := map[string]int{}
	for _, list := range []string{layerNames, weightNames} {
		names := o.lists[list]
		for i := 0; ; i++ { // a long list is cut into several
			more, ok := o.lists[fmt.Sprint(list, i)]
			if !ok {
				break
			}
			names = append(names, more...)
		}
		for _, name := range names {
			if _, twice := place[name]; !twice {
				place[name] = len(place)
			}
		}
	}
	if len(place) == 0 {
		return
	}
	of := func(e entry) int {
		for i, c := range e.name + "/" {
			if c == '/' {
				if p, ok := place[e.name[:i]]; ok {
					return p
				}
			}
		}
		return len(place)
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(of(a), of(b)) })
}

// tree reads a node of the B-tree (version 1) that has the members of a group. Its level is below that of the node
// that it hangs on.
func (h *hdf5) tree(at int64, names extent, above uint64, members *[]hdf5Member) error {
	f := h.structure("a tree of a group", at)
	f.want("TREE")
	kind, level, n := f.number(1), f.number(1), f.number(2)
	switch {
	case f.err != nil:
		return f.err
	case kind != 0 || level >= above:
		return h.wrong("", fmt.Sprintf("kind %d at level %d", kind, level), fmt.Sprintf("a tree of a group below level %d", above))
	}
	if err := h.claim(extent{at, int64(24 + 16*n + 8)}); err != nil {
		return err
	}
	f.pass(16) // the nodes beside it
	for range n {
		f.pass(8) // the first name
		node := f.address()
		if f.err != nil {
			return f.err
		}
		read := h.symbols
		if level > 0 {
			read = func(at int64, names extent, members *[]hdf5Member) error { return h.tree(at, names, level, members) }
		}
		if err := read(node, names, members); err != nil {
			return err
		}
	}
	return nil
}

// symbols reads a node with members of a group.
func (h *hdf5) symbols(at int64, names extent, members *[]hdf5Member) error {
	f := h.structure("a list of a group", at)
	f.want("SNOD")
	f.pass(2) // version
	n := f.number(2)
	if f.err != nil {
		return f.err
	}
	if err := h.claim(extent{at, int64(8 + 40*n)}); err != nil {
		return err
	}
	for range n {
		name, header, cache := f.number(8), f.address(), f.number(4)
		f.pass(4 + 16)
		if f.err != nil {
			return f.err
		}
		const symbolic = 2 // a link by name to something that has its place elsewhere
		if cache == symbolic {
			continue
		}
		m := hdf5Member{at: header}
		var err error
		if m.name, err = h.heapName(names, name); err != nil {
			return err
		}
		if len(*members) == mostEntries {
			return h.wrong("", "more", fmt.Sprintf("at most %d members of a group", mostEntries))
		}
		*members = append(*members, m)
	}
	return nil
}

// localHeap returns where the names of the members of a group are.
func (h *hdf5) localHeap(at int64) (extent, error) {
	f := h.structure("a heap of names", at)
	f.want("HEAP")
	f.pass(4) // version
	names := extent{length: int64(f.number(8) & (1<<63 - 1))}
	f.pass(8) // free space
	names.at = f.address()
	if f.err != nil {
		return extent{}, f.err
	}
	if err := h.claim(extent{at, 32}); err != nil {
		return extent{}, err
	}
	return names, h.claim(names)
}

// heapName reads a name, which ends with a zero.
func (h *hdf5) heapName(names extent, offset uint64) (string, error) {
	if offset >= uint64(names.length) {
		return "", h.wrong("", fmt.Sprintf("%d in %d bytes", offset, names.length), "the place of a name")
	}
	b, err := h.read(names.at+int64(offset), min(names.length-int64(offset), maxTensorName+1))
	if err != nil {
		return "", err
	}
	end := bytes.IndexByte(b, 0)
	if end < 1 || bytes.IndexByte(b[:end], '/') >= 0 {
		return "", h.wrong("", fmt.Sprintf("%q", b[:min(len(b), 20)]), fmt.Sprintf("a name of 1 to %d bytes without /", maxTensorName))
	}
	return string(b[:end]), nil
}
