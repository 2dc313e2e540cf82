package autodiff

import "fmt"

// PadMode is what padding is made of.
type PadMode int

const (
	PadZero      PadMode = iota
	PadReflect           // mirrored without repeating the edge: c b | a b c | b a
	PadReplicate         // the edge repeated: a a | a b c | c c
	PadWrap              // continued at the opposite edge: b c | a b c | a b
)

func (m PadMode) String() string {
	return [...]string{"zero", "reflect", "replicate", "wrap"}[m]
}

// PadAttr is the parameter of pad and padGrad.
type PadAttr struct {
	Pad
	Mode PadMode
}

// Source returns the index inside 0..n-1 that position i of the padded axis takes its value from,
// i running from -before to n-1+after; -1 stands for zero.
func (m PadMode) Source(i, n int) int {
	if i >= 0 && i < n {
		return i
	}
	switch m {
	case PadReflect:
		if i < 0 {
			return -i
		}
		return 2*(n-1) - i
	case PadReplicate:
		return min(max(i, 0), n-1)
	case PadWrap:
		return (i%n + n) % n
	}
	return -1
}

// Sources lists, for each index of an axis of n pixels, the positions of its padded axis that take
// their value from it.
func (m PadMode) Sources(n, before, after int) [][]int {
	of := make([][]int, n)
	for i := -before; i < n+after; i++ {
		if j := m.Source(i, n); j >= 0 {
			of[j] = append(of[j], i+before)
		}
	}
	return of
}

// check returns an error if a picture of shape x cannot be padded so.
func (p Pad) check(m PadMode, x Shape) error {
	if min(p.Top, p.Left, p.Bottom, p.Right) < 0 {
		return fmt.Errorf("negative padding")
	}
	if m == PadReflect && (max(p.Top, p.Bottom) >= x.H || max(p.Left, p.Right) >= x.W) {
		return fmt.Errorf("reflection needs padding smaller than the picture")
	}
	return nil
}

// PadWith returns x with p more pixels around it.
func PadWith(x *Node, p Pad, m PadMode) *Node {
	if p == (Pad{}) {
		return x
	}
	return apply("pad", PadAttr{p, m}, x)
}

// Roll shifts x circularly by a whole number of pixels that may differ from run to run: shift is a
// vector of two, rows and columns, and pixel (i, j) of x goes to (i+rows, j+columns) modulo the
// size. There is no gradient with respect to shift.
func Roll(x, shift *Node) *Node { return apply("roll", 1, x, shift) }

// FilterAttr is a fixed kernel applied to each channel by itself: KH x KW weights, with strides.
type FilterAttr struct {
	KH, KW, Stride int
	Weights        []float32
	To             Shape // of filterGrad: the operand's shape
}

// Filter returns the correlation of every channel of x with the same kh x kw kernel, without
// padding: blurs, Laplacians, derivatives. Pad first to keep the size.
func Filter(x *Node, kh, kw int, weights []float32, stride int) *Node {
	return apply("filter", &FilterAttr{KH: kh, KW: kw, Stride: max(stride, 1), Weights: weights}, x)
}

func (f *FilterAttr) shape(x Shape) (Shape, error) {
	if len(f.Weights) != f.KH*f.KW || x.H < f.KH || x.W < f.KW {
		return Shape{}, fmt.Errorf("a %dx%d kernel with %d weights does not fit", f.KH, f.KW, len(f.Weights))
	}
	return Shape{x.N, (x.H-f.KH)/f.Stride + 1, (x.W-f.KW)/f.Stride + 1, x.C}, nil
}

func init() {
	register(
		linearOp(Op{
			Name: "pad", FLOPs: noFLOPs,
			Local: func(n *Node) (down, across Taps, ok bool) {
				a := n.Attr.(PadAttr)
				return Taps{Kernel: 1, Stride: 1, Before: a.Top, After: a.Bottom, Mode: a.Mode},
					Taps{Kernel: 1, Stride: 1, Before: a.Left, After: a.Right, Mode: a.Mode}, true
			},
			Shape: func(attr any, in []Shape) (Shape, error) {
				a, s := attr.(PadAttr), in[0]
				p := a.Pad
				if err := p.check(a.Mode, s); err != nil {
					return Shape{}, err
				}
				return Shape{s.N, s.H + p.Top + p.Bottom, s.W + p.Left + p.Right, s.C}, nil
			},
		}, func(n, dy *Node) *Node { return apply("padGrad", n.Attr, dy) }),
		linearOp(Op{
			// the transpose of pad
			Name: "padGrad",
			Shape: func(attr any, in []Shape) (Shape, error) {
				p, s := attr.(PadAttr).Pad, in[0]
				if min(p.Top, p.Left, p.Bottom, p.Right) < 0 {
					return Shape{}, fmt.Errorf("negative padding")
				}
				return Shape{s.N, s.H - p.Top - p.Bottom, s.W - p.Left - p.Right, s.C}, nil
			},
		}, func(n, dy *Node) *Node { return apply("pad", n.Attr, dy) }),
		Op{
			Name: "roll", FLOPs: noFLOPs, Saved: []int{1},
			Shape: func(_ any, in []Shape) (Shape, error) {
				if in[1] != Vector(2) {
					return Shape{}, fmt.Errorf("the shift has shape %v, want two numbers", in[1])
				}
				return in[0], nil
			},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("roll", -n.Attr.(int), dy, n.In[1]), nil}
			},
		},
		linearOp(Op{
			Name: "filter",
			Local: func(n *Node) (down, across Taps, ok bool) {
				f := n.Attr.(*FilterAttr)
				return Taps{Kernel: f.KH, Stride: f.Stride}, Taps{Kernel: f.KW, Stride: f.Stride}, true
			},
			Shape: func(attr any, in []Shape) (Shape, error) { return attr.(*FilterAttr).shape(in[0]) },
			FLOPs: func(n *Node) float64 {
				f := n.Attr.(*FilterAttr)
				return 2 * float64(n.Shape.Len()*f.KH*f.KW)
			},
		}, func(n, dy *Node) *Node {
			f := *n.Attr.(*FilterAttr)
			f.To = n.In[0].Shape
			return apply("filterGrad", &f, dy)
		}),
		linearOp(Op{
			Name: "filterGrad",
			Shape: func(attr any, in []Shape) (Shape, error) {
				f := attr.(*FilterAttr)
				y, err := f.shape(f.To)
				if err == nil && y != in[0] {
					err = fmt.Errorf("dy should have shape %v", y)
				}
				return f.To, err
			},
			FLOPs: func(n *Node) float64 {
				f := n.Attr.(*FilterAttr)
				return 2 * float64(n.In[0].Shape.Len()*f.KH*f.KW)
			},
		}, func(n, dy *Node) *Node {
			f := *n.Attr.(*FilterAttr)
			f.To = Shape{}
			return apply("filter", &f, dy)
		}),
	)
}
