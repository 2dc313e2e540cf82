package region

import (
	"fmt"
	"slices"
	"sort"

	"oneiro/internal/imageio"
)

// MaxSide is the longer side at which pictures of regions are kept: edges need no more.
const MaxSide = 2048

// MaxRegions is the largest number of regions.
const MaxRegions = 16

// Fit shows pictures at MaxSide at most. It is an imageio.Fit.
func Fit(w, h int) imageio.View {
	if max(w, h) > MaxSide {
		w, h = imageio.FitSize(w, h, MaxSide)
	}
	return imageio.View{W: w, H: h}
}

// ColoursError reports a picture that has too many colours for one of regions.
type ColoursError struct {
	Regions int     // how many colours have an area of their own, MaxRegions + 1 if they are more
	Share   float64 // of the picture that those colours take
}

func (e *ColoursError) Error() string {
	if e.Regions > MaxRegions {
		return fmt.Sprintf("has more than %d colours with an area of their own", MaxRegions)
	}
	return fmt.Sprintf("is no picture of regions: only %.0f %% of it is in areas of one colour", 100*e.Share)
}

// Hint says what a picture of regions is like.
func (e *ColoursError) Hint() string {
	return fmt.Sprintf("paint each region in one even colour, %d at most; oneiro regions PHOTO makes a picture to start from",
		MaxRegions)
}

const (
	flat = 10 // levels that neighbours differ by at most where a colour is even, with the noise of a JPEG
	peak = 16 // how far pixels of one region are from its colour
	near = 32 // how far a pixel may be from the colour of its region where it is not at an edge
	soft = 4  // pixels from an edge within which colours are mixtures
)

// leastShare is the least part of a picture that makes a region.
const leastShare = 5e-4

// clearShare is the least part of a picture of regions that is in one of its colours.
const clearShare = 0.7

// Read finds the regions of a picture: the few colours that fill areas of it. Noise of a JPEG and soft edges
// make no regions: pixels between two areas are mixtures of their colours. What is clear counts as white. The
// error is a *ColoursError.
func Read(im *imageio.Image) (*Map, error) {
	im = im.OnWhite()
	m := &Map{W: im.W, H: im.H}
	pixels := make([][3]uint8, im.W*im.H)
	for i := range pixels {
		for c := range 3 {
			pixels[i][c] = uint8(min(max(im.Pix[3*i+c], 0), 1)*255 + 0.5)
		}
	}
	colours, err := palette(pixels, im.W, im.H)
	if err != nil {
		return nil, err
	}
	for _, c := range colours {
		m.Regions = append(m.Regions, Region{Colour: c})
	}
	m.assign(pixels)
	m.sort()
	m.name()
	return m, nil
}

// palette returns the colours that fill areas.
func palette(pixels [][3]uint8, w, h int) ([][3]uint8, error) {
	bins, total := histogram(pixels, w, h)
	all := slices.Clone(bins)
	var colours [][3]uint8
	for total > 0 {
		at := -1
		for i := range bins {
			if bins[i].n > 0 && (at < 0 || bins[i].n > bins[at].n) {
				at = i
			}
		}
		centre := bins.around(bins[at].mean(), peak).mean()
		inPeak, around := all.around(centre, peak), all.around(centre, 3*peak)
		if inPeak.n < max(min(4, len(pixels)/8), int(leastShare*float64(len(pixels)))) && len(colours) > 0 {
			break // and what is left is less
		}
		isPeak := 2*inPeak.n >= around.n // rather than a part of a gradient
		if isPeak {
			if len(colours) == MaxRegions {
				return nil, &ColoursError{Regions: MaxRegions + 1}
			}
			colours = append(colours, centre)
		}
		total -= bins.remove(centre, near)
	}
	inside := 0
	for _, p := range pixels {
		if nearest(p, colours, near) >= 0 {
			inside++
		}
	}
	if share := float64(inside) / float64(len(pixels)); len(colours) == 0 || share < clearShare {
		return nil, &ColoursError{Regions: len(colours), Share: share}
	}
	return colours, nil
}

// bin is a sum of pixels of similar colours.
type bin struct {
	n   int
	sum [3]int
}

func (b bin) mean() [3]uint8 {
	var c [3]uint8
	for i := range c {
		c[i] = uint8((b.sum[i] + b.n/2) / max(b.n, 1))
	}
	return c
}

func (b *bin) add(o bin) {
	b.n += o.n
	for c := range b.sum {
		b.sum[c] += o.sum[c]
	}
}

// bins count colours by their upper five bits.
type bins []bin

// histogram counts the pixels where colours are even, which is everywhere if that is nowhere.
func histogram(pixels [][3]uint8, w, h int) (b bins, total int) {
	count := func(everywhere bool) {
		b, total = make(bins, 1<<15), 0
		for i, p := range pixels {
			if !everywhere && !even(pixels, i, w, h) {
				continue
			}
			b[int(p[0]>>3)<<10|int(p[1]>>3)<<5|int(p[2]>>3)].add(bin{1, [3]int{int(p[0]), int(p[1]), int(p[2])}})
			total++
		}
	}
	if count(false); total == 0 {
		count(true)
	}
	return b, total
}

// even reports whether a pixel is like its neighbours.
func even(pixels [][3]uint8, i, w, h int) bool {
	x, y := i%w, i/w
	for _, d := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		if x+d[0] < 0 || x+d[0] >= w || y+d[1] < 0 || y+d[1] >= h {
			continue
		}
		if apart(pixels[i], pixels[i+d[0]+d[1]*w]) > flat*flat {
			return false
		}
	}
	return true
}

