package cpu

import (
	"oneiro/autodiff"
	"oneiro/simd"
)

// maxPool2x2 is a max pool of 2x2 windows that notes which pixel of a window was the largest, and its
// gradient. At the right and the lower border windows may be cut off, or pixels be left over.
type maxPool2x2 struct {
	full, pooled autodiff.Shape
	step, pixel  int // floats between two pixels of either picture
}

// windows describes n windows side by side for so many channels, cut off if they are.
func (g *maxPool2x2) windows(n, channels, line int, cutRight, cutLow bool) simd.Windows {
	w := simd.Windows{
		Windows: n, Channels: channels, Step: 2 * g.step, Right: g.step, Down: line,
		Pixel: g.pixel, Words: 2 * autodiff.Words(g.pooled.C),
	}
	if cutRight {
		w.Right = 0
	}
	if cutLow {
		w.Down = 0
	}
	return w
}

// wordsAt returns the words of the argmax of a pooled pixel from channel n0 on: columns and rows.
func (g *maxPool2x2) wordsAt(bits []uint32, pixel, n0 int) (right, low []uint32) {
	words := autodiff.Words(g.pooled.C)
	at := bits[pixel*2*words+n0/32:]
	return at, at[words:]
}

// poolRow is a part of a row of windows to pool: channels n0..n1-1 of the windows x0, x0+1, ... of row
// y, counted through all pictures. At most so many pixels of a row of the full picture are there.
type poolRow struct {
	dst    []float32 // the pooled value
	argMax []uint32  // its argmax, or nil
	src    []float32 // pixels of the full picture, from the first of window x0 on
	line   int       // floats from one row of them to the next

	y, x0, pixels, n0, n1 int
}

// forward pools a row and returns how many windows that were.
func (g *maxPool2x2) forward(d *Device, r *poolRow) int {
	row := r.y % g.pooled.H
	cutLow := 2*row+1 == g.full.H
	whole := r.pixels / 2
	if whole > 0 {
		g.run(d, r, r.x0, whole, false, cutLow)
	}
	if r.pixels%2 != 0 && r.x0+whole < g.pooled.W {
		g.run(d, r, r.x0+whole, 1, true, cutLow)
		whole++
	}
	return whole
}

// run pools n windows from x on, cut off if they are.
func (g *maxPool2x2) run(d *Device, r *poolRow, x, n int, cutRight, cutLow bool) {
	w := g.windows(n, r.n1-r.n0, r.line, cutRight, cutLow)
	at := r.y*g.pooled.W + x
	from, to := r.src[(x-r.x0)*w.Step:], r.dst[at*g.pixel+r.n0:]
	if r.argMax != nil {
		right, low := g.wordsAt(r.argMax, at, r.n0)
		d.simd.MaxPoolArgMax(to, right, low, from, w)
		return
	}
	q := simd.Pool{
		Out: n, Step: 2, WinH: 2, WinW: 2, Channels: r.n1 - r.n0, Stride: g.step, Row: r.line, DstStride: g.pixel,
	}
	if cutRight {
		q.WinW = 1
	}
	if cutLow {
		q.WinH = 1
	}
	d.simd.MaxPool(to, from, q)
}

// backward writes the gradient for pixels x0..x1-1, x0 being even, of row y of the full picture,
// counted through all pictures: dst begins with pixel x0.
func (g *maxPool2x2) backward(d *Device, dst, dp []float32, argMax []uint32, y, x0, x1 int) {
	c := g.full.C
	image, row := y/g.full.H, y%g.full.H
	whole := min(x1/2, g.full.W/2) // windows of two columns end here
	if x1%2 != 0 && x1 < g.full.W {
		whole++
	}
	if row/2 >= g.pooled.H { // left over
		clear(dst[:(x1-x0)*c])
		return
	}
	at := (image*g.pooled.H+row/2)*g.pooled.W + x0/2
	run := func(n int, cutRight bool) {
		if n > 0 {
			right, low := g.wordsAt(argMax, at, 0)
			d.simd.MaxUnpool(dst, dp[at*c:], right, low, row%2 != 0, g.windows(n, c, 0, cutRight, false))
		}
		at += n
	}
	run(whole-x0/2, false)
	if x1 == g.full.W && x1%2 != 0 {
		dst = dst[(x1-1-x0)*c:]
		if g.pooled.W > g.full.W/2 {
			run(1, true)
		} else {
			clear(dst[:c])
		}
	}
}

// backwardRow writes the gradient for pixels x, x+1, ... of a row of a picture to dst, from its second pixel
// on, zeros where there are none. The first pixel of dst and the one after the last become anything.
func (g *maxPool2x2) backwardRow(d *Device, dst, dp []float32, argMax []uint32, image, y, x, pixels int) {
	if y < 0 || y >= g.full.H || x >= g.full.W || x+pixels <= 0 {
		clear(dst)
		return
	}
	c := g.full.C
	x0, x1 := max(x, 0)&^1, min(x+pixels, g.full.W)
	at := (x0 - x + 1) * c
	g.backward(d, dst[at:], dp, argMax, image*g.full.H+y, x0, x1)
	clear(dst[:max(-x+1, 0)*c])
	clear(dst[(x1-x+1)*c:])
}

func init() {
	lowerings["maxUnpool"] = func(b *builder, s *autodiff.Step) { b.maxUnpool(s, b.view(s.Out)) }
}

// maxUnpool adds the stage of an unpooling, by itself or a step of Pre: dx (N,H,W,C), given dy
// (N,H/2,W/2,C) and its argmax.
func (b *builder) maxUnpool(s *autodiff.Step, dx func() []float32) {
	p, d := b.program, b.dev
	dy, argMax, full := s.In[0], s.In[1], s.Shape
	g := &maxPool2x2{full, dy.Shape, full.C, full.C}
	line := full.W * full.C
	b.each(full.N*full.H, line, func(lo, hi, _ int) {
		for y := lo; y < hi; y++ {
			g.backward(d, dx()[y*line:][:line], p.data(dy), p.bits(argMax), y, 0, full.W)
		}
	})
}

// maxPool2x2 adds the stage of a max pool of x into y that notes the argmax, unless that is nil.
func (b *builder) maxPool2x2(x func() []float32, full autodiff.Shape, y, argMax *autodiff.Node) {
	p, d := b.program, b.dev
	g := &maxPool2x2{full, y.Shape, full.C, full.C}
	line := full.W * full.C
	b.each(y.Shape.N*y.Shape.H, 2*line, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			image, row := r/y.Shape.H, r%y.Shape.H
			part := poolRow{
				dst: p.data(y), src: x()[(image*full.H+2*row)*line:], line: line, y: r, pixels: full.W, n1: full.C,
			}
			if argMax != nil {
				part.argMax = p.bits(argMax)
			}
			g.forward(d, &part)
		}
	})
}
