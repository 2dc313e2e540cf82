package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reduceUnroll hides the latency of an addition: four cycles, two of them a cycle.
const reduceUnroll = 8

// reductions writes the sums, all in float64.
func (v isa) reductions() {
	v.reduce("sum", "(a *float32, n int) float64", "float64(a[i])", []string{"a"},
		func(x []reg.VecVirtual, sum reg.VecVirtual) { VADDPD(x[0], sum, sum) })
	v.reduce("dot", "(a, b *float32, n int) float64", "float64(a[i]) * float64(b[i])", []string{"a", "b"},
		func(x []reg.VecVirtual, sum reg.VecVirtual) { VFMADD231PD(x[0], x[1], sum) })
	v.reduce("squaredDistance", "(a, b *float32, n int) float64", "square(float64(a[i]) - float64(b[i]))",
		[]string{"a", "b"},
		func(x []reg.VecVirtual, sum reg.VecVirtual) {
			VSUBPD(x[1], x[0], x[0])
			VFMADD231PD(x[0], x[0], sum)
		})
}

func (v isa) reduce(
	name, signature, term string, inputs []string, add func(x []reg.VecVirtual, sum reg.VecVirtual),
) {
	v.function(name, signature,
		"sum := 0.0\nfor i := range n { // in lanes of its own order\n\tsum += "+term+"\n}\nreturn sum")
	pointers := make([]reg.GPVirtual, len(inputs))
	for i, name := range inputs {
		pointers[i] = loadInt(name)
	}
	n := loadInt("n")
	sums := v.vecs(reduceUnroll)
	for _, s := range sums {
		v.zero(s)
	}
	v.each(n, v.width/2, reduceUnroll, pointers, func(l lanes, u int, at func(reg.GPVirtual) Mem) {
		x := make([]reg.VecVirtual, len(pointers))
		for i, p := range pointers {
			x[i] = l.doubles(at(p))
		}
		add(x, sums[u])
	})
	for half := reduceUnroll / 2; half > 0; half /= 2 {
		for i := range half {
			VADDPD(sums[i+half], sums[i], sums[i])
		}
	}
	total := sums[0]
	if v.masks {
		upper := YMM()
		VEXTRACTF64X4(U8(1), total, upper)
		VADDPD(upper, total.AsY(), total.AsY())
	}
	upper := XMM()
	VEXTRACTF128(U8(1), total.AsY(), upper)
	VADDPD(upper, total.AsX(), total.AsX())
	VPERMILPD(U8(1), total.AsX(), upper)
	VADDSD(upper, total.AsX(), total.AsX())
	Store(total.AsX(), ReturnIndex(0))
	ret()
}
