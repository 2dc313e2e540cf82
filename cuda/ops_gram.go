//go:build cuda

package cuda

import "oneiro/autodiff"

// gram adds launches for y = scale·xᵀ·diag(weights)·x by cells. The matrix is symmetric: half of it is
// computed, and always in workspace, from which it is mirrored. If it has a last row, for the mean, that is a
// column there.
func (b *builder) gram(s *autodiff.Step) {
	x := s.In[0].Shape
	n, cols := s.Out.Shape.W*x.C, s.Out.Shape.W
	cells := autodiff.CellsOf(x.H, x.W, s.Attr.(autodiff.GramAttr).Cell)
	others := b.need((autodiff.CellSums(cells) - 1) * n) // sums of cells beside the one that lies in the result
	before := b.inStep
	for image := range x.N {
		y, there := b.at(s.Out).plus(image*n), 0
		for rest := cells; len(rest) > 0; {
			g := b.dev.group(rest, x, image, product{rows: x.C, cols: cols, count: 1, small: isWeighted(s)})
			b.inStep = before
			from := b.need(g.ranges() * x.C * cols)
			b.gramSums(s, &g, from)
			b.each("addCells", n, y, others, from, table(b, g.sums),
				int32(g.cells), int32(there), int32(x.C), int32(cols),
				gramScale(s))
			for _, c := range rest[:g.cells] {
				there += 1 - c.Adds
			}
			rest = rest[g.cells:]
		}
	}
}

// isWeighted reports whether a Gram matrix has weights, or a row for the mean.
func isWeighted(s *autodiff.Step) bool { return len(s.In) > 1 || s.Attr.(autodiff.GramAttr).Mean }

// gramSums adds the launch that sums the ranges of a group.
func (b *builder) gramSums(s *autodiff.Step, g *cellGroup, to place) {
	x, ranges := s.In[0].Shape, table(b, g.table)
	grid := [3]int{ceil(g.rows, g.tile.rows), ceil(g.cols, g.tile.cols), g.ranges()}
	block := [3]int{threads, 1, 1}
	if !g.small {
		b.launch("gram"+g.kernel, grid, block, to, b.at(s.In[0]), ranges, int32(x.C), int32(x.W))
		return
	}
	weights := none
	if len(s.In) > 1 {
		weights = b.at(s.In[1])
	}
	b.launch("gramWeighted"+g.kernel, grid, block,
		to, b.at(s.In[0]), weights, ranges, int32(x.C), int32(g.cols), int32(x.W))
}

// cellGroup is how many cells are summed at a time, and as what product. table has the ranges of positions
// that sums are taken over, and sums the cells, as kernels/gram.cu reads them.
type cellGroup struct {
	product
	cells       int
	table, sums []int32
}

func (g *cellGroup) ranges() int { return len(g.table) / 4 }

// group returns the first of the cells, so many that all processors have something to do, with a product p for
// each. What is done for a cell follows from its size alone.
func (d *device) group(cells []autodiff.Cell, x autodiff.Shape, image int, p product) cellGroup {
	var g cellGroup
	for _, c := range cells {
		p.depth = c.H * c.W
		g.product = d.choose(p)
		for k := 0; k < g.depth; k += g.span {
			corner := (image*x.H+c.Y)*x.W + c.X
			g.table = append(g.table, int32(corner), int32(c.W), int32(k), int32(min(k+g.span, g.depth)))
		}
		g.sums = append(g.sums, int32(g.parts), int32(c.Adds))
		g.cells++
		if g.ranges()*g.tiles() >= fill*d.info.Processors {
			break
		}
	}
	return g
}

// gramGrad adds launches for y = scale·weights·(x·(dG + dGᵀ) + b) + addend, x being (N,H,W,C) and dG (N,1,C,C),
// or with b as one more row, with the mask that is next: those of gram, which is the step s or one of its Pre.
func (b *builder) gramGrad(s, gram *autodiff.Step, y, addend place) {
	x, dg := gram.In[0], gram.In[1]
	var from place
	if features := s.Producer(x); features != nil {
		from = b.recompute(features)
	} else {
		from = b.at(x)
	}
	rows := dg.Shape.W
	sum := b.need(dg.Shape.Len())
	b.each("plusTranspose", dg.Shape.Len(), sum, b.at(dg), int32(rows), int32(x.Shape.C), gramScale(gram))
	p := product{rows: x.Shape.H * x.Shape.W, cols: x.Shape.C, depth: rows, count: x.Shape.N}
	e := b.masks(epilogue{scale: 1, addend: addend})
	e.signs = none
	switch {
	case len(gram.In) > 2:
		p.small = true
		b.multiply("gramGrad", p, y, e, from, b.at(gram.In[2]), sum)
	case rows > x.Shape.C:
		p.small = true
		b.multiply("gramGrad", p, y, e, from, none, sum)
	default:
		b.matmul(p, y, from, sum, e)
	}
}

// gramScale returns the factor of a Gram matrix, or of its gradient.
func gramScale(s *autodiff.Step) float32 { return float32(s.Attr.(autodiff.GramAttr).Scale) }

func init() {
	lowerings["gram"] = (*builder).gram
	lowerings["gramGrad"] = func(b *builder, s *autodiff.Step) {
		addend := none
		if sum := b.take("add"); sum != nil {
			addend = b.at(sum.In[0])
		}
		b.gramGrad(s, s, b.at(s.Out), addend)
	}
}
