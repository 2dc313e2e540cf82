package cpu

import "oneiro/autodiff"

// The input gradient of a first layer has many source channels and a picture's three as destination:
// too few columns for a matrix product. It is computed the other way round: a product gives for each
// source pixel what it contributes to each pixel of its window, and these are added up.
const (
	scatterRows  = 8  // rows of the destination that a piece computes
	scatterWidth = 64 // contributions of a source pixel at most
)

// scatters reports whether a gather is computed that way.
func (g *gather) scatters() bool {
	return g.kh*g.kw*g.out <= scatterWidth && g.c >= 8 && g.kh*g.kw > 1 &&
		g.strideH*g.strideW == 1 && g.dense() && g.c <= maxK
}

// scatterForm names a filter packed for scatterConv.
type scatterForm struct{}

// scatterConv adds the stages of a gather from src to dst whose filter, a constant, is the one given
// turned round.
func (b *builder) scatterConv(g *gather, src, dst *autodiff.Node, t *autodiff.Tensor) {
	p, d := b.program, b.dev
	taps := g.kh * g.kw
	n := taps * g.out
	filter := b.pack(t, scatterForm{}, d.simd.PackedSize(g.c, n), func(packed []float32) {
		m := make([]float32, g.c*n) // [source channel][tap][destination channel]
		for tap := range taps {
			for ch := range g.out {
				for c := range g.c {
					m[c*n+tap*g.out+ch] = t.Data[((taps-1-tap)*g.out+ch)*g.c+c]
				}
			}
		}
		d.simd.PackB(packed, m, g.c, n, n, 1)
	})
	rows := scatterRows + g.kh - 1
	b.needScratch(rows * g.w * n)
	pieces := (g.dstH + scatterRows - 1) / scatterRows
	b.stage(g.n*pieces, func(piece, worker int) {
		image := piece / pieces
		y0 := piece % pieces * scatterRows
		y1 := min(y0+scatterRows, g.dstH)
		// the source rows s0..s1-1 are those inside the picture that a window of the piece covers
		s0, s1 := max(y0-g.padTop, 0), min(y1-1-g.padTop+g.kh, g.h)
		part := p.scratch[worker]
		for s := s0; s < s1; s++ { // row by row, so that a block of A stays in the cache
			d.simd.Gemm(g.w, n, g.c, p.data(src)[(image*g.h+s)*g.w*g.c:], g.c, 1, filter.data,
				part[(s-s0)*g.w*n:], n, false, nil, false)
		}
		for y := y0; y < y1; y++ {
			to := p.data(dst)[(image*g.dstH+y)*g.dstW*g.out:][:g.dstW*g.out]
			g.collect(to, part, y-g.padTop-s0, s1-s0, n)
		}
	})
}

// collect adds up one row of the destination: pixel x is the sum of the contributions tap (i, j) of the
// source pixels in row top+i and column x-padLeft+j, of rows rows whose pixels have n contributions.
func (g *gather) collect(to, part []float32, top, rows, n int) {
	first := max(g.padLeft, 0)
	end := min(g.dstW, g.w-g.kw+1+g.padLeft)
	clear(to)
	for i := range g.kh {
		if top+i < 0 || top+i >= rows {
			continue
		}
		line := part[(top+i)*g.w*n:][:g.w*n]
		tap := i * g.kw * g.out
		fast := g.kw == 3 && g.out == 3 && first < end
		if fast {
			collect3x3(to[first*3:end*3], line[(first-g.padLeft)*n+tap:], n)
		}
		for x := range g.dstW {
			if fast && x >= first && x < end {
				continue
			}
			for j := range g.kw {
				if s := x - g.padLeft + j; s >= 0 && s < g.w {
					for ch, v := range line[s*n+tap+j*g.out:][:g.out] {
						to[x*g.out+ch] += v
					}
				}
			}
		}
	}
}

// collect3x3 is collect for one row of a kernel three pixels wide, three channels, and pixels whose
// window lies inside the picture.
func collect3x3(to, line []float32, n int) {
	for len(to) >= 3 {
		a, b, c := line[:3], line[n+3:n+6], line[2*n+6:2*n+9]
		to[0] += a[0] + b[0] + c[0]
		to[1] += a[1] + b[1] + c[1]
		to[2] += a[2] + b[2] + c[2]
		to = to[3:]
		if len(to) > 0 {
			line = line[n:]
		}
	}
}
