package cpu

import "oneiro/autodiff"

// sources lists, for each index of an axis of n pixels, the positions of its padded axis that take
// their value from it.
func sources(m autodiff.PadMode, n, before, after int) [][]int {
	of := make([][]int, n)
	for i := -before; i < n+after; i++ {
		if j := m.Source(i, n); j >= 0 {
			of[j] = append(of[j], i+before)
		}
	}
	return of
}

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
	lowerings["pad"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.PadAttr)
		x, y := s.In[0], s.Out
		p := b.program
		c, left := x.Shape.C, a.Left*x.Shape.C
		b.eachRow(y.Shape, func(image, row int) {
			dst := rowOf(p.data(y), y.Shape, image, row)
			from := a.Mode.Source(row-a.Top, x.Shape.H)
			if from < 0 {
				clear(dst)
				return
			}
			src := rowOf(p.data(x), x.Shape, image, from)
			copy(dst[left:], src)
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
	lowerings["padGrad"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.PadAttr)
		dy, dx := s.In[0], s.Out
		p := b.program
		c := dx.Shape.C
		rows := sources(a.Mode, dx.Shape.H, a.Top, a.Bottom)
		cols := sources(a.Mode, dx.Shape.W, a.Left, a.Right)
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
	lowerings["roll"] = func(b *builder, s *autodiff.Step) {
		x, shift, y := s.In[0], s.In[1], s.Out
		p, sign := b.program, s.Attr.(int)
		sh := y.Shape
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
	lowerings["filter"] = func(b *builder, s *autodiff.Step) {
		f := s.Attr.(*autodiff.FilterAttr)
		x, y := s.In[0], s.Out
		p, d := b.program, b.dev
		b.eachRow(y.Shape, func(image, row int) {
			dst := rowOf(p.data(y), y.Shape, image, row)
			clear(dst)
			for i, w := range f.Weights {
				src := rowOf(p.data(x), x.Shape, image, row*f.Stride+i/f.KW)
				axpyPixels(d, dst, 1, src[i%f.KW*x.Shape.C:], f.Stride, y.Shape.W, x.Shape.C, w)
			}
		})
	}
	lowerings["filterGrad"] = func(b *builder, s *autodiff.Step) {
		f := s.Attr.(*autodiff.FilterAttr)
		dy, dx := s.In[0], s.Out
		p, d := b.program, b.dev
		b.eachRow(dx.Shape, func(image, row int) {
			dst := rowOf(p.data(dx), dx.Shape, image, row)
			clear(dst)
			for i, w := range f.Weights {
				from := row - i/f.KW
				if from < 0 || from%f.Stride != 0 || from/f.Stride >= dy.Shape.H {
					continue
				}
				src := rowOf(p.data(dy), dy.Shape, image, from/f.Stride)
				axpyPixels(d, dst[i%f.KW*dx.Shape.C:], f.Stride, src, 1, dy.Shape.W, dx.Shape.C, w)
			}
		})
	}
	lowerings["resize"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.ResizeAttr)
		x, y := s.In[0], s.Out
		p := b.program
		c := x.Shape.C
		rowAt, rowWeight := a.Mode.Taps(a.FromH, a.ToH)
		colAt, colWeight := a.Mode.Taps(a.FromW, a.ToW)
		k := len(rowAt) / a.ToH
		b.eachRow(y.Shape, func(image, row int) {
			dst := rowOf(p.data(y), y.Shape, image, row)
			clear(dst)
			for i := row * k; i < (row+1)*k; i++ {
				src := rowOf(p.data(x), x.Shape, image, rowAt[i])
				for j, from := range colAt {
					w := rowWeight[i] * colWeight[j]
					to := dst[j/k*c:][:c]
					for ch, v := range src[from*c:][:c] {
						to[ch] += w * v
					}
				}
			}
		})
	}
	lowerings["resizeGrad"] = func(b *builder, s *autodiff.Step) {
		a := s.Attr.(autodiff.ResizeAttr)
		dy, dx := s.In[0], s.Out
		p := b.program
		c := dx.Shape.C
		rowAt, rowWeight := a.Mode.Taps(a.FromH, a.ToH)
		colAt, colWeight := a.Mode.Taps(a.FromW, a.ToW)
		k := len(rowAt) / a.ToH
		readers := make([][]int, a.FromH) // taps that read a row
		for i, r := range rowAt {
			readers[r] = append(readers[r], i)
		}
		b.eachRow(dx.Shape, func(image, row int) {
			dst := rowOf(p.data(dx), dx.Shape, image, row)
			clear(dst)
			for _, i := range readers[row] {
				src := rowOf(p.data(dy), dy.Shape, image, i/k)
				for j, to := range colAt {
					w := rowWeight[i] * colWeight[j]
					at := dst[to*c:][:c]
					for ch, v := range src[j/k*c:][:c] {
						at[ch] += w * v
					}
				}
			}
		})
	}
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
