package render

import (
	"math"
	"sort"

	"oneiro/internal/imageio"
)

// marginSide is the longer side, in pixels, at which margins are looked for.
const marginSide = 1024

// findMargins returns the margins of a picture. A margin is of one colour along its whole side, which the
// inside does not have, and ends at a straight line: in all parts of the side after nearly as many
// pixels. What there is of it is left out, and one pixel or two of what is blurred, but never more than
// maxMargin of a side. A picture that only has a size has none.
func findMargins(im *Picture, maxBytes int64) (m Margins, err error) {
	w, h := im.W, im.H
	if max(w, h) > marginSide {
		w, h = imageio.FitSize(w, h, marginSide)
	}
	if im.IsDeferred() {
		v := imageio.View{W: w, H: h}
		if err := im.Load(v, maxBytes); err != nil {
			return m, err
		}
		defer im.Drop(v, false)
	} else if im.Pix == nil {
		return m, nil
	}
	small := im.At(w, h).OnWhite()
	full := func(found, side, of int) int { // pixels of the picture itself
		return min(int(math.Ceil(float64(found)*float64(of)/float64(side))), int(maxMargin*float64(of)))
	}
	return Margins{
		Top: full(sideOf(small, 0).margin(), h, im.H), Right: full(sideOf(small, 1).margin(), w, im.W),
		Bottom: full(sideOf(small, 2).margin(), h, im.H), Left: full(sideOf(small, 3).margin(), w, im.W),
	}, nil
}

// parts is the number of parts of a side that have to agree.
const parts = 20

// rgb is red, green and blue, sRGB-encoded in 0..1.
type rgb [3]float64

func (c rgb) from(o rgb) float64 {
	return math.Sqrt((c[0]-o[0])*(c[0]-o[0]) + (c[1]-o[1])*(c[1]-o[1]) + (c[2]-o[2])*(c[2]-o[2]))
}

// side has the mean colours of the lines along one side of a picture, from the edge inwards, in each part.
type side struct {
	lines [][parts]rgb
	depth int // of the picture
}

// sideOf returns the lines of the top, right, bottom or left side. Corners, where two margins meet, are
// left out.
func sideOf(im *Picture, turn int) side {
	along, depth := im.W, im.H
	if turn%2 == 1 {
		along, depth = im.H, im.W
	}
	s := side{depth: depth, lines: make([][parts]rgb, depth*3/10)}
	corner := along / 16
	for d := range s.lines {
		for p := range parts {
			from := corner + p*(along-2*corner)/parts
			to := corner + (p+1)*(along-2*corner)/parts
			for i := from; i < to; i++ {
				at := d*im.W + i
				switch turn {
				case 1:
					at = i*im.W + im.W - 1 - d
				case 2:
					at = (im.H-1-d)*im.W + i
				case 3:
					at = i*im.W + d
				}
				for k := range 3 {
					s.lines[d][p][k] += float64(im.Pix[3*at+k]) / float64(to-from)
				}
			}
		}
	}
	return s
}

// margin returns how many lines belong to a margin: one within the other, such as a scanner's black and
// paper.
func (s side) margin() int {
	most := int(maxMargin * float64(s.depth))
	found := 0
	for range 3 {
		end := 0
		for skipped := 0; skipped <= mostSkipped && end == 0; skipped++ {
			end = s.next(found+skipped, most)
		}
		if end == 0 {
			break
		}
		found = end
	}
	return min(found, most)
}

// What a margin has to be like. Colours are at most sqrt(3) apart.
const (
	leastContrast = 0.15  // between the margin and the inside
	mostUneven    = 0.55  // along the margin, relative to the contrast
	mostRagged    = 0.012 // difference of its width in most parts, relative to the picture
	mostBlurred   = 0.006 // from the margin's colour to the inside's, likewise
	mostSkipped   = 4     // lines before it that are blurred or of a frame
)

// next returns the line behind a margin that begins at the line first and ends before the line most, 0 if
// there is none.
func (s side) next(first, most int) int {
	if len(s.lines) < most+most/2+2 || first >= most-1 {
		return 0
	}
	edge := s.median(first, first+1)
	var uneven []float64
	for p := range parts {
		uneven = append(uneven, s.lines[first][p].from(edge))
	}
	var contrasts, widths, blurs []float64
	for p := range parts {
		inside := s.inside(p, most)
		contrast := inside.from(edge)
		if contrast < leastContrast {
			continue // this part says nothing
		}
		quarter := s.leaves(first, p, edge, 0.25*contrast)
		half, most := s.leaves(first, p, edge, 0.5*contrast), s.leaves(first, p, edge, 0.7*contrast)
		contrasts, widths = append(contrasts, contrast), append(widths, float64(half-first))
		blurs = append(blurs, float64(most-quarter))
	}
	if len(contrasts) < parts*8/10 {
		return 0
	}
	ragged := quantile(widths, 0.8) - quantile(widths, 0.2)
	width := quantile(widths, 0.8)
	size := float64(s.depth)
	switch {
	case quantile(uneven, 0.7) > mostUneven*quantile(contrasts, 0.5),
		quantile(widths, 0.5) < 1,
		width > float64(most-first),
		ragged > math.Max(2, mostRagged*size),
		quantile(blurs, 0.5) > math.Max(3, mostBlurred*size):
		return 0
	}
	return first + int(width) + int(math.Max(1, math.Round(0.002*size)))
}

// leaves returns the first line from first on at which a part is that far from a colour.
func (s side) leaves(first, p int, edge rgb, far float64) int {
	for d := first; d < len(s.lines); d++ {
		if s.lines[d][p].from(edge) > far {
			return d
		}
	}
	return len(s.lines)
}

// inside returns the colour of a part further inside than any margin.
func (s side) inside(p, most int) (c rgb) {
	n := most/2 + 1
	for d := most + 1; d <= most+n && d < len(s.lines); d++ {
		for k := range c {
			c[k] += s.lines[d][p][k] / float64(n)
		}
	}
	return c
}

// median returns the median colour of the parts of some lines.
func (s side) median(from, to int) (c rgb) {
	for k := range c {
		var all []float64
		for d := from; d < to; d++ {
			for p := range parts {
				all = append(all, s.lines[d][p][k])
			}
		}
		c[k] = quantile(all, 0.5)
	}
	return c
}

// quantile returns the value below which a part of all values lies.
func quantile(values []float64, part float64) float64 {
	all := append([]float64{}, values...)
	sort.Float64s(all)
	return all[min(int(part*float64(len(all))), len(all)-1)]
}
