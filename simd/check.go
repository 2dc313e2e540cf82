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

// empty says that there is nothing to do. It panics if p makes no sense.
func (p Pool) empty() bool {
	if p.Out < 0 || p.Channels < 0 || p.Step < 0 || p.WinH < 1 || p.WinW < 1 ||
		p.Stride < 0 || p.Row < 0 || p.DstStride < 0 {
		panic(fmt.Sprintf("simd: pool of %+v", p))
	}
	return p.Out == 0 || p.Channels == 0
}

// inputs and outputs return how many floats one row of windows spans in either layout.
func (p Pool) inputs() int {
	return (p.WinH-1)*p.Row + ((p.Out-1)*p.Step+p.WinW-1)*p.Stride + p.Channels
}

func (p Pool) outputs() int { return (p.Out-1)*p.DstStride + p.Channels }

// winogradTile is the side of a tile of outputs of a Winograd convolution.
type winogradTile int

// side returns that of a tile of inputs, and points how many it is transformed to.
func (m winogradTile) side() int   { return int(m) + 2 }
func (m winogradTile) points() int { return m.side() * m.side() }

// checkIn, checkOut and checkFilter say whether there is something to do. They panic unless every
// element that the kernel touches lies inside its slice.
func (m winogradTile) checkIn(dst []float32, point int, src []float32, row, c, tiles int) bool {
	if point < 0 || row < 0 || c < 0 || tiles < 0 || (c > 0 && point < tiles*c) {
		panic(fmt.Sprintf("simd: Winograd input of %d tiles of %d channels with strides %d and %d", tiles, c, point, row))
	}
	if c == 0 || tiles == 0 {
		return false
	}
	mustHave(dst, (m.points()-1)*point+tiles*c)
	mustHave(src, (m.side()-1)*row+(int(m)*tiles+2)*c)
	return true
}

func (m winogradTile) checkOut(dst []float32, row, pixel int, src []float32, point, c, tiles int, bias []float32) bool {
	if row < 0 || pixel < c || point < 0 || c < 0 || tiles < 0 {
		panic(fmt.Sprintf("simd: Winograd output of %d tiles of %d channels with strides %d, %d and %d",
			tiles, c, row, pixel, point))
	}
	if c == 0 || tiles == 0 {
		return false
	}
	mustHave(dst, (int(m)-1)*row+(int(m)*tiles-1)*pixel+c)
	mustHave(src, (m.points()-1)*point+tiles*c)
	if bias != nil {
		mustHave(bias, c)
	}
	return true
}

func (m winogradTile) checkFilter(dst []float32, point, to int, g []float32, stride, row, n, rows int) bool {
	if stride < 0 || row < 0 || n < 0 || rows < 0 || rows > 1 && to < n || rows > 0 && point < (rows-1)*to+n {
		panic(fmt.Sprintf("simd: %d rows of %d Winograd filters with strides %d, %d, %d and %d", rows, n, point, to, stride, row))
	}
	if n == 0 || rows == 0 {
		return false
	}
	mustHave(dst, (m.points()-1)*point+(rows-1)*to+n)
	mustHave(g, 8*stride+(rows-1)*row+n)
	return true
}

func mustHaveWords(v []uint32, n int) {
	if len(v) < n {
		panic(fmt.Sprintf("simd: %d words of bits where %d are needed", len(v), n))
	}
}

// wordsOf returns how many words n bits take.
func wordsOf(n int) int { return (n + 31) / 32 }

// checkBits says whether there is something to do. It panics unless rows of n floats and of their bits
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

// check says whether there is something to do. It panics if p makes no sense, and unless the pixels of
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
