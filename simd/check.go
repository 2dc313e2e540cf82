package simd

import "fmt"

// mustHave panics if v has fewer than n elements.
func mustHave(v []float32, n int) {
	if len(v) < n {
		panicShort(len(v), n)
	}
}

func panicShort(have, want int) {
	panic(fmt.Sprintf("simd: a vector of %d floats where %d are needed", have, want))
}

// checkLRN panics unless sums, and slope if it is not nil, have the elements of scale.
func checkLRN(scale, slope, sums []float32) {
	if slope != nil {
		mustHave(slope, len(scale))
	}
	mustHave(sums, len(scale))
}

// check reports whether there is something to do. It panics unless every element that Gemm touches lies
// inside its slice. nr is the width of a panel of B.
func (g *Gemm) check(nr int) bool {
	if min(g.M, g.N, g.K, g.ARowStride, g.AColStride, g.LDC) < 0 || (g.M > 1 && g.LDC < g.N) {
		panic(fmt.Sprintf("simd: Gemm of %dx%dx%d with strides %d, %d and %d",
			g.M, g.N, g.K, g.ARowStride, g.AColStride, g.LDC))
	}
	if g.M == 0 || g.N == 0 {
		return false
	}
	if g.K > 0 {
		mustHave(g.A, (g.M-1)*g.ARowStride+(g.K-1)*g.AColStride+1)
	}
	mustHave(g.B, (g.N+nr-1)/nr*nr*g.K)
	mustHave(g.C, (g.M-1)*g.LDC+g.N)
	if g.Bias != nil {
		mustHave(g.Bias, g.N)
	}
	return true
}

// check reports whether there is something to do. It panics if p makes no sense, and unless the windows
// lie inside in and what they are pooled to lies inside out.
func (p Pool) check(in, out []float32) bool {
	if min(p.Out, p.Channels, p.Step, p.Stride, p.Row, p.DstStride) < 0 || min(p.WinH, p.WinW) < 1 {
		panic(fmt.Sprintf("simd: pool of %+v", p))
	}
	if p.Out == 0 || p.Channels == 0 {
		return false
	}
	mustHave(in, p.inputs())
	mustHave(out, p.outputs())
	return true
}

// inputs and outputs return how many floats one row of windows spans in the input and in the output.
func (p Pool) inputs() int {
	return (p.WinH-1)*p.Row + ((p.Out-1)*p.Step+p.WinW-1)*p.Stride + p.Channels
}

func (p Pool) outputs() int { return (p.Out-1)*p.DstStride + p.Channels }

// winogradTile is the side of a tile of outputs of a Winograd convolution.
type winogradTile int

// side returns the side of a tile of inputs, and points how many points it is transformed to.
func (m winogradTile) side() int   { return int(m) + 2 }
func (m winogradTile) points() int { return m.side() * m.side() }

// The checks report whether there is something to do. They panic unless every element that the kernel
// touches lies inside its slice.

func (m winogradTile) checkIn(dst, src []float32, l Tiles) bool {
	l.mustMakeSense(l.Pixel == l.Channels && (l.Channels == 0 || l.Point >= l.Tiles*l.Channels))
	if l.empty() {
		return false
	}
	mustHave(dst, l.points(m.points()))
	mustHave(src, l.pixels(m.side(), int(m)*l.Tiles+2))
	return true
}

func (m winogradTile) checkOut(dst, src []float32, l Tiles, bias []float32) bool {
	l.mustMakeSense(l.Pixel >= l.Channels)
	if l.empty() {
		return false
	}
	mustHave(dst, l.pixels(int(m), int(m)*l.Tiles))
	mustHave(src, l.points(m.points()))
	if bias != nil {
		mustHave(bias, l.Channels)
	}
	return true
}

// checkGradIn is that of F(4x4, 3x3).
func (l Tiles) checkGradIn(dst, src []float32) bool {
	l.mustMakeSense(l.Channels == 0 || l.Point >= l.Tiles*l.Channels)
	if l.empty() {
		return false
	}
	mustHave(dst, l.points(36))
	mustHave(src, l.pixels(4, 4*l.Tiles))
	return true
}

func (l Tiles) mustMakeSense(sense bool) {
	if !sense || min(l.Tiles, l.Channels, l.Row, l.Pixel, l.Point) < 0 {
		panic(fmt.Sprintf("simd: Winograd tiles of %+v", l))
	}
}

func (l Tiles) empty() bool { return l.Tiles == 0 || l.Channels == 0 }

// pixels and points return how many floats a picture and the points span.
func (l Tiles) pixels(rows, n int) int { return (rows-1)*l.Row + (n-1)*l.Pixel + l.Channels }
func (l Tiles) points(n int) int       { return (n-1)*l.Point + l.Tiles*l.Channels }

func (m winogradTile) checkFilter(dst, src []float32, l Filters) bool {
	if min(l.Filters, l.Rows, l.Weight, l.WeightRow, l.Point, l.PointRow) < 0 ||
		l.Rows > 1 && l.PointRow < l.Filters || l.Rows > 0 && l.Point < l.row(l.PointRow) {
		panic(fmt.Sprintf("simd: Winograd filters of %+v", l))
	}
	if l.Filters == 0 || l.Rows == 0 {
		return false
	}
	mustHave(dst, (m.points()-1)*l.Point+l.row(l.PointRow))
	mustHave(src, 8*l.Weight+l.row(l.WeightRow))
	return true
}

// row returns how many floats all rows of filters span that lie so far apart.
func (l Filters) row(stride int) int { return (l.Rows-1)*stride + l.Filters }

func mustHaveWords(v []uint32, n int) {
	if len(v) < n {
		panic(fmt.Sprintf("simd: %d words of bits where %d are needed", len(v), n))
	}
}

// wordsOf returns how many words n bits take.
func wordsOf(n int) int { return (n + 31) / 32 }

// checkBits reports whether there is something to do. It panics unless rows of n floats and of their bits
// lie inside their slices.
func checkBits(bits []uint32, words int, v []float32, stride, rows, n int) bool {
	if rows < 0 || n < 0 || stride < 0 || rows > 1 && (stride < n || words < wordsOf(n)) {
		panic(fmt.Sprintf("simd: bits of %d rows of %d with strides %d and %d", rows, n, stride, words))
	}
	if rows == 0 || n == 0 {
		return false
	}
	mustHave(v, (rows-1)*stride+n)
	mustHaveWords(bits, (rows-1)*words+wordsOf(n))
	return true
}

// check reports whether there is something to do. It panics if p makes no sense, and unless the pixels of
// the full and the pooled picture and their bits lie inside their slices.
func (p Windows) check(full, pooled []float32, right, low []uint32, down int) bool {
	if p.Windows < 0 || p.Channels < 0 || p.Step < 0 || p.Right < 0 || p.Down < 0 ||
		p.Windows > 1 && (p.Pixel < p.Channels || p.Words < wordsOf(p.Channels)) {
		panic(fmt.Sprintf("simd: windows of %+v", p))
	}
	if p.Windows == 0 || p.Channels == 0 {
		return false
	}
	mustHave(full, (p.Windows-1)*p.Step+p.Right+down+p.Channels)
	mustHave(pooled, (p.Windows-1)*p.Pixel+p.Channels)
	bits := (p.Windows-1)*p.Words + wordsOf(p.Channels)
	mustHaveWords(right, bits)
	mustHaveWords(low, bits)
	return true
}
