package autodiff

import "fmt"

// Concat joins values of equal N, H and W along their channels.
func Concat(xs ...*Node) *Node {
	if len(xs) == 1 {
		return xs[0]
	}
	return apply("concat", nil, xs...)
}

// ChannelRange is the parameter of slice and embed: channels From.. of a value with Of channels.
type ChannelRange struct{ From, Of int }

type sliceAttr struct{ From, To int }

// Slice returns the channels from..to-1.
func Slice(x *Node, from, to int) *Node { return apply("slice", sliceAttr{from, to}, x) }

// SliceFrom returns the first channel that a slice node takes.
func SliceFrom(n *Node) int { return n.Attr.(sliceAttr).From }

func embed(x *Node, from, of int) *Node { return apply("embed", ChannelRange{from, of}, x) }

// AffineAttr is a colour transform: Matrix has Out rows of as many columns as there are input
// channels, Offset has Out entries or is nil.
type AffineAttr struct {
	Out    int
	Matrix []float32
	Offset []float32
}

// Affine returns M·x + o at every position: colour matrices and the preprocessing of networks.
// matrix has out rows of x.Shape.C columns; offset has out entries, or is nil.
func Affine(x *Node, out int, matrix, offset []float32) *Node {
	return apply("affine", &AffineAttr{out, matrix, offset}, x)
}

func init() {
	register(
		Op{
			Name: "concat", Local: pixelwise, FLOPs: noFLOPs,
			Shape: func(_ any, in []Shape) (Shape, error) {
				s := in[0]
				for _, o := range in[1:] {
					if o.N != s.N || o.H != s.H || o.W != s.W {
						return Shape{}, fmt.Errorf("sizes differ: %v and %v", in[0], o)
					}
					s.C += o.C
				}
				return s, nil
			},
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				out := make([]*Node, len(n.In))
				from := 0
				for i, in := range n.In {
					if want(i) {
						out[i] = Slice(dy, from, from+in.Shape.C)
					}
					from += in.Shape.C
				}
				return out
			},
		},
		linearOp(Op{
			Name: "slice", Local: pixelwise, FLOPs: noFLOPs,
			Shape: func(attr any, in []Shape) (Shape, error) {
				a, s := attr.(sliceAttr), in[0]
				if a.From < 0 || a.To > s.C || a.From >= a.To {
					return Shape{}, fmt.Errorf("there are %d channels", s.C)
				}
				s.C = a.To - a.From
				return s, nil
			},
		}, func(n, dy *Node) *Node {
			return embed(dy, n.Attr.(sliceAttr).From, n.In[0].Shape.C)
		}),
		linearOp(Op{
			// zeros but for the operand's channels
			Name: "embed", Local: pixelwise, FLOPs: noFLOPs,
			Shape: func(attr any, in []Shape) (Shape, error) {
				a, s := attr.(ChannelRange), in[0]
				if a.From < 0 || a.From+s.C > a.Of {
					return Shape{}, fmt.Errorf("the channels do not fit")
				}
				s.C = a.Of
				return s, nil
			},
		}, func(n, dy *Node) *Node {
			from := n.Attr.(ChannelRange).From
			return Slice(dy, from, from+n.In[0].Shape.C)
		}),
		linearOp(Op{
			Name: "affine", Local: pixelwise,
			Shape: func(attr any, in []Shape) (Shape, error) {
				a, s := attr.(*AffineAttr), in[0]
				if len(a.Matrix) != a.Out*s.C || a.Offset != nil && len(a.Offset) != a.Out {
					return Shape{}, fmt.Errorf("matrix or offset has the wrong size for %d channels", s.C)
				}
				s.C = a.Out
				return s, nil
			},
			FLOPs: func(n *Node) float64 { return 2 * float64(n.Shape.Len()) * float64(n.In[0].Shape.C) },
		}, func(n, dy *Node) *Node {
			a, c := n.Attr.(*AffineAttr), n.In[0].Shape.C
			t := make([]float32, len(a.Matrix))
			for i := range a.Out {
				for j := range c {
					t[j*a.Out+i] = a.Matrix[i*c+j]
				}
			}
			return Affine(dy, c, t, nil)
		}),
	)
}
