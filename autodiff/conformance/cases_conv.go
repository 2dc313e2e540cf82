package conformance

import (
	"fmt"

	. "oneiro/autodiff"
)

// convCase is a convolution: the picture, the filter's height, width and output channels, and how.
type convCase struct {
	x            Shape
	kh, kw, cout int
	conv         Conv
	bias         bool
}

func (c convCase) String() string {
	s := fmt.Sprintf("%v by %dx%dx%d pad %v stride %dx%d", c.x, c.kh, c.kw, c.cout, c.conv.Pad,
		max(c.conv.StrideH, 1), max(c.conv.StrideW, 1))
	if c.conv.Mode != PadZero {
		s += " " + c.conv.Mode.String()
	}
	if c.bias {
		s += " bias"
	}
	return s
}

func (c convCase) build(b *builder) *Node {
	x := b.input(c.x)
	w := b.paramOf(shape(c.kh, c.kw, c.x.C, c.cout), fanNumbers)
	if !c.bias {
		return Conv2D(x, w, nil, c.conv)
	}
	return Conv2D(x, w, b.param(Vector(c.cout)), c.conv)
}

func convolutions() []convCase {
	same := func(kh, kw int) Conv { return Conv{Pad: Same(kh, kw)} }
	list := []convCase{
		// 1x1: a matrix product
		{shape(1, 4, 4, 1), 1, 1, 1, Conv{}, false},
		{shape(1, 5, 7, 3), 1, 1, 5, Conv{}, true},
		{shape(3, 5, 3, 16), 1, 1, 33, Conv{}, true},
		{shape(1, 11, 13, 33), 1, 1, 64, Conv{}, false}, // more rows than a block
		{shape(1, 3, 3, 1300), 1, 1, 5, Conv{}, true},   // a sum longer than a chunk
		{shape(1, 3, 3, 5), 1, 1, 130, Conv{}, true},    // several panels of columns
		{shape(1, 7, 9, 5), 1, 1, 16, Conv{StrideH: 2, StrideW: 2}, true},
		{shape(2, 8, 7, 3), 1, 1, 3, Conv{StrideH: 3, StrideW: 3}, true},  // stride larger than kernel
		{shape(1, 3, 4, 3), 1, 1, 5, Conv{Pad: around(1, 2, 0, 1)}, true}, // padding around a 1x1

		// 3x3
		{shape(1, 7, 9, 5), 3, 3, 16, same(3, 3), true},
		{shape(1, 6, 5, 3), 3, 3, 64, same(3, 3), true},
		{shape(1, 13, 11, 16), 3, 3, 33, same(3, 3), true},
		{shape(1, 11, 13, 33), 3, 3, 16, same(3, 3), false},
		{shape(1, 9, 7, 64), 3, 3, 64, same(3, 3), true},
		{shape(3, 5, 6, 5), 3, 3, 5, same(3, 3), true},
		{shape(2, 19, 12, 3), 3, 3, 16, Conv{Pad: around(2, 0, 1, 2)}, true}, // a first layer, of few channels
		{shape(1, 20, 9, 5), 3, 3, 8, Conv{}, true},
		{shape(1, 9, 14, 4), 1, 5, 8, Conv{Pad: around(0, 4, 0, 1)}, true},
		{shape(1, 10, 3, 3), 3, 3, 9, same(3, 3), false},                      // as narrow as the kernel
		{shape(1, 8, 20, 16), 3, 3, 16, Conv{}, true},                         // whole tiles
		{shape(2, 6, 23, 17), 3, 3, 34, Conv{Pad: around(2, 0, 1, 2)}, true},  // tiles cut off on all sides
		{shape(1, 21, 38, 20), 3, 3, 16, same(3, 3), false},                   // many of them
		{shape(2, 26, 34, 17), 3, 3, 18, Conv{Pad: around(1, 0, 0, 1)}, true}, // and more, in several pictures
		{shape(1, 21, 19, 8), 3, 3, 8, same(3, 3), true},
		{shape(1, 3, 3, 256), 3, 3, 5, same(3, 3), true}, // sums longer than a chunk, forward
		{shape(1, 3, 3, 5), 3, 3, 256, same(3, 3), true}, // and backward
		{shape(1, 12, 11, 5), 3, 3, 130, same(3, 3), true},
		{shape(1, 25, 23, 5), 3, 3, 8, Conv{StrideH: 2, StrideW: 2, Pad: Same(3, 3)}, true},
		{shape(1, 8, 6, 5), 3, 3, 3, Conv{}, true},
		{shape(1, 3, 3, 5), 3, 3, 3, Conv{}, true}, // one pixel comes out
		{shape(1, 8, 7, 16), 3, 3, 16, Conv{StrideH: 2, StrideW: 2, Pad: Same(3, 3)}, true},
		{shape(2, 9, 9, 5), 3, 3, 16, Conv{StrideH: 2, StrideW: 2}, true},
		{shape(1, 5, 6, 5), 3, 3, 5, Conv{Pad: around(2, 2, 2, 2)}, true},
		{shape(1, 4, 3, 3), 3, 3, 5, Conv{Pad: around(4, 5, 3, 4)}, true}, // windows of padding alone
		{shape(1, 9, 8, 5), 3, 3, 5, Conv{Pad: around(0, 2, 1, 0)}, true},
		{shape(1, 9, 8, 5), 3, 3, 5, Conv{StrideH: 2, StrideW: 1, Pad: Same(3, 3)}, true},
		{shape(1, 9, 8, 5), 3, 3, 5, Conv{StrideH: 1, StrideW: 3, Pad: Same(3, 3)}, true},
		// a stride that is larger than the kernel
		{shape(1, 13, 12, 3), 3, 3, 5, Conv{StrideH: 4, StrideW: 5, Pad: Same(3, 3)}, true},
		{shape(1, 8, 9, 5), 3, 3, 8, Conv{Pad: Same(3, 3), Mode: PadReflect}, true},
		{shape(2, 8, 9, 5), 3, 3, 8, Conv{Pad: Same(3, 3), Mode: PadReplicate}, true},
		{shape(2, 8, 9, 5), 3, 3, 8, Conv{Pad: Same(3, 3), Mode: PadWrap}, true},
		{shape(1, 3, 4, 3), 1, 1, 5, Conv{Pad: around(1, 2, 0, 1), Mode: PadReflect}, true},
		{shape(1, 2, 2, 16), 3, 3, 16, Conv{Pad: Same(3, 3), Mode: PadReflect}, true}, // as small as may be
		{shape(1, 1, 5, 16), 3, 3, 16, Conv{Pad: Same(3, 3), Mode: PadReplicate}, true},
		{shape(1, 13, 11, 16), 3, 3, 33, Conv{Pad: Same(3, 3), Mode: PadReflect}, true},
		{shape(2, 6, 23, 17), 3, 3, 34, Conv{Pad: around(2, 0, 1, 2), Mode: PadReflect}, true},
		{shape(1, 12, 24, 40), 3, 3, 72, Conv{Pad: Same(3, 3), Mode: PadReplicate}, false},        // whole tiles
		{shape(2, 3, 140, 16), 3, 3, 16, Conv{Pad: around(1, 3, 2, 0), Mode: PadReplicate}, true}, // long sides
		{shape(2, 19, 12, 3), 3, 3, 16, Conv{Pad: around(2, 0, 1, 2), Mode: PadReflect}, true},    // a first layer
		{shape(1, 25, 23, 5), 3, 3, 8, Conv{StrideH: 2, StrideW: 2, Pad: Same(3, 3), Mode: PadReflect}, true},
		{shape(1, 9, 8, 5), 3, 3, 5, Conv{StrideH: 1, StrideW: 3, Pad: Same(3, 3), Mode: PadReplicate}, true},
		{shape(2, 13, 12, 3), 3, 3, 5, Conv{StrideH: 4, StrideW: 5, Pad: Same(3, 3), Mode: PadReplicate}, true},
		{shape(2, 17, 15, 3), 7, 7, 8, Conv{StrideH: 2, StrideW: 2, Pad: Same(7, 7), Mode: PadReflect}, true},
		{shape(1, 3, 3, 5), 3, 3, 256, Conv{Pad: Same(3, 3), Mode: PadReflect}, true},  // more than a chunk, backward
		{shape(1, 8, 9, 1300), 3, 2, 3, Conv{Pad: Same(3, 2), Mode: PadReflect}, true}, // and forward
		{shape(1, 3, 4, 3), 3, 3, 1200, Conv{Pad: Same(3, 3), Mode: PadReplicate}, false},

		// larger kernels
		{shape(1, 9, 8, 16), 5, 5, 16, same(5, 5), true},
		{shape(2, 7, 6, 5), 5, 5, 33, same(5, 5), false},
		{shape(1, 9, 11, 3), 5, 5, 5, Conv{StrideH: 2, StrideW: 2, Pad: Same(5, 5)}, true},
		{shape(1, 17, 15, 3), 7, 7, 64, Conv{StrideH: 2, StrideW: 2, Pad: Same(7, 7)}, true},
		{shape(3, 16, 18, 3), 7, 7, 5, Conv{StrideH: 2, StrideW: 2, Pad: around(2, 2, 3, 3)}, true},
		{shape(1, 12, 10, 5), 9, 9, 3, Conv{Pad: Same(9, 9), Mode: PadReflect}, true},
		{shape(1, 6, 5, 3), 9, 9, 5, Conv{Pad: around(6, 7, 5, 8), Mode: PadReplicate}, true},
		{shape(1, 3, 2, 5), 7, 7, 3, same(7, 7), true}, // kernel larger than picture

		// kernels that are not square
		{shape(1, 9, 10, 16), 1, 7, 16, same(1, 7), true},
		{shape(1, 10, 9, 16), 7, 1, 33, same(7, 1), true},
		{shape(2, 8, 7, 5), 1, 3, 16, same(1, 3), true},
		{shape(2, 8, 7, 5), 3, 1, 16, same(3, 1), false},
		{shape(1, 8, 9, 3), 2, 5, 5, Conv{StrideH: 3, StrideW: 2, Pad: around(1, 0, 0, 3)}, true},

		// even kernels
		{shape(1, 7, 6, 5), 2, 2, 5, same(2, 2), true},
		{shape(1, 7, 8, 5), 4, 4, 5, Conv{StrideH: 2, StrideW: 2, Pad: around(1, 1, 1, 1)}, true},
	}
	// every number of tiles and of left-over pixels of a tiled 3x3, and few channels
	for n := 1; n <= 10; n++ {
		list = append(list, convCase{shape(1, n, 11-n, n%3*2+1), 3, 3, n%4 + 1, same(3, 3), n%2 == 0})
	}
	// a 3x3 with the corner of a tile in every place, wide enough for every tier's vectors
	for _, h := range []int{8, 9, 10, 11} {
		list = append(list, convCase{shape(1, h, 2*h-1, 32), 3, 3, 32, same(3, 3), true})
	}
	return list
}

func convCases() []Case {
	var list []Case
	for _, c := range convolutions() {
		list = append(list,
			one("conv2d", c.String(), c.build),
			gradOf("conv2dInputGrad", c.String(), 0, c.around),
			gradOf("conv2dFilterGrad", c.String(), 1, c.plain))
	}
	return list
}

// around is the convolution with its padding as it is, if that is not a pad of its own.
func (c convCase) around(b *builder) *Node {
	if c.conv.Mode == PadWrap {
		return c.plain(b)
	}
	return c.build(b)
}

// plain is the convolution with its padding, if it is not zeros, added beforehand by hand, so that
// the node it returns is the convolution.
func (c convCase) plain(b *builder) *Node {
	p := c.conv.Pad
	if c.conv.Mode != PadZero {
		c.x.H, c.x.W = c.x.H+p.Top+p.Bottom, c.x.W+p.Left+p.Right
		c.conv.Pad, c.conv.Mode = Pad{}, PadZero
	}
	return c.build(b)
}
