package main

// Registers of a pool. The first ones are the arguments; distances are in bytes.
const (
	pOut reg = iota
	pWinH
	pWinW
	pChannels
	pStep
	pPixel
	pRow
	pDstPixel

	pSrc    // the window in the input that is read
	pDst    // the window's pixel in the output
	pDx     // the window in the gradient that is written
	pIn     // pSrc at the block of channels
	pResult // pDst there
	pGrad   // pDx there
	pLeft   // channels still to be done
	pY      // rows of the window still to be done

	_ // the linker's
	_ // the linker's
	_ // the platform's

	pX       // pixels still to be done
	pInRow   // the row of the window in the input
	pGradRow // and in the gradient
	pInAt    // the pixel in the input
	pGradAt  // and in the gradient
)

// Vector registers of a block of channels, four each.
const (
	vBest  vec = 0 // the maximum or the sum
	vPixel vec = 4
	vGrad  vec = 8
	vLess  vec = 12
	vOpen  vec = 16 // where the maximum has not been seen yet
	vDy    vec = 20
	vTotal vec = 24
	vScale vec = 28
)

const poolSizes = "out, winH, winW, channels, step, pixel, row, dstPixel int"

// pool writes the rest of a function that walks through the windows. src, dst and dx name the
// arguments for pSrc, pDst and pDx; dx may be empty. block does one block of the channels of one
// window.
func (a *asm) pool(src, dst, dx string, block func(floats int)) {
	for i, name := range []string{"out", "winH", "winW", "channels", "step", "pixel", "row", "dstPixel"} {
		a.argument(name, pOut+reg(i))
	}
	cursors := [][2]reg{{pIn, pSrc}, {pResult, pDst}}
	a.argument(src, pSrc)
	a.argument(dst, pDst)
	if dx != "" {
		a.argument(dx, pDx)
		cursors = append(cursors, [2]reg{pGrad, pDx})
	}
	a.repeat(pOut, func() {
		for _, c := range cursors {
			a.i("MOVD %v, %v", c[1], c[0])
		}
		a.i("MOVD %v, %v", pChannels, pLeft)
		a.strip(pLeft, widest, func(floats int) {
			block(floats)
			for _, c := range cursors {
				a.i("ADD $%d, %v", 4*floats, c[0])
			}
		})
		a.i("ADD %v, %v", pStep, pSrc)
		a.i("ADD %v, %v", pDstPixel, pDst)
		if dx != "" {
			a.i("ADD %v, %v", pStep, pDx)
		}
	})
	a.i("RET")
}

// walk is a pointer that goes over the pixels of a window, starting from a block of channels.
type walk struct{ from, row, at reg }

var (
	input    = walk{pIn, pInRow, pInAt}
	gradient = walk{pGrad, pGradRow, pGradAt}
)

// window writes the loops over the pixels of a window, in reading order.
func (a *asm) window(walks []walk, pixel func()) {
	for _, w := range walks {
		a.i("MOVD %v, %v", w.from, w.row)
	}
	a.i("MOVD %v, %v", pWinH, pY)
	a.repeat(pY, func() {
		for _, w := range walks {
			a.i("MOVD %v, %v", w.row, w.at)
			a.i("ADD %v, %v", pRow, w.row)
		}
		a.i("MOVD %v, %v", pWinW, pX)
		a.repeat(pX, func() {
			pixel()
			for _, w := range walks {
				a.i("ADD %v, %v", pPixel, w.at)
			}
		})
	})
}

func poolKernels(a *asm) {
	maxPool(a)
	maxPoolGrad(a)
	avgPool(a)
	avgPoolGrad(a)
}

func maxPool(a *asm) {
	a.function("maxPoolNEON", "(dst, src *float32, "+poolSizes+")", 0,
		`maxPoolNEON does in assembly, but for distances in bytes:

	for x := range out {
		for ch := range channels {
			best := src[x*step+ch]
			for wy := range winH {
				for wx := range winW {
					best = max(best, src[x*step+wy*row+wx*pixel+ch]) // NaN if either is
				}
			}
			dst[x*dstPixel+ch] = best
		}
	}`)
	a.pool("src", "dst", "", func(floats int) {
		a.largest(floats)
		a.poke(vBest, pResult, floats)
	})
}

