//go:build amd64 || arm64

package simd

func (r rawKernels) wrapWinogradGradIn(dst []float32, point int, src []float32, row, pixel, c, tiles int) {
	if !checkWinogradGradIn(dst, point, src, row, pixel, c, tiles) {
		return
	}
	if raceEnabled {
		for y := range 4 {
			for x := range 4 * tiles {
				raceRead(src[y*row+x*pixel:][:c])
			}
		}
		for p := range 36 {
			raceWrite(dst[p*point:][:tiles*c])
		}
	}
	most := max(1, winogradChunk/c)
	for t := 0; t < tiles; t += most {
		r.winogradGradIn(&dst[t*c], &src[4*t*pixel], floatBytes*point, floatBytes*row, floatBytes*pixel, c, min(most, tiles-t))
	}
}

func (r rawKernels) wrapWinogradFilterGrad(dst []float32, stride int, src []float32, point, n int, accumulate bool) {
	if !checkWinogradFilterGrad(dst, stride, src, point, n) {
		return
	}
	if raceEnabled {
		for p := range 36 {
			raceRead(src[p*point:][:n])
		}
		for k := range 9 {
			raceWrite(dst[k*stride:][:n])
		}
	}
	add := 0
	if accumulate {
		add = 1
	}
	for i := 0; i < n; i += winogradChunk {
		r.winogradFilterGrad(&dst[i], &src[i], floatBytes*stride, floatBytes*point, min(winogradChunk, n-i), add)
	}
}
