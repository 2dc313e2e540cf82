package autodiff

// schedule orders the steps: of those whose operands are ready it always takes the one that lets
// the memory in use grow least, and among equals the one made first. The gradient of a Gram matrix
// is thus computed when the backward pass arrives at its layer, not all of them up front.
func schedule(steps []Step, outputs []*Node) []Step {
	made := map[*Node]int{} // node -> its step
	for i := range steps {
		made[steps[i].Node] = i
	}
	root := roots(steps)

	// uses counts the steps yet to come that read a root's memory; outputs are never done with.
	uses := map[*Node]int{}
	waits := make([]int, len(steps)) // operands not yet computed
	readers := make([][]int, len(steps))
	for i := range steps {
		for _, in := range distinct(steps[i].In) {
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
			d = s.Node.Shape.Bytes()
		}
		freed := map[*Node]int{}
		for _, in := range distinct(s.In) {
			freed[root(in)]++
		}
		for r, n := range freed {
			if !r.Op.IsSource() && uses[r] == n && !(s.Op.View && r == root(s.Node)) {
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
	order := make([]Step, 0, len(steps))
	for len(ready) > 0 {
		best := 0
		least := growth(&steps[ready[0]])
		for k := 1; k < len(ready); k++ {
			g := growth(&steps[ready[k]])
			if g < least || g == least && ready[k] < ready[best] {
				best, least = k, g
			}
		}
		i := ready[best]
		ready = append(ready[:best], ready[best+1:]...)
		order = append(order, steps[i])
		for _, in := range distinct(steps[i].In) {
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
			of[s.Node] = r
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
