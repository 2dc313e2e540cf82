package render

import (
	"math"
	"math/rand/v2"

	"oneiro/nn"
)

// pyramid is the canvas that holds a Laplacian pyramid (Burt and Adelson 1983): the picture is the sum of its
// levels, each enlarged. An optimiser that moves all numbers alike, as Adam does, then moves coarse shapes and
// colours as fast as detail. There are a third more numbers than the picture has.
type pyramid struct {
	// rates multiply the learning rate of the levels, from fine to coarse; the last is that of all further
	// ones, and none is 1 for all.
	rates []float64
}

// pyramidLevels is how many times a picture is halved at most (Kolkin et al., arXiv:2203.13215), and
// pyramidLeast the shorter side that is not halved.
const (
	pyramidLevels = 8
	pyramidLeast  = 4
)

func (pyramid) Range(*nn.Network) nn.ValueRange { return nn.UnitRange }
func (pyramid) Len(s Stage) int                 { return newLaplacian(s.Size).len() }

// Maps returns the map from levels to the picture. A level that moves faster lies in the vector as so much
// smaller numbers: for an optimiser that moves all numbers alike that is a larger learning rate.
func (p pyramid) Maps(s Stage) []Map {
	l := newLaplacian(s.Size)
	if len(p.rates) == 0 {
		return []Map{l}
	}
	return []Map{newScaled(p, s.Size), l}
}

// rate returns the factor of level i.
func (p pyramid) rate(i int) float32 {
	if len(p.rates) == 0 {
		return 1
	}
	return float32(p.rates[min(i, len(p.rates)-1)])
}

// Bytes counts the pictures of all levels, and as much again for a gradient of the pixels and what is between;
// and the levels once more with a gradient if they are scaled.
func (p pyramid) Bytes(s Stage) int64 {
	n := 4 * int64(newLaplacian(s.Size).len())
	if len(p.rates) > 0 {
		return 5 * n
	}
	return 3 * n
}

func (p pyramid) of(size Size, picture []float32) []float32 {
	l := newLaplacian(size)
	x := l.of(picture)
	for i, level := range l.levels(x) {
		for k := range level {
			level[k] /= p.rate(i)
		}
	}
	return x
}

func (p pyramid) picture(size Size, x []float32) []float32 {
	for _, m := range p.Maps(Stage{Size: size}) {
		x = m.Forward(x)
	}
	return x
}

// scaled is a Map that multiplies each level of a pyramid by its rate.
type scaled struct {
	pyramid
	shape *laplacian
	out   []float32
}

func newScaled(p pyramid, size Size) *scaled {
	l := newLaplacian(size)
	return &scaled{p, l, make([]float32, l.len())}
}

func (s *scaled) Forward(x []float32) []float32 {
	s.multiply(s.out, x)
	return s.out
}

func (s *scaled) Backward(dy, dx []float32) { s.multiply(dx, dy) }

func (s *scaled) multiply(dst, x []float32) {
	to := s.shape.levels(dst)
	for i, level := range s.shape.levels(x) {
		rate := s.rate(i)
		for k, v := range level {
			to[i][k] = rate * v
		}
	}
}

// laplacian turns a pyramid into its picture. The levels lie one after the other, from fine to coarse.
type laplacian struct {
	sizes  []Size
	scales []halving   // from each level to the next
	sums   [][]float32 // the picture of each level but the last; made at the first use
	line   []float32
}

func newLaplacian(size Size) *laplacian {
	l := &laplacian{sizes: []Size{size}}
	for len(l.sizes) <= pyramidLevels && min(size.W, size.H) >= pyramidLeast {
		half := Size{size.W / 2, size.H / 2}
		l.scales = append(l.scales, halving{
			downRows: between(half.H, size.H), downColumns: between(half.W, size.W),
			upRows: between(size.H, half.H), upColumns: between(size.W, half.W),
		})
		l.sizes, size = append(l.sizes, half), half
	}
	return l
}

// len returns how many numbers the pyramid has.
func (l *laplacian) len() int {
	n := 0
	for _, s := range l.sizes {
		n += 3 * s.W * s.H
	}
	return n
}

// levels returns the levels of a pyramid.
func (l *laplacian) levels(x []float32) [][]float32 {
	all := make([][]float32, len(l.sizes))
	for i, s := range l.sizes {
		all[i], x = x[:3*s.W*s.H], x[3*s.W*s.H:]
	}
	return all
}

func (l *laplacian) room() {
	if l.sums != nil {
		return
	}
	for _, s := range l.sizes {
		l.sums = append(l.sums, make([]float32, 3*s.W*s.H))
	}
	l.line = make([]float32, 3*l.sizes[0].W)
}

