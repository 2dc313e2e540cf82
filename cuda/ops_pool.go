//go:build cuda

package cuda

import "oneiro/autodiff"

func init() {
	lowerings["maxPool"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0]
		b.maxPool(b.at(x), x.Shape, s.Out, note(b.take("argMax")), s.Attr.(autodiff.Pool))
	}
	lowerings["maxPoolGather"] = func(b *builder, s *autodiff.Step) {
		x, v, y := s.In[0], s.In[1], s.Out
		b.pool("maxPoolPick", s.Attr.(autodiff.Pool), x.Shape, y.Shape, b.at(y), b.at(x), b.at(v))
	}
	lowerings["maxPoolGrad"] = func(b *builder, s *autodiff.Step) {
		x, dy, dx := s.In[0], s.In[1], s.Out
		p := s.Attr.(autodiff.Pool)
		where := b.need(dy.Shape.Len())
		b.pool("maxPoolWhere", p, x.Shape, dy.Shape, where, b.at(x))
		b.poolGrad("maxPoolGrad", p, x.Shape, dy.Shape, b.at(dx), where, b.at(dy))
	}
	lowerings["avgPool"] = func(b *builder, s *autodiff.Step) {
		x, y := s.In[0], s.Out
		p := s.Attr.(autodiff.Pool)
		if (p == autodiff.Pool{KH: x.Shape.H, KW: x.Shape.W, StrideH: 1, StrideW: 1}) {
			b.means(b.at(y), b.at(x), x.Shape)
			return
		}
		b.pool("avgPool", p, x.Shape, y.Shape, b.at(y), b.at(x), flag(p.CountPad))
	}
	lowerings["avgPoolGrad"] = func(b *builder, s *autodiff.Step) {
		dy, dx := s.In[0], s.Out
		p := s.Attr.(autodiff.PoolTo).Pool
		b.poolGrad("avgPoolGrad", p, dx.Shape, dy.Shape, b.at(dx), b.at(dy), flag(p.CountPad))
	}
	lowerings["maxUnpool"] = func(b *builder, s *autodiff.Step) { b.maxUnpool(s, b.at(s.Out)) }
}

// maxPool adds the launch of a max pool of x, which has the full shape, to y. argMax may be nil; with it
// the windows have to be 2x2 pixels that do not overlap.
func (b *builder) maxPool(x place, full autodiff.Shape, y, argMax *autodiff.Node, p autodiff.Pool) {
	if argMax == nil {
		b.pool("maxPool", p, full, y.Shape, b.at(y), x)
		return
	}
	o, words := y.Shape, autodiff.Words(full.C)
	sizes := ints(full.C, full.H, full.W, o.H, o.W, words)
	b.inRows("maxPoolPicks", o.N*o.H, 32*o.W*words, append([]any{b.at(y), b.at(argMax), x}, sizes...)...)
}

// maxUnpool adds the launch of an unpooling, by itself or a step of Pre, to dx: it gives each element
// of the gradient to the pixel that was the largest, 0 to the others.
func (b *builder) maxUnpool(s *autodiff.Step, dx place) {
	dy, full := s.In[0], s.Shape
	sizes := ints(full.C, full.H, full.W, dy.Shape.H, dy.Shape.W, autodiff.Words(full.C))
	b.inRows("unpool", full.N*((full.H+1)/2), (full.W+1)/2*full.C,
		append([]any{dx, b.at(dy), b.at(s.In[1])}, sizes...)...)
}

// means adds the launches of the mean over each picture: a window as large as that is for many threads.
func (b *builder) means(y, x place, s autodiff.Shape) {
	pixels := s.H * s.W
	for i := range s.N {
		b.columnSums(y.plus(i*s.C), x.plus(i*pixels*s.C), pixels, s.C, 1/float32(pixels))
	}
}

// pool adds a launch with a thread for each element of the pooled picture, poolGrad one for the full.
func (b *builder) pool(kernel string, p autodiff.Pool, full, pooled autodiff.Shape, args ...any) {
	b.inRows(kernel, pooled.N*pooled.H, pooled.W*pooled.C, append(args, windows(p, full, pooled)...)...)
}

func (b *builder) poolGrad(kernel string, p autodiff.Pool, full, pooled autodiff.Shape, args ...any) {
	b.inRows(kernel, full.N*full.H, full.W*full.C, append(args, windows(p, full, pooled)...)...)
}

// windows returns the arguments that all kernels for pools end with.
func windows(p autodiff.Pool, full, pooled autodiff.Shape) []any {
	return ints(full.C, full.H, full.W, pooled.H, pooled.W, p.KH, p.KW, p.StrideH, p.StrideW,
		p.Pad.Top, p.Pad.Left, p.Pad.Bottom, p.Pad.Right)
}
