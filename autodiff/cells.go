package autodiff

// Sums over the positions of a feature map are taken cell by cell, so that a picture gives the same bits
// whether it is summed at once or in parts, on one machine or on several. This is the contract:
//
//   - A cell is a square of so many positions a side. Cells lie side by side from the map's first position on;
//     those at the right and the lower border are cut off. The sum of a cell depends on what is in the cell and
//     on its size, not on where it lies.
//   - Cells are the blocks of level 0 of a quadtree. Block (row, col) of level k+1 consists of the blocks
//     (2·row, 2·col), (2·row, 2·col+1), (2·row+1, 2·col) and (2·row+1, 2·col+1) of level k, as far as there are
//     cells in them. Its sum is theirs added in float32 in this order: ((a+b)+c)+d.
//   - The sum of the map is that of the smallest block at (0, 0) that holds all cells.
//
// A block that is cut out of the map and summed by itself, with the same cells and the same scale, therefore
// has the bits that it has within the map. Sums of blocks that cover the map come together in a [TreeSum].

// Block is a block of the quadtree of cells: 2^Level cells a side, of which the first is cell
// (Row·2^Level, Col·2^Level). At the right and the lower border it is cut off.
type Block struct{ Level, Row, Col int }

// cells is a grid of cells, rows x cols.
type cells struct{ rows, cols int }

// cellsOf returns the grid for a map of h x w positions.
func cellsOf(h, w, side int) cells { return cells{(h + side - 1) / side, (w + side - 1) / side} }

// root returns the block that holds all cells.
func (c cells) root() Block {
	var b Block
	for 1<<b.Level < max(c.rows, c.cols) {
		b.Level++
	}
	return b
}

// parts returns the blocks that b consists of, in the order in which their sums are added.
func (c cells) parts(b Block) []Block {
	var parts []Block
	for i := range 4 {
		p := Block{b.Level - 1, 2*b.Row + i/2, 2*b.Col + i%2}
		if p.Row<<p.Level < c.rows && p.Col<<p.Level < c.cols {
			parts = append(parts, p)
		}
	}
	return parts
}

// Cell is a cell of a feature map: positions Y..Y+H-1 down and X..X+W-1 across. When its sum is there, it is
// added to the last one that was there before, and that to the one before it, Adds times in all.
type Cell struct{ Y, X, H, W, Adds int }

// CellsOf returns the cells of a map of h x w positions in the order in which a device sums them, with the
// additions of the quadtree. side is that of a cell, or 0 for a single cell.
func CellsOf(h, w, side int) []Cell {
	if side == 0 {
		side = max(h, w)
	}
	grid := cellsOf(h, w, side)
	var all []Cell
	var visit func(b Block)
	visit = func(b Block) {
		if b.Level == 0 {
			y, x := b.Row*side, b.Col*side
			all = append(all, Cell{Y: y, X: x, H: min(side, h-y), W: min(side, w-x)})
			return
		}
		for i, p := range grid.parts(b) {
			visit(p)
			if i > 0 {
				all[len(all)-1].Adds++
			}
		}
	}
	visit(grid.root())
	return all
}

// CellSums returns how many sums there are at the same time, at most, when cells are summed in this order.
func CellSums(cells []Cell) int {
	sums, most := 0, 0
	for _, c := range cells {
		sums++
		most = max(most, sums)
		sums -= c.Adds
	}
	return most
}

// TreeSum adds up the sums of blocks that cover a map, in the order of the quadtree whatever the order they
// arrive in. A sum that is complete takes the place of its summands.
type TreeSum struct {
	cells
	sums map[Block][]float32 // that cannot be added yet
}

// NewTreeSum returns the sum for a map of h x w positions in cells of a side.
func NewTreeSum(h, w, side int) *TreeSum {
	return &TreeSum{cellsOf(h, w, side), map[Block][]float32{}}
}

// Add takes the sum of a block, which now belongs to t. Each cell has to come exactly once.
func (t *TreeSum) Add(b Block, sum []float32) {
	t.sums[b] = sum
	if b == t.root() {
		return
	}
	whole := Block{b.Level + 1, b.Row / 2, b.Col / 2}
	parts := t.parts(whole)
	for _, p := range parts {
		if t.sums[p] == nil {
			return
		}
	}
	total := t.sums[parts[0]]
	for _, p := range parts[1:] {
		for i, v := range t.sums[p] {
			total[i] += v
		}
	}
	for _, p := range parts {
		delete(t.sums, p)
	}
	t.Add(whole, total)
}

// Total returns the sum of the map, or nil if blocks are missing.
func (t *TreeSum) Total() []float32 { return t.sums[t.root()] }
