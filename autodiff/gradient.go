package autodiff

import "fmt"

// Gradient adds to the graph the gradient of the scalar y with respect to each of wrt and returns
// those nodes, of the shapes of wrt. It is ordinary graph: it can be differentiated again as far as
// the operations' table has gradients of gradients.
func Gradient(y *Node, wrt ...*Node) []*Node {
	if y.Shape != Scalar {
		panic(fmt.Sprintf("autodiff: the gradient of %v: only a scalar has one", y))
	}
	one := &Tensor{Name: "1", Shape: Scalar, Data: []float32{1}}
	return PullBack([]*Node{y}, func(int) *Node { return y.graph.Const(one) }, wrt...)
}

// PullBack adds to the graph the gradient, with respect to each of wrt, of the sum over i of the inner product
// of ys[i] and dy(i), and returns those nodes (the vector-Jacobian product). dy(i) has the shape of ys[i]; it
// is asked for only if ys[i] depends on one of wrt.
func PullBack(ys []*Node, dy func(i int) *Node, wrt ...*Node) []*Node {
	g := ys[0].graph
	last := 0
	for _, y := range ys {
		if y.graph != g {
			panic("autodiff: gradient of nodes of different graphs")
		}
		last = max(last, y.id)
	}

	// live marks the nodes that depend on one of wrt; only they carry a gradient.
	live := make([]bool, last+1)
	for _, n := range wrt {
		if n.graph != g {
			panic("autodiff: gradient with respect to a node of another graph")
		}
		if n.id <= last {
			live[n.id] = true
		}
	}
	for _, n := range g.nodes[:last+1] {
		for _, in := range n.In {
			live[n.id] = live[n.id] || live[in.id]
		}
	}

	grads := make([]*Node, last+1)
	for i, y := range ys {
		switch {
		case !live[y.id]:
		case grads[y.id] == nil:
			grads[y.id] = dy(i)
		default:
			grads[y.id] = Add(grads[y.id], dy(i))
		}
	}
	for id := last; id >= 0; id-- {
		n, dy := g.nodes[id], grads[id]
		if dy == nil || n.Op.IsSource() {
			continue
		}
		want := func(i int) bool { return live[n.In[i].id] }
		any := false
		for i := range n.In {
			any = any || want(i)
		}
		if !any {
			continue
		}
		if n.Op.Grad == nil {
			panic(fmt.Sprintf("autodiff: %v has no gradient", n))
		}
		for i, dx := range n.Op.Grad(n, dy, want) {
			if dx == nil || !want(i) {
				continue
			}
			in := n.In[i]
			if dx.Shape != in.Shape {
				panic(fmt.Sprintf("autodiff: the gradient of %v for operand %d has shape %v, want %v",
					n, i, dx.Shape, in.Shape))
			}
			if sum := grads[in.id]; sum != nil {
				dx = Add(sum, dx)
			}
			if dx.Name == "" && in.Name != "" {
				dx.Name = "d " + in.Name
			}
			grads[in.id] = dx
		}
	}

	out := make([]*Node, len(wrt))
	for i, n := range wrt {
		if n.id <= last && grads[n.id] != nil {
			out[i] = grads[n.id]
		} else {
			zero := g.Const(&Tensor{Name: "0", Shape: Scalar, Data: []float32{0}})
			out[i] = Fill(zero, n.Shape)
		}
	}
	return out
}
