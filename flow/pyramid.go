package flow

import (
	"fmt"

	"oneiro/internal/parallel"
)

// patch is the side of a patch in pixels, and border how many pixels planes have around them, which repeat
// the outermost ones: a patch may leave the picture.
const (
	patch  = 8
	border = 2 * patch
)

// plane is a picture with one channel and a border.
type plane struct {
	w, h   int // without the border
	stride int
	pix    []float32
}

func newPlane(w, h int) plane {
	stride := w + 2*border
	return plane{w, h, stride, make([]float32, stride*(h+2*border))}
}

// at returns the place of a pixel, which may lie in the border.
func (p *plane) at(x, y int) int { return (y+border)*p.stride + border + x }

// row returns a row without the border.
func (p *plane) row(y int) []float32 { return p.pix[p.at(0, y):][:p.w] }

// widen repeats the first and the last pixel of a row beside it.
func (p *plane) widen(y int) {
	row := p.pix[(y+border)*p.stride:][:p.stride]
	for i := range border {
		row[i], row[border+p.w+i] = row[border], row[border+p.w-1]
	}
}

// heighten repeats the first row above the picture and the last one below it.
func (p *plane) heighten() {
	first, last := p.pix[border*p.stride:][:p.stride], p.pix[(border+p.h-1)*p.stride:][:p.stride]
	for i := range border {
		copy(p.pix[i*p.stride:], first)
		copy(p.pix[(border+p.h+i)*p.stride:], last)
	}
}

// spot is a place between four pixels of a plane: that of the upper left one, and how far it lies beyond it.
type spot struct {
	at     int
	fx, fy float32
}

// spot returns a place, or if it is too far beyond the picture the nearest one at which n pixels each way, and
// as many as it takes to interpolate them, are there to the right and down and m to the left and up.
func (p *plane) spot(x, y float32, m, n int) spot {
	x = min(max(x, float32(m-border)), float32(p.w+border-n)-1.01) + border
	y = min(max(y, float32(m-border)), float32(p.h+border-n)-1.01) + border
	i, j := int(x), int(y)
	return spot{j*p.stride + i, x - float32(i), y - float32(j)}
}

// frameLevel is a picture at one level of its pyramid, and its derivatives to the right and down, 0 in the
// border. Levels that are finer than the finest at which motion is looked for have none.
type frameLevel struct{ image, dx, dy plane }

// Frame is the pyramid of a picture's luma, from which and to which an Estimator finds flows.
type Frame struct {
	levels []frameLevel
	sharp  plane // the luma before it is smoothed, if the preset has Edges
}

// NewFrame returns memory for the pyramid of a picture, for Set.
func (e *Estimator) NewFrame() *Frame {
	f := &Frame{levels: make([]frameLevel, len(e.sizes))}
	if e.preset.Edges {
		f.sharp = newPlane(e.w, e.h)
	}
	for k, size := range e.sizes {
		f.levels[k].image = newPlane(size[0], size[1])
		if k >= e.finest {
			f.levels[k].dx, f.levels[k].dy = newPlane(size[0], size[1]), newPlane(size[0], size[1])
		}
	}
	return f
}

// Set makes f the pyramid of a picture from its luma, H x W, 0..1, of the estimator's size. What is not a
// number counts as black.
func (e *Estimator) Set(f *Frame, luma []float32) {
	if len(luma) != e.w*e.h {
		panic(fmt.Sprintf("flow: Set: %d values of luma for %dx%d pixels", len(luma), e.w, e.h))
	}
	for k := range f.levels {
		p := &f.levels[k].image
		e.rows(p.h, p.w, func(lo, hi int) {
			for y := lo; y < hi; y++ {
				if row := e.raw[y*p.w:][:p.w]; k == 0 {
					gray(row, luma[y*p.w:][:p.w])
				} else {
					finer := &f.levels[k-1].image
					halve(row, finer.row(2*y), finer.row(min(2*y+1, finer.h-1)))
				}
			}
		})
		e.rows(p.h, p.w, func(lo, hi int) {
			for y := lo; y < hi; y++ {
				smooth(p.row(y), e.raw[max(y-1, 0)*p.w:], e.raw[y*p.w:], e.raw[min(y+1, p.h-1)*p.w:])
				p.widen(y)
				if k == 0 && e.preset.Edges {
					copy(f.sharp.row(y), e.raw[y*p.w:])
					f.sharp.widen(y)
				}
			}
		})
		p.heighten()
		if k == 0 && e.preset.Edges {
			f.sharp.heighten()
		}
		if k >= e.finest {
			e.derive(&f.levels[k])
		}
	}
}

// derive sets the derivatives of a level.
func (e *Estimator) derive(l *frameLevel) {
	p := &l.image
	e.rows(p.h, p.w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			at := p.at(0, y)
			e.kernels.ScaledDiff(l.dx.row(y), p.pix[at+1:], p.pix[at-1:], 0.5)
			e.kernels.ScaledDiff(l.dy.row(y), p.pix[at+p.stride:], p.pix[at-p.stride:], 0.5)
		}
	})
}

// gray sets a row to luma in 0..255, in which the numbers of the method are.
func gray(dst, luma []float32) {
	for x, v := range luma {
		dst[x] = 0
		if v > 0 { // not NaN
			dst[x] = 255 * min(v, 1)
		}
	}
}

// halve sets a row to means of blocks of 2x2 pixels. If the side is odd, the last pixels are repeated, so that
// all blocks are where they would be otherwise.
func halve(dst, upper, lower []float32) {
	last := len(upper) - 1
	for x := range dst {
		l, r := 2*x, min(2*x+1, last)
		dst[x] = (upper[l] + upper[r] + lower[l] + lower[r]) * 0.25
	}
}

// smooth sets a row to the middle one of three, smoothed by 1 2 1 both ways. The paper has no such step. Means
// of blocks still have details as fine as pixels, which interpolation takes away, so that without it a flow of
// whole pixels seems to fit better than the right one.
func smooth(dst, above, row, below []float32) {
	n := len(dst)
	above, row, below = above[:n], row[:n], below[:n]
	here := above[0] + 2*row[0] + below[0]
	left := here
	for x := range n - 1 {
		right := above[x+1] + 2*row[x+1] + below[x+1]
		dst[x] = (left + 2*here + right) * (1.0 / 16)
		left, here = here, right
	}
	dst[n-1] = (left + 3*here) * (1.0 / 16)
}

// rows calls do for rows lo..hi of h, in pieces of about 8192 pixels.
func (e *Estimator) rows(h, w int, do func(lo, hi int)) { cut(e.pool, h, w, do) }

func cut(pool *parallel.Pool, h, w int, do func(lo, hi int)) {
	pieces := piecesOf(h, w)
	pool.Run(pieces, func(piece, _ int) {
		lo, hi := parallel.Split(h, pieces, piece)
		do(lo, hi)
	})
}

// piecesOf returns in how many pieces the rows of a picture are cut.
func piecesOf(h, w int) int { return min(h, (h*w+8191)/8192) }
