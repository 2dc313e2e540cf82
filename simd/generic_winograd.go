package simd

// Winograd convolution F(m x m, 3x3) (Lavin and Gray, arXiv:1509.09308) computes a tile of m x m
// outputs Y from (m+2) x (m+2) inputs d and a 3x3 filter g as
//
//	Y = Aᵀ·[(G·g·Gᵀ) ∘ (Bᵀ·d·B)]·A
//
// The matrices are those of Toom and Cook for the points 0, ±p for each of some p, and infinity. Of
// what they are multiplied by, Bᵀ's rows hold the coefficients of
//
//	Π(x²-q²) over all q                for 0
//	x·(x±p)·Π(x²-q²) over all q ≠ p    for ±p
//	x·Π(x²-q²) over all q              for infinity
//
// G evaluates polynomials at the points and divides by the values there of the rows of Bᵀ:
//
//	g0 / Π(-q²) over all q                                 for 0
//	(g0 ± p·g1 + p²·g2) / (2p²·Π(p²-q²)) over all q ≠ p    for ±p
//	g2                                                     for infinity
//
// and Aᵀ·m has the elements Σ p^y·(m₊ ± m₋), + for even y, to which the products at 0 and at infinity
// add in the first and the last.
//
// Bᵀ and Aᵀ are exact in binary; what is not is in G. The points were chosen for accuracy; errors are
// those of convolutions of 512 channels relative to the output's rms. F(4x4, 3x3) has 1.7e-6 with ±5/8
// and ±3/2, where the usual points ±1 and ±2 have 3.8e-6; 0, ±1, 1/2, -2 (Barabasz et al.,
// arXiv:1803.10986) have 2.4e-6, and take more operations, as only two of their points are opposite to
// each other. For F(6x6, 3x3) the usual points ±1/2, ±1 and ±2 are the best, with 7.0e-6: of multiples
// of 1/16 the next ones, ±31/16 or ±33/16 in place of ±2, have 7.1e-6, and ±5/8, ±1, ±15/8 have 8.4e-6.

// genericWinograd is a Winograd convolution in Go.
type genericWinograd struct{ winogradTile }

func (w genericWinograd) kernels() Winograd {
	return Winograd{Tile: int(w.winogradTile), In: w.in, Out: w.out, Filter: w.filter}
}

// The one-dimensional transforms read numbers that lie from floats apart, and write results to floats
// apart. They take numbers one by one, as the compiler keeps no arrays in registers; even and odd are
// the parts of polynomials at opposite points.

// input sets r = Bᵀ·d.
func (w genericWinograd) input(r []float32, to int, d []float32, from int) {
	if w.winogradTile == 4 {
		input43(r, to, d, from)
	} else {
		input63(r, to, d, from)
	}
}

// output sets y = Aᵀ·m.
func (w genericWinograd) output(y []float32, to int, m []float32, from int) {
	if w.winogradTile == 4 {
		output43(y, to, m, from)
	} else {
		output63(y, to, m, from)
	}
}

// weights sets r = G·g.
func (w genericWinograd) weights(r []float32, to int, g []float32, from int) {
	if w.winogradTile == 4 {
		weights43(r, to, g[0], g[from], g[2*from])
	} else {
		weights63(r, to, g[0], g[from], g[2*from])
	}
}

// The points of F(4x4, 3x3) are 0, ±f43A, ±f43B and infinity.
const (
	f43A = 5.0 / 8
	f43B = 3.0 / 2

	f43A2      = f43A * f43A
	f43B2      = f43B * f43B
	f43Sum     = f43A2 + f43B2
	f43Product = f43A2 * f43B2

	f43NormA = 1 / (2 * f43A2 * (f43A2 - f43B2))
	f43NormB = 1 / (2 * f43B2 * (f43B2 - f43A2))
)

func input43(r []float32, to int, d []float32, from int) {
	d0, d1, d2, d3, d4, d5 := d[0], d[from], d[2*from], d[3*from], d[4*from], d[5*from]
	evenA, oddA := d4-f43B2*d2, f43A*(d3-f43B2*d1)
	evenB, oddB := d4-f43A2*d2, f43B*(d3-f43A2*d1)
	r[0] = d4 - f43Sum*d2 + f43Product*d0
	r[to], r[2*to] = evenA+oddA, evenA-oddA
	r[3*to], r[4*to] = evenB+oddB, evenB-oddB
	r[5*to] = d5 - f43Sum*d3 + f43Product*d1
}

func output43(y []float32, to int, m []float32, from int) {
	m1, m2, m3, m4 := m[from], m[2*from], m[3*from], m[4*from]
	evenA, oddA := m1+m2, f43A*(m1-m2)
	evenB, oddB := m3+m4, f43B*(m3-m4)
	y[0] = m[0] + evenA + evenB
	y[to] = oddA + oddB
	y[2*to] = f43A2*evenA + f43B2*evenB
	y[3*to] = f43A2*oddA + f43B2*oddB + m[5*from]
}

