package cpu

import "oneiro/autodiff"

func init() {
	lowerings["totalVariation"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.TVAttr)
		x, y := s.In[0], s.Out
		p := b.program
		sh := x.Shape
		b.reduce(sh.N*sh.H, sh.W*sh.C, func(lo, hi int) float64 {
			var down, right float64
			for r := lo; r < hi; r++ {
				row := rowOf(p.data(x), sh, r/sh.H, r%sh.H)
				right += variation(row[sh.C:], row, a.Squared)
				if r%sh.H+1 < sh.H {
					down += variation(rowOf(p.data(x), sh, r/sh.H, r%sh.H+1), row, a.Squared)
				}
			}
			return a.ScaleY*down + a.ScaleX*right
		}, func(total float64) { p.data(y)[0] = float32(total) })
	}
	lowerings["totalVariationGrad"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.TVAttr)
		dy, x, dx := s.In[0], s.In[1], s.Out
		p := b.program
		sh := x.Shape
		b.eachRow(sh, func(image, y int) {
			down := float32(a.ScaleY * float64(p.data(dy)[0]))
			right := float32(a.ScaleX * float64(p.data(dy)[0]))
			dst := rowOf(p.data(dx), sh, image, y)
			row := rowOf(p.data(x), sh, image, y)
			clear(dst)
			variationGrad(dst[sh.C:], row[sh.C:], row, right, a.Squared)
			variationGrad(dst, row[:len(row)-sh.C], row[sh.C:], right, a.Squared)
			if y > 0 {
				variationGrad(dst, row, rowOf(p.data(x), sh, image, y-1), down, a.Squared)
			}
			if y+1 < sh.H {
				variationGrad(dst, row, rowOf(p.data(x), sh, image, y+1), down, a.Squared)
			}
		})
	}
}

// variation sums |a-b| or (a-b)² over the length of a.
func variation(a, b []float32, squared bool) float64 {
	var sum float64
	b = b[:len(a)]
	for i, v := range a {
		d := v - b[i]
		switch {
		case squared:
			sum += float64(d) * float64(d)
		case d < 0:
			sum -= float64(d)
		default:
			sum += float64(d)
		}
	}
	return sum
}

// variationGrad adds s·sign(a-b), or 2·s·(a-b), to dst over the length of a.
func variationGrad(dst, a, b []float32, s float32, squared bool) {
	dst, b = dst[:len(a)], b[:len(a)]
	for i, v := range a {
		d := v - b[i]
		switch {
		case squared:
			dst[i] += 2 * s * d
		case d > 0:
			dst[i] += s
		case d < 0:
			dst[i] -= s
		}
	}
}
