//go:build cuda

package cuda

import "oneiro/autodiff"

// gram adds launches for y = scale·xᵀ·x by cells. The matrix is symmetric: half of it is computed, and always
// in workspace, from which it is mirrored.
func (b *builder) gram(s *autodiff.Step) {
	x := s.In[0].Shape
	size := x.C * x.C
	cells := autodiff.CellsOf(x.H, x.W, s.Attr.(autodiff.GramAttr).Cell)
	others := b.need((autodiff.CellSums(cells) - 1) * size) // sums of cells beside the one that lies in the result
	before := b.inStep
	for image := range x.N {
		y, there := b.at(s.Out).plus(image*size), 0
		for rest := cells; len(rest) > 0; {
			g := b.dev.group(rest, x, image)
			b.inStep = before
			from := b.need(g.ranges() * size)
			grid := [3]int{ceil(x.C, g.tile.rows), ceil(x.C, g.tile.cols), g.ranges()}
			b.launch("gram"+g.kernel, grid, [3]int{threads, 1, 1},
				from, b.at(s.In[0]), table(b, g.table), int32(x.C), int32(x.W))
			b.each("addCells", size, y, others, from, table(b, g.sums), int32(g.cells), int32(there), int32(x.C),
				gramScale(s))
			for _, c := range rest[:g.cells] {
				there += 1 - c.Adds
			}
			rest = rest[g.cells:]
		}
	}
}

// cellGroup is how many cells are summed at a time, and as what product. table has the ranges of positions
// that sums are taken over, and sums the cells, as kernels/gram.cu reads them.
type cellGroup struct {
	product
	cells       int
	table, sums []int32
}

func (g *cellGroup) ranges() int { return len(g.table) / 4 }

// group returns the first of the cells, so many that all processors have something to do. What is done for
// a cell follows from its size alone.
func (d *device) group(cells []autodiff.Cell, x autodiff.Shape, image int) cellGroup {
	var g cellGroup
	for _, c := range cells {
		g.product = d.choose(product{rows: x.C, cols: x.C, depth: c.H * c.W, count: 1})
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

// gramGrad adds launches for y = scale·x·(dG + dGᵀ) + addend, x being (N,H,W,C) and dG (N,1,C,C), with
// the mask that is next: those of gram, which is the step s or one of its Pre.
func (b *builder) gramGrad(s, gram *autodiff.Step, y, addend place) {
	x, dg := gram.In[0], gram.In[1]
	var from place
	if features := s.Producer(x); features != nil {
		from = b.recompute(features)
	} else {
		from = b.at(x)
	}
	sum := b.need(dg.Shape.Len())
	b.each("plusTranspose", dg.Shape.Len(), sum, b.at(dg), int32(x.Shape.C), gramScale(gram))
	p := product{rows: x.Shape.H * x.Shape.W, cols: x.Shape.C, depth: x.Shape.C, count: x.Shape.N}
	e := b.masks(epilogue{scale: 1, addend: addend})
	e.signs = none
	b.matmul(p, y, from, sum, e)
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
