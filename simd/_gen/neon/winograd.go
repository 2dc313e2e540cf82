package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"oneiro/simd/gen/transform"
)

// winogradKernels are the transforms of Winograd convolution. Each is two passes of a one-dimensional
// transform; two rows at a time go through both of them, so that what lies between stays in registers.
func winogradKernels(a *asm) {
	for _, t := range transform.All {
		w := winograd{asm: a, Transform: t}
		w.in()
		w.out()
		w.filter()
	}
}

type winograd struct {
	*asm
	transform.Transform
	numbers []float64 // the constants, which lie from vNumber on
}

// winogradWidest is the widest block: one vector, as its tile takes all registers.
const winogradWidest = 4

// Registers of vectors. vRows are the two rows between the passes.
const (
	vRows   vec = 0
	vColumn vec = 16 // eight elements of a column, and room for the second pass
	vNumber vec = 24 // constants
)

// begin starts a function with its arguments in registers from R0 on, and loads the constants.
func (w *winograd) begin(name, signature, code string, numbers []float64, scratch reg, arguments ...string) {
	name = "winograd" + w.Name + name + "NEON"
	w.function(name, signature, 0, name+" does in assembly:\n\n\t"+strings.ReplaceAll(code, "\n", "\n\t"))
	for i, argument := range arguments {
		w.argument(argument, reg(i))
	}
	w.numbers = numbers
	for _, x := range numbers {
		w.i("MOVW $%#x, %v", math.Float32bits(float32(x)), scratch)
		w.i("VDUP %v, %v.S4", scratch, w.number(x))
	}
}

// number returns where a constant is.
func (w *winograd) number(x float64) vec {
	i := slices.Index(w.numbers, x)
	if i < 0 {
		panic(fmt.Sprintf("no constant %v", x))
	}
	return vNumber + vec(i)
}

// plus adds x·d to sum.
func (w *winograd) plus(sum, d vec, x float64) {
	switch {
	case x == 1:
		w.fadd(sum, sum, d)
	case x == -1:
		w.fsub(sum, sum, d)
	case x > 0:
		w.fmla(sum, d, w.number(x))
	default:
		w.fmls(sum, d, w.number(-x))
	}
}

