package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func (v isa) relax() {
	v.function("relax", "(x, beside, above, below, other, left, right, up, down, cross, b, inverse *float32, n int, "+
		"omega float32)", `for i := range n {
	sum := fma(left[i], beside[i], b[i])
	sum = fma(right[i], beside[i+1], sum)
	sum = fma(up[i], above[i], sum)
	sum = fma(down[i], below[i], sum)
	sum = fma(-cross[i], other[i], sum)
	x[i] = fma(omega, sum*inverse[i]-x[i], x[i])
}`)
	var pointers []reg.GPVirtual
	load := func(name string) reg.GPVirtual {
		p := loadInt(name)
		pointers = append(pointers, p)
		return p
	}
	x, beside, above, below, other := load("x"), load("beside"), load("above"), load("below"), load("other")
	left, right, up, down, cross := load("left"), load("right"), load("up"), load("down"), load("cross")
	b, inverse, n, omega := load("b"), load("inverse"), loadInt("n"), v.broadcast("omega")
	v.each(n, v.width, 1, pointers, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		sum := l.load(at(b))
		VFMADD231PS(l.load(at(beside)), l.load(at(left)), sum)
		VFMADD231PS(l.load(at(beside).Offset(floatBytes)), l.load(at(right)), sum)
		VFMADD231PS(l.load(at(above)), l.load(at(up)), sum)
		VFMADD231PS(l.load(at(below)), l.load(at(down)), sum)
		VFNMADD231PS(l.load(at(other)), l.load(at(cross)), sum)
		VMULPS(l.load(at(inverse)), sum, sum)
		old := l.load(at(x))
		VSUBPS(old, sum, sum)
		VFMADD231PS(sum, omega, old)
		l.store(old, at(x))
	})
	ret()
}
