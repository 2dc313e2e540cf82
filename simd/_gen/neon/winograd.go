package main

import (
	"math"

	"oneiro/simd/gen/f43"
)

// winogradKernels are the transforms of Winograd convolution F(4x4, 3x3). Each is two passes of a
// one-dimensional transform; two rows at a time go through both of them, so that what lies between
// stays in twelve registers.
func winogradKernels(a *asm) {
	winogradIn(a)
	winogradOut(a)
	winogradFilter(a)
}

// winogradWidest is the widest block: one vector, as its tile takes all registers.
const winogradWidest = 4

// Registers of vectors. vRows are the two rows between the passes.
const (
	vRows   vec = 0
	vColumn vec = 12 // six elements of a column, and room for the second pass
	vNumber vec = 24 // constants
)

// numbers puts constants into registers from vNumber on, and returns where each is.
func (a *asm) numbers(scratch reg, numbers ...float64) map[float64]vec {
	at := map[float64]vec{}
	for i, x := range numbers {
		v := vNumber + vec(i)
		a.i("MOVW $%#x, %v", math.Float32bits(float32(x)), scratch)
		a.i("VDUP %v, %v.S4", scratch, v)
		at[x] = v
	}
	return at
}

// loadStep and storeStep move a block and then p by step.
func (a *asm) loadStep(p, step reg, v vec, floats int) {
	if floats == 4 {
		a.i("VLD1.P (%v)(%v), [%v.S4]", p, step, v)
		return
	}
	a.peek(p, v, floats)
	a.i("ADD %v, %v", step, p)
}

func (a *asm) storeStep(v vec, p, step reg, floats int) {
	if floats == 4 {
		a.i("VST1.P [%v.S4], (%v)(%v)", v, p, step)
		return
	}
	a.poke(v, p, floats)
	a.i("ADD %v, %v", step, p)
}

func (a *asm) copy(to, from vec) { a.i("VMOV %v.B16, %v.B16", from, to) }

// opposite leaves even + x·odd in plus, and even - x·odd in even: the values of a polynomial at two
// points opposite to each other.
func (a *asm) opposite(plus, even, odd, x vec) {
	a.copy(plus, even)
	a.fmla(plus, odd, x)
	a.fmls(even, odd, x)
}

// times sets to to n times p.
func (a *asm) times(to reg, n int, p reg) {
	a.i("MOVD $%d, %v", n, to)
	a.i("MUL %v, %v", p, to)
}

func winogradIn(a *asm) {
	a.function("winogradInNEON", "(dst, src *float32, point, row, channels, tiles int)", 0,
		`winogradInNEON does in assembly:

	for t := range tiles {
		for ch := range channels {
			// d is the tile at src + 16*t*channels + 4*ch, its rows row bytes apart, its pixels 4*channels
			for p, x := range Bᵀ·d·B {
				dst[p*point + 4*(t*channels+ch)] = x
			}
		}
	}`)
	const dst, src, point, row, channels, tiles, pixel, n, column, at, line reg = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	for i, name := range []string{"dst", "src", "point", "row", "channels", "tiles"} {
		a.argument(name, reg(i))
	}
	k := a.numbers(at, f43.A, f43.B, f43.A2, f43.B2, f43.Sum, f43.Product)
	a.i("LSL $2, %v, %v", channels, pixel)
	a.repeat(tiles, func() {
		a.i("MOVD %v, %v", channels, n)
		a.strip(n, winogradWidest, func(floats int) {
			for _, pair := range [][2]int{{1, 2}, {3, 4}, {0, 5}} {
				a.i("MOVD %v, %v", src, column)
				for x := range vec(6) {
					a.i("MOVD %v, %v", column, at)
					first, last := vec(1), vec(4)
					if pair[0] == 0 {
						first, last = 0, 5
					} else {
						a.i("ADD %v, %v", row, at)
					}
					for y := first; y <= last; y++ {
						a.loadStep(at, row, vColumn+y, floats)
					}
					a.inputColumn(k, pair[0], vRows+x, vRows+6+x)
					if x < 5 {
						a.i("ADD %v, %v", pixel, column)
					}
				}
				for r, i := range pair {
					a.times(line, 6*i, point)
					a.i("ADD %v, %v", dst, line)
					for _, v := range a.inputRow(k, vRows+6*vec(r)) {
						a.storeStep(v, line, point, floats)
					}
				}
			}
			for _, p := range []reg{dst, src} {
				a.i("ADD $%d, %v", 4*floats, p)
			}
		})
		a.i("ADD %v, %v", pixel, src) // the channels have moved it by one pixel
		a.i("ADD %v<<1, %v", pixel, src)
	})
	a.i("RET")
}

