package autodiff

import "fmt"

// Pad is how many pixels are added around a picture on each side.
type Pad struct{ Top, Left, Bottom, Right int }

// Same is the padding that keeps the size under a kh x kw kernel of stride 1.
func Same(kh, kw int) Pad { return Pad{(kh - 1) / 2, (kw - 1) / 2, kh / 2, kw / 2} }

// Conv is the parameter of a two-dimensional convolution (strictly, a cross-correlation, as in
// every framework). Strides of 0 stand for 1. Padding is with zeros, unless Mode says otherwise: devices then
// read what stands for the pixels around the picture where it lies, and no padded picture is made.
type Conv struct {
	StrideH, StrideW int
	Pad              Pad
	Mode             PadMode
	// Whole is the height and width of the picture that the operand is a window of, 0 for a whole one. Devices
	// choose an algorithm for that size, so that windows have the values that the picture has.
	Whole [2]int
}

// Conv2D returns the convolution of x (NHWC) with the filter w (kernel height, kernel width, input
// channels, output channels) plus the bias b, a vector over the output channels, or nil.
func Conv2D(x, w, b *Node, c Conv) *Node {
	c.StrideH, c.StrideW = max(c.StrideH, 1), max(c.StrideW, 1)
	if c.Mode == PadWrap { // whose opposite edges are not in a window of the picture
		x = PadWith(x, c.Pad, c.Mode)
		c.Pad = Pad{}
	}
	if c.Pad == (Pad{}) {
		c.Mode = PadZero
	}
	if b == nil {
		return apply("conv2d", c, x, w)
	}
	return apply("conv2d", c, x, w, b)
}

// ConvTransposed returns the transpose of a convolution by w, a map from its results y to pictures of shape to:
// each position of y adds its channels, times their kernels, to the window that the convolution reads. w is
// (kernel height, kernel width, channels of to, channels of y).
func ConvTransposed(y, w *Node, c Conv, to Shape) *Node {
	c.StrideH, c.StrideW = max(c.StrideH, 1), max(c.StrideW, 1)
	return convInputGrad(y, w, c, to)
}

// convTo is the parameter of the two gradients of a convolution: the convolution and the shape of
// the operand that the gradient belongs to.
type convTo struct {
	Conv
	To Shape
}

// Winograd reports whether devices compute a convolution by a filter of shape w, forward or backward, with
// Winograd's method, on tiles of the picture: 3x3 taps at every pixel, and channels enough. They may still
// choose another one, for a picture that is too small.
func (c Conv) Winograd(w Shape) bool {
	return w.N == 3 && w.H == 3 && c.StrideH == 1 && c.StrideW == 1 && min(w.W, w.C) >= 16
}

// ConvOf returns the convolution in the parameter of conv2d or one of its gradients.
func ConvOf(attr any) Conv {
	switch a := attr.(type) {
	case Conv:
		return a
	case convTo:
		return a.Conv
	}
	panic(fmt.Sprintf("autodiff: %T is no convolution", attr))
}

func convInputGrad(dy, w *Node, c Conv, x Shape) *Node {
	return apply("conv2dInputGrad", convTo{c, x}, dy, w)
}

// convFilterGrad pads x beforehand where it is not padded with zeros: nobody trains such networks.
func convFilterGrad(x, dy *Node, c Conv, w Shape) *Node {
	if c.Mode != PadZero {
		x = PadWith(x, c.Pad, c.Mode)
		c.Pad, c.Mode = Pad{}, PadZero
	}
	return apply("conv2dFilterGrad", convTo{c, w}, x, dy)
}

