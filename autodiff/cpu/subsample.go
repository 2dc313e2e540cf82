package cpu

import "oneiro/autodiff"

func init() {
	lowerings["subsample"] = subsample
	lowerings["subsampleGrad"] = subsampleGrad
}

// subsample computes y (N,H/stride,W/stride,C) from x (N,H,W,C), given where inside its squares.
func subsample(b *builder, s *autodiff.Step) {
	a, x, from, y := s.Attr.(autodiff.SubsampleAttr), s.In[0], s.In[1], s.Out
	p, c := b.program, x.Shape.C
	b.eachRow(y.Shape, func(image, row int) {
		down, right := squareOf(p, a, from)
		dst := rowOf(p.data(y), y.Shape, image, row)
		src := rowOf(p.data(x), x.Shape, image, row*a.Stride+down)
		for i := range y.Shape.W {
			copy(dst[i*c:][:c], src[(i*a.Stride+right)*c:])
		}
	})
}

// subsampleGrad computes dx (N,H,W,C), given dy (N,H/stride,W/stride,C).
func subsampleGrad(b *builder, s *autodiff.Step) {
	a, dy, from, dx := s.Attr.(autodiff.SubsampleAttr), s.In[0], s.In[1], s.Out
	p, c := b.program, dx.Shape.C
	b.eachRow(dx.Shape, func(image, row int) {
		down, right := squareOf(p, a, from)
		dst := rowOf(p.data(dx), dx.Shape, image, row)
		clear(dst)
		if row%a.Stride != down || row/a.Stride >= dy.Shape.H {
			return
		}
		src := rowOf(p.data(dy), dy.Shape, image, row/a.Stride)
		for i := range dy.Shape.W {
			copy(dst[(i*a.Stride+right)*c:][:c], src[i*c:])
		}
	})
}

// squareOf returns the position inside of squares.
func squareOf(p *program, a autodiff.SubsampleAttr, from *autodiff.Node) (down, right int) {
	at := p.data(from)
	return a.At(float64(at[0])), a.At(float64(at[1]))
}
