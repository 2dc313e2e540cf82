package conformance

import (
	"fmt"
	"math/rand/v2"

	. "oneiro/autodiff"
)

func gramCases() []Case {
	var list []Case
	for _, s := range []struct {
		x    Shape
		cell int
	}{
		{shape(1, 1, 1, 1), 0},
		{shape(1, 4, 5, 3), 0},
		{shape(3, 5, 7, 5), 0},
		{shape(1, 12, 11, 33), 0},
		{shape(2, 9, 10, 64), 0},
		{shape(1, 40, 41, 16), 0},
		{shape(1, 1, 2, 70), 0},
		{shape(1, 4, 5, 3), 8},     // smaller than a cell
		{shape(1, 8, 8, 5), 8},     // as large
		{shape(2, 8, 9, 17), 8},    // and a column
		{shape(1, 9, 5, 33), 4},    // cut-off cells, three levels
		{shape(1, 3, 70, 16), 1},   // a line of cells of one position
		{shape(2, 41, 50, 20), 20}, // several parts in a cell, whose rows are copied
		{shape(1, 33, 7, 64), 2},   // more cells than are summed at a time
	} {
		name, a := s.x.String(), GramAttr{Scale: 1 / float64(s.x.H*s.x.W), Cell: s.cell}
		if s.cell > 0 {
			name += fmt.Sprintf(" in cells of %d", s.cell)
		}
		add := func(kind string, build func(b *builder) *Node) {
			list = append(list, one("gram", name+kind, build), gradOf("gramGrad", name+kind, 0, build))
		}
		weights := func(b *builder) *Node { return b.fixed(shape(s.x.N, s.x.H, s.x.W, 1), someWeights) }
		add("", func(b *builder) *Node { return Gram(b.input(s.x), a) })
		add(", weighted", func(b *builder) *Node { return WeightedGram(b.input(s.x), weights(b), a) })
		add(", with mean", func(b *builder) *Node { return both(MeanAndGram(b.input(s.x), nil, a)) })
		add(", weighted with mean", func(b *builder) *Node { return both(MeanAndGram(b.input(s.x), weights(b), a)) })
	}
	return append(list, Case{Name: "gram/mean and Gram matrix", Op: "gram", build: func(b *builder) []*Node {
		x := b.input(shape(2, 7, 9, 12))
		mean, second := MeanAndGram(x, b.fixed(shape(2, 7, 9, 1), someWeights), GramAttr{Scale: 0.05, Cell: 4})
		return []*Node{Square(mean), Square(second)}
	}})
}

// both returns the value that a mean and a Gram matrix are parts of.
func both(_, second *Node) *Node {
	for second.Op.Name != "gram" {
		second = second.In[0]
	}
	return second
}

// someWeights lie between 0 and 2; one in three is 0.
func someWeights(r *rand.Rand, s Shape) []float32 {
	return fill(s, func(int) float64 { return max(0, 3*r.Float64()-1) })
}
