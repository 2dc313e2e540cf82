package tensorflow

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// Checkpoints of objects have a graph of these beside the variables (tensorflow/core/protobuf/
// trackable_object_graph.proto). A variable is called by its way through the graph. Those that Keras 3 exports
// are called by numbers, in an order that means nothing: the graph has the names and the order of the layers.

// objectGraph is the name of the tensor, a text, that the graph is in.
const objectGraph = "_CHECKPOINTABLE_OBJECT_GRAPH"

// exported is what the names of variables begin with that Keras 3 exports.
const exported = "_all_variables/"

// maxObjects bounds what is read of a graph of objects.
const maxObjects = 16 << 20

// renameExported calls variables that Keras 3 exports by their own names, in the order in which the layers were
// made. If the graph cannot be read, they stay as they are.
func (c *checkpoint2) renameExported() {
	if !slices.ContainsFunc(c.all, func(t container.Tensor) bool { return strings.HasPrefix(t.Name, exported) }) {
		return
	}
	text, err := c.objectGraph()
	if err != nil {
		return
	}
	g := objects{scanner: scanner{protobuf.New(c.File, bytes.NewReader(text), int64(len(text)))}}
	if g.Under(g.Whole(), 1, g.node) != nil {
		return
	}
	names := g.names()
	if names == nil {
		return
	}
	ranks, rank, kept := g.order(), map[string]int{}, c.all[:0]
	for _, t := range c.all {
		name, known := names[t.Name]
		if known && name == "" {
			continue // there is a copy
		}
		r, ok := ranks[t.Name]
		if known {
			t.Name = name
		}
		if ok {
			rank[t.Name] = r + 1
		}
		kept = append(kept, t)
	}
	c.all = kept
	last := func(name string) int { return cmp.Or(rank[name], len(c.all)+1) }
	sort.SliceStable(c.all, func(i, j int) bool { return last(c.all[i].Name) < last(c.all[j].Name) })
}

// lists are what the keys of variables begin with that Keras 3 exports. The same variable may be in both.
var lists = []string{"variables/", exported}

// names returns the names of variables by their keys, empty for a copy of one. It is nil if two in a list have
// one name.
func (g *objects) names() map[string]string {
	names, taken := map[string]string{}, map[string]string{}
	for _, list := range lists {
		for _, n := range g.nodes {
			switch {
			case !strings.HasPrefix(n.key, list) || n.name == "" || names[n.key] != "":
			case taken[n.name] == list:
				return nil
			case taken[n.name] != "":
				names[n.key] = ""
			default:
				names[n.key], taken[n.name] = n.name, list
			}
		}
	}
	return names
}

// objectGraph reads the text that the graph is: its length, a checksum of that, and the text.
func (c *checkpoint2) objectGraph() ([]byte, error) {
	at := c.Of(objectGraph)
	if c.objects.size < 5 || c.objects.size > maxObjects || c.objects.shard >= c.shards {
		return nil, at.Wrong(fmt.Sprintf("%d bytes", c.objects.size), "a graph of objects")
	}
	file := fmt.Sprintf("%s.data-%05d-of-%05d", c.prefix, c.objects.shard, c.shards)
	r, size, err := container.OpenRegular(c.root, c.dir, file, objectGraph)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if c.objects.offset > uint64(size) || c.objects.size > uint64(size)-c.objects.offset {
		return nil, at.Truncated(size, 0)
	}
	text := make([]byte, c.objects.size)
	if _, err := io.ReadFull(io.NewSectionReader(r, int64(c.objects.offset), int64(len(text))), text); err != nil {
		return nil, at.Unreadable(err)
	}
	const sum = 4
	length, n := binary.Uvarint(text)
	if n <= 0 || len(text) < n+sum || length != uint64(len(text)-n-sum) {
		return nil, at.Wrong("another length", "one text")
	}
	return text[n+sum:], nil
}

// objects reads a TrackableObjectGraph.
type objects struct {
	scanner
	nodes []object
}

// object is a TrackableObject: its parts, and, of a variable, its name, and the key of its numbers.
type object struct {
	parts     []part
	name, key string
}

type part struct {
	name string
	node uint64
}

func (g *objects) node(message protobuf.Span) error {
	if len(g.nodes) == container.MaxTensors {
		return g.Wrong("more", fmt.Sprintf("at most %d objects", container.MaxTensors))
	}
	var o object
	err := g.Each(message, func(f protobuf.Field) error {
		if f.Number != 1 && f.Number != 2 { // children, attributes
			return nil
		}
		m, err := g.Message(f)
		if err != nil {
			return err
		}
		var p part
		if err := g.Each(m, func(inner protobuf.Field) (err error) {
			switch {
			case f.Number == 1 && inner.Number == 1:
				p.node, err = g.Number(inner)
			case f.Number == 1 && inner.Number == 2:
				p.name, err = g.Text(inner)
			case f.Number == 2 && inner.Number == 2:
				o.name, err = g.Text(inner)
			case f.Number == 2 && inner.Number == 3:
				o.key, err = g.Text(inner)
			}
			return err
		}); err != nil {
			return err
		}
		if f.Number == 1 {
			o.parts = append(o.parts, p)
		}
		return nil
	})
	g.nodes = append(g.nodes, o)
	return err
}

// order returns the places of variables in the list variables of the first object, by their keys.
func (g *objects) order() map[string]int {
	ranks := map[string]int{}
	if len(g.nodes) == 0 {
		return ranks
	}
	for _, p := range g.nodes[0].parts {
		if p.name != "variables" || p.node >= uint64(len(g.nodes)) {
			continue
		}
		for _, v := range g.nodes[p.node].parts {
			if rank, err := strconv.Atoi(v.name); err == nil && v.node < uint64(len(g.nodes)) && rank >= 0 {
				ranks[g.nodes[v.node].key] = rank
			}
		}
	}
	return ranks
}