// largest leaves the maximum of a window in vBest.
func (a *asm) largest(floats int) {
	a.peek(pIn, vBest, floats)
	a.window([]walk{input}, func() {
		a.peek(pInAt, vPixel, floats)
		each(floats, func(i vec) { a.fmax(vBest+i, vBest+i, vPixel+i) })
	})
}

func maxPoolGrad(a *asm) {
	a.function("maxPoolGradNEON", "(dx, src, dy *float32, "+poolSizes+")", 0,
		`maxPoolGradNEON does in assembly, but for distances in bytes:

	for x := range out {
		for ch := range channels {
			best := src[x*step+ch]
			for wy := range winH {
				for wx := range winW {
					best = max(best, src[x*step+wy*row+wx*pixel+ch]) // NaN if either is
				}
			}
			open := true
			for wy := range winH {
				for wx := range winW {
					at := x*step + wy*row + wx*pixel + ch
					less := best > src[at]
					if open && !less {
						dx[at] += dy[x*dstPixel+ch]
					}
					open = open && less
				}
			}
		}
	}`)
	a.pool("src", "dy", "dx", func(floats int) {
		a.largest(floats)
		a.peek(pResult, vDy, floats)
		each(floats, func(i vec) { a.i("VMOVI $255, %v.B16", vOpen+i) })
		a.window([]walk{input, gradient}, func() {
			a.peek(pInAt, vPixel, floats)
			a.peek(pGradAt, vGrad, floats)
			each(floats, func(i vec) {
				a.fcmgt(vLess+i, vBest+i, vPixel+i)
				a.fadd(vTotal+i, vGrad+i, vDy+i)
				a.bic(vPixel+i, vOpen+i, vLess+i)
				a.and(vOpen+i, vOpen+i, vLess+i)
				a.bit(vGrad+i, vTotal+i, vPixel+i)
			})
			a.poke(vGrad, pGradAt, floats)
		})
	})
}

func avgPool(a *asm) {
	a.function("avgPoolNEON", "(dst, src *float32, "+poolSizes+", s float32)", 0,
		`avgPoolNEON does in assembly, but for distances in bytes:

	for x := range out {
		for ch := range channels {
			sum := float32(0)
			for wy := range winH {
				for wx := range winW {
					sum += src[x*step+wy*row+wx*pixel+ch]
				}
			}
			dst[x*dstPixel+ch] = s * sum
		}
	}`)
	a.broadcast("s", vScale)
	a.pool("src", "dst", "", func(floats int) {
		each(floats, func(i vec) { a.zero(vBest + i) })
		a.window([]walk{input}, func() {
			a.peek(pInAt, vPixel, floats)
			each(floats, func(i vec) { a.fadd(vBest+i, vBest+i, vPixel+i) })
		})
		each(floats, func(i vec) { a.fmul(vBest+i, vBest+i, vScale) })
		a.poke(vBest, pResult, floats)
	})
}

func avgPoolGrad(a *asm) {
	a.function("avgPoolGradNEON", "(dx, dy *float32, "+poolSizes+", s float32)", 0,
		`avgPoolGradNEON does in assembly, but for distances in bytes:

	for x := range out {
		for ch := range channels {
			g := s * dy[x*dstPixel+ch]
			for wy := range winH {
				for wx := range winW {
					dx[x*step+wy*row+wx*pixel+ch] += g
				}
			}
		}
	}`)
	a.broadcast("s", vScale)
	a.pool("dx", "dy", "", func(floats int) {
		a.peek(pResult, vDy, floats)
		each(floats, func(i vec) { a.fmul(vDy+i, vDy+i, vScale) })
		a.window([]walk{input}, func() {
			a.peek(pInAt, vPixel, floats)
			each(floats, func(i vec) { a.fadd(vPixel+i, vPixel+i, vDy+i) })
			a.poke(vPixel, pInAt, floats)
		})
	})
}
