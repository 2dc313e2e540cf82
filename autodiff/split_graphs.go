package autodiff

import "fmt"

// Map is an input of a graph of windows that holds a window of a constant or an input of the split graph. Its
// position 0 is that of the picture's window divided by Step. If it is Rolled, that is a window of it rolled by
// Split.Shift, as that of the picture is.
type Map struct {
	Of, Input *Node
	Step      [2]int
	Rolled    bool
}

// Mask is an input of a graph of windows, 1 x H x W x 1: 1 at positions that count, 0 elsewhere. Step is as a
// Map's. There are Extent positions in the whole picture; those of the last tiles go up to there.
type Mask struct {
	Input  *Node
	Step   [2]int
	Extent [2]int
}

// Param is an input of a graph of windows that holds all of an input of the split graph: one without positions.
type Param struct{ Of, Input *Node }

// Forward is the graph of what a tile contributes to the sums of a split.
type Forward struct {
	Root   *Node // the input for the window
	Maps   []Map
	Params []Param
	Masks  []Mask
	// Sums are the contributions to each of Split.Sums; nil for none.
	Sums []*Node
	// Outputs are those outputs of the split that have positions, on the window; nil for others.
	Outputs []*Node
}

// Backward is the graph of the gradient of a window.
type Backward struct {
	Root   *Node // the input for the window
	Maps   []Map
	Params []Param
	// Seeds are inputs for the gradients with respect to Split.Sums.
	Seeds    []*Node
	Gradient *Node // with respect to Root
}

// Global is the graph of what follows from the sums.
type Global struct {
	// Sums are inputs for Split.Sums.
	Sums []*Node
	// Outputs are the outputs of the split; nil for those that have positions.
	Outputs []*Node
	// Seeds are the gradient of the first output, a scalar, with respect to Sums.
	Seeds []*Node

	of map[*Node]*Node
}

// Of returns the node that stands for an input of the split graph, or nil.
func (g *Global) Of(n *Node) *Node { return g.of[n] }

// windows is a graph of windows in the making.
type windows struct {
	*Split
	root   *Node
	maps   []Map
	params []Param
	of     map[*Node]*Node // by the nodes of the split graph
}

func (s *Split) windows(h, w int) *windows {
	root := NewGraph().Input(s.Root.Name, Shape{s.Root.Shape.N, h, w, s.Root.Shape.C})
	return &windows{Split: s, root: root, of: map[*Node]*Node{s.Root: root}}
}

// build adds all nodes on windows, and calls sum with every sum and its operands, in the order of the split
// graph: gradients are then added in the same order.
func (b *windows) build(sum func(n *Node, in []*Node)) {
	for id, n := range b.nodes {
		switch {
		case !b.needed[id] || n == b.Root || n.Op.IsSource() || b.isRolled(n):
		case b.role[id] == roleWindow || b.role[id] == roleBeside:
			attr := n.Attr
			if c, ok := attr.(Conv); ok {
				c.Whole = [2]int{n.In[0].Shape.H, n.In[0].Shape.W}
				attr = c
			}
			b.of[n] = apply(n.Op.Name, attr, b.operands(n)...)
			b.of[n].Name = n.Name
		case b.role[id] == roleSum:
			sum(n, b.operands(n))
		}
	}
}

func (b *windows) operands(n *Node) []*Node {
	in := make([]*Node, len(n.In))
	for i, o := range n.In {
		in[i] = b.operand(o)
	}
	return in
}

func (b *windows) operand(o *Node) *Node {
	if n := b.of[o]; n != nil {
		return n
	}
	g := b.root.graph
	var n *Node
	switch {
	case b.role[o.id] == roleBeside: // a source, or one that is rolled
		like := b.of[b.like[o.id]]
		if like == nil {
			panic(&ShapeError{o.Op.Name, nil, o.Attr, fmt.Errorf("its window is not known yet")})
		}
		n = g.Input(o.Name, Shape{o.Shape.N, like.Shape.H, like.Shape.W, o.Shape.C})
		if of := o; b.isRolled(o) {
			of = o.In[0]
			b.maps = append(b.maps, Map{of, n, b.step[o.id], true})
		} else {
			b.maps = append(b.maps, Map{of, n, b.step[o.id], false})
		}
	case o.Tensor() != nil:
		n = g.Const(o.Tensor())
	case o.Op.IsSource():
		n = g.Input(o.Name, o.Shape)
		b.params = append(b.params, Param{o, n})
	default: // made of constants and inputs alone
		n = apply(o.Op.Name, o.Attr, b.operands(o)...)
	}
	b.of[o] = n
	return n
}