func weights43(r []float32, to int, g0, g1, g2 float32) {
	evenA, oddA := f43NormA*(g0+f43A2*g2), f43NormA*f43A*g1
	evenB, oddB := f43NormB*(g0+f43B2*g2), f43NormB*f43B*g1
	r[0] = 1 / f43Product * g0
	r[to], r[2*to] = evenA+oddA, evenA-oddA
	r[3*to], r[4*to] = evenB+oddB, evenB-oddB
	r[5*to] = g2
}

// The points of F(6x6, 3x3) are 0, ±1/2 (A), ±1 (B), ±2 (C) and infinity.

func input63(r []float32, to int, d []float32, from int) {
	d0, d1, d2, d3 := d[0], d[from], d[2*from], d[3*from]
	d4, d5, d6, d7 := d[4*from], d[5*from], d[6*from], d[7*from]
	evenA, oddA := d6-5*d4+4*d2, 0.5*(d5-5*d3+4*d1)
	evenB, oddB := d6-4.25*d4+d2, d5-4.25*d3+d1
	evenC, oddC := d6-1.25*d4+0.25*d2, 2*(d5-1.25*d3+0.25*d1)
	r[0] = d6 - 5.25*d4 + 5.25*d2 - d0
	r[to], r[2*to] = evenA+oddA, evenA-oddA
	r[3*to], r[4*to] = evenB+oddB, evenB-oddB
	r[5*to], r[6*to] = evenC+oddC, evenC-oddC
	r[7*to] = d7 - 5.25*d5 + 5.25*d3 - d1
}

func output63(y []float32, to int, m []float32, from int) {
	m1, m2, m3, m4, m5, m6 := m[from], m[2*from], m[3*from], m[4*from], m[5*from], m[6*from]
	evenA, oddA := m1+m2, 0.5*(m1-m2)
	evenB, oddB := m3+m4, m3-m4
	evenC, oddC := m5+m6, 2*(m5-m6)
	y[0] = m[0] + evenA + evenB + evenC
	y[to] = oddA + oddB + oddC
	y[2*to] = 0.25*evenA + evenB + 4*evenC
	y[3*to] = 0.25*oddA + oddB + 4*oddC
	y[4*to] = 0.0625*evenA + evenB + 16*evenC
	y[5*to] = 0.0625*oddA + oddB + 16*oddC + m[7*from]
}

func weights63(r []float32, to int, g0, g1, g2 float32) {
	evenA, oddA := 32.0/45*(g0+0.25*g2), 16.0/45*g1
	evenB, oddB := -2.0/9*(g0+g2), -2.0/9*g1
	evenC, oddC := 1.0/90*(g0+4*g2), 1.0/45*g1
	r[0] = -g0
	r[to], r[2*to] = evenA+oddA, evenA-oddA
	r[3*to], r[4*to] = evenB+oddB, evenB-oddB
	r[5*to], r[6*to] = evenC+oddC, evenC-oddC
	r[7*to] = g2
}

// Of the largest tiles.
const (
	widestTile = 6
	widestSide = widestTile + 2
)

func (w genericWinograd) in(dst, src []float32, l Tiles) {
	if !w.checkIn(dst, src, l) {
		return
	}
	side := w.side()
	for t := range l.Tiles {
		for ch := range l.Channels {
			var m [widestSide * widestSide]float32 // Bᵀ·d
			for x := range side {
				w.input(m[x:], side, src[(int(w.winogradTile)*t+x)*l.Pixel+ch:], l.Row)
			}
			for y := range side {
				w.input(dst[side*y*l.Point+t*l.Channels+ch:], l.Point, m[side*y:], 1)
			}
		}
	}
}

func (w genericWinograd) out(dst, src []float32, l Tiles, bias []float32, relu bool) {
	if !w.checkOut(dst, src, l, bias) {
		return
	}
	side, tile := w.side(), int(w.winogradTile)
	for t := range l.Tiles {
		for ch := range l.Channels {
			var m [widestTile * widestSide]float32 // Aᵀ·m
			for x := range side {
				w.output(m[x:], side, src[x*l.Point+t*l.Channels+ch:], side*l.Point)
			}
			var b float32
			if bias != nil {
				b = bias[ch]
			}
			for y := range tile {
				var line [widestTile]float32
				w.output(line[:], 1, m[side*y:], 1)
				at := dst[y*l.Row+tile*t*l.Pixel+ch:]
				for x := range tile {
					at[x*l.Pixel] = clamp(line[x]+b, relu)
				}
			}
		}
	}
}

func clamp(x float32, relu bool) float32 {
	if relu && x < 0 {
		return 0
	}
	return x
}

func (w genericWinograd) filter(dst, src []float32, l Filters) {
	if !w.checkFilter(dst, src, l) {
		return
	}
	side := w.side()
	for r := range l.Rows {
		for f := range l.Filters {
			var m [3 * widestSide]float32 // G·g
			for x := range 3 {
				w.weights(m[x:], 3, src[x*l.Weight+r*l.WeightRow+f:], 3*l.Weight)
			}
			for y := range side {
				w.weights(dst[side*y*l.Point+r*l.PointRow+f:], l.Point, m[3*y:], 1)
			}
		}
	}
}
