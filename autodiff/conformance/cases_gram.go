package conformance

import (
	"fmt"

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
		gram := func(b *builder) *Node { return Gram(b.input(s.x), a) }
		list = append(list, one("gram", name, gram), gradOf("gramGrad", name, 0, gram))
	}
	return list
}