func convShape(c Conv, x, w Shape) (Shape, error) {
	if x.C != w.W {
		return Shape{}, fmt.Errorf("the picture has %d channels, the filter wants %d", x.C, w.W)
	}
	h := x.H + c.Pad.Top + c.Pad.Bottom - w.N
	v := x.W + c.Pad.Left + c.Pad.Right - w.H
	if h < 0 || v < 0 {
		return Shape{}, fmt.Errorf("the kernel is larger than the padded picture")
	}
	if err := c.Pad.check(c.Mode, x); err != nil {
		return Shape{}, err
	}
	return Shape{x.N, h/c.StrideH + 1, v/c.StrideW + 1, w.C}, nil
}

// convFLOPs counts the multiply-adds of a direct convolution, padding included.
func convFLOPs(y, w Shape) float64 { return 2 * float64(y.Len()) * float64(w.N*w.H*w.W) }

func init() {
	register(
		Op{
			Name: "conv2d", Saved: []int{0, 1}, Tolerance: 2e-5, Whole: []int{1, 2},
			Local: func(n *Node) (down, across Taps, ok bool) {
				c, w := n.Attr.(Conv), n.In[1].Shape
				return Taps{Kernel: w.N, Stride: c.StrideH, Before: c.Pad.Top, After: c.Pad.Bottom, Mode: c.Mode},
					Taps{Kernel: w.H, Stride: c.StrideW, Before: c.Pad.Left, After: c.Pad.Right, Mode: c.Mode}, true
			},
			Shape: func(attr any, in []Shape) (Shape, error) {
				if len(in) == 3 && in[2] != Vector(in[1].C) {
					return Shape{}, fmt.Errorf("the bias has shape %v, want a vector of %d", in[2], in[1].C)
				}
				return convShape(attr.(Conv), in[0], in[1])
			},
			FLOPs: func(n *Node) float64 { return convFLOPs(n.Shape, n.In[1].Shape) },
			Grad: func(n, dy *Node, want func(int) bool) []*Node {
				c, x, w := n.Attr.(Conv), n.In[0], n.In[1]
				out := make([]*Node, len(n.In))
				if want(0) {
					out[0] = convInputGrad(dy, w, c, x.Shape)
				}
				if want(1) {
					out[1] = convFilterGrad(x, dy, c, w.Shape)
				}
				if len(n.In) == 3 && want(2) {
					out[2] = SumRows(dy)
				}
				return out
			},
		},
		Op{
			Name: "conv2dInputGrad", Saved: []int{0, 1}, Tolerance: 2e-5,
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(convTo)
				y, err := convShape(a.Conv, a.To, in[1])
				if err == nil && y != in[0] {
					err = fmt.Errorf("dy should have shape %v", y)
				}
				return a.To, err
			},
			FLOPs: func(n *Node) float64 { return convFLOPs(n.In[0].Shape, n.In[1].Shape) },
			Grad: func(n, dx *Node, want func(int) bool) []*Node {
				c, dy, w := ConvOf(n.Attr), n.In[0], n.In[1]
				out := make([]*Node, 2)
				if want(0) {
					out[0] = Conv2D(dx, w, nil, c)
				}
				if want(1) {
					out[1] = convFilterGrad(dx, dy, c, w.Shape)
				}
				return out
			},
		},
		Op{
			Name: "conv2dFilterGrad", Saved: []int{0, 1}, Tolerance: 2e-5,
			Shape: func(attr any, in []Shape) (Shape, error) {
				a := attr.(convTo)
				y, err := convShape(a.Conv, in[0], a.To)
				if err == nil && y != in[1] {
					err = fmt.Errorf("dy should have shape %v", y)
				}
				return a.To, err
			},
			FLOPs: func(n *Node) float64 { return convFLOPs(n.In[1].Shape, n.Shape) },
			Grad: func(n, dw *Node, want func(int) bool) []*Node {
				c, x, dy := ConvOf(n.Attr), n.In[0], n.In[1]
				out := make([]*Node, 2)
				if want(0) {
					out[0] = convInputGrad(dy, dw, c, x.Shape)
				}
				if want(1) {
					out[1] = Conv2D(x, dw, nil, c)
				}
				return out
			},
		},
	)
}
