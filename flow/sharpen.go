package flow

import "math"

// edge says where a pixel of the finest level lies.
type edge uint8

const (
	nearEdge edge = 1 << iota // there is another flow within reach
	mixed                     // its flow may be a mixture of those of both sides
)

const (
	// jump is the square of the difference of flows beyond which there is an edge between them, in pixels of
	// the finest level, and reach the distance at which both sides of it are looked for.
	jump  = 0.5 * 0.5
	reach = 4
	// slant is the square of the difference of flows two pixels from each other beyond which they are mixed.
	slant = 0.05 * 0.05
	// alike is the square of the difference of flows of which only one is tried, in pixels.
	alike = 0.2 * 0.2
	// doubt is how many times worse a flow fits that is mixed.
	doubt = 10
	// rounding is the mean square that differences of pictures of 8 bits have anyway.
	rounding = 0.5
)

// sharpen moves the edges of the flow, which patches and interpolation have blurred, to where they are in
// the picture. A pixel near an edge takes, of the flows around it, the one whose window of 3x3 pixels fits
// best at full resolution, after the change of light in its surroundings is taken off. Its pictures are not
// smoothed: what is smoothed over the outline of a thing seems to move with it. This is not in the papers. It
// divides the error around things that move before others by two to four, and without it every edge looks
// like a place that is hidden in the other picture.
func (e *Estimator) sharpen(dst *Field, g *grid, a, b *plane) {
	e.findEdges(g)
	e.measureLight(g)
	scale := float32(int(1) << e.finest)
	e.rows(dst.H, dst.W, func(lo, hi int) {
		var all [17][2]float32
		for y := lo; y < hi; y++ {
			for x := range dst.W {
				cx, cy := x>>e.finest, y>>e.finest
				if e.edges[cy*g.w+cx] == 0 {
					continue
				}
				i := y*dst.W + x
				u, v := dst.U[i], dst.V[i]
				w := newWindow(a, x, y, e.lightAt(g, cx, cy))
				best := doubt * w.misfit(b, u, v, math.MaxFloat32)
				tried := all[:0] // of those that are not mixed
				for dy := -2; dy <= 2; dy++ {
					for dx := -2; dx <= 2; dx++ {
						if (dx|dy)&1 != 0 && max(dx, -dx, dy, -dy) == 2 {
							continue // eight directions, at two distances
						}
						px, py := min(max(cx+dx*reach, 0), g.w-1), min(max(cy+dy*reach, 0), g.h-1)
						j := g.at(px, py)
						cu, cv := g.u[j]*scale, g.v[j]*scale
						if isTried(tried, cu, cv) {
							continue
						}
						m := w.misfit(b, cu, cv, best)
						if e.edges[py*g.w+px]&mixed != 0 {
							m *= doubt
						} else {
							tried = append(tried, [2]float32{cu, cv})
						}
						if m < best {
							best, u, v = m, cu, cv
						}
					}
				}
				dst.U[i], dst.V[i] = u, v
			}
		}
	})
}

// isTried returns whether a flow is like one of those tried.
func isTried(tried [][2]float32, u, v float32) bool {
	for _, t := range tried {
		if square(u-t[0], v-t[1]) < alike {
			return true
		}
	}
	return false
}

// findEdges finds which pixels of the finest level are near an edge, and which of them are mixed.
func (e *Estimator) findEdges(g *grid) {
	e.rows(g.h, g.w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			for x := range g.w {
				var at edge
				if g.differs(x, y, reach, jump) {
					at = nearEdge
					if g.differs(x, y, 2, slant) {
						at |= mixed
					}
				}
				e.edges[y*g.w+x] = at
			}
		}
	})
}

// differs returns whether the square of the difference of the flow of a pixel and of one that far to its
// left, its right, above or below is more than a limit.
func (g *grid) differs(x, y, distance int, limit float32) bool {
	i := g.at(x, y)
	far := func(j int) bool { return square(g.u[i]-g.u[j], g.v[i]-g.v[j]) > limit }
	return far(g.near(x-distance, y)) || far(g.near(x+distance, y)) ||
		far(g.near(x, y-distance)) || far(g.near(x, y+distance))
}

// window is the 3x3 pixels around one: their luma with the light that the other picture has, and how much
// each counts, which is the less the more it differs from the middle one and so may belong to something
// else. The weights sum to 1.
type window struct {
	x, y         float32
	luma, weight [9]float32
}

// unlike is the inverse of the squared difference of luma at which a pixel counts half.
const unlike = 0.03

func newWindow(p *plane, x, y int, light float32) (w window) {
	w.x, w.y = float32(x), float32(y)
	middle := p.pix[p.at(x, y)]
	var sum float32
	for j := range 3 {
		for i, v := range (*[3]float32)(p.pix[p.at(x-1, y-1+j):]) {
			k := 3*j + i
			w.luma[k], w.weight[k] = v+light, 1/(1+unlike*(v-middle)*(v-middle))
			sum += w.weight[k]
		}
	}
	for k := range w.weight {
		w.weight[k] /= sum
	}
	return w
}

// misfit returns the mean square of the differences of the window and of where a flow leads, or if that is
// more than a limit, something above it.
func (w *window) misfit(to *plane, u, v, limit float32) float32 {
	s := to.spot(w.x+u, w.y+v, 1, 2)
	squares := float32(rounding)
	for j := range 3 {
		p := s.at + (j-1)*to.stride - 1
		upper, lower := (*[4]float32)(to.pix[p:]), (*[4]float32)(to.pix[p+to.stride:])
		luma, weight := (*[3]float32)(w.luma[3*j:]), (*[3]float32)(w.weight[3*j:])
		left := upper[0] + s.fy*(lower[0]-upper[0])
		for k := range luma {
			right := upper[k+1] + s.fy*(lower[k+1]-upper[k+1])
			d := left + s.fx*(right-left) - luma[k]
			squares += weight[k] * d * d
			left = right
		}
		if squares > limit {
			break
		}
	}
	return squares
}