// Forward returns the picture of the pyramid x.
func (l *laplacian) Forward(x []float32) []float32 {
	l.room()
	levels, last := l.levels(x), len(l.sizes)-1
	copy(l.sums[last], levels[last])
	for i := last - 1; i >= 0; i-- {
		copy(l.sums[i], levels[i])
		l.scales[i].up(l.sums[i], l.sums[i+1], l.sizes[i+1].W, l.line)
	}
	return l.sums[0]
}

// Backward turns a gradient with respect to the picture into one with respect to the pyramid.
func (l *laplacian) Backward(dy, dx []float32) {
	l.room()
	levels := l.levels(dx)
	copy(levels[0], dy)
	for i, s := range l.scales {
		clear(levels[i+1])
		s.upGrad(levels[i+1], levels[i], l.sizes[i+1].W, l.line)
	}
}

// of returns the pyramid of a picture, whose Forward is that picture but for rounding.
func (l *laplacian) of(picture []float32) []float32 {
	l.room()
	x := make([]float32, l.len())
	levels := l.levels(x)
	copy(levels[0], picture)
	for i, s := range l.scales {
		s.down(levels[i+1], levels[i], l.sizes[i].W, l.line)
		copy(l.sums[i], levels[i])
		clear(levels[i])
		s.up(levels[i], levels[i+1], l.sizes[i+1].W, l.line)
		for k, v := range levels[i] {
			levels[i][k] = l.sums[i][k] - v
		}
	}
	return x
}

// halving goes from a size to half of it and back, by linear interpolation: rows and columns of the half
// between those of the whole, and the other way round.
type halving struct{ downRows, downColumns, upRows, upColumns []pair }

// pair is what a position is made of: two others, the second with a weight and the first with the rest.
type pair struct {
	a, b   int
	weight float32
}

// between returns where n positions lie between so many others that cover the same length. The outermost stand
// in for what lies outside.
func between(n, others int) []pair {
	all := make([]pair, n)
	for i := range all {
		at := (float64(i)+0.5)*float64(others)/float64(n) - 0.5
		at = min(max(at, 0), float64(others-1))
		a := int(math.Floor(at))
		all[i] = pair{a, min(a+1, others-1), float32(at - float64(a))}
	}
	return all
}

func (h halving) down(dst, src []float32, w int, line []float32) {
	clear(dst)
	mixAdd(dst, src, w, h.downRows, h.downColumns, line)
}

// up adds src enlarged to dst.
func (h halving) up(dst, src []float32, w int, line []float32) {
	mixAdd(dst, src, w, h.upRows, h.upColumns, line)
}

// mixAdd adds rows of pixels between the pixels of src, which is w wide, to dst.
func mixAdd(dst, src []float32, w int, rows, columns []pair, line []float32) {
	line = line[:3*w]
	for _, r := range rows {
		a, b := src[3*w*r.a:][:3*w], src[3*w*r.b:][:3*w]
		for i := range line {
			line[i] = a[i] + r.weight*(b[i]-a[i])
		}
		out := dst[:3*len(columns)]
		dst = dst[len(out):]
		for i, c := range columns {
			p, q, o := line[3*c.a:][:3], line[3*c.b:][:3], out[3*i:][:3]
			o[0] += p[0] + c.weight*(q[0]-p[0])
			o[1] += p[1] + c.weight*(q[1]-p[1])
			o[2] += p[2] + c.weight*(q[2]-p[2])
		}
	}
}

// upGrad is the transpose of up: it adds to dSrc, which is w wide, what dDst has of it.
func (h halving) upGrad(dSrc, dDst []float32, w int, line []float32) {
	line = line[:3*w]
	for _, r := range h.upRows {
		clear(line)
		in := dDst[:3*len(h.upColumns)]
		dDst = dDst[len(in):]
		for i, c := range h.upColumns {
			p, q, d := line[3*c.a:][:3], line[3*c.b:][:3], in[3*i:][:3]
			for k, v := range d {
				part := c.weight * v
				p[k] += v - part
				q[k] += part
			}
		}
		a, b := dSrc[3*w*r.a:][:3*w], dSrc[3*w*r.b:][:3*w]
		for i, v := range line {
			part := r.weight * v
			a[i] += v - part
			b[i] += part
		}
	}
}

// fineBand returns a picture less what is left of it at half its size: the first level of its pyramid.
func fineBand(picture []float32, size Size) []float32 {
	l := newLaplacian(size)
	return l.levels(l.of(picture))[0]
}

// onPyramid is a schedule of pictures, which start as pyramids.
type onPyramid struct{ Schedule }

// canvases counts the pyramid before and its picture, and the picture and two pyramids of the stage.
func (onPyramid) canvases(int) int64 { return 5 }

func (p onPyramid) Start(s Stage, before []float32, last Size, random *rand.Rand) []float32 {
	return onCanvas{p.Schedule, pyramid{}}.Start(s, before, last, random)
}
