package optim

import (
	"fmt"
	"math"
)

// Bands divides the bands of frequencies of a gradient by their magnitudes, so that a step changes a picture as
// much in coarse forms as in fine ones. It is the Laplacian pyramid normalisation of TensorFlow's DeepDream
// example (Mordvintsev 2016, after Burt and Adelson 1983), with the filters of Backend.Halve and Double, of 4
// and 2 taps, in place of its binomial filter of 5.
type Bands struct {
	on     Backend
	levels []level // the first is the picture, without a vector
	units  []float64
}

// weakestBand is what a band's magnitude is taken for at least, relative to the strongest: what is weaker is
// rounding.
const weakestBand = 1e-5

// BandsLen returns how many numbers Bands of so many bands remembers for pictures of a grid.
func BandsLen(g Grid, count int) int {
	n := 0
	for _, h := range bandGrids(g, count) {
		n += h.Len()
	}
	return n
}

// bandGrids returns the grids below the first: count of them, fewer if they would have sides of less than
// smallestLevel.
func bandGrids(g Grid, count int) []Grid {
	var all []Grid
	for len(all) < count && min(g.H, g.W) >= 2*smallestLevel {
		g = g.Half()
		all = append(all, g)
	}
	return all
}

// NewBands returns Bands that split gradients of a grid into count bands, each of half the frequencies of the
// one before, and what is left below. room is of BandsLen numbers that the backend can work on.
func NewBands(g Grid, count int, on Backend, room []float32) *Bands {
	if len(room) != BandsLen(g, count) {
		panic(fmt.Sprintf("optim: %d numbers for %d bands of %v", len(room), count, g))
	}
	b := &Bands{on: on, levels: []level{{Grid: g}}}
	for _, h := range bandGrids(g, count) {
		b.levels = append(b.levels, level{h, room[:h.Len():h.Len()]})
		room = room[h.Len():]
	}
	b.units = make([]float64, len(b.levels))
	return b
}

// Equalise divides each band of x by its root mean square.
func (b *Bands) Equalise(x []float32) {
	if len(x) != b.levels[0].Len() {
		panic(fmt.Sprintf("optim: %d numbers for bands of %v", len(x), b.levels[0].Grid))
	}
	b.levels[0].v = x
	last := len(b.levels) - 1
	for k := range last {
		b.on.Halve(b.levels[k+1].v, b.levels[k].v, b.levels[k].Grid)
	}
	for k := range last {
		b.on.Double(b.levels[k].v, 1, b.levels[k+1].v, -1, b.levels[k].Grid)
	}
	var most float64
	for k := range b.levels {
		v := b.levels[k].v
		b.units[k] = math.Sqrt(b.on.Dot(v, v) / float64(len(v)))
		most = max(most, b.units[k])
	}
	if most > 0 {
		unit := func(k int) float32 { return float32(1 / max(b.units[k], weakestBand*most)) }
		b.on.Scale(b.levels[last].v, b.levels[last].v, unit(last))
		for k := last - 1; k >= 0; k-- {
			b.on.Double(b.levels[k].v, unit(k), b.levels[k+1].v, 1, b.levels[k].Grid)
		}
	}
	b.levels[0].v = nil
}
