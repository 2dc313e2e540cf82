package cpu

import (
	"oneiro/autodiff"
	"oneiro/internal/parallel"
	"oneiro/simd"
)

// pooling is the geometry of a pool from the full picture to the pooled one.
type pooling struct {
	autodiff.Pool
	full, pooled autodiff.Shape
}

// channelGroup is how many channels a piece takes where windows overlap: the rows of the gradient
// cannot then be shared out, as two rows of windows add to one row of pixels.
const channelGroup = 16

// overlaps reports whether two rows of windows share a row of pixels.
func (g *pooling) overlaps() bool { return g.KH > g.StrideH }

// visitWindows is called for a run of windows. full and pooled are offsets of its first element in either
// picture; area is the number of pixels that an average divides by.
type visitWindows func(full, pooled int, q simd.Pool, area int)

// row visits the windows of one row of one picture for channels c0..c1-1, as runs of windows of
// equal size that lie side by side inside the picture.
func (g *pooling) row(image, oy, c0, c1 int, visit visitWindows) {
	f, o := g.full, g.pooled
	y0, y1, yPad := autodiff.Window(oy, f.H, g.KH, g.StrideH, g.Pad.Top, g.Pad.Bottom)
	for ox := 0; ox < o.W; {
		x0, x1, xPad := autodiff.Window(ox, f.W, g.KW, g.StrideW, g.Pad.Left, g.Pad.Right)
		run := 1
		if x1-x0 == g.KW { // whole windows continue until one reaches the right border
			run = min(o.W-ox, (f.W-x1)/g.StrideW+1)
		}
		area := (y1 - y0) * (x1 - x0)
		if g.CountPad {
			area = yPad * xPad
		}
		visit(((image*f.H+y0)*f.W+x0)*f.C+c0, ((image*o.H+oy)*o.W+ox)*f.C+c0, simd.Pool{
			Out: run, Step: g.StrideW, WinH: y1 - y0, WinW: x1 - x0,
			Channels: c1 - c0, Stride: f.C, Row: f.W * f.C, DstStride: f.C,
		}, area)
		ox += run
	}
}

// poolRows adds a stage that visits every row of windows.
func (b *builder) poolRows(g *pooling, visit visitWindows) {
	rows := g.pooled.N * g.pooled.H
	b.each(rows, g.full.W*g.full.C*g.KH, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			g.row(r/g.pooled.H, r%g.pooled.H, 0, g.full.C, visit)
		}
	})
}

// poolGrad adds stages that clear dx and visit all windows so that no two pieces write to the same
// element of it.
func (b *builder) poolGrad(g *pooling, dx *autodiff.Node, visit visitWindows) {
	p := b.program
	b.each(dx.Shape.Len(), 1, func(lo, hi, _ int) { clear(p.data(dx)[lo:hi]) })
	if !g.overlaps() {
		b.poolRows(g, visit)
		return
	}
	groups := (g.full.C + channelGroup - 1) / channelGroup
	b.stage(groups*g.full.N, func(piece, _ int) {
		c0, c1 := parallel.Split(g.full.C, groups, piece%groups)
		for oy := range g.pooled.H {
			g.row(piece/groups, oy, c0, c1, visit)
		}
	})
}

func init() {
	lowerings["maxPool"] = maxPool
	lowerings["maxPoolGrad"] = maxPoolGrad
	lowerings["maxPoolGather"] = maxPoolGather
	lowerings["avgPool"] = avgPool
	lowerings["avgPoolGrad"] = avgPoolGrad
}

// maxPool computes y (N,OH,OW,C) from x (N,H,W,C), and may note the argmax.
func maxPool(b *builder, s *autodiff.Step) {
	x, y := s.In[0], s.Out
	p, d := b.program, b.dev
	post := s.Post
	if argMax := take(&post, "argMax"); argMax != nil {
		b.maxPool2x2(b.view(x), x.Shape, y, argMax.Note)
	} else {
		b.poolRows(&pooling{s.Attr.(autodiff.Pool), x.Shape, y.Shape}, func(full, pooled int, q simd.Pool, _ int) {
			d.simd.MaxPool(p.data(y)[pooled:], p.data(x)[full:], q)
		})
	}
	b.epilogue(s, post).stage(b)
}

// maxPoolGrad computes dx (N,H,W,C), given x and dy (N,OH,OW,C).
func maxPoolGrad(b *builder, s *autodiff.Step) {
	x, dy, dx := s.In[0], s.In[1], s.Out
	p, d := b.program, b.dev
	g := &pooling{s.Attr.(autodiff.Pool), x.Shape, dy.Shape}
	b.poolGrad(g, dx, func(full, pooled int, q simd.Pool, _ int) {
		d.simd.MaxPoolGrad(p.data(dx)[full:], p.data(x)[full:], p.data(dy)[pooled:], q)
	})
}

// maxPoolGather computes y (N,OH,OW,C), the elements of v where the windows of x, both (N,H,W,C), have their
// maxima.
func maxPoolGather(b *builder, s *autodiff.Step) {
	x, v, y := s.In[0], s.In[1], s.Out
	p := b.program
	g := &pooling{s.Attr.(autodiff.Pool), x.Shape, y.Shape}
	b.poolRows(g, func(full, pooled int, q simd.Pool, _ int) {
		gatherMaxima(p.data(y)[pooled:], p.data(x)[full:], p.data(v)[full:], q)
	})
}

// avgPool computes y (N,OH,OW,C) from x (N,H,W,C).
func avgPool(b *builder, s *autodiff.Step) {
	x, y := s.In[0], s.Out
	p, d := b.program, b.dev
	g := &pooling{s.Attr.(autodiff.Pool), x.Shape, y.Shape}
	b.poolRows(g, func(full, pooled int, q simd.Pool, area int) {
		d.simd.AvgPool(p.data(y)[pooled:], p.data(x)[full:], q, 1/float32(area))
	})
}

// avgPoolGrad computes dx (N,H,W,C), given dy (N,OH,OW,C).
func avgPoolGrad(b *builder, s *autodiff.Step) {
	dy, dx := s.In[0], s.Out
	p, d := b.program, b.dev
	g := &pooling{s.Attr.(autodiff.PoolTo).Pool, dx.Shape, dy.Shape}
	b.poolGrad(g, dx, func(full, pooled int, q simd.Pool, area int) {
		d.simd.AvgPoolGrad(p.data(dx)[full:], p.data(dy)[pooled:], q, 1/float32(area))
	})
}

// gatherMaxima sets dst to those elements of v at which MaxPool finds the maxima of src.
func gatherMaxima(dst, src, v []float32, q simd.Pool) {
	for x := range q.Out {
		for ch := range q.Channels {
			best := x*q.Step*q.Stride + ch
			for wy := range q.WinH {
				for wx := range q.WinW {
					if i := wy*q.Row + (x*q.Step+wx)*q.Stride + ch; src[i] > src[best] {
						best = i
					}
				}
			}
			dst[x*q.DstStride+ch] = v[best]
		}
	}
}
