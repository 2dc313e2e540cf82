package autodiff

import (
	"fmt"
	"slices"
)

// Plan is a graph made ready to run: only the steps that the outputs need, in an order that keeps
// little alive, with convolution, bias and ReLU fused, and with every buffer placed in one arena.
type Plan struct {
	// Steps are the operations in the order they run.
	Steps []Step
	// Buffers are the pieces of the arena. Those whose lives do not overlap may share memory.
	Buffers []Buffer
	// ArenaBytes is the size of the arena that holds all buffers: the most memory that values
	// other than constants take.
	ArenaBytes int64
	// Inputs and Consts are the sources that the steps read, in the order they were made.
	Inputs, Consts []*Node
	// Outputs are the nodes that Compile was asked for.
	Outputs []*Node

	buffer map[*Node]int // of every node that lives in the arena
}

// Step computes one node.
type Step struct {
	// Node is the value computed. Op, Attr and In say how; they are the node's own unless fused.
	Node *Node
	Op   *Op
	Attr any
	In   []*Node
	// ReLU is set if negative results are replaced by 0: a ReLU fused into the step.
	ReLU bool
	// FLOPs counts floating-point operations, a multiply-add as two.
	FLOPs float64
}

// Buffer is a piece of the arena. It is in use from step First to step Last; a graph's inputs have
// First = -1, and what must outlive the run has Last = len(Steps).
type Buffer struct {
	Offset, Bytes int64
	First, Last   int
	Nodes         []*Node // that live here, one after the other
}

// FLOPs returns the floating-point operations of one run.
func (p *Plan) FLOPs() float64 {
	var sum float64
	for i := range p.Steps {
		sum += p.Steps[i].FLOPs
	}
	return sum
}

// Buffer returns where n lives. It panics for a constant and for a node that the plan does not keep.
func (p *Plan) Buffer(n *Node) Buffer {
	i, ok := p.buffer[n]
	if !ok {
		panic(fmt.Sprintf("autodiff: the plan has no buffer for %v", n))
	}
	return p.Buffers[i]
}

// ConstBytes returns the size of the constants that the plan reads.
func (p *Plan) ConstBytes() int64 {
	var sum int64
	for _, c := range p.Consts {
		sum += c.Shape.Bytes()
	}
	return sum
}

// Compile plans the computation of outputs, which must belong to one graph.
func Compile(outputs ...*Node) *Plan {
	p := &Plan{Outputs: outputs, buffer: map[*Node]int{}}
	needed := p.reach()
	steps := fuse(needed, outputs)
	p.Steps = schedule(steps, outputs)
	p.place()
	return p
}

// reach returns the nodes that the outputs depend on, in the order they were made, and fills in the
// sources.
func (p *Plan) reach() []*Node {
	g := p.Outputs[0].graph
	seen := make([]bool, len(g.nodes))
	for _, n := range p.Outputs {
		if n.graph != g {
			panic("autodiff: outputs of different graphs")
		}
		seen[n.id] = true
	}
	for id := len(seen) - 1; id >= 0; id-- {
		if seen[id] {
			for _, in := range g.nodes[id].In {
				seen[in.id] = true
			}
		}
	}
	var nodes []*Node
	for id, n := range g.nodes {
		switch {
		case !seen[id]:
		case n.Op.Name == "input":
			p.Inputs = append(p.Inputs, n)
		case n.Op.Name == "const":
			p.Consts = append(p.Consts, n)
		default:
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// fuse turns nodes into steps. What alone reads a node may swallow it: a ReLU a convolution, and a
// sum the gradient of a Gram matrix, which is then added to the other summand while it is computed.
func fuse(nodes, outputs []*Node) []Step {
	readers := map[*Node]int{}
	for _, n := range nodes {
		for _, in := range n.In {
			readers[in]++
		}
	}
	for _, n := range outputs {
		readers[n]++
	}
	swallowed := map[*Node]bool{}
	alone := func(n *Node, op string) bool { return n.Op.Name == op && readers[n] == 1 }
	var steps []Step
	for i := len(nodes) - 1; i >= 0; i-- { // readers come first this way
		n := nodes[i]
		if swallowed[n] {
			continue
		}
		s := Step{Node: n, Op: n.Op, Attr: n.Attr, In: n.In, FLOPs: flops(n)}
		swallow := func(in *Node, extra ...*Node) {
			swallowed[in] = true
			s.Op, s.Attr = in.Op, in.Attr
			s.In = append(slices.Clone(in.In), extra...)
			s.FLOPs += flops(in)
		}
		switch {
		case n.Op.Name == "relu" && alone(n.In[0], "conv2d"):
			swallow(n.In[0])
			s.ReLU = true
		case n.Op.Name == "add" && alone(n.In[1], "gramGrad"):
			swallow(n.In[1], n.In[0])
		case n.Op.Name == "add" && alone(n.In[0], "gramGrad") && n.In[1].Shape == n.Shape:
			swallow(n.In[0], n.In[1])
		}
		steps = append(steps, s)
	}
	slices.Reverse(steps)
	return steps
}

func flops(n *Node) float64 {
	if n.Op.FLOPs == nil {
		return float64(n.Shape.Len())
	}
	return n.Op.FLOPs(n)
}
