package flow

import (
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// relaxation is ω of successive over-relaxation, and relaxations how often it goes over the picture.
const (
	relaxation  = 1.6
	relaxations = 5
)

// system is the equations for the flow, two for each pixel p with neighbours q:
//
//	(A + Σs) u + a12 v = b1 + Σ s u_q
//	(B + Σs) v + a12 u = b2 + Σ s v_q
//
// There is a pixel around the picture, as in a grid. Of each row those of one colour, red or black, come first
// and then those of the other, so that kernels go over them.
type system struct {
	w, h, half, stride int // half is the pixels of one colour in a row, stride those of both

	u, v        []float32
	right, down []float32 // s to the pixel on the right, and below; 0 at the edges of the picture
	// inverse1 and inverse2 are 1/(A + Σs) and 1/(B + Σs).
	inverse1, a12, inverse2, b1, b2 []float32
}

// reset makes room for the equations of a level.
func (s *system) reset(w, h int) {
	s.w, s.h, s.half = w, h, (w+3)/2
	s.stride = 2 * s.half
	for _, p := range []*[]float32{&s.u, &s.v, &s.right, &s.down, &s.inverse1, &s.a12, &s.inverse2, &s.b1, &s.b2} {
		*p = sized(*p, s.stride*(h+2))
		clear(*p)
	}
}

// at returns the place of a pixel.
func (s *system) at(x, y int) int { return (y+1)*s.stride + (x+1)&1*s.half + (x+1)>>1 }

// solve goes over the picture by successive over-relaxation, in red-black order: all pixels with x+y even,
// then all others, and so on.
//
// Going over the picture again and again would be a matter of memory alone. But half a pass after another may
// follow it at a distance of a row, so that all passes go over a piece together, in the cache. What is near
// the end of a piece depends on the next one: each half pass ends a row earlier than the one before. Then what
// is missing between pieces is done, half a pass of a row more on either side than the one before.
func (e *Estimator) solve(s *system) {
	const halves = 2 * relaxations
	pieces := max(s.h/(3*halves), 1)
	e.pool.Run(pieces, func(piece, _ int) {
		lo, hi := parallel.Split(s.h, pieces, piece)
		for front := lo; front < hi+halves-1; front++ {
			for half := range halves {
				first, end := lo+half, hi-half
				if lo == 0 {
					first = 0
				}
				if hi == s.h {
					end = hi
				}
				if y := front - half; y >= first && y < end {
					s.relax(e, y, (y+half)&1)
				}
			}
		}
	})
	e.pool.Run(pieces-1, func(piece, _ int) {
		_, end := parallel.Split(s.h, pieces, piece)
		for half := range halves {
			for y := end - half; y < end+half; y++ {
				s.relax(e, y, (y+half)&1)
			}
		}
	})
}

// relax does every other pixel of a row, from x = first on, which is 0 or 1.
func (s *system) relax(e *Estimator, y, first int) {
	n := (s.w + 1 - first) / 2
	at, left := s.at(first, y), s.at(first-1, y)
	above, below := at-s.stride, at+s.stride
	row := simd.Relaxation{Left: s.right[left:], Right: s.right[at:], Up: s.down[above:], Down: s.down[at:],
		Cross: s.a12[at:], Omega: relaxation}
	update := func(x, other, b, inverse []float32) {
		row.Beside, row.Above, row.Below, row.Other = x[left:], x[above:], x[below:], other[at:]
		row.B, row.Inverse = b[at:], inverse[at:]
		e.kernels.Relax(x[at:][:n], row)
	}
	update(s.u, s.v, s.b1, s.inverse1)
	update(s.v, s.u, s.b2, s.inverse2)
}
