package nn

import (
	"cmp"
	"fmt"

	"oneiro/autodiff"
)

// Kind is what a layer computes: a row of the table kinds.
type Kind int

// The kinds of layer.
const (
	Conv          Kind = iota + 1 // convolution with a bias, N x H x W x C -> N x H' x W' x Out
	ReLU                          // max(x, 0)
	MaxPool                       // maximum of each window; padding never wins
	AvgPool                       // mean of each window; padding is left out unless CountPad is set
	GlobalAvgPool                 // mean over height and width, N x H x W x C -> N x 1 x 1 x C
	LRN                           // local response normalisation across channels
	ReflectPad                    // padding that mirrors the picture without repeating its edge
	Concat                        // the inputs one after the other along channels
	Dense                         // matrix product with a bias, N x 1 x 1 x C -> N x 1 x 1 x Out
	Softmax                       // exp(x)/Σexp(x) over the channels of each pixel
)

// kind is a row of the table: all that the package knows about one kind of layer.
type kind struct {
	name string

	// joins is set if a layer reads any number of inputs instead of one; pixel if it needs an input of
	// 1x1 pixels.
	joins, pixel bool

	// problem returns what is wrong with the fields of a layer, or "". It may be nil.
	problem func(l *Layer) string

	// params lists the parameters of a layer whose input has c channels. It may be nil.
	params func(l *Layer, c int) []param

	// window returns the size of the windows of an input of shape x that a layer reads, and how far apart
	// they are: down, across. It is nil if each pixel of the result depends on one pixel.
	window func(l *Layer, x autodiff.Shape) (size, stride [2]int)

	// build adds a layer to the graph of its inputs. get returns its parameters by suffix.
	build func(l *Layer, in []*autodiff.Node, get func(suffix string) *autodiff.Node) *autodiff.Node
}

// param is a parameter of a layer: what follows the layer's name in its own, and its shape.
type param struct {
	suffix string
	shape  []int
}

const weightSuffix, biasSuffix = ".weight", ".bias"

// kinds is the table. A new kind of layer is a constant and a row.
var kinds = [...]kind{
	Conv: {
		name:    "conv",
		problem: func(l *Layer) string { return cmp.Or(l.noOutput(), l.noWindow()) },
		params: func(l *Layer, c int) []param {
			return []param{
				{weightSuffix, []int{l.Kernel[0], l.Kernel[1], c, l.Out}},
				{biasSuffix, []int{l.Out}},
			}
		},
		window: ownWindow,
		build: func(l *Layer, in []*autodiff.Node, get func(string) *autodiff.Node) *autodiff.Node {
			pad := l.padding(in[0].Shape)
			return autodiff.Conv2D(in[0], get(weightSuffix), get(biasSuffix), autodiff.Conv{
				StrideH: l.Stride[0], StrideW: l.Stride[1], Pad: pad, Mode: l.mode(in[0].Shape, pad),
			})
		},
	},
	ReLU: {
		name:  "relu",
		build: unary(autodiff.ReLU),
	},
	MaxPool: {
		name: "max pool", problem: (*Layer).badPool, window: ownWindow,
		build: func(l *Layer, in []*autodiff.Node, _ func(string) *autodiff.Node) *autodiff.Node {
			return autodiff.MaxPool(in[0], l.pool(in[0].Shape))
		},
	},
	AvgPool: {
		name: "average pool", problem: (*Layer).badPool, window: ownWindow,
		build: func(l *Layer, in []*autodiff.Node, _ func(string) *autodiff.Node) *autodiff.Node {
			return autodiff.AvgPool(in[0], l.pool(in[0].Shape))
		},
	},
	GlobalAvgPool: {
		name: "global average pool",
		window: func(_ *Layer, x autodiff.Shape) (size, stride [2]int) {
			return [2]int{x.H, x.W}, [2]int{x.H, x.W}
		},
		build: unary(autodiff.GlobalAvgPool),
	},
	LRN: {
		name: "lrn",
		problem: func(l *Layer) string {
			if l.LRN.Size < 1 || l.LRN.Size%2 == 0 {
				return "it has to normalise over an odd number of channels"
			}
			return ""
		},
		build: func(l *Layer, in []*autodiff.Node, _ func(string) *autodiff.Node) *autodiff.Node {
			return autodiff.LRN(in[0], autodiff.LRNAttr(l.LRN))
		},
	},
	ReflectPad: {
		name: "reflect pad",
		problem: func(l *Layer) string {
			if l.Same {
				return twoPaddings
			}
			return ""
		},
		build: func(l *Layer, in []*autodiff.Node, _ func(string) *autodiff.Node) *autodiff.Node {
			return autodiff.PadWith(in[0], l.padding(in[0].Shape), autodiff.PadReflect)
		},
	},
	Concat: {
		name: "concat", joins: true,
		build: func(_ *Layer, in []*autodiff.Node, _ func(string) *autodiff.Node) *autodiff.Node {
			return autodiff.Concat(in...)
		},
	},
	Dense: {
		name: "dense", pixel: true,
		problem: (*Layer).noOutput,
		params: func(l *Layer, c int) []param {
			return []param{{weightSuffix, []int{c, l.Out}}, {biasSuffix, []int{l.Out}}}
		},
		build: func(_ *Layer, in []*autodiff.Node, get func(string) *autodiff.Node) *autodiff.Node {
			return autodiff.Dense(in[0], get(weightSuffix), get(biasSuffix))
		},
	},
	Softmax: {
		name:  "softmax",
		build: unary(autodiff.Softmax),
	},
}

