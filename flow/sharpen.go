package flow

const (
	// jump is the square of the difference of flows beyond which there is an edge between them, in pixels of
	// the finest level, and reach the distance at which both sides of it are looked for.
	jump  = 0.5 * 0.5
	reach = 4
	// alike is the square of the difference of flows of which only one is tried, in pixels.
	alike = 0.2 * 0.2
	// light is the share of the mean difference of two windows that does not count. All of it would be right
	// if light changes everywhere, and none if it changes nowhere.
	light = 0.8
)

// sharpen moves the edges of the flow, which patches and interpolation have blurred, to where they are in the
// picture. A pixel near an edge takes, of the flows around it, the one whose window of 3x3 pixels fits best at
// full resolution. This is not in the papers. It halves the error around things that move before others, and
// without it every edge looks like a place that is hidden in the other picture.
func (e *Estimator) sharpen(dst *Field, g *grid, a, b *plane) {
	e.rows(g.h, g.w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			for x := range g.w {
				i := g.at(x, y)
				far := func(j int) bool { return square(g.u[i]-g.u[j], g.v[i]-g.v[j]) > jump }
				e.edges[y*g.w+x] = far(g.near(x-reach, y)) || far(g.near(x+reach, y)) ||
					far(g.near(x, y-reach)) || far(g.near(x, y+reach))
			}
		}
	})
	scale := float32(int(1) << e.finest)
	e.rows(dst.H, dst.W, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			for x := range dst.W {
				cx, cy := x>>e.finest, y>>e.finest
				if !e.edges[cy*g.w+cx] {
					continue
				}
				i := y*dst.W + x
				u, v := dst.U[i], dst.V[i]
				best := misfit(a, b, x, y, u, v)
				for dy := -2; dy <= 2; dy++ {
					for dx := -2; dx <= 2; dx++ {
						if (dx|dy)&1 != 0 && max(dx, -dx, dy, -dy) == 2 {
							continue // eight directions, at two distances
						}
						j := g.near(cx+dx*reach, cy+dy*reach)
						cu, cv := g.u[j]*scale, g.v[j]*scale
						if square(cu-u, cv-v) < alike {
							continue
						}
						if m := misfit(a, b, x, y, cu, cv); m < best {
							best, u, v = m, cu, cv
						}
					}
				}
				dst.U[i], dst.V[i] = u, v
			}
		}
	})
}

// misfit returns the sum of squared differences of the windows of a pixel and of where its flow leads, after
// most of their mean is taken off.
func misfit(a, b *plane, x, y int, u, v float32) float32 {
	s := b.spot(float32(x)+u, float32(y)+v, 1, 2)
	var sum, squares float32
	for dy := -1; dy <= 1; dy++ {
		row := (*[3]float32)(a.pix[a.at(x-1, y+dy):])
		p := s.at + dy*b.stride - 1
		upper, lower := (*[4]float32)(b.pix[p:]), (*[4]float32)(b.pix[p+b.stride:])
		left := upper[0] + s.fy*(lower[0]-upper[0])
		for k := range row {
			right := upper[k+1] + s.fy*(lower[k+1]-upper[k+1])
			d := left + s.fx*(right-left) - row[k]
			sum += d
			squares += d * d
			left = right
		}
	}
	return squares - light/9*sum*sum
}
