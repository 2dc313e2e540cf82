package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"oneiro/simd/gen/transform"
)

// winogradGrad writes the transforms that the gradient of the filter needs besides that of the inputs.
func (v isa) winogradGrad() {
	w := winograd{isa: v, Transform: transform.F43}
	w.gradIn()
	w.filterGrad()
}

func (w *winograd) gradIn() {
	k := w.begin("GradIn", transform.GradInSignature, w.GradInCode(), w.Tile(), w.OutNumbers())
	dst, src, pixel := loadInt("dst"), loadInt("src"), loadInt("pixel")
	w.perChannel([]reg.GPVirtual{dst, src}, func(_ string, l lanes) {
		w.byPairs(l, k, dst, src, pixel, w.Tile(), w.gradInput)
	}, func() {
		t := GP64()
		IMUL3Q(I32(int32(w.Tile())), pixel, t)
		SUBQ(loadStride("channels"), t) // they have moved it
		ADDQ(t, src)
	})
}

// gradInput returns a function that computes the pair i of rows of A·d.
func (w winograd) gradInput(k *constants, i int) func(d elements) (a, b reg.VecVirtual) {
	if i == w.Ends() {
		return func(d elements) (a, b reg.VecVirtual) { return d.take(0), d.take(w.Tile() - 1) }
	}
	var powers []float64
	for e := 2; e < w.Tile(); e += 2 {
		powers = append(powers, w.Power(i, e))
	}
	at := k.held(powers...)
	sum := func(d elements, first int) reg.VecVirtual {
		r := d.take(first)
		for e, x := range powers {
			at.add(x, d.op(first+2+2*e), r)
		}
		return r
	}
	return func(d elements) (a, b reg.VecVirtual) { return k.opposite(sum(d, 0), sum(d, 1), w.Points[i]) }
}

func (w *winograd) filterGrad() {
	k := w.begin("FilterGrad", transform.FilterGradSignature, w.FilterGradCode(), w.Side(), w.FilterGradNumbers())
	dst, src, n, step := loadInt("dst"), loadInt("src"), loadInt("n"), loadInt("point")
	IMUL3Q(I32(int32(w.Side())), step, step)
	in, out := newRowPointers(w.Side(), step), newRowPointers(9, loadInt("stride"))
	w.strip(n, []reg.GPVirtual{dst, src}, func(name string, l lanes) {
		column := func(x int) elements {
			if x == 0 {
				in.start(src)
			} else {
				in.advance(address("point"))
			}
			return l.column(in.at)
		}
		store := func(y int, r elements) {
			first, last := w.outerGradient(k, r)
			g := []reg.VecVirtual{first, w.middleGradient(k, r), last}
			label := fmt.Sprintf("%s_new%d", name, y)
			CMPQ(address("accumulate"), I8(0))
			JE(LabelRef(label))
			for x := range g {
				VADDPS(l.column(out.at).op(3*y+x), g[x], g[x])
			}
			Label(label)
			for x := range g {
				l.store(g[x], out.at(3*y+x))
			}
		}
		out.start(dst)
		w.twice([][2]int{{0, 2}}, w.Side(), column, func(int) func(m elements) (a, b reg.VecVirtual) {
			return func(m elements) (a, b reg.VecVirtual) { return w.outerGradient(k, m) }
		}, store)
		var middle []reg.VecVirtual
		for x := range w.Side() {
			middle = append(middle, w.middleGradient(k, column(x)))
		}
		store(1, w.row(middle))
	})
	ret()
}

// outerGradient returns rows 0 and 2 of Gᵀ·m.
func (w winograd) outerGradient(k *constants, m elements) (first, last reg.VecVirtual) {
	first, last = m.take(0), m.take(w.Side()-1)
	k.times(w.Inverse(), first)
	for i := range w.Points {
		even := m.take(2*i + 1)
		VADDPS(m.op(2*i+2), even, even)
		VFMADD231PS(k.op(w.Norm(i)), even, first)
		VFMADD231PS(k.op(w.SquareNorm(i)), even, last)
	}
	return first, last
}

// middleGradient returns row 1 of Gᵀ·m.
func (w winograd) middleGradient(k *constants, m elements) reg.VecVirtual {
	var sum reg.VecVirtual
	for i := range w.Points {
		odd := m.take(2*i + 1)
		VSUBPS(m.op(2*i+2), odd, odd)
		if i == 0 {
			sum = odd
			k.times(w.OddNorm(i), sum)
		} else {
			VFMADD231PS(k.op(w.OddNorm(i)), odd, sum)
		}
	}
	return sum
}