// Forward returns the graph for windows of h x w pixels.
func (s *Split) Forward(h, w int) *Forward {
	b := s.windows(h, w)
	f := &Forward{Root: b.root}
	type positions struct {
		step, extent [2]int
		of           Shape
	}
	masks := map[positions]*Node{}
	b.build(func(n *Node, in []*Node) {
		step := s.step[n.In[0].id]
		counted := func(x *Node) *Node {
			// As many positions as the window has more or fewer than that of the operand, the picture has more or
			// fewer, too.
			extent := [2]int{
				n.In[0].Shape.H + x.Shape.H - in[0].Shape.H, n.In[0].Shape.W + x.Shape.W - in[0].Shape.W,
			}
			p := positions{step, extent, Shape{1, x.Shape.H, x.Shape.W, 1}}
			if masks[p] == nil {
				masks[p] = b.root.graph.Input("positions of the tile", p.of)
				f.Masks = append(f.Masks, Mask{masks[p], step, extent})
			}
			return masks[p]
		}
		part := n.Op.Partial(n, in, counted)
		if part != nil {
			part.Name = n.Name
		}
		f.Sums = append(f.Sums, part)
	})
	for _, o := range s.outputs {
		f.Outputs = append(f.Outputs, nil)
		if s.HasPositions(o) {
			f.Outputs[len(f.Outputs)-1] = b.of[o]
		}
	}
	f.Maps, f.Params = b.maps, b.params
	return f
}

// Backward returns the graph for windows of h x w pixels.
func (s *Split) Backward(h, w int) *Backward {
	b := s.windows(h, w)
	d := &Backward{Root: b.root}
	var sums []*Node
	b.build(func(n *Node, in []*Node) {
		if n.Op.Local == nil {
			sums = append(sums, apply(n.Op.Name, n.Attr, in...))
		} else { // a mean over all positions: the window's own would be another
			sums = append(sums, meanOf(n, in[0]))
		}
		d.Seeds = append(d.Seeds, b.root.graph.Input("d "+n.Name, n.Shape))
	})
	d.Gradient = PullBack(sums, func(i int) *Node { return d.Seeds[i] }, b.root)[0].Named("gradient")
	d.Maps, d.Params = b.maps, b.params
	return d
}

// Global returns the graph of what follows from the sums. The outputs of the split must not all have positions.
func (s *Split) Global() *Global {
	g := NewGraph()
	d := &Global{of: map[*Node]*Node{}}
	for _, n := range s.Sums {
		in := g.Input(n.Name, n.Shape)
		d.Sums = append(d.Sums, in)
		d.of[n] = in
	}
	var operand func(n *Node) *Node
	operand = func(n *Node) *Node {
		if d.of[n] != nil {
			return d.of[n]
		}
		var c *Node
		switch {
		case n.Tensor() != nil:
			c = g.Const(n.Tensor())
		case n.Op.IsSource():
			c = g.Input(n.Name, n.Shape)
		default:
			in := make([]*Node, len(n.In))
			for i, o := range n.In {
				in[i] = operand(o)
			}
			c = apply(n.Op.Name, n.Attr, in...)
		}
		c.Name = n.Name
		d.of[n] = c
		return c
	}
	for _, o := range s.outputs {
		if s.HasPositions(o) {
			d.Outputs = append(d.Outputs, nil)
		} else {
			d.Outputs = append(d.Outputs, operand(o))
		}
	}
	if first := d.Outputs[0]; first != nil && first.Shape == Scalar && len(d.Sums) > 0 {
		d.Seeds = Gradient(first, d.Sums...)
	}
	return d
}
