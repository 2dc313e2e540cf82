package imageio

import (
	"image/color"
	"slices"
	"sort"
)

// paletteBits is how many bits of each channel count when colours are grouped.
const paletteBits = 5

// tint is the colours of a picture that share their upper bits: how many, and the sums of their channels.
type tint struct {
	n   int
	sum [3]int
}

func (t *tint) mean(c int) int { return t.sum[c] / t.n }

// medianCut returns at most count colours that stand for those of a picture, four bytes each, the last of which
// does not count (Heckbert, "Color image quantization for frame buffer display", 1982). The group with the
// largest sum of squares is cut where that sum is least for its two parts, along the channel that varies most.
func medianCut(pix []uint8, count int) color.Palette {
	const shift = 8 - paletteBits
	cells := make([]tint, 1<<(3*paletteBits))
	for i := 0; i < len(pix); i += 4 {
		p := pix[i : i+4]
		t := &cells[int(p[0]>>shift)<<(2*paletteBits)|int(p[1]>>shift)<<paletteBits|int(p[2]>>shift)]
		t.n++
		for c := range 3 {
			t.sum[c] += int(p[c])
		}
	}
	cells = slices.DeleteFunc(cells, func(t tint) bool { return t.n == 0 })
	groups := []tints{newTints(cells)}
	for len(groups) < count {
		worst := 0
		for i := range groups {
			if groups[i].error > groups[worst].error {
				worst = i
			}
		}
		if groups[worst].error == 0 {
			break
		}
		a, b := groups[worst].cut()
		groups[worst] = a
		groups = append(groups, b)
	}
	var all color.Palette
	for _, g := range groups {
		all = append(all, color.RGBA{uint8(g.mean(0)), uint8(g.mean(1)), uint8(g.mean(2)), 255})
	}
	return all
}

// tints are a group of colours.
type tints struct {
	tint
	of      []tint
	channel int     // that varies most
	error   float64 // the sum of squares of the differences from the mean, of all channels; 0 for a single tint
}

func newTints(of []tint) tints {
	g := tints{of: of}
	var square [3]float64
	for i := range of {
		g.n += of[i].n
		for c := range 3 {
			g.sum[c] += of[i].sum[c]
			square[c] += float64(of[i].sum[c]) * float64(of[i].sum[c]) / float64(of[i].n)
		}
	}
	most := -1.0
	for c := range 3 {
		v := square[c] - float64(g.sum[c])*float64(g.sum[c])/float64(g.n)
		if g.error += max(v, 0); v > most {
			g.channel, most = c, v
		}
	}
	if len(of) == 1 {
		g.error = 0
	}
	return g
}

// cut divides a group of several tints.
func (g *tints) cut() (a, b tints) {
	c := g.channel
	sort.SliceStable(g.of, func(i, k int) bool { return g.of[i].mean(c) < g.of[k].mean(c) })
	best, most := 1, -1.0
	n, sum := 0, 0
	for i := range g.of[:len(g.of)-1] {
		n, sum = n+g.of[i].n, sum+g.of[i].sum[c]
		rest := float64(g.sum[c] - sum)
		if v := float64(sum)*float64(sum)/float64(n) + rest*rest/float64(g.n-n); v > most {
			best, most = i+1, v
		}
	}
	return newTints(g.of[:best]), newTints(g.of[best:])
}
