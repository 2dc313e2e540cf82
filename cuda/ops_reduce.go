//go:build cuda

package cuda

import "oneiro/autodiff"

// A sum takes two launches: blocks add up pieces, whose number depends on the size alone, and one block adds
// up what they got.

func init() {
	lowerings["sum"] = func(b *builder, s *autodiff.Step) {
		n := s.In[0].Shape.Len()
		blocks := pieces(n)
		partials := b.needSums(blocks)
		b.line("sum", blocks, n, partials, b.at(s.In[0]))
		b.total(s.Out, partials, blocks, scaleOf(s))
	}
	lowerings["squaredError"] = func(b *builder, s *autodiff.Step) {
		n := s.In[0].Shape.Len()
		blocks := pieces(n)
		partials, target := b.needSums(blocks), none
		if len(s.In) == 2 {
			target = b.at(s.In[1])
		}
		b.line("squaredError", blocks, n, partials, b.at(s.In[0]), target)
		b.total(s.Out, partials, blocks, factorOf(s))
	}
	lowerings["sumRows"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0]
		b.columnSums(b.at(s.Out), b.at(x), x.Shape.Rows(), x.Shape.C, 1)
	}
}

// maxPieces is how many partial sums there are at most: several for every multiprocessor of a large GPU.
const maxPieces = 512

// pieces returns how many blocks add up n numbers, each thread at least four quads.
func pieces(n int) int {
	return min(ceil(n, 4*4*threads), maxPieces)
}

// needSums returns room for n partial sums, which are float64.
func (b *builder) needSums(n int) place { return b.need(2 * n) }

// total adds the launch that sets y to scale times the sum of n partial sums.
func (b *builder) total(y *autodiff.Node, partials place, n int, scale float32) {
	b.line("total", 1, n, b.at(y), partials, scale)
}

// columns returns a grid over a matrix, and its blocks: up to 32 columns wide and as high as the threads
// suffice. Its height is how many blocks share the rows of the same columns.
func columns(rows, c int) (grid, block [3]int) {
	wide := 1
	for wide < min(c, 32) {
		wide *= 2
	}
	high := threads / wide
	across := ceil(c, wide)
	down := min(ceil(rows, 8*high), max(maxPieces/across, 1))
	return [3]int{across, down, 1}, [3]int{wide, high, 1}
}

// overRows adds the launches that sum up columns over rows: those of the kernel, which writes width
// partial sums for each of its blocks' rows, and those that add them up into y.
func (b *builder) overRows(kernel string, y place, rows, c, width int, scale float32, args ...any) {
	grid, block := columns(rows, c)
	partials := b.needSums(grid[1] * width)
	b.launch(kernel, grid, block, append([]any{int32(rows), int32(c), partials}, args...)...)
	totals, block := columns(grid[1], width)
	totals[1] = 1
	b.launch("columnTotals", totals, block, int32(grid[1]), int32(width), y, partials, scale)
}

// columnSums sets y to scale times the sums of the columns of x.
func (b *builder) columnSums(y, x place, rows, c int, scale float32) {
	b.overRows("columnSums", y, rows, c, c, scale, x)
}