// inputColumn leaves the rows that start with first, out of 0 and 5, 1 and 2, 3 and 4, of Bᵀ·d for
// the column d in low and high.
func (a *asm) inputColumn(k map[float64]vec, first int, low, high vec) {
	const d = vColumn
	if first == 0 {
		for i, r := range []vec{low, high} {
			d := d + vec(i)
			a.copy(r, d+4)
			a.fmla(r, d, k[f43.Product])
			a.fmls(r, d+2, k[f43.Sum])
		}
		return
	}
	x, other := k[f43.A], k[f43.B2]
	if first == 3 {
		x, other = k[f43.B], k[f43.A2]
	}
	a.copy(high, d+4)
	a.fmls(high, d+2, other)
	a.fmls(d+3, d+1, other)
	a.opposite(low, high, d+3, x)
}

// inputRow computes Bᵀ·r and returns where it is.
func (a *asm) inputRow(k map[float64]vec, r vec) []vec {
	const first, evenA, oddA, plusA, plusB = vColumn, vColumn + 1, vColumn + 2, vColumn + 3, vColumn + 4
	a.copy(first, r+4)
	a.fmla(first, r, k[f43.Product])
	a.fmls(first, r+2, k[f43.Sum])
	a.fmla(r+5, r+1, k[f43.Product])
	a.fmls(r+5, r+3, k[f43.Sum])
	a.copy(evenA, r+4)
	a.copy(oddA, r+3)
	a.fmls(evenA, r+2, k[f43.B2])
	a.fmls(oddA, r+1, k[f43.B2])
	a.fmls(r+4, r+2, k[f43.A2])
	a.fmls(r+3, r+1, k[f43.A2])
	a.opposite(plusA, evenA, oddA, k[f43.A])
	a.opposite(plusB, r+4, r+3, k[f43.B])
	return []vec{first, plusA, evenA, plusB, r + 4, r + 5}
}

func winogradOut(a *asm) {
	a.function("winogradOutNEON", "(dst, src, bias *float32, row, pixel, point, channels, tiles int, floor float32)", 0,
		`winogradOutNEON does in assembly:

	for t := range tiles {
		for ch := range channels {
			// m[i][j] is src[(6*i+j)*point + 4*(t*channels+ch)], bias[ch] is 0 if bias is nil
			for y, row := range Aᵀ·m·A {
				for x, z := range row {
					dst[y*row + (4*t+x)*pixel + 4*ch] = max(z + bias[ch], floor) // NaN if z is
				}
			}
		}
	}`)
	const dst, src, bias, row, pixel, point, channels, tiles, n, column, at, line, six, biasAt reg = 0, 1, 2, 3, 4,
		5, 6, 7, 8, 9, 10, 11, 12, 13
	for i, name := range []string{"dst", "src", "bias", "row", "pixel", "point", "channels", "tiles"} {
		a.argument(name, reg(i))
	}
	k := a.numbers(at, f43.A, f43.B, f43.A2, f43.B2, f43.A3, f43.B3)
	floor, addend := vNumber+6, vNumber+7
	a.broadcast("floor", floor)
	a.zero(addend)
	a.times(six, 6, point)
	a.repeat(tiles, func() {
		a.i("MOVD %v, %v", channels, n)
		a.i("MOVD %v, %v", bias, biasAt)
		a.strip(n, winogradWidest, func(floats int) {
			unbiased := a.label("unbiased")
			a.i("CBZ %v, %s", bias, unbiased)
			a.load(biasAt, addend, floats)
			a.at(unbiased)
			for first := range 2 { // rows first and first+2
				a.i("MOVD %v, %v", src, column)
				for x := range vec(6) {
					a.i("MOVD %v, %v", column, at)
					if first == 1 {
						a.i("ADD %v, %v", six, at)
					}
					for i := range vec(5) {
						a.loadStep(at, six, vColumn+vec(first)+i, floats)
					}
					a.outputColumn(k, first, vRows+x, vRows+6+x)
					if x < 5 {
						a.i("ADD %v, %v", point, column)
					}
				}
				for r := range 2 {
					a.times(line, first+2*r, row)
					a.i("ADD %v, %v", dst, line)
					for _, v := range a.outputRow(k, vRows+6*vec(r)) {
						a.fadd(v, v, addend)
						a.fmax(v, v, floor)
						a.storeStep(v, line, pixel, floats)
					}
				}
			}
			for _, p := range []reg{dst, src} {
				a.i("ADD $%d, %v", 4*floats, p)
			}
		})
		a.i("ADD %v<<2, %v", pixel, dst)
		a.i("SUB %v<<2, %v", channels, dst)
	})
	a.i("RET")
}

