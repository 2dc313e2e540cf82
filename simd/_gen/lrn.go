package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lrn writes the kernel twice, because the slope takes another division.
func (v isa) lrn() {
	v.lrnOf("lrn", "(scale, sums *float32, n int, alpha, k float32)", `for i := range n {
	root := sqrt(fma(alpha, sums[i], k))
	scale[i] = 1 / (root * sqrt(root))
}`, false)
	v.lrnOf("lrnSlope", "(scale, slope, sums *float32, n int, alpha, k float32)", `for i := range n {
	x := fma(alpha, sums[i], k)
	root := sqrt(x)
	scale[i] = 1 / (root * sqrt(root))
	slope[i] = scale[i] / x
}`, true)
}

func (v isa) lrnOf(name, signature, doc string, withSlope bool) {
	v.function(name, signature, doc)
	scale, sums, n := loadInt("scale"), loadInt("sums"), loadInt("n")
	pointers := []reg.GPVirtual{scale, sums}
	var slope reg.GPVirtual
	if withSlope {
		slope = loadInt("slope")
		pointers = append(pointers, slope)
	}
	alpha, k, one := v.broadcast("alpha"), v.broadcast("k"), v.one()
	v.each(n, v.width, 1, pointers, func(l lanes, _ int, at func(reg.GPVirtual) Mem) {
		x := l.load(at(sums))
		VFMADD213PS(k, alpha, x)
		root, out := v.vec(), v.vec()
		VSQRTPS(x, root)
		VSQRTPS(root, out)
		VMULPS(out, root, out)
		VDIVPS(out, one, out)
		l.store(out, at(scale))
		if withSlope {
			VDIVPS(x, out, out)
			l.store(out, at(slope))
		}
	})
	ret()
}

// one is a vector of ones.
func (v isa) one() reg.VecVirtual {
	bits, low, r := GP32(), XMM(), v.vec()
	MOVL(U32(math.Float32bits(1)), bits)
	VMOVD(bits, low)
	VBROADCASTSS(low, r)
	return r
}
