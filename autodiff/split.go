package autodiff

import (
	"fmt"
	"slices"
)

// Split is a graph cut at its sums over positions. What lies before them is computed one window of the picture
// after the other, of any size, and what lies after them once. The sums and gradients that come out are those
// of the whole picture, but for the rounding of sums: windows have halos as wide as the operations need.
//
//	Forward   windows -> what the positions of a tile contribute to Sums
//	Global    Sums -> outputs, and their gradient with respect to Sums
//	Backward  windows, that gradient -> the gradient of the tile's pixels
//
// The nodes of the graph that is split only describe: they take no memory.
type Split struct {
	// Root is the picture that windows are cut from, and Shift the input by which it is rolled before that, or
	// nil.
	Root, Shift *Node
	// Periodic says that the picture continues at its opposite edges.
	Periodic bool
	// Sums are the sums over positions, and Maps the constants and inputs with a value for each position of
	// a layer: targets, weights.
	Sums, Maps []*Node

	nodes   []*Node // of the split graph
	outputs []*Node
	needed  []bool   // of each node
	role    []role   // of each node
	step    [][2]int // of each node on windows: how many pixels of the picture it is from one position to the next
	like    []*Node  // of each node beside: what its windows are as large as, if that is known
	unit    [2]int
	known   map[halosOf]halos // that were asked for
}

// role says where a node is computed.
type role uint8

const (
	roleFixed  role = iota // from constants and inputs alone
	roleWindow             // on windows, from the picture
	roleBeside             // on windows, from maps alone
	roleSum
	roleGlobal // from sums
)

// SplitError reports a graph that cannot be computed on windows of its picture.
type SplitError struct {
	Node    *Node
	Problem string
}

func (e *SplitError) Error() string {
	return fmt.Sprintf("%v cannot be computed on tiles: it %s", e.Node, e.Problem)
}

// NewSplit splits what the outputs depend on. picture is an input of 1 x H x W x C. If it is periodic, it is
// padded with its opposite edges only. The error is a *SplitError.
func NewSplit(picture *Node, periodic bool, outputs ...*Node) (*Split, error) {
	nodes := slices.Clip(picture.graph.nodes)
	n := len(nodes)
	s := &Split{
		Root: picture, Periodic: periodic, nodes: nodes, outputs: outputs, unit: [2]int{1, 1},
		known:  map[halosOf]halos{},
		needed: make([]bool, n), role: make([]role, n), step: make([][2]int, n), like: make([]*Node, n),
	}
	for _, o := range outputs {
		s.needed[o.id] = true
	}
	for id := n - 1; id >= 0; id-- {
		if s.needed[id] {
			for _, in := range s.nodes[id].In {
				s.needed[in.id] = true
			}
		}
	}
	if err := s.findRoot(picture); err != nil {
		return nil, err
	}
	s.role[s.Root.id], s.step[s.Root.id] = roleWindow, [2]int{1, 1}
	for id, node := range s.nodes {
		if !s.needed[id] || node == s.Root || node.Op.IsSource() {
			continue
		}
		if err := s.classify(node); err != nil {
			return nil, err
		}
	}
	for id := n - 1; id >= 0; id-- { // consumers come first
		if node := s.nodes[id]; s.role[id] == roleBeside {
			if err := s.placeBeside(node); err != nil {
				return nil, err
			}
		}
	}
	slices.Reverse(s.Maps)
	if periodic && s.Root.Shape.H%s.unit[0]+s.Root.Shape.W%s.unit[1] > 0 {
		return nil, &SplitError{s.Root, fmt.Sprintf("is periodic, and its sides are no multiples of %v", s.unit)}
	}
	return s, nil
}

// findRoot finds the roll of the picture, if everything reads that instead of the picture.
func (s *Split) findRoot(picture *Node) error {
	var readers []*Node
	for _, n := range s.nodes {
		if s.needed[n.id] && slices.Contains(n.In, picture) {
			readers = append(readers, n)
			if n.Op.Name == "roll" && n.Attr.(int) == 1 {
				s.Root, s.Shift = n, n.In[1]
			}
		}
	}
	if s.Root != picture && len(readers) > 1 {
		return &SplitError{s.Root, "is not all that the picture is used for"}
	}
	return nil
}

// classify finds the role of a node that is no source.
func (s *Split) classify(n *Node) error {
	var onWindow *Node // an operand
	after := false
	for _, in := range n.In {
		switch s.role[in.id] {
		case roleWindow:
			if onWindow == nil {
				onWindow = in
			}
		case roleSum, roleGlobal:
			after = true
		}
	}
	switch {
	case onWindow == nil && after:
		s.role[n.id] = roleGlobal
		return nil
	case onWindow == nil:
		return nil
	case after:
		return &SplitError{n, "needs a sum over the picture at every position"}
	}
	down, across, local := s.local(n)
	isSum := isSum(n)
	if !local && !isSum {
		return &SplitError{n, "needs the whole picture"}
	}
	step := s.step[onWindow.id]
	for i, in := range n.In {
		switch {
		case i > 0 && i == n.Op.Like:
			if s.role[in.id] != roleWindow || s.step[in.id] != enlarged(step, down, across) {
				return &SplitError{n, "is to be as large as a layer of another scale"}
			}
		case !perPosition(n, i):
			if s.role[in.id] == roleWindow {
				return &SplitError{n, "takes the picture for a parameter"}
			}
		case s.role[in.id] == roleWindow:
			if s.step[in.id] != step {
				return &SplitError{n, "joins layers of different scales"}
			}
		default:
			if err := s.setBeside(in, step, onWindow); err != nil {
				return err
			}
		}
	}
	if isSum {
		s.role[n.id] = roleSum
		s.Sums = append(s.Sums, n)
		return nil
	}
	s.role[n.id] = roleWindow
	s.setStep(n, enlarged([2]int{step[0] * down.Stride, step[1] * across.Stride}, down, across))
	return nil
}

