package cpu

import (
	"oneiro/autodiff"
	"oneiro/simd"
)

// direct computes a block of a convolution with few inputs without copying them: where the kernel's row lies
// inside the picture, the rows of A for it are the picture itself, each beginning a stride after the last, and
// overlapping. dst begins with the block's first row.
func (c *convolution) direct(dst, src []float32, at block, scratch []float32) {
	k, nr := c.K(), c.dev.simd.NR
	first := (c.PadLeft + c.StrideW - 1) / c.StrideW // of the grid's columns that lie inside
	end := (c.W-c.KW+c.PadLeft)/c.StrideW + 1
	for m := at.m0; m < at.m1; {
		y, x := m/c.GridW, m%c.GridW
		n := min(at.m1, m-x+c.GridW) - m // of this row of the grid
		row := y*c.StrideH - c.PadTop
		top, bottom := max(-row, 0), min(c.KH, c.H-row) // of the kernel's rows
		if c.Mode != autodiff.PadZero && bottom-top < c.KH {
			bottom = top // what hangs over stands for something: all is copied
		}
		inside := x >= first && x < end && top < bottom
		switch {
		case inside:
			n = min(n, end-x)
		case x < first && top < bottom:
			n = min(n, first-x)
		}
		if !inside {
			c.im2col(scratch, src, block{m, m + n, 0, k})
		}
		for j := at.n0; j < at.n1; j += nr {
			width := min(nr, at.n1-j)
			panel, to := c.filter()[j*k:][:k*nr], dst[(m-at.m0)*c.OutC+j:]
			var bias []float32
			if c.bias != nil {
				bias = c.bias()[j : j+width]
			}
			if inside {
				from := (row*c.W + x*c.StrideW - c.PadLeft) * c.C // of the kernel's row 0, which may lie above the picture
				c.kernelRows(to, src, panel, bias, from, n, width, top, bottom)
			} else {
				c.dev.simd.Gemm(simd.Gemm{
					M: n, N: width, K: k, A: scratch, ARowStride: k, AColStride: 1, B: panel,
					C: to, LDC: c.OutC, Bias: bias, ReLU: c.relu,
				})
			}
		}
		m += n
	}
}

// kernelRows adds up the products of n pixels with a panel of width columns for the kernel's rows
// top..bottom-1.
func (c *convolution) kernelRows(dst, src, panel, bias []float32, from, n, width, top, bottom int) {
	run, line, nr := c.KW*c.C, c.W*c.C, c.dev.simd.NR
	for ky := top; ky < bottom; ky++ {
		last := ky == bottom-1
		var add []float32
		if last {
			add = bias
		}
		c.dev.simd.Gemm(simd.Gemm{
			M: n, N: width, K: run, A: src[from+ky*line:], ARowStride: c.StrideW * c.C, AColStride: 1,
			B: panel[ky*run*nr:][:run*nr],
			C: dst, LDC: c.OutC, Accumulate: ky > top, Bias: add, ReLU: c.relu && last,
		})
	}
}
