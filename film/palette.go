package film

import (
	"cmp"
	"slices"

	"oneiro/colour"
	"oneiro/internal/imageio"
)

// tintBits is how many bits of each channel count when colours are counted.
const tintBits = 5

// tintOf has those bits of a value, so that greys that share them are about as far apart in OkLab
// everywhere.
var tintOf = func() (of [256]int) {
	for v := range of {
		x := float32(v) / 255
		of[v] = int(labOf(x, x, x)[0]*(1<<tintBits-1) + 0.5)
	}
	return of
}()

// tint is the colours of a clip that are counted together.
type tint struct {
	n   int
	sum [3]int64 // of each channel, 0..255
}

// histogram counts the colours of a clip.
type histogram struct {
	cells []tint
	clear bool // some pixels are
}

func newHistogram() *histogram { return &histogram{cells: make([]tint, 1<<(3*tintBits))} }

// add counts the pixels of a frame: all of them if they are few, or else every so many.
func (h *histogram) add(im *imageio.Image) {
	const enough = 1 << 17
	n := im.W * im.H
	h.clear = h.clear || slices.ContainsFunc(im.Alpha, func(a float32) bool { return a < 0.5 })
	for i := 0; i < n; i += 1 + n/enough {
		if im.Alpha != nil && im.Alpha[i] < 0.5 {
			continue
		}
		var c [3]int64
		cell := 0
		for k, v := range im.Pix[3*i:][:3] {
			c[k] = int64(to8(v))
			cell = cell<<tintBits | tintOf[c[k]]
		}
		t := &h.cells[cell]
		t.n++
		for k := range c {
			t.sum[k] += c[k]
		}
	}
}

func to8(v float32) uint8 { return uint8(clip(v)*255 + 0.5) }

// point is a colour with how often it is there.
type point struct {
	lab    [3]float32
	weight float32
}

// points returns the colours in OkLab.
func (h *histogram) points() (all []point) {
	for _, t := range h.cells {
		if t.n == 0 {
			continue
		}
		mean := func(k int) float32 { return float32(t.sum[k]) / float32(t.n) / 255 }
		all = append(all, point{labOf(mean(0), mean(1), mean(2)), float32(t.n)})
	}
	return all
}

func labOf(r, g, b float32) [3]float32 {
	c := colour.ToLab(r, g, b)
	return [3]float32{c.L, c.A, c.B}
}

// palette returns at most count colours that stand for those of the clip: groups by median cut (Heckbert,
// "Color image quantization for frame buffer display", 1982), then k-means (Lloyd, 1982), both in OkLab.
func (h *histogram) palette(count int) [][3]float32 {
	all := h.points()
	if len(all) == 0 {
		return [][3]float32{{}}
	}
	groups := []group{newGroup(all)}
	for len(groups) < count {
		worst := 0
		for i := range groups {
			if groups[i].spread > groups[worst].spread {
				worst = i
			}
		}
		if groups[worst].spread == 0 {
			break
		}
		a, b := groups[worst].cut()
		groups[worst] = a
		groups = append(groups, b)
	}
	centres := make([][3]float32, len(groups))
	for i, g := range groups {
		centres[i] = g.mean
	}
	const rounds = 12
	for range rounds {
		refine(centres, all)
	}
	return centres
}

// refine moves each centre to the mean of the points that it is nearest to.
func refine(centres [][3]float32, all []point) {
	sums := make([][3]float64, len(centres))
	weights := make([]float64, len(centres))
	for _, p := range all {
		k := nearest(centres, p.lab)
		w := float64(p.weight)
		weights[k] += w
		for c := range p.lab {
			sums[k][c] += w * float64(p.lab[c])
		}
	}
	for k, w := range weights {
		if w > 0 {
			for c := range centres[k] {
				centres[k][c] = float32(sums[k][c] / w)
			}
		}
	}
}

// nearest returns the centre that is nearest to a colour, the first one of several.
func nearest(centres [][3]float32, lab [3]float32) int {
	best, least := 0, float32(1e30)
	for k := range centres {
		c := &centres[k]
		x, y, z := c[0]-lab[0], c[1]-lab[1], c[2]-lab[2]
		if d := x*x + y*y + z*z; d < least {
			best, least = k, d
		}
	}
	return best
}

// group is colours that one of the palette stands for.
type group struct {
	points []point
	mean   [3]float32
	axis   int     // the coordinate that varies most
	spread float64 // the sum of squares of distances from the mean; 0 for a single colour
}

func newGroup(points []point) group {
	g := group{points: points}
	var n float64
	var sum, square [3]float64
	for _, p := range points {
		w := float64(p.weight)
		n += w
		for c, v := range p.lab {
			sum[c] += w * float64(v)
			square[c] += w * float64(v) * float64(v)
		}
	}
	most := -1.0
	for c := range sum {
		g.mean[c] = float32(sum[c] / n)
		v := max(square[c]-sum[c]*sum[c]/n, 0)
		if g.spread += v; v > most {
			g.axis, most = c, v
		}
	}
	if len(points) == 1 {
		g.spread = 0
	}
	return g
}

// cut divides a group of several colours where the spreads of its parts are least together.
func (g *group) cut() (a, b group) {
	c := g.axis
	slices.SortStableFunc(g.points, func(a, b point) int { return cmp.Compare(a.lab[c], b.lab[c]) })
	var n, sum float64
	for _, p := range g.points {
		n += float64(p.weight)
		sum += float64(p.weight) * float64(p.lab[c])
	}
	at, most := 1, -1.0
	var left, leftSum float64
	for i, p := range g.points[:len(g.points)-1] {
		left += float64(p.weight)
		leftSum += float64(p.weight) * float64(p.lab[c])
		rest := sum - leftSum
		if v := leftSum*leftSum/left + rest*rest/(n-left); v > most {
			at, most = i+1, v
		}
	}
	return newGroup(g.points[:at]), newGroup(g.points[at:])
}
