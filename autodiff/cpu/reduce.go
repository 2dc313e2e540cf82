package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

func init() {
	lowerings["sum"] = func(b *builder, s *autodiff.Step) {
		x, y, scale := s.In[0], s.Out, s.Attr.(float64)
		p, d := b.program, b.dev
		b.reduce(x.Shape.Len(), 1,
			func(lo, hi int) float64 { return d.simd.Sum(p.data(x)[lo:hi]) },
			func(total float64) { p.data(y)[0] = float32(scale * total) })
	}
	lowerings["squaredError"] = func(b *builder, s *autodiff.Step) {
		y, scale := s.Out, s.Attr.(autodiff.Factor).Value()
		p, d := b.program, b.dev
		b.reduce(s.In[0].Shape.Len(), 1,
			func(lo, hi int) float64 {
				x := p.data(s.In[0])[lo:hi]
				if len(s.In) == 1 {
					return d.simd.Dot(x, x)
				}
				return d.simd.SquaredDistance(x, p.data(s.In[1])[lo:hi])
			},
			func(total float64) { p.data(y)[0] = float32(scale * total) })
	}
	lowerings["squaredErrorGrad"] = func(b *builder, s *autodiff.Step) {
		y, scale := s.Out, s.Attr.(autodiff.Factor).Value()
		p, d := b.program, b.dev
		b.each(y.Shape.Len(), 1, func(lo, hi, _ int) {
			k := float32(scale * float64(p.data(s.In[0])[0]))
			x, dst := p.data(s.In[1])[lo:hi], p.data(y)[lo:hi]
			if len(s.In) == 2 {
				d.simd.Scale(dst, x, k)
			} else {
				d.simd.ScaledDiff(dst, x, p.data(s.In[2])[lo:hi], k)
			}
		})
	}
	lowerings["sumRows"] = sumRows
}

// rowPieces is how many partial sums a sum over rows is added up from.
const rowPieces = 16

func sumRows(b *builder, s *autodiff.Step) {
	x, y := s.In[0], s.Out
	p, c := b.program, x.Shape.C
	b.rowSums(x.Shape.Rows(), c, func(lo, hi int, sum []float64) {
		all := p.data(x)
		for r := lo; r < hi; r++ {
			for i, v := range all[r*c:][:c] {
				sum[i] += float64(v)
			}
		}
	}, func(total []float64) {
		for i, v := range total {
			p.data(y)[i] = float32(v)
		}
	})
}

// rowSums adds stages that add up n numbers over rows: add adds those of rows lo..hi-1 to sum, and done
// gets the total.
func (b *builder) rowSums(rows, n int, add func(lo, hi int, sum []float64), done func(total []float64)) {
	p := b.program
	pieces := min(rowPieces, rows)
	b.needPartial(pieces * n)
	b.stage(pieces, func(piece, _ int) {
		lo, hi := parallel.Split(rows, pieces, piece)
		sum := p.partial[piece*n:][:n]
		clear(sum)
		add(lo, hi, sum)
	})
	b.stage(1, func(_, _ int) {
		total := p.partial[:n]
		for q := 1; q < pieces; q++ {
			for i, v := range p.partial[q*n:][:n] {
				total[i] += v
			}
		}
		done(total)
	})
}
