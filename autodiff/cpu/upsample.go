package cpu

import "oneiro/autodiff"

func init() {
	lowerings["upsample"] = upsample
	lowerings["upsampleGrad"] = upsampleGrad
}

// share is a part of a position that belongs to another one.
type share struct {
	at     int
	weight float32
}

// sharesOf returns what each of so many positions is made of, along an axis of n.
func sharesOf(a autodiff.UpsampleAttr, positions, n int) [][]share {
	all := make([][]share, positions)
	for i := range all {
		lo, hi, w := a.Between(i, n)
		if all[i] = []share{{lo, 1 - w}}; w > 0 {
			all[i] = append(all[i], share{hi, w})
		}
	}
	return all
}

// turned returns what each of n positions is part of, given what those are made of.
func turned(shares [][]share, n int) [][]share {
	all := make([][]share, n)
	for i, list := range shares {
		for _, s := range list {
			all[s.at] = append(all[s.at], share{i, s.weight})
		}
	}
	return all
}

// upsample computes y (N,H',W',C) from x (N,H,W,C).
func upsample(b *builder, s *autodiff.Step) {
	a, x, y := s.Attr.(autodiff.UpsampleAttr), s.In[0], s.Out
	b.mixRows(x, y, sharesOf(a, y.Shape.H, x.Shape.H), sharesOf(a, y.Shape.W, x.Shape.W))
}

// upsampleGrad computes dx (N,H,W,C), given dy (N,H',W',C).
func upsampleGrad(b *builder, s *autodiff.Step) {
	a, dy, dx := s.Attr.(autodiff.UpsampleAttr), s.In[0], s.Out
	b.mixRows(dy, dx, turned(sharesOf(a, dy.Shape.H, dx.Shape.H), dx.Shape.H),
		turned(sharesOf(a, dy.Shape.W, dx.Shape.W), dx.Shape.W))
}

// mixRows adds a stage that makes each row of y of rows of x, and their pixels of pixels.
func (b *builder) mixRows(x, y *autodiff.Node, rows, columns [][]share) {
	p, d, c := b.program, b.dev, x.Shape.C
	b.needScratch(x.Shape.W * c)
	sum := func(dst []float32, shares []share, part func(at int) []float32) {
		for i, s := range shares {
			if i == 0 {
				d.simd.Scale(dst, part(s.at), s.weight)
			} else {
				d.simd.Axpy(dst, part(s.at), s.weight)
			}
		}
	}
	b.each(y.Shape.N*y.Shape.H, y.Shape.W*c, func(lo, hi, worker int) {
		mixed := p.scratch[worker][:x.Shape.W*c]
		for r := lo; r < hi; r++ {
			image, row := r/y.Shape.H, r%y.Shape.H
			sum(mixed, rows[row], func(at int) []float32 { return rowOf(p.data(x), x.Shape, image, at) })
			dst := rowOf(p.data(y), y.Shape, image, row)
			for i, shares := range columns {
				sum(dst[i*c:][:c], shares, func(at int) []float32 { return mixed[at*c:][:c] })
			}
		}
	})
}
