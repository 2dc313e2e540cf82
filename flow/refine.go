package flow

import "math"

// The numbers of the variational refinement, for pictures in 0..255: the weights of smoothness, of equal
// brightness and of equal gradients; what is added to squares so that they have roots; and that of the
// normalisation of the data terms (Zimmer, Bruhn and Weickert, IJCV 2011, section 3.1).
const (
	alpha   = 20
	delta   = 5
	gamma   = 10
	epsilon = 0.001
	zeta    = 0.1
	tiny    = 1e-6 // keeps the equations of a picture of one pixel solvable
)

// refinement is what the variational refinement of a level needs. It minimises the sum over pixels of
//
//	δ·ψ((I_x u + I_y v + I_t)²) + γ·ψ((∇I_x·(u,v) + I_xt)² + (∇I_y·(u,v) + I_yt)²) + α·ψ(|∇u|² + |∇v|²)
//
// with ψ(s²) = √(s² + ε²), linearised once about the flow of the patches. Each linear term is divided by the
// length of its gradient, √(|.|² + ζ²), so that strong edges do not outvote smoothness.
type refinement struct {
	mean, change []float32 // of a picture and the other one, warped
	// Their derivatives.
	ix, iy, ixx, ixy, iyy, ixt, iyt []float32

	terms [][3]linear // of each pixel: of brightness, and of the gradient to the right and down

	system
}

// linear is a linear term of a flow, a·u + b·v + c.
type linear struct{ a, b, c float32 }

func (t *linear) at(u, v float32) float32 { return t.a*u + t.b*v + t.c }

// linearOf returns the term that is c for the flow u, v, divided by the length of its gradient.
func linearOf(a, b, c, u, v float32) linear {
	s := 1 / root(a*a+b*b+zeta*zeta)
	return linear{s * a, s * b, s * (c - a*u - b*v)}
}

func (r *refinement) reset(g *grid) {
	n := g.w * g.h
	for _, s := range []*[]float32{&r.mean, &r.change,
		&r.ix, &r.iy, &r.ixx, &r.ixy, &r.iyy, &r.ixt, &r.iyt} {
		*s = sized(*s, n)
	}
	r.terms = sized(r.terms, n)
	r.system.reset(g.w, g.h)
}

// refineLevel refines the flow of a level.
func (e *Estimator) refineLevel(g *grid, a, b *plane) {
	r := &e.refine
	r.reset(g)
	w, h := g.w, g.h
	e.rows(h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			r.warp(g, a, b, y)
		}
	})
	e.rows(h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			e.across(r.ix, r.mean, w, y)
			e.down(r.iy, r.mean, w, h, y)
			e.across(r.ixt, r.change, w, y)
			e.down(r.iyt, r.change, w, h, y)
		}
	})
	e.rows(h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			e.across(r.ixx, r.ix, w, y)
			e.down(r.ixy, r.ix, w, h, y)
			e.down(r.iyy, r.iy, w, h, y)
		}
	})
	e.rows(h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			r.linearise(g, b, y)
		}
	})
	for range e.preset.Refinements {
		e.rows(h, w, func(lo, hi int) {
			for y := lo; y < hi; y++ {
				r.smoothness(g, y)
			}
		})
		e.rows(h, w, func(lo, hi int) {
			for y := lo; y < hi; y++ {
				r.equations(g, y)
			}
		})
		e.solve(&r.system)
		e.rows(h, w, func(lo, hi int) {
			for y := lo; y < hi; y++ {
				r.take(g, y)
			}
		})
	}
}

// across sets row y of dst to the derivative of that of src to the right. At its ends pixels are repeated.
func (e *Estimator) across(dst, src []float32, w, y int) {
	d, s := dst[y*w:][:w], src[y*w:][:w]
	if w == 1 {
		d[0] = 0
		return
	}
	d[0], d[w-1] = (s[1]-s[0])/2, (s[w-1]-s[w-2])/2
	e.kernels.ScaledDiff(d[1:w-1], s[2:], s, 0.5)
}

// down sets row y of dst to the derivative of src down.
func (e *Estimator) down(dst, src []float32, w, h, y int) {
	e.kernels.ScaledDiff(dst[y*w:][:w], src[min(y+1, h-1)*w:], src[max(y-1, 0)*w:], 0.5)
}

// warp sets a row of mean and change from a picture and the other one, warped by the flow.
func (r *refinement) warp(g *grid, a, b *plane, y int) {
	image, at := a.row(y), g.at(0, y)
	u, v := g.u[at:][:g.w], g.v[at:][:g.w]
	mean, change := r.mean[y*g.w:][:g.w], r.change[y*g.w:][:g.w]
	for x := range image {
		s := b.spot(float32(x)+u[x], float32(y)+v[x], 0, 1)
		other := bilinear(b.pix, s.at, 1, b.stride, s.fx, s.fy)
		mean[x], change[x] = (image[x]+other)/2, other-image[x]
	}
}

