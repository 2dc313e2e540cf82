package flow

// densify makes a flow of each pixel of that of the patches: the mean of those that cover the pixel, each
// with the inverse of the difference at the pixel as its weight, and at most 1.
func (e *Estimator) densify(g *grid, a, b *plane) {
	p := &e.search
	cols := len(p.x)
	e.rows(g.h, g.w, func(lo, hi int) {
		sums := make([]float32, 3*max(g.w, patch))
		weights, sumU, sumV := sums[:len(sums)/3], sums[len(sums)/3:len(sums)/3*2], sums[len(sums)/3*2:]
		for y := lo; y < hi; y++ {
			clear(sums)
			for r, top := range p.y {
				if y < top || y >= top+patch {
					continue
				}
				for c, left := range p.x {
					u, v := p.u[1][r*cols+c], p.v[1][r*cols+c]
					s := b.spot(float32(left)+u, float32(y)+v, 0, patch)
					image := (*[patch]float32)(a.pix[a.at(left, y):])
					upper, lower := (*[patch + 1]float32)(b.pix[s.at:]), (*[patch + 1]float32)(b.pix[s.at+b.stride:])
					w, su, sv := (*[patch]float32)(weights[left:]), (*[patch]float32)(sumU[left:]), (*[patch]float32)(sumV[left:])
					before := upper[0] + s.fy*(lower[0]-upper[0])
					for k := range image {
						after := upper[k+1] + s.fy*(lower[k+1]-upper[k+1])
						d := before + s.fx*(after-before) - image[k]
						t := 1 / max(1, d, -d)
						w[k] += t
						su[k] += t * u
						sv[k] += t * v
						before = after
					}
				}
			}
			at := g.at(0, y)
			for x := range g.w {
				g.u[at+x], g.v[at+x] = sumU[x]/weights[x], sumV[x]/weights[x]
			}
		}
	})
}
