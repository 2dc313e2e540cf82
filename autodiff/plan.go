package autodiff

import "fmt"

// Plan is a graph made ready to run on a device: only the steps that the outputs need, fused as the
// device asks for, in an order that keeps little alive, and with every buffer placed in one arena.
// It does not change once it is compiled.
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

// Compile plans the computation of outputs, which must belong to one graph, with the fused steps that
// d asks for: the device that is to run the plan.
func Compile(d Fuser, outputs ...*Node) *Plan { return compile(d, outputs, false) }

// CompileRecompute is Compile for little memory: values that are cheap to compute are computed again
// where the backward pass reads them.
func CompileRecompute(d Fuser, outputs ...*Node) *Plan { return compile(d, outputs, true) }

func compile(d Fuser, outputs []*Node, again bool) *Plan {
	p := &Plan{Outputs: outputs, buffer: map[*Node]int{}}
	steps := p.reach()
	steps = maskPooled(steps, outputs)
	keepMasks(steps)
	steps = fuse(d, steps, outputs)
	if again {
		recompute(d, steps)
	}
	p.Steps = schedule(steps, outputs)
	p.place()
	return p
}

// reach returns a step for each of the nodes that the outputs depend on, in the order they were made,
// and fills in the sources.
func (p *Plan) reach() []Step {
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
	var steps []Step
	for id, n := range g.nodes {
		switch {
		case !seen[id]:
		case n.Op.Name == "input":
			p.Inputs = append(p.Inputs, n)
		case n.Op.Name == "const":
			p.Consts = append(p.Consts, n)
		default:
			steps = append(steps, stepOf(n))
		}
	}
	return steps
}

// index returns where each node is computed.
func index(steps []Step) map[*Node]int {
	of := map[*Node]int{}
	for i := range steps {
		for _, n := range steps[i].Writes() {
			of[n] = i
		}
	}
	return of
}

// countReaders returns how often each node is read by a step or asked for.
func countReaders(steps []Step, outputs []*Node) map[*Node]int {
	readers := map[*Node]int{}
	for i := range steps {
		for _, in := range steps[i].Reads() {
			readers[in]++
		}
	}
	for _, n := range outputs {
		readers[n]++
	}
	return readers
}

func flops(n *Node) float64 {
	if n.Op.FLOPs == nil {
		return float64(n.Shape.Len())
	}
	return n.Op.FLOPs(n)
}
