package cpu

import (
	"oneiro/autodiff"
	"oneiro/simd"
)

// pool2x2 is a max pool of 2x2 windows that notes which pixel of a window was the largest, and its
// gradient. At the right and the lower border windows may be cut off, or pixels be left over.
type pool2x2 struct {
	full, pooled autodiff.Shape
	step, pixel  int // floats between two pixels of either picture
}

// windows describes n windows side by side for n1-n0 channels, cut off if they are.
func (g *pool2x2) windows(n, channels, line int, cutRight, cutLow bool) simd.Windows {
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

// picksAt returns the words of the picks of a pooled pixel from channel n0 on: columns and rows.
func (g *pool2x2) picksAt(bits []uint32, pixel, n0 int) (right, low []uint32) {
	words := autodiff.Words(g.pooled.C)
	at := bits[pixel*2*words+n0/32:]
	return at, at[words:]
}

// forward pools the channels n0..n1-1 of the windows x0, x0+1, ... of row y of a picture, counted
// through all pictures, from pixels of the full one that begin at src with those of window x0, lines
// apart. At most n pixels are there. It returns how many windows that were.
func (g *pool2x2) forward(d *Device, dst []float32, picks []uint32, src []float32, line, y, x0, pixels, n0, n1 int) int {
	row := y % g.pooled.H
	cutLow := 2*row+1 == g.full.H
	run := func(x, n int, cutRight bool) {
		w := g.windows(n, n1-n0, line, cutRight, cutLow)
		at := y*g.pooled.W + x
		from, to := src[(x-x0)*w.Step:], dst[at*g.pixel+n0:]
		if picks != nil {
			right, low := g.picksAt(picks, at, n0)
			d.simd.MaxPoolArgMax(to, right, low, from, w)
			return
		}
		q := simd.Pool{
			Out: n, Step: 2, WinH: 2, WinW: 2, Channels: n1 - n0, Stride: g.step, Row: line, DstStride: g.pixel,
		}
		if cutRight {
			q.WinW = 1
		}
		if cutLow {
			q.WinH = 1
		}
		d.simd.MaxPool(to, from, q)
	}
	whole := pixels / 2
	if whole > 0 {
		run(x0, whole, false)
	}
	if pixels%2 != 0 && x0+whole < g.pooled.W {
		run(x0+whole, 1, true)
		whole++
	}
	return whole
}

// backward writes the gradient for pixels x0..x1-1, x0 being even, of row y of the full picture,
// counted through all pictures: dst begins with pixel x0.
func (g *pool2x2) backward(d *Device, dst, dp []float32, picks []uint32, y, x0, x1 int) {
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
			right, low := g.picksAt(picks, at, 0)
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

func init() {
	kernels["unpool"] = func(b *builder, s *autodiff.Step) {
		b.unpool(s.In[0], s.In[1], s.Node.Shape, b.view(s.Node))
	}
}

// unpool adds the stage of an unpool that stands for itself.
func (b *builder) unpool(dp, picks *autodiff.Node, full autodiff.Shape, dx func() []float32) {
	p, d := b.program, b.dev
	g := &pool2x2{full, dp.Shape, full.C, full.C}
	line := full.W * full.C
	b.each(full.N*full.H, line, func(lo, hi, _ int) {
		for y := lo; y < hi; y++ {
			g.backward(d, dx()[y*line:][:line], p.data(dp), p.bits(picks), y, 0, full.W)
		}
	})
}

// maxPoolPicks adds the stage of a max pool whose picks are wanted.
func (b *builder) maxPoolPicks(x func() []float32, full autodiff.Shape, y, picks *autodiff.Node) {
	p, d := b.program, b.dev
	g := &pool2x2{full, y.Shape, full.C, full.C}
	line := full.W * full.C
	b.each(y.Shape.N*y.Shape.H, 2*line, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			image, row := r/y.Shape.H, r%y.Shape.H
			src := x()[(image*full.H+2*row)*line:]
			var bits []uint32
			if picks != nil {
				bits = p.bits(picks)
			}
			g.forward(d, p.data(y), bits, src, line, r, 0, full.W, 0, full.C)
		}
	})
}
