package autodiff

import "fmt"

// Pool is the parameter of a pooling operation over KH x KW windows. Ceil rounds the size of the
// result up (Caffe), so that the last windows may hang over the padded picture; a window that would
// start in the padding after the picture is dropped. CountPad makes an average divide by the
// window's area inside the padded picture rather than inside the picture; a maximum never looks at
// padding.
type Pool struct {
	KH, KW           int
	StrideH, StrideW int
	Pad              Pad
	Ceil, CountPad   bool
}

// MaxPool returns the maximum of each window.
func MaxPool(x *Node, p Pool) *Node { return apply("maxPool", p, x) }

// AvgPool returns the mean of each window.
func AvgPool(x *Node, p Pool) *Node { return apply("avgPool", p, x) }

// GlobalAvgPool returns the mean over height and width, of shape N x 1 x 1 x C.
func GlobalAvgPool(x *Node) *Node {
	return AvgPool(x, Pool{KH: x.Shape.H, KW: x.Shape.W, StrideH: 1, StrideW: 1})
}

// PoolTo is the parameter of avgPoolGrad: the pooling and the shape of its operand.
type PoolTo struct {
	Pool
	To Shape
}

// out returns the size of the result along one axis: n pixels, kernel k, stride s, padding before
// and after.
func (p Pool) out(n, k, s, before, after int) int {
	over := n + before + after - k
	if over < 0 {
		return 0
	}
	out := over/s + 1
	if p.Ceil && over%s != 0 && out*s < n+before {
		out++
	}
	return out
}

func (p Pool) shape(x Shape) (Shape, error) {
	if p.KH < 1 || p.KW < 1 || p.StrideH < 1 || p.StrideW < 1 {
		return Shape{}, fmt.Errorf("kernel and stride must be positive")
	}
	if max(p.Pad.Top, p.Pad.Bottom) >= p.KH || max(p.Pad.Left, p.Pad.Right) >= p.KW {
		return Shape{}, fmt.Errorf("padding must be smaller than the kernel")
	}
	return Shape{x.N,
		p.out(x.H, p.KH, p.StrideH, p.Pad.Top, p.Pad.Bottom),
		p.out(x.W, p.KW, p.StrideW, p.Pad.Left, p.Pad.Right), x.C}, nil
}

// Window returns the rows (or columns) lo..hi-1 of the picture that window i covers along an axis of
// n pixels, and how many the window covers with the padding counted in.
func Window(i, n, k, s, before, after int) (lo, hi, padded int) {
	start := i*s - before
	end := min(start+k, n+after)
	return max(start, 0), min(end, n), end - start
}

// meanOf returns what part of the operand of a mean n over all positions contributes to it.
func meanOf(n, part *Node) *Node {
	x := n.In[0].Shape
	return Scale(SumRows(part), 1/float64(x.H*x.W))
}

func init() {
	poolShape := func(attr any, in []Shape) (Shape, error) { return attr.(Pool).shape(in[0]) }
	area := func(n *Node) float64 {
		p := n.Attr.(Pool)
		return float64(n.Shape.Len() * p.KH * p.KW)
	}
	// operands are x of the full shape and dy of the pooled one
	gradShape := func(attr any, in []Shape) (Shape, error) {
		y, err := attr.(Pool).shape(in[0])
		if err == nil && y != in[1] {
			err = fmt.Errorf("dy should have shape %v", y)
		}
		return in[0], err
	}
	taps := func(n *Node) (down, across Taps, ok bool) {
		p := n.Attr.(Pool)
		return Taps{Kernel: p.KH, Stride: p.StrideH, Before: p.Pad.Top},
			Taps{Kernel: p.KW, Stride: p.StrideW, Before: p.Pad.Left}, true
	}
	register(
		Op{
			Name: "maxPool", Shape: poolShape, Local: taps, FLOPs: area, Saved: []int{0},
			Kinks: "where two elements of a window are equally large: the first in reading order gets the gradient",
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{apply("maxPoolGrad", n.Attr, n.In[0], dy)}
			},
		},
		Op{
			Name: "maxPoolGrad", Shape: gradShape, Saved: []int{0},
			FLOPs: func(n *Node) float64 {
				p := n.Attr.(Pool)
				return float64(n.In[1].Shape.Len() * p.KH * p.KW)
			},
			Kinks: "as maxPool; the gradient for x is 0 where it exists",
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{nil, apply("maxPoolGather", n.Attr, n.In[0], dy)}
			},
		},
		Op{
			// the elements of the second operand where the windows of the first have their maximum
			Name:  "maxPoolGather",
			FLOPs: area,
			Shape: func(attr any, in []Shape) (Shape, error) {
				if _, err := allSame(nil, in); err != nil {
					return Shape{}, err
				}
				return attr.(Pool).shape(in[0])
			},
			Kinks: "as maxPool", Saved: []int{0},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				return []*Node{nil, apply("maxPoolGrad", n.Attr, n.In[0], dy)}
			},
		},
		linearOp(Op{
			Name: "avgPool", Shape: poolShape, Local: taps, FLOPs: area,
			// of a mean over all positions
			Partial: func(n *Node, in []*Node, counted func(x *Node) *Node) *Node {
				return meanOf(n, only(in[0], counted))
			},
		},
			func(n, dy *Node) *Node {
				return apply("avgPoolGrad", PoolTo{n.Attr.(Pool), n.In[0].Shape}, dy)
			}),
		linearOp(Op{
			Name: "avgPoolGrad",
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(PoolTo)
				y, err := a.shape(a.To)
				if err == nil && y != in[0] {
					err = fmt.Errorf("dy should have shape %v", y)
				}
				return a.To, err
			},
			FLOPs: func(n *Node) float64 {
				p := n.Attr.(PoolTo)
				return float64(n.In[0].Shape.Len() * p.KH * p.KW)
			},
		}, func(n, dy *Node) *Node { return AvgPool(dy, n.Attr.(PoolTo).Pool) }),
	)
}
