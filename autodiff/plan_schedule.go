package autodiff

import (
	"cmp"
	"slices"
)

// schedule orders the steps. Of those whose operands are ready it takes one that does not increase the
// memory in use. If all do, it takes the one that a depth-first walk from the outputs reaches first: so
// the gradient of a Gram matrix is computed when the backward pass reaches its layer, not up front.
func schedule(steps []Step, outputs []*Node) []Step {
	made := index(steps)
	root := roots(steps)

	// uses counts the steps yet to come that read a root's memory; outputs are never released.
	uses := map[*Node]int{}
	waits := make([]int, len(steps)) // operands not yet computed
	readers := make([][]int, len(steps))
	for i := range steps {
		for _, in := range distinct(steps[i].Reads()) {
			uses[root(in)]++
			if j, ok := made[in]; ok {
				waits[i]++
				readers[j] = append(readers[j], i)
			}
		}
	}
	for _, n := range outputs {
		uses[root(n)]++
	}

	growth := func(s *Step) int64 {
		var d int64
		if !s.Op.View {
			d = s.Out.Shape.Bytes()
		}
		for _, n := range s.Notes() {
			d += n.Shape.Bytes()
		}
		freed := map[*Node]int{}
		for _, in := range distinct(s.Reads()) {
			freed[root(in)]++
		}
		for r, n := range freed {
			if !r.Op.IsSource() && uses[r] == n && !(s.Op.View && r == root(s.Out)) {
				d -= r.Shape.Bytes()
			}
		}
		return d
	}

	var ready []int
	for i, w := range waits {
		if w == 0 {
			ready = append(ready, i)
		}
	}
	rank := demand(steps, made, outputs)
	order := make([]Step, 0, len(steps))
	for len(ready) > 0 {
		best, bestGrowth := -1, int64(0)
		for k, i := range ready {
			g := max(growth(&steps[i]), 0)
			if best < 0 || g == 0 && bestGrowth > 0 || (g == 0) == (bestGrowth == 0) && rank[i] < rank[ready[best]] {
				best, bestGrowth = k, g
			}
		}
		i := ready[best]
		ready = append(ready[:best], ready[best+1:]...)
		order = append(order, steps[i])
		for _, in := range distinct(steps[i].Reads()) {
			uses[root(in)]--
		}
		for _, r := range readers[i] {
			if waits[r]--; waits[r] == 0 {
				ready = append(ready, r)
			}
		}
	}
	return order
}

// demand returns for each step its place in the order in which a depth-first walk from the outputs
// computes them, the operand with the longest path before it first.
func demand(steps []Step, made map[*Node]int, outputs []*Node) []int {
	depth := make([]int, len(steps)) // steps come after their operands
	for i := range steps {
		for _, in := range steps[i].Reads() {
			if j, ok := made[in]; ok {
				depth[i] = max(depth[i], depth[j]+1)
			}
		}
	}
	rank := make([]int, len(steps))
	seen := make([]bool, len(steps))
	next := 0
	var visit func(n *Node)
	visit = func(n *Node) {
		i, ok := made[n]
		if !ok || seen[i] {
			return
		}
		seen[i] = true
		in := distinct(steps[i].Reads())
		in = slices.DeleteFunc(in, func(n *Node) bool { _, ok := made[n]; return !ok })
		slices.SortStableFunc(in, func(a, b *Node) int { return cmp.Compare(depth[made[b]], depth[made[a]]) })
		for _, n := range in {
			visit(n)
		}
		rank[i] = next
		next++
	}
	for _, n := range outputs {
		visit(n)
	}
	return rank
}

// roots returns a function that maps a node to the one whose memory it is a view of: itself, unless
// it was reshaped.
func roots(steps []Step) func(*Node) *Node {
	of := map[*Node]*Node{}
	for i := range steps {
		if s := &steps[i]; s.Op.View {
			r := s.In[0]
			if of[r] != nil {
				r = of[r]
			}
			of[s.Out] = r
		}
	}
	return func(n *Node) *Node {
		if r := of[n]; r != nil {
			return r
		}
		return n
	}
}

func distinct(nodes []*Node) []*Node {
	var out []*Node
next:
	for _, n := range nodes {
		for _, o := range out {
			if n == o {
				continue next
			}
		}
		out = append(out, n)
	}
	return out
}
