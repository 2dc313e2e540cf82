package colour

import "math"

// The filter of chroma: passes over 3 x 3 pixels, which weigh a neighbour by exp(-10 |dL|), as the colour step
// of "Neural Neighbor Style Transfer" (Kolkin et al., arXiv:2203.13215, and their code) does.
const (
	chromaPasses   = 5
	chromaDecrease = 10
)

// Chroma gives a picture the chroma of a photograph of the same size, and keeps the lightness that it has (both
// as in OkLab). The photograph's chroma is smoothed first, except across edges of the picture: where strokes
// have moved an edge, colours end there and not beside it.
type Chroma struct {
	// Photo writes row y of the photograph, W pixels, to row. It is called once for each, in order.
	Photo func(y int, row []float32)
	W, H  int
	// Strength is how much of the photograph's chroma the picture gets: 0 for its own, 1 for all.
	Strength float64
	// Recolour maps the photograph's colours first; nil leaves them alone. Its colours are those of OkLab.
	Recolour *Map
	// Run calls do for pieces 0 to n-1, perhaps at the same time; nil calls them one after the other.
	Run func(n int, do func(piece int))
}

// chromaBand is the number of rows that are worked on at a time.
const chromaBand = 32

// ChromaBytes returns how much memory Apply takes for rows of w pixels.
func ChromaBytes(w int) int64 {
	return 4 * int64(w) * (chromaBand + 2*chromaPasses) * (3 + 2 + 2 + 4 + 3)
}

// Apply changes the picture in its place. Its bits do not depend on Run.
func (c *Chroma) Apply(pix []float32) {
	if c.Strength == 0 {
		return
	}
	b := newBand(c)
	for y := 0; y < c.H; y += chromaBand {
		b.read(pix, y)
		b.filter()
		b.write(pix)
	}
}

// band is some rows of the two pictures: those that are written next, and those above and below that they
// depend on.
type band struct {
	*Chroma
	from, to int // rows to write
	top, end int // rows that there are
	light    []float32
	chroma   [2][]float32    // of the photograph
	smooth   [2][2][]float32 // the same after an even and an odd number of passes
	weights  [4][]float32    // of the neighbour on the right, and of those below: left, straight, right
	photo    []float32
}

func newBand(c *Chroma) *band {
	n := c.W * (chromaBand + 2*chromaPasses)
	b := &band{Chroma: c, photo: make([]float32, 3*n), light: make([]float32, n)}
	for _, planes := range [][]([]float32){b.chroma[:], b.smooth[0][:], b.smooth[1][:], b.weights[:]} {
		for i := range planes {
			planes[i] = make([]float32, n)
		}
	}
	return b
}

// each calls do for rows, perhaps at the same time.
func (b *band) each(from, to int, do func(y int)) {
	if b.Run != nil {
		b.Run(to-from, func(piece int) { do(from + piece) })
		return
	}
	for y := from; y < to; y++ {
		do(y)
	}
}

// row returns row y of a plane.
func (b *band) row(plane []float32, y int) []float32 { return plane[(y-b.top)*b.W:][:b.W] }

// read moves on to the rows from y on. Those that it has already stay: in the picture they have changed.
func (b *band) read(pix []float32, y int) {
	top, known := max(y-chromaPasses, 0), b.end
	for _, plane := range [][]float32{b.light, b.chroma[0], b.chroma[1]} {
		copy(plane, plane[(top-b.top)*b.W:])
	}
	b.from, b.to, b.top = y, min(y+chromaBand, b.H), top
	b.end = min(b.to+chromaPasses, b.H)
	for y := known; y < b.end; y++ {
		b.Photo(y, b.photo[3*(y-b.top)*b.W:][:3*b.W])
	}
	b.each(known, b.end, func(y int) {
		picture, photo := pix[3*y*b.W:][:3*b.W], b.photo[3*(y-b.top)*b.W:][:3*b.W]
		light, chromaA, chromaB := b.row(b.light, y), b.row(b.chroma[0], y), b.row(b.chroma[1], y)
		for x := range b.W {
			light[x] = ToLab(picture[3*x], picture[3*x+1], picture[3*x+2]).L
			c := ToLab(photo[3*x], photo[3*x+1], photo[3*x+2])
			if b.Recolour != nil {
				c.L, c.A, c.B = b.Recolour.At(c.L, c.A, c.B)
			}
			chromaA[x], chromaB[x] = c.A, c.B
		}
	})
	b.each(b.top, b.end, func(y int) {
		own := b.row(b.light, y)
		b.weigh(b.row(b.weights[0], y), own[:b.W-1], own[1:])
		if y+1 < b.end {
			below := b.row(b.light, y+1)
			b.weigh(b.row(b.weights[1], y)[1:], own[1:], below)
			b.weigh(b.row(b.weights[2], y), own, below)
			b.weigh(b.row(b.weights[3], y), own[:b.W-1], below[1:])
		}
	})
}

