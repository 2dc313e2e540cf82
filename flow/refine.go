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
	// Of each linear term the factors of u and v, and the rest; first derivatives of the mean and change.
	ix, iy, it    []float32
	ixx, ixy, ixt []float32
	iyx, iyy, iyt []float32

	system
}

func (r *refinement) reset(g *grid) {
	n := g.w * g.h
	for _, s := range []*[]float32{&r.mean, &r.change,
		&r.ix, &r.iy, &r.it, &r.ixx, &r.ixy, &r.ixt, &r.iyx, &r.iyy, &r.iyt} {
		*s = sized(*s, n)
	}
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
			r.normalise(g, b, y)
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
				at := g.at(0, y)
				for x := range w {
					i := r.at(x, y)
					g.u[at+x], g.v[at+x] = r.u[i], r.v[i]
				}
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

// normalise divides the linear terms of a row by the lengths of their gradients, and moves their origin to
// where the flow is 0. A pixel that leaves the picture has none: its neighbours decide.
func (r *refinement) normalise(g *grid, b *plane, y int) {
	at := g.at(0, y)
	u, v := g.u[at:][:g.w], g.v[at:][:g.w]
	for x := range u {
		i := y*g.w + x
		if px, py := float32(x)+u[x], float32(y)+v[x]; !(px >= 0 && py >= 0 && px <= float32(b.w-1) && py <= float32(b.h-1)) {
			r.ix[i], r.iy[i], r.it[i] = 0, 0, 0
			r.ixx[i], r.ixy[i], r.ixt[i] = 0, 0, 0
			r.iyx[i], r.iyy[i], r.iyt[i] = 0, 0, 0
			continue
		}
		ix, iy, ixx, ixy, iyy := r.ix[i], r.iy[i], r.ixx[i], r.ixy[i], r.iyy[i]
		s := 1 / root(ix*ix+iy*iy+zeta*zeta)
		r.ix[i], r.iy[i], r.it[i] = s*ix, s*iy, s*(r.change[i]-ix*u[x]-iy*v[x])
		s = 1 / root(ixx*ixx+ixy*ixy+zeta*zeta)
		r.ixx[i], r.ixy[i], r.ixt[i] = s*ixx, s*ixy, s*(r.ixt[i]-ixx*u[x]-ixy*v[x])
		s = 1 / root(ixy*ixy+iyy*iyy+zeta*zeta)
		r.iyx[i], r.iyy[i], r.iyt[i] = s*ixy, s*iyy, s*(r.iyt[i]-ixy*u[x]-iyy*v[x])
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
	for x := range u {
		var ux, vx float32
		if x+1 < len(u) {
			ux, vx = u[x+1]-u[x], v[x+1]-v[x]
		}
		uy, vy := uu[x]-u[x], vv[x]-v[x]
		s := alpha / 2 / root(ux*ux+vx*vx+uy*uy+vy*vy+epsilon*epsilon)
		i := r.at(x, y)
		if r.right[i], r.down[i] = s, s; x+1 == g.w {
			r.right[i] = 0
		}
		if last {
			r.down[i] = 0
		}
	}
}

// equations sets those of the pixels of a row, and the flow that they start from.
func (r *refinement) equations(g *grid, y int) {
	at, w := g.at(0, y), g.w
	u, v := g.u[at:][:w], g.v[at:][:w]
	ix, iy, it := r.ix[y*w:][:w], r.iy[y*w:][:w], r.it[y*w:][:w]
	ixx, ixy, ixt := r.ixx[y*w:][:w], r.ixy[y*w:][:w], r.ixt[y*w:][:w]
	iyx, iyy, iyt := r.iyx[y*w:][:w], r.iyy[y*w:][:w], r.iyt[y*w:][:w]
	for x := range u {
		c, cx, cy := ix[x]*u[x]+iy[x]*v[x]+it[x], ixx[x]*u[x]+ixy[x]*v[x]+ixt[x], iyx[x]*u[x]+iyy[x]*v[x]+iyt[x]
		d := delta / 2 / root(c*c+epsilon*epsilon)
		e := gamma / 2 / root(cx*cx+cy*cy+epsilon*epsilon)
		i := r.at(x, y)
		s := r.right[r.at(x-1, y)] + r.right[i] + r.down[i-r.stride] + r.down[i] + tiny
		r.u[i], r.v[i] = u[x], v[x]
		r.inverse1[i] = 1 / (s + d*ix[x]*ix[x] + e*(ixx[x]*ixx[x]+iyx[x]*iyx[x]))
		r.inverse2[i] = 1 / (s + d*iy[x]*iy[x] + e*(ixy[x]*ixy[x]+iyy[x]*iyy[x]))
		r.a12[i] = d*ix[x]*iy[x] + e*(ixx[x]*ixy[x]+iyx[x]*iyy[x])
		r.b1[i] = -d*ix[x]*it[x] - e*(ixx[x]*ixt[x]+iyx[x]*iyt[x])
		r.b2[i] = -d*iy[x]*it[x] - e*(ixy[x]*ixt[x]+iyy[x]*iyt[x])
	}
}
