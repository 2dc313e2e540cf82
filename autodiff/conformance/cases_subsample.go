package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

func subsampleCases() (list []Case) {
	for _, c := range []struct {
		x      Shape
		stride int
		from   []float32
	}{
		{shape(1, 4, 5, 3), 1, []float32{0, 0}},
		{shape(1, 8, 6, 16), 2, []float32{1, 0}},
		{shape(2, 7, 9, 5), 3, []float32{1, 2}}, // with a row left over
		{shape(1, 5, 4, 33), 4, []float32{3, 3}},
		{shape(1, 11, 15, 1), 4, []float32{0, 1}},
		{shape(1, 6, 6, 2), 3, []float32{-5, 1e9}}, // outside of the squares
		{shape(1, 6, 6, 2), 3, []float32{0.75, 1.5}},
	} {
		name := fmt.Sprintf("%v every %d from %v", c.x, c.stride, c.from)
		sample := func(b *builder) *Node {
			return Subsample(b.input(c.x), b.fixed(Vector(2), exactly(c.from...)), c.stride)
		}
		list = append(list, one("subsample", name, sample), gradOf("subsampleGrad", name, 0, sample))
	}
	return list
}