// likeness is the weight of a neighbour by the difference of lightness.
var likeness = NewTable(func(d float64) float64 { return math.Exp(-chromaDecrease * d) })

// weigh sets weights to those of pixels that are as light as p and q.
func (b *band) weigh(weights, p, q []float32) {
	for i, l := range p {
		weights[i] = likeness.At(max(l-q[i], q[i]-l))
	}
}

// filter smooths the chroma.
func (b *band) filter() {
	from := b.chroma
	for pass := range chromaPasses {
		to := b.smooth[pass%2]
		b.each(b.top, b.end, func(y int) { b.pass(from, to, y) })
		from = to
	}
}

// pass filters row y once. Beyond the edge of the picture there is nothing.
func (b *band) pass(from, to [2][]float32, y int) {
	w := b.W
	outA, outB := b.row(to[0], y), b.row(to[1], y)
	copy(outA, b.row(from[0], y))
	copy(outB, b.row(from[1], y))
	var sums [64]float32
	for x0 := 0; x0 < w; x0 += len(sums) { // some pixels at a time, one neighbour of all after the other
		x1 := min(x0+len(sums), w)
		sum := sums[:x1-x0]
		for i := range sum {
			sum[i] = 1
		}
		// add adds the neighbours that are dx on the right and dy below. The weights are at the pixel that
		// comes first of the two.
		add := func(weights []float32, dx, dy int) {
			if y+dy < b.top || y+dy >= b.end {
				return
			}
			first, last := max(x0, -dx), min(x1, w-dx)
			if first >= last {
				return
			}
			at := b.row(weights, min(y, y+dy))
			if dy < 0 || dy == 0 && dx < 0 {
				at = at[first+dx : last+dx]
			} else {
				at = at[first:last]
			}
			fromA, fromB := b.row(from[0], y+dy), b.row(from[1], y+dy)
			fromA, fromB = fromA[first+dx:][:len(at)], fromB[first+dx:][:len(at)]
			sum, toA, toB := sum[first-x0:][:len(at)], outA[first:][:len(at)], outB[first:][:len(at)]
			for i, weight := range at {
				sum[i] += weight
				toA[i] += weight * fromA[i]
				toB[i] += weight * fromB[i]
			}
		}
		add(b.weights[3], -1, -1)
		add(b.weights[2], 0, -1)
		add(b.weights[1], 1, -1)
		add(b.weights[0], -1, 0)
		add(b.weights[0], 1, 0)
		add(b.weights[1], -1, 1)
		add(b.weights[2], 0, 1)
		add(b.weights[3], 1, 1)
		for i, s := range sum {
			outA[x0+i] /= s
			outB[x0+i] /= s
		}
	}
}

// write writes the rows of the band to the picture.
func (b *band) write(pix []float32) {
	smooth := b.smooth[(chromaPasses-1)%2]
	strength := float32(b.Strength)
	b.each(b.from, b.to, func(y int) {
		picture := pix[3*y*b.W:][:3*b.W]
		light, chromaA, chromaB := b.row(b.light, y), b.row(smooth[0], y), b.row(smooth[1], y)
		for x := range b.W {
			c := Lab{light[x], chromaA[x], chromaB[x]}
			if strength < 1 {
				own := ToLab(picture[3*x], picture[3*x+1], picture[3*x+2])
				c.A = own.A + strength*(c.A-own.A)
				c.B = own.B + strength*(c.B-own.B)
			}
			picture[3*x], picture[3*x+1], picture[3*x+2] = c.RGB()
		}
	})
}
