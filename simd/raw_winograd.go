//go:build amd64 || arm64

package simd

import "math"

// winogradChunk is how many channels of tiles one call to assembly transforms, at most some
// hundredth of a millisecond's worth.
const winogradChunk = 1 << 13

func (r rawKernels) wrapWinogradIn(dst []float32, point int, src []float32, row, c, tiles int) {
	if !checkWinogradIn(dst, point, src, row, c, tiles) {
		return
	}
	if raceEnabled {
		for y := range 6 {
			raceRead(src[y*row:][:(4*tiles+2)*c])
		}
		for p := range 36 {
			raceWrite(dst[p*point:][:tiles*c])
		}
	}
	most := max(1, winogradChunk/c)
	for t := 0; t < tiles; t += most {
		r.winogradIn(&dst[t*c], &src[4*t*c], floatBytes*point, floatBytes*row, c, min(most, tiles-t))
	}
}

func (r rawKernels) wrapWinogradOut(dst []float32, row, pixel int, src []float32, point, c, tiles int,
	bias []float32, relu bool) {
	if !checkWinogradOut(dst, row, pixel, src, point, c, tiles, bias) {
		return
	}
	if raceEnabled {
		for p := range 36 {
			raceRead(src[p*point:][:tiles*c])
		}
		if bias != nil {
			raceRead(bias[:c])
		}
		for y := range 4 {
			for x := range 4 * tiles {
				raceWrite(dst[y*row+x*pixel:][:c])
			}
		}
	}
	var b *float32
	if bias != nil {
		b = &bias[0]
	}
	floor := float32(math.Inf(-1))
	if relu {
		floor = 0
	}
	most := max(1, winogradChunk/c)
	for t := 0; t < tiles; t += most {
		r.winogradOut(&dst[4*t*pixel], &src[t*c], b, floatBytes*row, floatBytes*pixel, floatBytes*point,
			c, min(most, tiles-t), floor)
	}
}

func (r rawKernels) wrapWinogradFilter(dst []float32, point int, g []float32, stride, n int) {
	if !checkWinogradFilter(dst, point, g, stride, n) {
		return
	}
	if raceEnabled {
		for k := range 9 {
			raceRead(g[k*stride:][:n])
		}
		for p := range 36 {
			raceWrite(dst[p*point:][:n])
		}
	}
	for i := 0; i < n; i += winogradChunk {
		r.winogradFilter(&dst[i], &g[i], floatBytes*point, floatBytes*stride, min(winogradChunk, n-i))
	}
}