// enlarged returns the step of what an operation makes of positions that are step pixels apart.
func enlarged(step [2]int, down, across Taps) [2]int {
	return [2]int{step[0] / max(down.Up, 1), step[1] / max(across.Up, 1)}
}

func (s *Split) local(n *Node) (down, across Taps, ok bool) {
	if n.Op.Local == nil {
		return Taps{}, Taps{}, false
	}
	down, across, ok = n.Op.Local(n)
	if s.Periodic && down.Up+across.Up > 0 {
		return down, across, false
	}
	if s.Periodic && (down.Mode != PadWrap || across.Mode != PadWrap) &&
		down.Before+down.After+across.Before+across.After > 0 { // seams
		return down, across, false
	}
	return down, across, ok
}

// isSum reports whether n is a sum over the positions of its operands.
func isSum(n *Node) bool {
	x := n.In[0].Shape
	return n.Op.Partial != nil && (n.Op.Local == nil || n.Shape.H*n.Shape.W == 1 && x.H*x.W > 1)
}

// perPosition reports whether operand i of n has positions, as opposed to a parameter.
func perPosition(n *Node, i int) bool {
	x, o := n.In[0].Shape, n.In[i].Shape
	return i == 0 || i != n.Op.Like && !slices.Contains(n.Op.Whole, i) && x.H == o.H && x.W == o.W && x.H*x.W > 1
}

func (s *Split) setStep(n *Node, step [2]int) {
	s.step[n.id] = step
	for axis := range step {
		s.unit[axis] = lcm(s.unit[axis], step[axis])
	}
}

// setBeside makes a node without the picture in it one that is computed on windows, as large as those of like,
// which may be nil.
func (s *Split) setBeside(n *Node, step [2]int, like *Node) error {
	switch {
	case s.role[n.id] == roleBeside && s.step[n.id] != step:
		return &SplitError{n, "is used at different scales"}
	case s.role[n.id] != roleBeside:
		s.role[n.id] = roleBeside
		s.setStep(n, step)
	}
	if s.like[n.id] == nil {
		s.like[n.id] = like
	}
	return nil
}

// placeBeside finds what a node without the picture in it reads on windows.
func (s *Split) placeBeside(n *Node) error {
	if n.Op.IsSource() || s.isRolled(n) {
		if s.like[n.id] == nil {
			if n.Shape.H != s.Root.Shape.H || n.Shape.W != s.Root.Shape.W || s.step[n.id] != [2]int{1, 1} {
				return &SplitError{n, "has positions that are not those of a layer"}
			}
			s.like[n.id] = s.Root
		}
		if s.isRolled(n) {
			n = n.In[0]
		}
		s.Maps = append(s.Maps, n)
		return nil
	}
	down, across, ok := s.local(n)
	step := s.step[n.id]
	if !ok || down.Up+across.Up > 0 || step[0]%down.Stride+step[1]%across.Stride != 0 {
		return &SplitError{n, "needs the whole picture"}
	}
	step = [2]int{step[0] / down.Stride, step[1] / across.Stride}
	var like *Node
	if down == samePosition && across == samePosition {
		like = s.like[n.id]
	}
	for i, in := range n.In {
		if !perPosition(n, i) {
			continue
		}
		if err := s.setBeside(in, step, like); err != nil {
			return err
		}
	}
	return nil
}

// isRolled reports whether a node is a constant or an input, as large as the picture, rolled as that is.
func (s *Split) isRolled(n *Node) bool {
	return s.Shift != nil && n.Op.Name == "roll" && n.In[1] == s.Shift && n.In[0].Op.IsSource() && n != s.Root &&
		n.Shape.H == s.Root.Shape.H && n.Shape.W == s.Root.Shape.W && n.Attr == s.Root.Attr
}

// HasPositions reports whether a node is computed on windows.
func (s *Split) HasPositions(n *Node) bool {
	return s.role[n.id] == roleWindow || s.role[n.id] == roleBeside
}

// IsSum reports whether a node is one of Sums.
func (s *Split) IsSum(n *Node) bool { return s.role[n.id] == roleSum }

// Step returns how many pixels of the picture lie between neighbouring positions of a node on windows or of
// the operand of a sum, down and across.
func (s *Split) Step(n *Node) [2]int { return s.step[n.id] }

// Unit returns what the corners of windows and tiles are multiples of, down and across: the stride of the
// whole graph.
func (s *Split) Unit() [2]int { return s.unit }

// Phase returns the multiples of Unit at which windows have to begin, down and across, for a device to round
// values of windows as it rounds those of the whole picture.
func (s *Split) Phase(d Fuser) [2]int {
	tile := func(in, out, h, w int) int { return 1 }
	if t, ok := d.(ConvTiler); ok {
		tile = t.ConvTile
	}
	phase := s.unit
	for id, n := range s.nodes {
		c, ok := n.Attr.(Conv)
		if !ok || s.role[id] != roleWindow || !c.Winograd(n.In[1].Shape) {
			continue
		}
		x, y := n.In[0].Shape, n.Shape
		for axis, step := range s.step[id] {
			phase[axis] = lcm(phase[axis], step*tile(x.C, y.C, y.H, y.W))
			phase[axis] = lcm(phase[axis], step*tile(y.C, x.C, x.H, x.W)) // the gradient
		}
	}
	return phase
}

func lcm(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}
