package main

import "oneiro/simd/gen/transform"

// winogradGradKernels are the transforms that the gradient of the filter takes beside that of the inputs.
func winogradGradKernels(a *asm) {
	w := winograd{asm: a, Transform: transform.F43}
	w.gradIn()
	w.filterGrad()
}

func (w winograd) gradIn() {
	const dst, src, point, row, pixel, channels, tiles, n, column, at, line reg = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	w.begin("GradIn", transform.GradInSignature, w.GradInCode(), w.OutNumbers(), at,
		"dst", "src", "point", "row", "pixel", "channels", "tiles")
	tile := vec(w.Tile())
	w.repeat(tiles, func() {
		w.i("MOVD %v, %v", channels, n)
		w.strip(n, winogradWidest, func(floats int) {
			for pair, rows := range w.Pairs() {
				w.i("MOVD %v, %v", src, column)
				for x := range tile {
					w.i("MOVD %v, %v", column, at)
					for y := range tile {
						w.loadStep(at, row, vColumn+y, floats)
					}
					w.gradColumn(pair, vRows+x, vRows+tile+x)
					if x < tile-1 {
						w.i("ADD %v, %v", pixel, column)
					}
				}
				for i, row := range rows {
					w.times(line, w.Side()*row, point)
					w.i("ADD %v, %v", dst, line)
					w.gradRow(vRows+tile*vec(i), func(v vec) { w.storeStep(v, line, point, floats) })
				}
			}
			for _, p := range []reg{dst, src} {
				w.i("ADD $%d, %v", 4*floats, p)
			}
		})
		w.times(line, w.Tile(), pixel)
		w.i("ADD %v, %v", line, src)
		w.i("SUB %v<<2, %v", channels, src)
	})
	w.i("RET")
}

// evaluate leaves in to the sum of every other element of d from first on, each times its power of a
// point.
func (w *winograd) evaluate(to, d vec, pair, first int) {
	if d += vec(first); to != d {
		w.copy(to, d)
	}
	for e := 2; e < w.Tile(); e += 2 {
		w.plus(to, d+vec(e), w.Power(pair, e))
	}
}

// gradColumn leaves a pair of rows of A·d for the column d in low and high.
func (w *winograd) gradColumn(pair int, low, high vec) {
	const d = vColumn
	if pair == w.Ends() {
		w.copy(low, d)
		w.copy(high, d+vec(w.Tile())-1)
		return
	}
	w.evaluate(high, d, pair, 0)
	w.evaluate(d+1, d, pair, 1)
	w.opposite(low, high, d+1, w.Points[pair])
}

// gradRow computes A·r and stores it.
func (w *winograd) gradRow(r vec, store func(v vec)) {
	const even, odd, plus = vColumn, vColumn + 1, vColumn + 2
	store(r)
	for i, p := range w.Points {
		w.evaluate(even, r, i, 0)
		w.evaluate(odd, r, i, 1)
		w.opposite(plus, even, odd, p)
		store(plus)
		store(even)
	}
	store(r + vec(w.Tile()) - 1)
}

func (w winograd) filterGrad() {
	const dst, src, stride, point, n, accumulate, column, at, line, step reg = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	w.begin("FilterGrad", transform.FilterGradSignature, w.FilterGradCode(), w.FilterGradNumbers(), at,
		"dst", "src", "stride", "point", "n", "accumulate")
	side := vec(w.Side())
	w.times(step, w.Side(), point)
	w.strip(n, winogradWidest, func(floats int) {
		for _, rows := range [][]int{{0, 2}, {1}} {
			w.i("MOVD %v, %v", src, column)
			for x := range side {
				w.i("MOVD %v, %v", column, at)
				for y := range side {
					w.loadStep(at, step, vColumn+y, floats)
				}
				if len(rows) == 2 {
					w.outerGradient(vColumn, vRows+x, vRows+side+x, vColumn+side)
				} else {
					w.middleGradient(vColumn, vRows+x, vColumn+side)
				}
				if x < side-1 {
					w.i("ADD %v, %v", point, column)
				}
			}
			for i, y := range rows {
				const g, spare, old = vColumn, vColumn + 3, vColumn + 4
				r := vRows + side*vec(i)
				w.outerGradient(r, g, g+2, spare)
				w.middleGradient(r, g+1, spare)
				w.times(line, 3*y, stride)
				w.i("ADD %v, %v", dst, line)
				fresh := w.label("new")
				w.i("CBZ %v, %s", accumulate, fresh)
				w.i("MOVD %v, %v", line, at)
				for x := range vec(3) {
					w.loadStep(at, stride, old, floats)
					w.fadd(g+x, g+x, old)
				}
				w.at(fresh)
				for x := range vec(3) {
					w.storeStep(g+x, line, stride, floats)
				}
			}
		}
		for _, p := range []reg{dst, src} {
			w.i("ADD $%d, %v", 4*floats, p)
		}
	})
	w.i("RET")
}

// outerGradient leaves rows 0 and 2 of Gᵀ·m in first and last.
func (w *winograd) outerGradient(m, first, last, spare vec) {
	w.product(first, m, w.Inverse())
	w.copy(last, m+vec(w.Side())-1)
	for i := range w.Points {
		w.fadd(spare, m+1+2*vec(i), m+2+2*vec(i))
		w.fmla(first, spare, w.number(w.Norm(i)))
		w.fmla(last, spare, w.number(w.SquareNorm(i)))
	}
}

// middleGradient leaves row 1 of Gᵀ·m in to.
func (w *winograd) middleGradient(m, to, spare vec) {
	for i := range w.Points {
		w.fsub(spare, m+1+2*vec(i), m+2+2*vec(i))
		if i == 0 {
			w.product(to, spare, w.OddNorm(i))
		} else {
			w.fmla(to, spare, w.number(w.OddNorm(i)))
		}
	}
}
