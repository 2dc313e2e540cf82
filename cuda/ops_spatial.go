//go:build cuda

package cuda

import "oneiro/autodiff"

// axis says of what each pixel of an axis is made.
type axis [][]tap

type tap struct {
	at     int
	weight float32
}

// transposed returns the axis of n pixels that gives to each what a takes from it.
func (a axis) transposed(n int) axis {
	t := make(axis, n)
	for i, taps := range a {
		for _, p := range taps {
			t[p.at] = append(t[p.at], tap{i, p.weight})
		}
	}
	return t
}

// padded is the axis of n pixels with others before and after.
func padded(m autodiff.PadMode, n, before, after int) axis {
	a := make(axis, before+n+after)
	for i := range a {
		if j := m.Source(i-before, n); j >= 0 {
			a[i] = []tap{{j, 1}}
		}
	}
	return a
}

// tapTables returns the arguments that describe an axis.
func (b *builder) tapTables(a axis) []any {
	from, at, weight := []int32{0}, []int32{}, []float32{}
	for _, taps := range a {
		for _, p := range taps {
			at, weight = append(at, int32(p.at)), append(weight, p.weight)
		}
		from = append(from, int32(len(at)))
	}
	return []any{table(b, from), table(b, at), table(b, weight)}
}

// resample adds the launch that makes y of the rows and columns of x.
func (b *builder) resample(y, x *autodiff.Node, rows, columns axis) {
	f, o := x.Shape, y.Shape
	args := append([]any{b.at(y), b.at(x)}, ints(f.C, f.H, f.W, o.H, o.W)...)
	args = append(append(args, b.tapTables(rows)...), b.tapTables(columns)...)
	b.inRows("resample", o.N*o.H, o.W*o.C, args...)
}

func init() {
	lowerings["pad"] = func(b *builder, s *autodiff.Step) {
		a, x := s.Attr.(autodiff.PadAttr), s.In[0]
		b.resample(s.Out, x, padded(a.Mode, x.Shape.H, a.Top, a.Bottom), padded(a.Mode, x.Shape.W, a.Left, a.Right))
	}
	lowerings["padGrad"] = func(b *builder, s *autodiff.Step) {
		a, o := s.Attr.(autodiff.PadAttr), s.Out.Shape
		b.resample(s.Out, s.In[0],
			padded(a.Mode, o.H, a.Top, a.Bottom).transposed(o.H), padded(a.Mode, o.W, a.Left, a.Right).transposed(o.W))
	}
	lowerings["roll"] = func(b *builder, s *autodiff.Step) {
		x, shift, o := s.In[0], s.In[1], s.Out.Shape
		args := append([]any{b.at(s.Out), b.at(x), b.at(shift)}, ints(o.C, o.H, o.W, s.Attr.(int))...)
		b.inRows("roll", o.N*o.H, o.W*o.C, args...)
	}
	lowerings["subsample"] = func(b *builder, s *autodiff.Step) {
		b.subsample("subsample", s, s.In[0].Shape, s.Out.Shape)
	}
	lowerings["subsampleGrad"] = func(b *builder, s *autodiff.Step) {
		b.subsample("subsampleGrad", s, s.Out.Shape, s.In[0].Shape)
	}
	lowerings["filter"] = func(b *builder, s *autodiff.Step) { b.filter("filter", s, s.In[0].Shape, s.Out.Shape) }
	lowerings["filterGrad"] = func(b *builder, s *autodiff.Step) {
		b.filter("filterGrad", s, s.Out.Shape, s.In[0].Shape)
	}
}

// filter adds the launch of a filter, or of its gradient, between the full and the filtered picture.
func (b *builder) filter(kernel string, s *autodiff.Step, full, filtered autodiff.Shape) {
	f, o := s.Attr.(*autodiff.FilterAttr), s.Out.Shape
	args := append([]any{b.at(s.Out), b.at(s.In[0]), table(b, f.Weights)},
		ints(full.C, full.H, full.W, filtered.H, filtered.W, f.KH, f.KW, f.Stride)...)
	b.inRows(kernel, o.N*o.H, o.W*o.C, args...)
}

// subsample adds the launch of a subsample, or of its gradient, between the full picture and the small one.
func (b *builder) subsample(kernel string, s *autodiff.Step, full, small autodiff.Shape) {
	o := s.Out.Shape
	args := append([]any{b.at(s.Out), b.at(s.In[0]), b.at(s.In[1])},
		ints(full.C, full.H, full.W, small.H, small.W, s.Attr.(autodiff.SubsampleAttr).Stride)...)
	b.inRows(kernel, o.N*o.H, o.W*o.C, args...)
}