// linearise sets the linear terms of a row. A pixel that leaves the picture has none: its neighbours decide.
func (r *refinement) linearise(g *grid, b *plane, y int) {
	at := g.at(0, y)
	u, v := g.u[at:][:g.w], g.v[at:][:g.w]
	right, bottom := float32(b.w-1), float32(b.h-1)
	for x, u := range u {
		v, i := v[x], y*g.w+x
		if px, py := float32(x)+u, float32(y)+v; !(px >= 0 && py >= 0 && px <= right && py <= bottom) {
			r.terms[i] = [3]linear{}
			continue
		}
		r.terms[i] = [3]linear{
			linearOf(r.ix[i], r.iy[i], r.change[i], u, v),
			linearOf(r.ixx[i], r.ixy[i], r.ixt[i], u, v),
			linearOf(r.ixy[i], r.iyy[i], r.iyt[i], u, v),
		}
	}
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// smoothness sets the weights of a row: of the differences of each pixel to the next one to its right and
// below.
func (r *refinement) smoothness(g *grid, y int) {
	at, last := g.at(0, y), y+1 == g.h
	below := g.stride
	if last {
		below = 0
	}
	u, v := g.u[at:][:g.w], g.v[at:][:g.w]
	uu, vv := g.u[at+below:][:g.w], g.v[at+below:][:g.w]
	for first := range 2 {
		right, down := r.right[r.at(first, y):], r.down[r.at(first, y):]
		for x := first; x < len(u); x += 2 {
			var ux, vx float32
			if x+1 < len(u) {
				ux, vx = u[x+1]-u[x], v[x+1]-v[x]
			}
			uy, vy := uu[x]-u[x], vv[x]-v[x]
			s := alpha / 2 / root(ux*ux+vx*vx+uy*uy+vy*vy+epsilon*epsilon)
			right[x/2], down[x/2] = s, s
			if x+1 == len(u) {
				right[x/2] = 0
			}
			if last {
				down[x/2] = 0
			}
		}
	}
}

// equations sets those of the pixels of a row, and the flow that they start from.
func (r *refinement) equations(g *grid, y int) {
	w := g.w
	gu, gv := g.u[g.at(0, y):][:w], g.v[g.at(0, y):][:w]
	terms := r.terms[y*w:][:w]
	for first := range 2 {
		at, n := r.at(first, y), (w+1-first)/2
		left, right := r.right[r.at(first-1, y):][:n], r.right[at:][:n]
		up, down := r.down[at-r.stride:][:n], r.down[at:][:n]
		ru, rv, b1, b2 := r.u[at:][:n], r.v[at:][:n], r.b1[at:][:n], r.b2[at:][:n]
		inverse1, a12, inverse2 := r.inverse1[at:][:n], r.a12[at:][:n], r.inverse2[at:][:n]
		x := first
		for k := range ru {
			u, v := gu[x], gv[x]
			i, ix, iy := &terms[x][0], &terms[x][1], &terms[x][2]
			c, cx, cy := i.at(u, v), ix.at(u, v), iy.at(u, v)
			// d = δ/2 / √(c²+ε²) and e = γ/2 / √(cx²+cy²+ε²), with one division, as below.
			rd, re := root(c*c+epsilon*epsilon), root(cx*cx+cy*cy+epsilon*epsilon)
			q := 1 / (rd * re)
			d, e := delta/2*q*re, gamma/2*q*rd
			s := left[k] + right[k] + up[k] + down[k] + tiny
			a11 := s + d*i.a*i.a + e*(ix.a*ix.a+iy.a*iy.a)
			a22 := s + d*i.b*i.b + e*(ix.b*ix.b+iy.b*iy.b)
			q = 1 / (a11 * a22)
			inverse1[k], inverse2[k] = q*a22, q*a11
			a12[k] = d*i.a*i.b + e*(ix.a*ix.b+iy.a*iy.b)
			b1[k] = -d*i.a*i.c - e*(ix.a*ix.c+iy.a*iy.c)
			b2[k] = -d*i.b*i.c - e*(ix.b*ix.c+iy.b*iy.c)
			ru[k], rv[k] = u, v
			x += 2
		}
	}
}

// take takes a row of the solution over into the flow.
func (r *refinement) take(g *grid, y int) {
	u, v := g.u[g.at(0, y):][:g.w], g.v[g.at(0, y):][:g.w]
	for first := range 2 {
		ru, rv := r.u[r.at(first, y):], r.v[r.at(first, y):]
		for x := first; x < len(u); x += 2 {
			u[x], v[x] = ru[x/2], rv[x/2]
		}
	}
}
