package autodiff

import "fmt"

// SubsampleAttr is the parameter of subsample and subsampleGrad.
type SubsampleAttr struct {
	Stride int
	To     Shape // of subsampleGrad: the operand's shape
}

// Subsample returns one position of each square of stride x stride of x, which lie side by side from the first
// position on: N x H/stride x W/stride x C, rounded down. from is a vector of two that may differ from run to
// run, the row and the column inside the squares; what is no whole number in 0..stride-1 is cut to one. There
// is no gradient with respect to from.
func Subsample(x, from *Node, stride int) *Node {
	return apply("subsample", SubsampleAttr{Stride: stride}, x, from)
}

// At returns the position inside of squares, of one axis, that a number stands for.
func (a SubsampleAttr) At(v float64) int { return int(min(max(v, 0), float64(a.Stride-1))) }

func (a SubsampleAttr) shape(x, from Shape) (Shape, error) {
	if a.Stride < 1 || x.H < a.Stride || x.W < a.Stride {
		return Shape{}, fmt.Errorf("squares of %d x %d do not fit", a.Stride, a.Stride)
	}
	if from != Vector(2) {
		return Shape{}, fmt.Errorf("the position has shape %v, want two numbers", from)
	}
	return Shape{x.N, x.H / a.Stride, x.W / a.Stride, x.C}, nil
}

func init() {
	register(
		Op{
			Name: "subsample", FLOPs: noFLOPs, Saved: []int{1},
			Local: func(n *Node) (down, across Taps, ok bool) {
				s := n.Attr.(SubsampleAttr).Stride
				return Taps{Kernel: s, Stride: s}, Taps{Kernel: s, Stride: s}, true
			},
			Shape: func(attr any, in []Shape) (Shape, error) { return attr.(SubsampleAttr).shape(in[0], in[1]) },
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				a := SubsampleAttr{n.Attr.(SubsampleAttr).Stride, n.In[0].Shape}
				return []*Node{apply("subsampleGrad", a, dy, n.In[1]), nil}
			},
		},
		Op{
			// the transpose of subsample
			Name: "subsampleGrad", FLOPs: noFLOPs, Saved: []int{1},
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(SubsampleAttr)
				y, err := a.shape(a.To, in[1])
				if err == nil && y != in[0] {
					err = fmt.Errorf("dy should have shape %v", y)
				}
				return a.To, err
			},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{Subsample(dy, n.In[1], n.Attr.(SubsampleAttr).Stride), nil}
			},
		},
	)
}
