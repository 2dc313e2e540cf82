package autodiff

import (
	"cmp"
	"slices"
)

// arenaAlign is the alignment of buffers in bytes: a cache line, and the widest vector.
const arenaAlign = 64

// place finds out when each buffer is alive, lets results take over the memory of operands that are no
// longer needed, and lays the buffers out in the arena.
func (p *Plan) place() {
	root := roots(p.Steps)
	last := map[*Node]int{} // root -> last step that reads it
	for i := range p.Steps {
		for _, in := range p.Steps[i].Reads() {
			last[root(in)] = i
		}
	}
	pinned := map[*Node]bool{}
	for _, n := range p.Outputs {
		pinned[root(n)] = true
	}
	for _, n := range p.Inputs {
		pinned[n] = true
	}
	for n := range pinned {
		last[n] = len(p.Steps)
	}

	add := func(n *Node, first int) {
		end := first
		if l, ok := last[n]; ok {
			end = l
		}
		p.buffer[n] = len(p.Buffers)
		p.Buffers = append(p.Buffers, Buffer{Bytes: n.Shape.Bytes(), First: first, Last: end, Nodes: []*Node{n}})
	}
	for _, n := range p.Inputs {
		add(n, -1)
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		for _, n := range s.Notes() {
			add(n, i)
		}
		if s.Op.View {
			if b, ok := p.buffer[root(s.Out)]; ok { // else a view of a constant
				p.buffer[s.Out] = b
				p.Buffers[b].Nodes = append(p.Buffers[b].Nodes, s.Out)
			}
			continue
		}
		if b, ok := p.takeOver(s, i, root, pinned); ok {
			p.buffer[s.Out] = b
			p.Buffers[b].Nodes = append(p.Buffers[b].Nodes, s.Out)
			p.Buffers[b].Last = i
			if l, ok := last[s.Out]; ok {
				p.Buffers[b].Last = l
			}
			continue
		}
		add(s.Out, i)
	}
	p.layOut()
}

// takeOver returns the buffer of an operand that step i may overwrite with its result.
func (p *Plan) takeOver(s *Step, i int, root func(*Node) *Node, pinned map[*Node]bool) (int, bool) {
	for _, in := range s.InPlace() {
		b, ok := p.buffer[in]
		if !ok || pinned[root(in)] || p.Buffers[b].Last != i || p.Buffers[b].Bytes != s.Out.Shape.Bytes() {
			continue
		}
		return b, true
	}
	return 0, false
}

// layOut assigns offsets: the largest buffers first, each as low as its life allows.
func (p *Plan) layOut() {
	order := make([]int, len(p.Buffers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(p.Buffers[b].Bytes, p.Buffers[a].Bytes)
	})
	var placed []int
	for _, i := range order {
		b := &p.Buffers[i]
		var busy []int
		for _, j := range placed {
			if o := &p.Buffers[j]; o.First <= b.Last && b.First <= o.Last {
				busy = append(busy, j)
			}
		}
		slices.SortFunc(busy, func(x, y int) int { return cmp.Compare(p.Buffers[x].Offset, p.Buffers[y].Offset) })
		var at int64
		for _, j := range busy {
			o := &p.Buffers[j]
			if at+b.Bytes <= o.Offset {
				break
			}
			at = max(at, (o.Offset+o.Bytes+arenaAlign-1)/arenaAlign*arenaAlign)
		}
		b.Offset = at
		p.ArenaBytes = max(p.ArenaBytes, at+b.Bytes)
		placed = append(placed, i)
	}
}
