package autodiff

import (
	"fmt"
	"math"
)

// ResizeMode is a rule of interpolation.
type ResizeMode int

const (
	Bilinear ResizeMode = iota
	Bicubic             // Keys' kernel with a = -0.75, as PyTorch
)

// ResizeAttr is the parameter of resize and resizeGrad: the size of resize's operand and result.
type ResizeAttr struct {
	Mode                   ResizeMode
	FromH, FromW, ToH, ToW int
}

// Resize returns x at h x w pixels. Pixels are areas (PyTorch's align_corners=False): the centre of
// pixel i lies at (i+0.5)·from/to - 0.5, positions outside repeat the edge, and nothing is averaged
// when the size goes down.
func Resize(x *Node, h, w int, m ResizeMode) *Node {
	if h == x.Shape.H && w == x.Shape.W {
		return x
	}
	return apply("resize", ResizeAttr{m, x.Shape.H, x.Shape.W, h, w}, x)
}

// Taps returns the operand's indices and their weights of which each element of a resized axis is
// made: to rows of 2 (bilinear) or 4 (bicubic).
func (m ResizeMode) Taps(from, to int) (index []int, weight []float32) {
	k := 2
	if m == Bicubic {
		k = 4
	}
	for i := range to {
		pos := (float64(i)+0.5)*float64(from)/float64(to) - 0.5
		if m == Bilinear {
			pos = max(pos, 0)
		}
		base := math.Floor(pos)
		t := pos - base
		w := []float64{1 - t, t}
		if m == Bicubic {
			const a = -0.75
			near := func(d float64) float64 { return ((a+2)*d-(a+3))*d*d + 1 }
			far := func(d float64) float64 { return ((a*d-5*a)*d+8*a)*d - 4*a }
			w = []float64{far(1 + t), near(t), near(1 - t), far(2 - t)}
			base--
		}
		for j := range k {
			index = append(index, min(max(int(base)+j, 0), from-1))
			weight = append(weight, float32(w[j]))
		}
	}
	return index, weight
}

func init() {
	from := func(a ResizeAttr, s Shape) Shape { return Shape{s.N, a.FromH, a.FromW, s.C} }
	to := func(a ResizeAttr, s Shape) Shape { return Shape{s.N, a.ToH, a.ToW, s.C} }
	register(
		linearOp(Op{
			Name: "resize", FLOPs: perOutput(16),
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(ResizeAttr)
				if in[0] != from(a, in[0]) {
					return Shape{}, fmt.Errorf("operand of another size")
				}
				return to(a, in[0]), nil
			},
		}, func(n, dy *Node) *Node { return apply("resizeGrad", n.Attr, dy) }),
		linearOp(Op{
			Name: "resizeGrad", FLOPs: perInput(16),
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(ResizeAttr)
				if in[0] != to(a, in[0]) {
					return Shape{}, fmt.Errorf("dy of another size")
				}
				return from(a, in[0]), nil
			},
		}, func(n, dy *Node) *Node { return apply("resize", n.Attr, dy) }),
	)
}