// product leaves x·d in to.
func (w *winograd) product(to, d vec, x float64) {
	switch {
	case x != 1:
		w.fmul(to, d, w.number(x))
	case to != d:
		w.copy(to, d)
	}
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
func (w *winograd) opposite(plus, even, odd vec, x float64) {
	w.copy(plus, even)
	w.plus(plus, odd, x)
	w.plus(even, odd, -x)
}

// times sets to to n times p.
func (a *asm) times(to reg, n int, p reg) {
	a.i("MOVD $%d, %v", n, to)
	a.i("MUL %v, %v", p, to)
}

func (w winograd) in() {
	const dst, src, point, row, channels, tiles, pixel, n, column, at, line reg = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	w.begin("In", transform.InSignature, w.InCode(), w.InNumbers(), at,
		"dst", "src", "point", "row", "channels", "tiles")
	side := vec(w.Side())
	w.i("LSL $2, %v, %v", channels, pixel)
	w.repeat(tiles, func() {
		w.i("MOVD %v, %v", channels, n)
		w.strip(n, winogradWidest, func(floats int) {
			for pair, rows := range w.Pairs() {
				w.i("MOVD %v, %v", src, column)
				for x := range side {
					w.i("MOVD %v, %v", column, at)
					first, last := vec(1), side-2
					if pair == w.Ends() {
						first, last = 0, side-1
					} else {
						w.i("ADD %v, %v", row, at)
					}
					for y := first; y <= last; y++ {
						w.loadStep(at, row, vColumn+y, floats)
					}
					w.inputColumn(pair, vRows+x, vRows+side+x)
					if x < side-1 {
						w.i("ADD %v, %v", pixel, column)
					}
				}
				for i, row := range rows {
					w.times(line, w.Side()*row, point)
					w.i("ADD %v, %v", dst, line)
					w.inputRow(vRows+side*vec(i), func(v vec) { w.storeStep(v, line, point, floats) })
				}
			}
			for _, p := range []reg{dst, src} {
				w.i("ADD $%d, %v", 4*floats, p)
			}
		})
		w.times(line, w.Tile()-1, pixel) // the channels have moved it by one pixel
		w.i("ADD %v, %v", line, src)
	})
	w.i("RET")
}

// sum leaves in to the sum of every other element of d from first on, each times its factor.
func (w *winograd) sum(to, d vec, factors []float64, first int) {
	d += vec(first)
	if last := d + 2*vec(len(factors)); to != last {
		w.copy(to, last)
	}
	for e, x := range factors {
		w.plus(to, d+2*vec(e), x)
	}
}

// inputColumn leaves a pair of rows of Bᵀ·d for the column d in low and high.
func (w *winograd) inputColumn(pair int, low, high vec) {
	const d = vColumn
	factors := w.Factors(pair)
	if pair == w.Ends() {
		w.sum(low, d, factors, 0)
		w.sum(high, d, factors, 1)
		return
	}
	odd := d + 1 + 2*vec(len(factors))
	w.sum(high, d, factors, 2)
	w.sum(odd, d, factors, 1)
	w.opposite(low, high, odd, w.Points[pair])
}

// inputRow computes Bᵀ·r and stores it.
func (w *winograd) inputRow(r vec, store func(v vec)) {
	const end, even, odd, plus = vColumn, vColumn + 1, vColumn + 2, vColumn + 3
	w.sum(end, r, w.Factors(w.Ends()), 0)
	store(end)
	for i, p := range w.Points {
		w.sum(even, r, w.Factors(i), 2)
		w.sum(odd, r, w.Factors(i), 1)
		w.opposite(plus, even, odd, p)
		store(plus)
		store(even)
	}
	w.sum(end, r, w.Factors(w.Ends()), 1)
	store(end)
}

func (w winograd) out() {
	const dst, src, bias, row, pixel, point, channels, tiles, n, column reg = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	const at, line, step, biasAt reg = 10, 11, 12, 13
	w.begin("Out", transform.OutSignature, w.OutCode(), w.OutNumbers(), at,
		"dst", "src", "bias", "row", "pixel", "point", "channels", "tiles")
	floor, addend := vNumber+6, vNumber+7
	side, tile := vec(w.Side()), vec(w.Tile())
	w.broadcast("floor", floor)
	w.zero(addend)
	w.times(step, w.Side(), point)
	w.repeat(tiles, func() {
		w.i("MOVD %v, %v", channels, n)
		w.i("MOVD %v, %v", bias, biasAt)
		w.strip(n, winogradWidest, func(floats int) {
			unbiased := w.label("unbiased")
			w.i("CBZ %v, %s", bias, unbiased)
			w.load(biasAt, addend, floats)
			w.at(unbiased)
			for _, pair := range w.OutPairs() {
				first, last := vec(1), side-2 // of the elements that are needed
				if pair[0] == 0 {
					first = 0
				}
				if pair[1] == w.Tile()-1 {
					last = side - 1
				}
				w.i("MOVD %v, %v", src, column)
				for x := range side {
					w.i("MOVD %v, %v", column, at)
					if first == 1 {
						w.i("ADD %v, %v", step, at)
					}
					for y := first; y <= last; y++ {
						w.loadStep(at, step, vColumn+y, floats)
					}
					// the first element is not one of a pair of both kinds
					w.output(vColumn, pair[:], []vec{vRows + x, vRows + side + x}, vColumn)
					if x < side-1 {
						w.i("ADD %v, %v", point, column)
					}
				}
				for i, y := range pair {
					w.times(line, y, row)
					w.i("ADD %v, %v", dst, line)
					var all []int
					var to []vec
					for x := range tile {
						all, to = append(all, int(x)), append(to, vColumn+x)
					}
					w.output(vRows+side*vec(i), all, to, vColumn+tile)
					for _, v := range to {
						w.fadd(v, v, addend)
						w.fmax(v, v, floor)
						w.storeStep(v, line, pixel, floats)
					}
				}
			}
			for _, p := range []reg{dst, src} {
				w.i("ADD $%d, %v", 4*floats, p)
			}
		})
		w.times(line, w.Tile(), pixel)
		w.i("ADD %v, %v", line, dst)
		w.i("SUB %v<<2, %v", channels, dst)
	})
	w.i("RET")
}

// output leaves rows of Aᵀ·m in to. m is lost, and spare if there are even and odd rows.
func (w *winograd) output(m vec, rows []int, to []vec, spare vec) {
	isOdd := func(y int) bool { return y%2 == 1 }
	odds := slices.ContainsFunc(rows, isOdd)
	evens := slices.ContainsFunc(rows, func(y int) bool { return !isOdd(y) })
	for i, p := range w.Points {
		plus, minus := m+1+2*vec(i), m+2+2*vec(i)
		even, odd := plus, plus
		if odds && evens {
			even = spare
		}
		if evens {
			w.fadd(even, plus, minus)
		}
		if odds {
			w.fsub(odd, plus, minus)
			w.product(odd, odd, p)
		}
		for j, y := range rows {
			part, x := even, w.Power(i, y&^1)
			if isOdd(y) {
				part = odd
			}
			switch {
			case i > 0:
				w.plus(to[j], part, x)
			case y == 0:
				w.fadd(to[j], m, part)
			case y == w.Tile()-1:
				w.copy(to[j], m+vec(w.Side())-1)
				w.plus(to[j], part, x)
			default:
				w.product(to[j], part, x)
			}
		}
	}
}

func (w winograd) filter() {
	const dst, weights, point, to, stride, row, n, rows, left, at, line reg = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	w.begin("Filter", transform.FilterSignature, transform.FilterCode, w.FilterNumbers(), at,
		"dst", "weights", "point", "to", "stride", "row", "n", "rows")
	const g, between, out vec = 0, 9, 15 // nine weights, two rows of three, and room
	w.repeat(rows, func() {
		w.i("MOVD %v, %v", n, left)
		w.strip(left, winogradWidest, func(floats int) {
			w.i("MOVD %v, %v", weights, at)
			for i := range vec(9) {
				w.loadStep(at, stride, g+i, floats)
			}
			for pair, rows := range w.Pairs() {
				for x := range vec(3) {
					w.weights(pair, [3]vec{g + x, g + 3 + x, g + 6 + x}, between+x, between+3+x, out)
				}
				for j, row := range rows {
					w.times(line, w.Side()*row, point)
					w.i("ADD %v, %v", dst, line)
					r := between + 3*vec(j)
					const plus, minus, spare = out, out + 1, out + 2
					w.weights(w.Ends(), [3]vec{r, r + 1, r + 2}, plus, r+2, spare)
					w.storeStep(plus, line, point, floats)
					for pair := range w.Points {
						w.weights(pair, [3]vec{r, r + 1, r + 2}, plus, minus, spare)
						w.storeStep(plus, line, point, floats)
						w.storeStep(minus, line, point, floats)
					}
					w.storeStep(r+2, line, point, floats)
				}
			}
			for _, p := range []reg{dst, weights} {
				w.i("ADD $%d, %v", 4*floats, p)
			}
		})
		for _, p := range [][2]reg{{dst, to}, {weights, row}} {
			w.i("SUB %v<<2, %v", n, p[0])
			w.i("ADD %v, %v", p[1], p[0])
		}
	})
	w.i("RET")
}

// weights leaves a pair of rows of G·g in low and high.
func (w *winograd) weights(pair int, g [3]vec, low, high, spare vec) {
	if pair == w.Ends() {
		w.product(low, g[0], w.Inverse())
		if high != g[2] {
			w.copy(high, g[2])
		}
		return
	}
	w.copy(high, g[0])
	w.plus(high, g[2], w.Power(pair, 2))
	w.product(high, high, w.Norm(pair))
	w.product(spare, g[1], w.OddNorm(pair))
	w.opposite(low, high, spare, 1)
}