// outputColumn leaves rows first and first+2 of Aᵀ·m for the column m in low and high.
func (a *asm) outputColumn(k map[float64]vec, first int, low, high vec) {
	const m = vColumn
	if first == 0 {
		a.fadd(m+1, m+1, m+2)
		a.fadd(m+3, m+3, m+4)
		a.fadd(low, m, m+1)
		a.fadd(low, low, m+3)
		a.fmul(high, m+1, k[f43.A2])
		a.fmla(high, m+3, k[f43.B2])
		return
	}
	a.fsub(m+1, m+1, m+2)
	a.fsub(m+3, m+3, m+4)
	a.fmul(low, m+1, k[f43.A])
	a.fmla(low, m+3, k[f43.B])
	a.copy(high, m+5)
	a.fmla(high, m+1, k[f43.A3])
	a.fmla(high, m+3, k[f43.B3])
}

// outputRow computes Aᵀ·r and returns where it is.
func (a *asm) outputRow(k map[float64]vec, r vec) []vec {
	const evenA, oddA, evenB, oddB, y1, y2 = vColumn, vColumn + 1, vColumn + 2, vColumn + 3, vColumn + 4, vColumn + 5
	a.fadd(evenA, r+1, r+2)
	a.fsub(oddA, r+1, r+2)
	a.fadd(evenB, r+3, r+4)
	a.fsub(oddB, r+3, r+4)
	a.fadd(r, r, evenA)
	a.fadd(r, r, evenB)
	a.fmul(y1, oddA, k[f43.A])
	a.fmla(y1, oddB, k[f43.B])
	a.fmul(y2, evenA, k[f43.A2])
	a.fmla(y2, evenB, k[f43.B2])
	a.fmla(r+5, oddA, k[f43.A3])
	a.fmla(r+5, oddB, k[f43.B3])
	return []vec{r, y1, y2, r + 5}
}

func winogradFilter(a *asm) {
	a.function("winogradFilterNEON", "(dst, weights *float32, point, stride, n int)", 0,
		`winogradFilterNEON does in assembly:

	for f := range n {
		// g[y][x] is weights[(3*y+x)*stride + 4*f]
		for p, x := range G·g·Gᵀ {
			dst[p*point + 4*f] = x
		}
	}`)
	const dst, weights, point, stride, n, at, line reg = 0, 1, 2, 3, 4, 5, 6
	for i, name := range []string{"dst", "weights", "point", "stride", "n"} {
		a.argument(name, reg(i))
	}
	k := a.numbers(at, f43.A2, f43.B2, f43.NormA, f43.NormB, f43.OddA, f43.OddB, f43.Inverse)
	const g, rows, out vec = 0, 9, 15 // nine weights, two rows of three, six results and one to spare
	a.strip(n, winogradWidest, func(floats int) {
		a.i("MOVD %v, %v", weights, at)
		for i := range vec(9) {
			a.loadStep(at, stride, g+i, floats)
		}
		a.i("MOVD %v, %v", dst, line)
		for i := range 6 {
			row := rows
			for x := range vec(3) {
				column := [3]vec{g + x, g + 3 + x, g + 6 + x}
				switch i {
				case 0:
					a.fmul(row+x, column[0], k[f43.Inverse])
				case 1:
					a.weights(k, column, f43.A2, f43.NormA, f43.OddA, row+x, row+3+x, out)
				case 3:
					a.weights(k, column, f43.B2, f43.NormB, f43.OddB, row+x, row+3+x, out)
				}
			}
			switch i {
			case 2, 4: // the row before has made it
				row += 3
			case 5:
				row = g + 6
			}
			r := [3]vec{row, row + 1, row + 2}
			a.fmul(out, r[0], k[f43.Inverse])
			a.weights(k, r, f43.A2, f43.NormA, f43.OddA, out+1, out+2, out+5)
			a.weights(k, r, f43.B2, f43.NormB, f43.OddB, out+3, out+4, out+5)
			for _, v := range []vec{out, out + 1, out + 2, out + 3, out + 4, r[2]} {
				a.storeStep(v, line, point, floats)
			}
		}
		for _, p := range []reg{dst, weights} {
			a.i("ADD $%d, %v", 4*floats, p)
		}
	})
	a.i("RET")
}

// weights leaves the rows of G·g for a point and its opposite in plus and minus.
func (a *asm) weights(k map[float64]vec, g [3]vec, square, norm, oddNorm float64, plus, minus, scratch vec) {
	a.copy(minus, g[0])
	a.fmla(minus, g[2], k[square])
	a.fmul(minus, minus, k[norm])
	a.fmul(scratch, g[1], k[oddNorm])
	a.fadd(plus, minus, scratch)
	a.fsub(minus, minus, scratch)
}
