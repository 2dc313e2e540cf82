package autodiff

import (
	"fmt"
	"math"
)

// UpsampleAttr is the parameter of upsample and upsampleGrad.
type UpsampleAttr struct {
	Factor int
	To     Shape // of upsampleGrad: the operand's shape
}

// Upsample returns x enlarged by a whole factor, by linear interpolation down and across, to the height and
// width of like, of which nothing else is read. The centre of position i of the result is at (i + 1/2)/factor
// - 1/2 of x; what lies outside the first and the last centre is as those. So layers of a network come to the
// scale of an earlier one, which may have up to factor-1 more rows and columns that pooling dropped.
func Upsample(x, like *Node, factor int) *Node {
	if factor == 1 && x.Shape.H == like.Shape.H && x.Shape.W == like.Shape.W {
		return x
	}
	return apply("upsample", UpsampleAttr{Factor: factor}, x, like)
}

// Between returns the two positions of an axis of n between which position i of the result lies, and the weight
// of the second.
func (a UpsampleAttr) Between(i, n int) (lo, hi int, weight float32) {
	at := (float64(i)+0.5)/float64(a.Factor) - 0.5
	at = min(max(at, 0), float64(n-1))
	lo = int(math.Floor(at))
	return lo, min(lo+1, n-1), float32(at - float64(lo))
}

// fits returns an error unless n positions enlarged are as many as to.
func (a UpsampleAttr) fits(n, to int) error {
	if a.Factor < 1 || to < a.Factor*n || to >= a.Factor*(n+1) {
		return fmt.Errorf("%d positions %d times are not %d", n, a.Factor, to)
	}
	return nil
}

func (a UpsampleAttr) shape(x, like Shape) (Shape, error) {
	if x.N != like.N {
		return Shape{}, fmt.Errorf("there are %d and %d pictures", x.N, like.N)
	}
	err := a.fits(x.H, like.H)
	if err == nil {
		err = a.fits(x.W, like.W)
	}
	return Shape{x.N, like.H, like.W, x.C}, err
}

func init() {
	register(
		Op{
			Name: "upsample", FLOPs: perOutput(7), Like: 1,
			Local: func(n *Node) (down, across Taps, ok bool) {
				t := Taps{Kernel: 2, Stride: 1, Up: n.Attr.(UpsampleAttr).Factor}
				return t, t, true
			},
			Shape: func(attr any, in []Shape) (Shape, error) { return attr.(UpsampleAttr).shape(in[0], in[1]) },
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				if !want(0) {
					return make([]*Node, 2)
				}
				a := UpsampleAttr{n.Attr.(UpsampleAttr).Factor, n.In[0].Shape}
				return []*Node{apply("upsampleGrad", a, dy), nil}
			},
		},
		Op{
			// the transpose of upsample
			Name: "upsampleGrad", FLOPs: perInput(7),
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(UpsampleAttr)
				_, err := a.shape(a.To, in[0])
				if err == nil && a.To.C != in[0].C {
					err = fmt.Errorf("dy should have %d channels", a.To.C)
				}
				return a.To, err
			},
		},
	)
}
