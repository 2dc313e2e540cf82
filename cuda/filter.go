//go:build cuda

package cuda

import (
	"fmt"

	"oneiro/autodiff"
)

// filter is what a convolution multiplies by. With places it is flipped: its taps are those that lie so many
// numbers after at, each the transpose of a matrix of rows x cols.
type filter struct {
	at         place
	places     []int32
	rows, cols int
}

// packing is a way to hold a constant filter.
type packing struct {
	tensor *autodiff.Tensor
	form   string
	taps   string // where they lie in the tensor
}

// inOrder returns the place of a filter's taps one after the other.
func (b *builder) inOrder(f filter) place {
	if f.places == nil {
		return f.at
	}
	return b.pack(f, "in order", len(f.places)*f.rows*f.cols, func(to place) {
		b.transpose(to, f.at, f.places, f.rows, f.cols)
	})
}

// pack returns the place of so many numbers that fill adds launches to make of a filter. If that is a
// constant, and there is memory for it, they run when the program is loaded, and the numbers stay;
// else they run each time, in the step being built.
func (b *builder) pack(f filter, form string, numbers int, fill func(to place)) place {
	if !b.packs || f.at.in != inConstant {
		to := b.need(numbers)
		fill(to)
		return to
	}
	key := packing{f.at.tensor, form, fmt.Sprint(f.at.offset, f.places, f.rows, f.cols)}
	to, ok := b.packed[key]
	if !ok {
		to = place{in: inPacked, offset: b.packedBytes}
		b.packedBytes += aligned(4 * int64(numbers))
		b.packed[key] = to
		steps := b.launches
		b.launches = b.once
		fill(to)
		b.once, b.launches = b.launches, steps
	}
	return to
}
