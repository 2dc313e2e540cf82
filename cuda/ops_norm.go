//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	// The variance is the mean square of distances from the mean: in float32 the difference of two large
	// sums would have few digits left.
	lowerings["moments"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], b.at(s.Out)
		rows, c := x.Shape.Rows(), x.Shape.C
		scale := 1 / float32(rows)
		b.columnSums(y, b.at(x), rows, c, scale)
		b.overRows("columnSquares", y.plus(c), rows, c, c, scale, b.at(x), y)
	}
	lowerings["batchNorm"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0]
		rows, c := x.Shape.Rows(), x.Shape.C
		grid, block := columns(rows, c)
		b.launch("batchNorm", grid, block, int32(rows), int32(c), b.at(s.Out), b.at(x), b.at(s.In[1]), scaleOf(s))
	}
	lowerings["batchNormGrad"] = func(b *builder, s *autodiff.Step) {
		dy, y := b.at(s.In[0]), b.at(s.In[1])
		rows, c := s.Out.Shape.Rows(), s.Out.Shape.C
		means := b.need(2 * c)
		b.overRows("columnProducts", means, rows, c, 2*c, 1/float32(rows), dy, y)
		grid, block := columns(rows, c)
		b.launch("batchNormGrad", grid, block,
			int32(rows), int32(c), b.at(s.Out), dy, y, b.at(s.In[2]), means, scaleOf(s))
	}
}
