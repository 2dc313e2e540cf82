package cpu

import "oneiro/autodiff"

// eachRow adds a stage that visits the rows of all pictures of a shape.
func (b *builder) eachRow(s autodiff.Shape, run func(image, row int)) {
	b.each(s.N*s.H, s.W*s.C, func(lo, hi, _ int) {
		for r := lo; r < hi; r++ {
			run(r/s.H, r%s.H)
		}
	})
}

// rowOf returns one row of one picture.
func rowOf(data []float32, s autodiff.Shape, image, row int) []float32 {
	n := s.W * s.C
	return data[(image*s.H+row)*n:][:n]
}

func init() {
	lowerings["pad"] = pad
	lowerings["padGrad"] = padGrad
	lowerings["roll"] = roll
	lowerings["filter"] = filter
	lowerings["filterGrad"] = filterGrad
}

// pad computes y (N,H+top+bottom,W+left+right,C) from x (N,H,W,C).
func pad(b *builder, s *autodiff.Step) {
	a := s.Attr.(autodiff.PadAttr)
	x, y := s.In[0], s.Out
	p, c := b.program, x.Shape.C
	b.eachRow(y.Shape, func(image, row int) {
		dst := rowOf(p.data(y), y.Shape, image, row)
		from := a.Mode.Source(row-a.Top, x.Shape.H)
		if from < 0 {
			clear(dst)
			return
		}
		src := rowOf(p.data(x), x.Shape, image, from)
		copy(dst[a.Left*c:], src)
		for i := range a.Left + a.Right {
			if i >= a.Left {
				i += x.Shape.W
			}
			if j := a.Mode.Source(i-a.Left, x.Shape.W); j < 0 {
				clear(dst[i*c:][:c])
			} else {
				copy(dst[i*c:][:c], src[j*c:][:c])
			}
		}
	})
}

// padGrad computes dx (N,H,W,C), given dy (N,H+top+bottom,W+left+right,C): each pixel gets what all
// its copies have.
func padGrad(b *builder, s *autodiff.Step) {
	a := s.Attr.(autodiff.PadAttr)
	dy, dx := s.In[0], s.Out
	p, c := b.program, dx.Shape.C
	rows := a.Mode.Sources(dx.Shape.H, a.Top, a.Bottom)
	cols := a.Mode.Sources(dx.Shape.W, a.Left, a.Right)
	b.eachRow(dx.Shape, func(image, row int) {
		dst := rowOf(p.data(dx), dx.Shape, image, row)
		if a.Mode == autodiff.PadZero {
			copy(dst, rowOf(p.data(dy), dy.Shape, image, row+a.Top)[a.Left*c:])
			return
		}
		clear(dst)
		for _, y := range rows[row] {
			src := rowOf(p.data(dy), dy.Shape, image, y)
			for x, from := range cols {
				for _, i := range from {
					for ch, v := range src[i*c:][:c] {
						dst[x*c+ch] += v
					}
				}
			}
		}
	})
}

// roll computes y (N,H,W,C), which is x shifted by two numbers that are known only when it runs.
func roll(b *builder, s *autodiff.Step) {
	x, shift, y := s.In[0], s.In[1], s.Out
	p, sign, sh := b.program, s.Attr.(int), y.Shape
	b.eachRow(sh, func(image, row int) {
		by := p.data(shift)
		down := modulo(sign*int(by[0]), sh.H)
		right := modulo(sign*int(by[1]), sh.W) * sh.C
		src := rowOf(p.data(x), sh, image, modulo(row-down, sh.H))
		dst := rowOf(p.data(y), sh, image, row)
		copy(dst[right:], src)
		copy(dst[:right], src[len(src)-right:])
	})
}

// filter computes y (N,OH,OW,C) from x (N,H,W,C): a weighted sum of its rows, each shifted by a tap.
func filter(b *builder, s *autodiff.Step) {
	f, x, y := s.Attr.(*autodiff.FilterAttr), s.In[0].Shape, s.Out.Shape
	source := func(row, ky int) int { return row*f.Stride + ky }
	b.filterRows(s, source, func(dst, src []float32, kx int, w float32) {
		axpyPixels(b.dev, dst, 1, src[kx*x.C:], f.Stride, y.W, x.C, w)
	})
}

// filterGrad computes dx (N,H,W,C), given dy (N,OH,OW,C).
func filterGrad(b *builder, s *autodiff.Step) {
	f, dy, dx := s.Attr.(*autodiff.FilterAttr), s.In[0].Shape, s.Out.Shape
	source := func(row, ky int) int {
		from := row - ky
		if from < 0 || from%f.Stride != 0 || from/f.Stride >= dy.H {
			return -1
		}
		return from / f.Stride
	}
	b.filterRows(s, source, func(dst, src []float32, kx int, w float32) {
		axpyPixels(b.dev, dst[kx*dx.C:], f.Stride, src, 1, dy.W, dx.C, w)
	})
}

// filterRows adds the stage of a filter or its gradient. For row ky of the kernel a row of the result
// gets something from the row source of the operand, nothing if that is -1; add adds what it gets for
// one tap.
func (b *builder) filterRows(
	s *autodiff.Step, source func(row, ky int) int, add func(dst, src []float32, kx int, w float32),
) {
	f, x, y := s.Attr.(*autodiff.FilterAttr), s.In[0], s.Out
	p := b.program
	b.eachRow(y.Shape, func(image, row int) {
		dst := rowOf(p.data(y), y.Shape, image, row)
		clear(dst)
		for i, w := range f.Weights {
			if from := source(row, i/f.KW); from >= 0 {
				add(dst, rowOf(p.data(x), x.Shape, image, from), i%f.KW, w)
			}
		}
	})
}

// modulo returns i mod n in 0..n-1.
func modulo(i, n int) int { return (i%n + n) % n }

// axpyPixels adds w times pixels of c channels of src to as many of dst, with strides in pixels.
func axpyPixels(d *Device, dst []float32, dstStride int, src []float32, srcStride, pixels, c int, w float32) {
	if dstStride == 1 && srcStride == 1 {
		d.simd.Axpy(dst[:pixels*c], src[:pixels*c], w)
		return
	}
	for i := range pixels {
		to := dst[i*dstStride*c:][:c]
		for ch, v := range src[i*srcStride*c:][:c] {
			to[ch] += w * v
		}
	}
}
