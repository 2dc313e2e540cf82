//go:build amd64 || arm64

package simd

func (r rawKernels) wrapWinogradGradIn(dst, src []float32, l Tiles) {
	if !l.checkGradIn(dst, src) {
		return
	}
	l.race(raceRead, src, 4, 4*l.Tiles)
	l.racePoints(raceWrite, dst, 36)
	l.chunks(func(t, tiles int) {
		r.winogradGradIn(&dst[t*l.Channels], &src[4*t*l.Pixel],
			floatBytes*l.Point, floatBytes*l.Row, floatBytes*l.Pixel, l.Channels, tiles)
	})
}

func (r rawKernels) wrapWinogradFilterGrad(dst []float32, stride int,
	src []float32, point, n int, accumulate bool) {
	if !checkWinogradFilterGrad(dst, stride, src, point, n) {
		return
	}
	raceRows(raceRead, src, point, 36, n)
	raceRows(raceWrite, dst, stride, 9, n)
	add := 0
	if accumulate {
		add = 1
	}
	for i := 0; i < n; i += winogradChunk {
		r.winogradFilterGrad(&dst[i], &src[i], floatBytes*stride, floatBytes*point, min(winogradChunk, n-i), add)
	}
}
