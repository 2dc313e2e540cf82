package autodiff

import (
	"slices"
	"testing"
)

// TestCells checks the order of cells and the tree of their sums, written out.
func TestCells(t *testing.T) {
	// 3 x 3 cells of 4 positions, the last of which are cut off:
	//
	//	0 1 | 4
	//	2 3 | 5
	//	----+--
	//	6 7 | 8
	want := []Cell{
		{0, 0, 4, 4, 0}, {0, 4, 4, 4, 1}, {4, 0, 4, 4, 1}, {4, 4, 4, 4, 1},
		{0, 8, 4, 1, 0}, {4, 8, 4, 1, 2},
		{8, 0, 2, 4, 0}, {8, 4, 2, 4, 2},
		{8, 8, 2, 1, 1},
	}
	if got := CellsOf(10, 9, 4); !slices.Equal(got, want) {
		t.Errorf("cells %v, want %v", got, want)
	}
	if n := CellSums(want); n != 3 {
		t.Errorf("%d sums at a time, want 3", n)
	}
	for _, side := range []int{0, 10, 16} {
		if got := CellsOf(10, 9, side); !slices.Equal(got, []Cell{{0, 0, 10, 9, 0}}) {
			t.Errorf("cells of %d: %v", side, got)
		}
	}

	// Numbers whose sum depends on the order.
	cell := func(i int) float32 { return []float32{1e8, 3, -1e8, 5, 7, 1e8, -1e8, 2, 9}[i] }
	sum := func(v ...float32) float32 {
		total := v[0]
		for _, x := range v[1:] {
			total += x
		}
		return total
	}
	tree := sum(
		sum(cell(0), cell(1), cell(2), cell(3)), sum(cell(4), cell(5)), sum(cell(6), cell(7)), cell(8))
	line := sum(cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7), cell(8))
	if line == tree {
		t.Fatal("the order of these numbers does not matter")
	}
	places := []Block{
		{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {0, 0, 2}, {0, 1, 2}, {0, 2, 0}, {0, 2, 1}, {0, 2, 2},
	}
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8}, {8, 7, 6, 5, 4, 3, 2, 1, 0}, {4, 0, 8, 2, 6, 1, 7, 3, 5}} {
		s := NewTreeSum(10, 9, 4)
		for _, i := range order {
			if s.Total() != nil {
				t.Error("a total before all blocks are there")
			}
			s.Add(places[i], []float32{cell(i)})
		}
		if got := s.Total(); len(got) != 1 || got[0] != tree {
			t.Errorf("order %v: %v, want %v", order, got, tree)
		}
		if len(s.sums) != 1 {
			t.Errorf("%d sums are kept", len(s.sums))
		}
	}
}