// row returns the row of a kind, and whether the table has one.
func (k Kind) row() (kind, bool) {
	if k < 1 || int(k) >= len(kinds) {
		return kind{}, false
	}
	return kinds[k], true
}

func (k Kind) String() string {
	if r, ok := k.row(); ok {
		return r.name
	}
	return fmt.Sprintf("kind %d", int(k))
}

// unary is the build of a layer that is one operation on its input.
func unary(op func(*autodiff.Node) *autodiff.Node,
) func(*Layer, []*autodiff.Node, func(string) *autodiff.Node) *autodiff.Node {
	return func(_ *Layer, in []*autodiff.Node, _ func(string) *autodiff.Node) *autodiff.Node {
		return op(in[0])
	}
}

// ownWindow is the window of a layer with Kernel and Stride.
func ownWindow(l *Layer, _ autodiff.Shape) (size, stride [2]int) { return l.Kernel, l.Stride }

// padding returns the padding of a layer around an input of shape x.
func (l *Layer) padding(x autodiff.Shape) autodiff.Pad {
	p := autodiff.Pad{Top: l.Pad[0], Left: l.Pad[1], Bottom: l.Pad[2], Right: l.Pad[3]}
	if l.Same {
		p.Top, p.Bottom = same(x.H, l.Kernel[0], l.Stride[0])
		p.Left, p.Right = same(x.W, l.Kernel[1], l.Stride[1])
	}
	return p
}

// mode returns what the padding of a layer's input is made of. What is too small to be reflected has its edge
// repeated.
func (l *Layer) mode(x autodiff.Shape, p autodiff.Pad) autodiff.PadMode {
	if l.Mode == autodiff.PadReflect && (max(p.Top, p.Bottom) >= x.H || max(p.Left, p.Right) >= x.W) {
		return autodiff.PadReplicate
	}
	return l.Mode
}

// wrapped returns a layer without padding of its own and its inputs, padded with what is at their opposite
// edges so that windows go round: there are as many as pixels divided by the stride, whatever the layer's own
// padding.
func (l *Layer) wrapped(in []*autodiff.Node) (*Layer, []*autodiff.Node) {
	c := *l
	c.Pad, c.Same, c.Ceil = [4]int{}, false, false
	if l.Kind != Conv && l.Kind != MaxPool && l.Kind != AvgPool {
		return &c, in
	}
	p := l.padding(in[0].Shape)
	p.Top, p.Bottom = splitPadding(p.Top, l.Kernel[0]-l.Stride[0])
	p.Left, p.Right = splitPadding(p.Left, l.Kernel[1]-l.Stride[1])
	return &c, []*autodiff.Node{autodiff.PadWith(in[0], p, autodiff.PadWrap)}
}

// splitPadding splits padding into two sides, of which the first keeps what it has as far as that goes.
func splitPadding(before, padding int) (int, int) {
	padding = max(padding, 0)
	before = min(before, padding)
	return before, padding - before
}

// same returns TensorFlow's SAME padding of n pixels along an axis: windows of that size and stride are
// then as many as n/stride, rounded up. An odd pixel comes after.
func same(n, size, stride int) (before, after int) {
	total := max(0, (n-1)/stride*stride+size-n)
	return total / 2, total - total/2
}

func (l *Layer) pool(x autodiff.Shape) autodiff.Pool {
	return autodiff.Pool{
		KH: l.Kernel[0], KW: l.Kernel[1], StrideH: l.Stride[0], StrideW: l.Stride[1],
		Pad: l.padding(x), Ceil: l.Ceil, CountPad: l.CountPad,
	}
}
