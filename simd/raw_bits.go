//go:build amd64 || arm64

package simd

// pieces cuts rows of n elements into blocks that are small enough for one call to assembly: f does
// rows rows from row r on of n elements from element i on, whose bits begin with a word.
func pieces(rows, n int, f func(r, i, rows, n int)) {
	for i := 0; i < n; i += vectorChunk {
		wide := min(vectorChunk, n-i)
		most := max(1, vectorChunk/wide)
		for r := 0; r < rows; r += most {
			f(r, i, min(most, rows-r), wide)
		}
	}
}

func (r rawKernels) wrapPositive(bits []uint32, words int, src []float32, stride, rows, n int) {
	if !checkBits(bits, words, src, stride, rows, n) {
		return
	}
	raceRows(raceRead, src, stride, rows, n)
	raceRows(raceWrite, bits, words, rows, wordsOf(n))
	pieces(rows, n, func(y, i, rows, n int) {
		r.positive(&bits[y*words+i/32], &src[y*stride+i], wordBytes*words, floatBytes*stride, rows, n)
	})
}

func (r rawKernels) wrapMask(dst, src []float32, stride int, bits []uint32, words, rows, n int) {
	if !checkBits(bits, words, src, stride, rows, n) {
		return
	}
	mustHave(dst, (rows-1)*stride+n)
	raceRows(raceRead, src, stride, rows, n)
	raceRows(raceRead, bits, words, rows, wordsOf(n))
	raceRows(raceWrite, dst, stride, rows, n)
	pieces(rows, n, func(y, i, rows, n int) {
		r.mask(&dst[y*stride+i], &src[y*stride+i], &bits[y*words+i/32], floatBytes*stride, wordBytes*words, rows, n)
	})
}

func (r rawKernels) wrapMaxPoolArgMax(dst []float32, right, low []uint32, src []float32, p Windows) {
	if !p.check(src, dst, right, low, p.Down) {
		return
	}
	for _, at := range [...]int{0, p.Right, p.Down, p.Right + p.Down} {
		raceRows(raceRead, src[at:], p.Step, p.Windows, p.Channels)
	}
	raceRows(raceWrite, dst, p.Pixel, p.Windows, p.Channels)
	raceRows(raceWrite, right, p.Words, p.Windows, wordsOf(p.Channels))
	raceRows(raceWrite, low, p.Words, p.Windows, wordsOf(p.Channels))
	pieces(p.Windows, p.Channels, func(x, i, windows, channels int) {
		word := x*p.Words + i/32
		r.maxPoolArgMax(&dst[x*p.Pixel+i], &right[word], &low[word], &src[x*p.Step+i], windows, channels,
			floatBytes*p.Step, floatBytes*p.Right, floatBytes*p.Down, floatBytes*p.Pixel, wordBytes*p.Words)
	})
}

func (r rawKernels) wrapMaxUnpool(dst, src []float32, right, low []uint32, lower bool, p Windows) {
	if !p.check(dst, src, right, low, 0) {
		return
	}
	raceRows(raceRead, src, p.Pixel, p.Windows, p.Channels)
	raceRows(raceRead, right, p.Words, p.Windows, wordsOf(p.Channels))
	raceRows(raceRead, low, p.Words, p.Windows, wordsOf(p.Channels))
	raceRows(raceWrite, dst, p.Step, p.Windows, p.Channels)
	raceRows(raceWrite, dst[p.Right:], p.Step, p.Windows, p.Channels)
	upper := -1
	if lower {
		upper = 0
	}
	pieces(p.Windows, p.Channels, func(x, i, windows, channels int) {
		word := x*p.Words + i/32
		r.maxUnpool(&dst[x*p.Step+i], &src[x*p.Pixel+i], &right[word], &low[word], upper, windows, channels,
			floatBytes*p.Step, floatBytes*p.Right, floatBytes*p.Pixel, wordBytes*p.Words)
	})
}

// raceRows marks rows one by one: what lies between them may belong to somebody else.
func raceRows[T float32 | uint32](mark func(...[]T), v []T, stride, rows, n int) {
	if raceEnabled {
		for r := range rows {
			mark(v[r*stride:][:n])
		}
	}
}