// around returns the sum of the bins whose colours are within a distance.
func (b bins) around(centre [3]uint8, distance int) (sum bin) {
	for _, o := range b {
		if o.n > 0 && apart(o.mean(), centre) <= distance*distance {
			sum.add(o)
		}
	}
	return sum
}

// remove empties the bins whose colours are within a distance, and returns how many pixels those had.
func (b bins) remove(centre [3]uint8, distance int) (n int) {
	for i, o := range b {
		if o.n > 0 && apart(o.mean(), centre) <= distance*distance {
			n += o.n
			b[i] = bin{}
		}
	}
	return n
}

// nearest returns which of the colours is nearest, or -1 if none is within a distance.
func nearest(c [3]uint8, colours [][3]uint8, distance int) int {
	best, least := -1, distance*distance
	for i, o := range colours {
		if d := apart(c, o); d <= least {
			best, least = i, d
		}
	}
	return best
}

// none is the label of a pixel that has none.
const none = 255

// assign says which regions each pixel is part of. Pixels within an area of their colour are part of that.
// Others are mixtures of two regions whose areas are near: a line of purple between red and blue is a soft
// edge, even if there is a purple region elsewhere.
func (m *Map) assign(pixels [][3]uint8) {
	n := m.W * m.H
	colours := make([][3]uint8, len(m.Regions))
	everywhere := uint32(0)
	for i, r := range m.Regions {
		colours[i] = r.Colour
		everywhere |= 1 << i
	}
	m.first, m.second, m.mix = make([]uint8, n), make([]uint8, n), make([]uint8, n)
	pure := make([]uint8, n)
	for i, p := range pixels {
		pure[i] = none
		if k := nearest(p, colours, near); k >= 0 {
			pure[i] = uint8(k)
		}
	}
	areas := m.areas(pure)
	around := m.spread(areas, soft)
	for i, p := range pixels {
		if areas[i] != 0 && areas[i] == 1<<pure[i] {
			m.first[i], m.second[i] = pure[i], pure[i]
			continue
		}
		a, b, mix, d := mixture(p, colours, around[i])
		if d > near*near && pure[i] != none {
			a, b, mix, d = int(pure[i]), int(pure[i]), 0, 0
		}
		if d > near*near {
			a, b, mix, _ = mixture(p, colours, everywhere)
		}
		m.first[i], m.second[i], m.mix[i] = uint8(a), uint8(b), mix
	}
	m.count()
}

// areas returns the region of each pixel, as a bit, that lies in a square of 3 x 3 pixels of one region; 0 for
// others.
func (m *Map) areas(pure []uint8) []uint32 {
	out := make([]uint32, len(pure))
	for y := range m.H {
		for x := range m.W {
			i := y*m.W + x
			label, same := pure[i], pure[i] != none
			for v := max(y-1, 0); v <= min(y+1, m.H-1) && same; v++ {
				for u := max(x-1, 0); u <= min(x+1, m.W-1); u++ {
					same = same && pure[v*m.W+u] == label
				}
			}
			if !same {
				continue
			}
			for v := max(y-1, 0); v <= min(y+1, m.H-1); v++ {
				for u := max(x-1, 0); u <= min(x+1, m.W-1); u++ {
					out[v*m.W+u] = 1 << label
				}
			}
		}
	}
	return out
}

// spread returns which regions there are within some pixels of each, down and across.
func (m *Map) spread(sets []uint32, by int) []uint32 {
	across, out := make([]uint32, len(sets)), make([]uint32, len(sets))
	for y := range m.H {
		row := sets[y*m.W:][:m.W]
		for x := range row {
			var s uint32
			for _, v := range row[max(x-by, 0):min(x+by+1, m.W)] {
				s |= v
			}
			across[y*m.W+x] = s
		}
	}
	for y := range m.H {
		for v := max(y-by, 0); v < min(y+by+1, m.H); v++ {
			for x, s := range across[v*m.W:][:m.W] {
				out[y*m.W+x] |= s
			}
		}
	}
	return out
}

// mixture returns the two regions of a set between whose colours c lies best, how much it is of the second, of
// 255, and the squared distance that is left. Without a set the distance is more than any.
func mixture(c [3]uint8, colours [][3]uint8, set uint32) (a, b int, mix uint8, distance float64) {
	distance = 1e9
	for i := range colours {
		if set&(1<<i) == 0 {
			continue
		}
		if d := float64(apart(c, colours[i])); d < distance {
			a, b, mix, distance = i, i, 0, d
		}
		for j := i + 1; j < len(colours); j++ {
			if set&(1<<j) == 0 {
				continue
			}
			var dot, square float64
			for k := range c {
				v := float64(colours[j][k]) - float64(colours[i][k])
				dot += v * (float64(c[k]) - float64(colours[i][k]))
				square += v * v
			}
			t := min(max(dot/square, 0), 1)
			var d float64
			for k := range c {
				v := float64(c[k]) - (1-t)*float64(colours[i][k]) - t*float64(colours[j][k])
				d += v * v
			}
			if d < distance {
				a, b, mix, distance = i, j, uint8(t*255+0.5), d
			}
		}
	}
	return a, b, mix, distance
}

// sort puts the largest region first.
func (m *Map) sort() {
	order := make([]int, len(m.Regions))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return m.Regions[order[i]].Share > m.Regions[order[j]].Share })
	place, sorted := make([]uint8, len(order)), make([]Region, len(order))
	for to, from := range order {
		place[from], sorted[to] = uint8(to), m.Regions[from]
	}
	m.Regions = sorted
	for i := range m.first {
		m.first[i], m.second[i] = place[m.first[i]], place[m.second[i]]
	}
}
