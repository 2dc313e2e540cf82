package autodiff

import (
	"fmt"
	"strings"
)

// Graph is a set of nodes in the order in which they were made. They can be computed in that order.
type Graph struct {
	nodes  []*Node
	consts map[*Tensor]*Node
}

// NewGraph returns an empty graph.
func NewGraph() *Graph { return &Graph{consts: map[*Tensor]*Node{}} }

// Node is one value of a graph: an operation applied to other nodes of the same graph.
type Node struct {
	// Op is the operation, a row of the table that Ops lists.
	Op *Op
	// Attr holds the operation's parameters; its type belongs to the operation.
	Attr any
	// In are the operands.
	In []*Node
	// Shape is the size of the value.
	Shape Shape
	// Name is for people: reports, plans and errors. It need not be unique.
	Name string

	graph *Graph
	id    int
}

// Tensor is a constant: a parameter of a network or a target. Devices may keep a packed copy of it
// for as long as they live, so Data must not change once a graph uses it. Data may be nil if a plan
// is only to be looked at, not run.
type Tensor struct {
	Name  string
	Shape Shape
	Data  []float32
	// Energy is Σv² over Data, in their order, or 0 for what is not known: it is then computed when a Factor
	// needs it.
	Energy float64
}

// Input adds a value that the caller writes before a run and that keeps its contents between runs.
func (g *Graph) Input(name string, s Shape) *Node {
	if !s.valid() {
		panic(fmt.Sprintf("autodiff: input %q has the impossible shape %v", name, s))
	}
	return g.add(&Node{Op: lookup("input"), Shape: s, Name: name})
}

// Const adds a constant; the same tensor gives the same node.
func (g *Graph) Const(t *Tensor) *Node {
	if n := g.consts[t]; n != nil {
		return n
	}
	if !t.Shape.valid() || t.Data != nil && len(t.Data) != t.Shape.Len() {
		panic(fmt.Sprintf("autodiff: constant %q of shape %v has %d numbers", t.Name, t.Shape, len(t.Data)))
	}
	n := g.add(&Node{Op: lookup("const"), Attr: t, Shape: t.Shape, Name: t.Name})
	g.consts[t] = n
	return n
}

// Nodes returns the nodes in the order they were made. The slice must not be changed.
func (g *Graph) Nodes() []*Node { return g.nodes }

// Tensor returns the tensor of a constant, or nil for any other node.
func (n *Node) Tensor() *Tensor {
	t, _ := n.Attr.(*Tensor)
	return t
}

// FLOPs returns the floating-point operations of one evaluation of n, as Op.FLOPs counts them.
func (n *Node) FLOPs() float64 { return flops(n) }

// Graph returns the graph that n belongs to.
func (n *Node) Graph() *Graph { return n.graph }

// Named gives n a name and returns it.
func (n *Node) Named(name string) *Node {
	n.Name = name
	return n
}

func (n *Node) String() string {
	s := n.Op.Name + " " + n.Shape.String()
	if n.Name != "" {
		s = n.Name + " = " + s
	}
	return s
}

func (g *Graph) add(n *Node) *Node {
	n.graph, n.id = g, len(g.nodes)
	g.nodes = append(g.nodes, n)
	return n
}

// ShapeError is the value that building a node panics with when its operands do not fit. A caller that
// does not know whether they fit, such as one that tries sizes of pictures, may recover it.
type ShapeError struct {
	Op       string
	Operands []*Node
	Attr     any
	Problem  error
}

func (e *ShapeError) Error() string {
	list := make([]string, len(e.Operands))
	for i, n := range e.Operands {
		list[i] = n.String()
	}
	return fmt.Sprintf("autodiff: %s(%s) %+v: %v", e.Op, strings.Join(list, ", "), e.Attr, e.Problem)
}

// apply adds the node op(in...). It panics with a *ShapeError if the operands do not fit.
func apply(op string, attr any, in ...*Node) *Node {
	o := lookup(op)
	shapes := make([]Shape, len(in))
	for i, n := range in {
		if n.graph != in[0].graph {
			panic(fmt.Sprintf("autodiff: %s of nodes of different graphs", op))
		}
		shapes[i] = n.Shape
	}
	s, err := o.Shape(attr, shapes)
	if err == nil && !s.valid() {
		err = fmt.Errorf("the result would have shape %v", s)
	}
	if err != nil {
		panic(&ShapeError{op, in, attr, err})
	}
	return in[0].graph.add(&Node{Op: o, Attr: attr, In: in, Shape: s})
}
