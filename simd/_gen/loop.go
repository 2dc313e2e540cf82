package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// each runs body over n elements of several vectors, wide elements at a time: unroll times in a row, then
// once, then masked. at(p, u) is the memory of the u-th of the unrolled runs.
func (v isa) each(n reg.GPVirtual, wide, unroll int, pointers []reg.GPVirtual,
	body func(l lanes, u int, at func(p reg.GPVirtual) Mem)) {
	run := func(count int, label, next string) {
		Label(label)
		CMPQ(n, I32(int32(count*wide)))
		JB(LabelRef(next))
		for u := range count {
			body(lanes{v, nil}, u, func(p reg.GPVirtual) Mem {
				return Mem{Base: p, Disp: u * wide * floatBytes}
			})
		}
		for _, p := range pointers {
			ADDQ(I32(int32(count*wide*floatBytes)), p)
		}
		SUBQ(I32(int32(count*wide)), n)
		JMP(LabelRef(label))
	}
	if unroll > 1 {
		run(unroll, "many", "single")
	}
	run(1, "single", "tail")
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	body(v.first(n, wide), 0, func(p reg.GPVirtual) Mem { return Mem{Base: p} })
	Label("done")
}
