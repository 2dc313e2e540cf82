// Package dataflow finds the layers of a network in a graph of operations: in the order in which they are used,
// with the bias and the batch normalisation that come after each of them. The readers of formats with a graph
// say in its terms what their operations do.
package dataflow

import (
	"slices"

	"oneiro/weights/internal/container"
)

// Kind is what an operation does, as far as layers are concerned.
type Kind int

// The kinds of operations.
const (
	Other     Kind = iota
	Conv           // inputs: x, weight, and a bias if there is one
	Dense          // the same
	Norm           // inputs: x, scale, shift, mean, variance; a name may be empty
	Add            // two inputs, as for the next three
	Sub            // first - second
	Mul            //
	Div            // first / second
	Same           // the output is the first input, perhaps in another type
	Reordered      // the output has the numbers of the first input in another shape or order
)

// Node is an operation.
type Node struct {
	Kind            Kind
	Op              string // the format's name for it
	Inputs, Outputs []string
	Epsilon         float64 // of a Norm
	Factor          string  // of a Norm
}

// Constant is what a value is that depends on no picture.
type Constant struct {
	Tensor string // its name in the file
	Shape  []int  // as the operations see it; nil if that is not known
	// Count is how many numbers it has.
	Count int64
}

// Graph is a network as operations and values.
type Graph struct {
	Nodes     []Node
	Constants map[string]Constant // by the names of values
	// ChannelsLast says that pictures are height, width, channels.
	ChannelsLast bool
	// Outputs says how many channels a layer with that weight makes, or 0 if that is not known.
	Outputs func(weight string) int64
}

// maxSteps bounds how far operations are followed before the first layer and after each, which may be in a
// circle.
const maxSteps = 32

// Layers returns the layers in the order of use, and what is done to the picture before the first one. A layer
// whose weight or bias is computed from other values names none of its tensors.
func (g *Graph) Layers() (layers []container.Layer, before []container.Step) {
	order := g.Spread()
	users, maker := g.users(), map[string]int{}
	for i, n := range g.Nodes {
		for _, v := range n.Outputs {
			maker[v] = i
		}
	}
	for _, i := range order {
		n := &g.Nodes[i]
		if n.Kind != Conv && n.Kind != Dense || len(n.Inputs) < 2 || len(n.Outputs) == 0 {
			continue
		}
		if n.Kind == Dense && g.Constants[n.Inputs[1]].Tensor == "" {
			continue // a product of two things that depend on the picture
		}
		if len(layers) == 0 {
			before = g.before(n.Inputs[0], maker)
		}
		layers = append(layers, g.layer(n, users))
	}
	return layers, before
}

// users lists the nodes that read each value.
func (g *Graph) users() map[string][]int {
	users := map[string][]int{}
	for i, n := range g.Nodes {
		for _, v := range n.Inputs {
			if v != "" && !slices.Contains(users[v], i) {
				users[v] = append(users[v], i)
			}
		}
	}
	return users
}

// Spread makes constants of what is made of constants by changing the shape or the type. It returns the nodes
// so that each comes after those that it needs.
func (g *Graph) Spread() (order []int) {
	order = g.sorted()
	for _, i := range order {
		n := &g.Nodes[i]
		if n.Kind != Same && n.Kind != Reordered || len(n.Inputs) == 0 || len(n.Outputs) == 0 {
			continue
		}
		c, ok := g.Constants[n.Inputs[0]]
		if _, known := g.Constants[n.Outputs[0]]; !ok || known {
			continue
		}
		if n.Kind == Reordered {
			c.Shape = nil
		}
		g.Constants[n.Outputs[0]] = c
	}
	return order
}

// layer makes a layer of a node and of those that follow it, as long as each is the only one that uses what
// the one before it made.
func (g *Graph) layer(n *Node, users map[string][]int) container.Layer {
	l := container.Layer{Weight: g.Constants[n.Inputs[1]].Tensor}
	stage := atBias
	if len(n.Inputs) > 2 && n.Inputs[2] != "" {
		if l.Bias = g.Constants[n.Inputs[2]].Tensor; l.Bias == "" {
			return container.Layer{}
		}
		stage = atMean
	}
	outputs := g.Outputs(l.Weight)
	v := n.Outputs[0]
	for range maxSteps {
		if len(users[v]) != 1 {
			break
		}
		next := &g.Nodes[users[v][0]]
		if len(next.Outputs) == 0 || !g.fold(&l, &stage, next, v, n.Kind == Dense, outputs) {
			break
		}
		v = next.Outputs[0]
	}
	return l
}

// stage is the next part of (x + bias - mean) / deviation · scale + shift that a layer can take.
type stage int

