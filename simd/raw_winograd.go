//go:build amd64 || arm64

package simd

import "math"

// winogradChunk is how many channels of tiles one call to assembly transforms: it takes about a hundredth
// of a millisecond at most.
const winogradChunk = 1 << 13

// winogradWide is the size of a tile of inputs in floats from which on its pixels fall into too few sets of
// the first cache to stay there: if they are c floats apart, a power of two, 8192/c of them find room, in 8
// ways.
const winogradWide = 2 * 8192

// rawWinograd holds the assembly functions for tiles of one size. Distances are in bytes. inWide computes
// the same as in, and is faster for tiles of winogradWide floats or more. out replaces results below floor.
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

func (r rawWinograd) wrapIn(dst, src []float32, l Tiles) {
	if !r.checkIn(dst, src, l) {
		return
	}
	tile := int(r.winogradTile)
	l.race(raceRead, src, r.side(), tile*l.Tiles+2)
	l.racePoints(raceWrite, dst, r.points())
	in := r.in
	if r.points()*l.Channels >= winogradWide {
		in = r.inWide
	}
	l.chunks(func(t, tiles int) {
		in(&dst[t*l.Channels], &src[tile*t*l.Pixel], floatBytes*l.Point, floatBytes*l.Row, l.Channels, tiles)
	})
}

func (r rawWinograd) wrapOut(dst, src []float32, l Tiles, bias []float32, relu bool) {
	if !r.checkOut(dst, src, l, bias) {
		return
	}
	tile := int(r.winogradTile)
	l.racePoints(raceRead, src, r.points())
	l.race(raceWrite, dst, tile, tile*l.Tiles)
	var b *float32
	if bias != nil {
		raceRead(bias[:l.Channels])
		b = &bias[0]
	}
	floor := float32(math.Inf(-1))
	if relu {
		floor = 0
	}
	l.chunks(func(t, tiles int) {
		r.out(&dst[tile*t*l.Pixel], &src[t*l.Channels], b, floatBytes*l.Row, floatBytes*l.Pixel, floatBytes*l.Point,
			l.Channels, tiles, floor)
	})
}

// chunks calls f for runs of tiles that are small enough for one call to assembly, from tile t on.
func (l Tiles) chunks(f func(t, tiles int)) {
	most := max(1, winogradChunk/l.Channels)
	for t := 0; t < l.Tiles; t += most {
		f(t, min(most, l.Tiles-t))
	}
}

// race and racePoints mark what is read or written of rows of n pixels, and of n points: what lies between
// them may belong to somebody else.
func (l Tiles) race(mark func(...[]float32), v []float32, rows, n int) {
	if raceEnabled {
		for y := range rows {
			raceRows(mark, v[y*l.Row:], l.Pixel, n, l.Channels)
		}
	}
}

func (l Tiles) racePoints(mark func(...[]float32), v []float32, n int) {
	raceRows(mark, v, l.Point, n, l.Tiles*l.Channels)
}

func (r rawWinograd) wrapFilter(dst, src []float32, l Filters) {
	if !r.checkFilter(dst, src, l) {
		return
	}
	if raceEnabled {
		for i := range l.Rows {
			raceRows(raceRead, src[i*l.WeightRow:], l.Weight, 9, l.Filters)
			raceRows(raceWrite, dst[i*l.PointRow:], l.Point, r.points(), l.Filters)
		}
	}
	wide := min(l.Filters, winogradChunk)
	high := max(1, winogradChunk/wide)
	for f := 0; f < l.Filters; f += wide {
		for i := 0; i < l.Rows; i += high {
			r.filter(&dst[i*l.PointRow+f], &src[i*l.WeightRow+f], floatBytes*l.Point, floatBytes*l.PointRow,
				floatBytes*l.Weight, floatBytes*l.WeightRow, min(wide, l.Filters-f), min(high, l.Rows-i))
		}
	}
}
