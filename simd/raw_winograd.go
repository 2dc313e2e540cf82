//go:build amd64 || arm64

package simd

import "math"

// winogradChunk is how many channels of tiles one call to assembly transforms, at most some
// hundredth of a millisecond's worth.
const winogradChunk = 1 << 13

// winogradWide is how many floats a tile of inputs has when its pixels fall into too few sets of the first
// cache to stay there: a power of two, c, of floats apart they find room for 8192/c of them, in 8 ways.
const winogradWide = 2 * 8192

// rawWinograd are the assembly functions for tiles of one size. Distances are in bytes; inWide does what
// in does, and is faster for tiles of winogradWide floats or more; out replaces what is below floor.
type rawWinograd struct {
	winogradTile
	in     func(dst, src *float32, point, row, channels, tiles int)
	inWide func(dst, src *float32, point, row, channels, tiles int)
	out    func(dst, src, bias *float32, row, pixel, point, channels, tiles int, floor float32)
	filter func(dst, weights *float32, point, to, stride, row, n, rows int)
}

func (r rawWinograd) kernels() Winograd {
	return Winograd{Tile: int(r.winogradTile), In: r.wrapIn, Out: r.wrapOut, Filter: r.wrapFilter}
}

func (r rawWinograd) wrapIn(dst []float32, point int, src []float32, row, c, tiles int) {
	if !r.checkIn(dst, point, src, row, c, tiles) {
		return
	}
	tile := int(r.winogradTile)
	if raceEnabled {
		for y := range r.side() {
			raceRead(src[y*row:][:(tile*tiles+2)*c])
		}
		for p := range r.points() {
			raceWrite(dst[p*point:][:tiles*c])
		}
	}
	in := r.in
	if r.points()*c >= winogradWide {
		in = r.inWide
	}
	most := max(1, winogradChunk/c)
	for t := 0; t < tiles; t += most {
		in(&dst[t*c], &src[tile*t*c], floatBytes*point, floatBytes*row, c, min(most, tiles-t))
	}
}

func (r rawWinograd) wrapOut(dst []float32, row, pixel int, src []float32, point, c, tiles int,
	bias []float32, relu bool) {
	if !r.checkOut(dst, row, pixel, src, point, c, tiles, bias) {
		return
	}
	tile := int(r.winogradTile)
	if raceEnabled {
		for p := range r.points() {
			raceRead(src[p*point:][:tiles*c])
		}
		if bias != nil {
			raceRead(bias[:c])
		}
		for y := range tile {
			for x := range tile * tiles {
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
		r.out(&dst[tile*t*pixel], &src[t*c], b, floatBytes*row, floatBytes*pixel, floatBytes*point,
			c, min(most, tiles-t), floor)
	}
}

func (r rawWinograd) wrapFilter(dst []float32, point, to int, g []float32, stride, row, n, rows int) {
	if !r.checkFilter(dst, point, to, g, stride, row, n, rows) {
		return
	}
	if raceEnabled {
		for i := range rows {
			for k := range 9 {
				raceRead(g[k*stride+i*row:][:n])
			}
			for p := range r.points() {
				raceWrite(dst[p*point+i*to:][:n])
			}
		}
	}
	wide := min(n, winogradChunk)
	high := max(1, winogradChunk/wide)
	for f := 0; f < n; f += wide {
		for i := 0; i < rows; i += high {
			r.filter(&dst[i*to+f], &g[i*row+f], floatBytes*point, floatBytes*to, floatBytes*stride, floatBytes*row,
				min(wide, n-f), min(high, rows-i))
		}
	}
}