const (
	atBias stage = iota
	atMean
	atDeviation
	atScale
	atShift
	atEnd
)

// fold takes an operation on v into a layer; it returns false if that is not possible.
func (g *Graph) fold(l *container.Layer, at *stage, n *Node, v string, dense bool, outputs int64) bool {
	switch n.Kind {
	case Same:
		return n.Inputs[0] == v
	case Norm:
		return g.foldNorm(l, at, n, v)
	case Add, Sub, Mul, Div:
	default:
		return false
	}
	if len(n.Inputs) != 2 || n.Inputs[0] == n.Inputs[1] {
		return false
	}
	other := n.Inputs[1]
	if other == v {
		if other = n.Inputs[0]; n.Kind == Sub || n.Kind == Div {
			return false
		}
	}
	c, ok := g.Constants[other]
	if !ok || !g.perChannel(c, dense, outputs) {
		return false
	}
	set := func(name *string, part stage) bool {
		if *at > part {
			return false
		}
		*name, *at = c.Tensor, part+1
		return true
	}
	switch n.Kind {
	case Add:
		return c.Count == outputs && set(&l.Bias, atBias) || set(&l.Norm.Shift, atShift)
	case Sub:
		return set(&l.Norm.Mean, atMean)
	case Div:
		return set(&l.Norm.Deviation, atDeviation)
	}
	return set(&l.Norm.Scale, atScale)
}

func (g *Graph) foldNorm(l *container.Layer, at *stage, n *Node, v string) bool {
	if *at > atMean || len(n.Inputs) != 5 || n.Inputs[0] != v {
		return false
	}
	norm := container.Norm{Epsilon: n.Epsilon, Factor: n.Factor}
	for i, name := range []*string{&norm.Scale, &norm.Shift, &norm.Mean, &norm.Variance} {
		if value := n.Inputs[i+1]; value != "" {
			if *name = g.Constants[value].Tensor; *name == "" {
				return false // computed
			}
		}
	}
	l.Norm, *at = norm, atEnd
	switch { // scale and shift may be operations of their own
	case norm.Shift != "":
	case norm.Scale != "":
		*at = atShift
	default:
		*at = atScale
	}
	return true
}

// perChannel says whether a constant has a number for each channel, or one for all of them.
func (g *Graph) perChannel(c Constant, dense bool, outputs int64) bool {
	if c.Count == 1 {
		return true
	}
	if outputs != 0 && c.Count != outputs {
		return false
	}
	if c.Shape == nil {
		return true
	}
	at := len(c.Shape) - 1
	if !dense && !g.ChannelsLast {
		at -= 2
	}
	return at >= 0 && int64(c.Shape[at]) == c.Count
}

// steps are the operations that have a number for each channel.
var steps = map[Kind]container.StepKind{
	Add: container.AddStep, Sub: container.SubtractStep, Mul: container.MultiplyStep, Div: container.DivideStep,
}

// before says what is done to the picture to make v, the first step first.
func (g *Graph) before(v string, maker map[string]int) []container.Step {
	var all []container.Step
	for range maxSteps {
		i, ok := maker[v]
		if !ok {
			break
		}
		n := &g.Nodes[i]
		s, from := container.Step{Kind: steps[n.Kind], Op: n.Op}, -1
		for k, name := range n.Inputs {
			if c, ok := g.Constants[name]; !ok && from < 0 {
				from = k
			} else if ok && s.Tensor == "" {
				s.Tensor, s.Swapped = c.Tensor, from < 0
			}
		}
		if n.Kind != Same && len(n.Inputs) > 0 {
			all = append(all, s)
		}
		if from < 0 {
			break
		}
		v = n.Inputs[from]
	}
	slices.Reverse(all)
	return all
}

// sorted returns the nodes so that each comes after those that it needs, and else in the order of the file.
func (g *Graph) sorted() []int {
	maker := map[string]int{}
	for i, n := range g.Nodes {
		for _, v := range n.Outputs {
			maker[v] = i
		}
	}
	order := make([]int, 0, len(g.Nodes))
	const (
		entered = 1
		left    = 2
	)
	state := make([]int, len(g.Nodes))
	for first := range g.Nodes {
		for stack := []int{first}; len(stack) > 0; {
			i := stack[len(stack)-1]
			if state[i] != 0 {
				stack = stack[:len(stack)-1]
				if state[i] == entered {
					state[i] = left
					order = append(order, i)
				}
				continue
			}
			state[i] = entered
			for _, v := range slices.Backward(g.Nodes[i].Inputs) {
				if m, ok := maker[v]; ok && state[m] == 0 {
					stack = append(stack, m)
				}
			}
		}
	}
	return order
}
