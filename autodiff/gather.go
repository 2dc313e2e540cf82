package autodiff

// Gather is a convolution as devices compute every one of them, forward and backward: pixel q of a grid is the
// sum over the taps t of source pixel q·stride - pad + t, zero outside the picture, times a matrix of the
// filter. The grid's pixels lie a step apart in the destination.
type Gather struct {
	N, H, W, C int // the source

	KH, KW           int // taps
	StrideH, StrideW int // of the source under the grid
	PadTop, PadLeft  int

	GridH, GridW int
	DstH, DstW   int // the destination
	StepH, StepW int // of the grid in the destination
	AtH, AtW     int // grid pixel (0, 0) in the destination
	OutC         int // channels of the destination
}

// Winograd reports what Conv.Winograd does.
func (g *Gather) Winograd() bool {
	c := Conv{StrideH: g.StrideH, StrideW: g.StrideW}
	return g.StepH*g.StepW == 1 && c.Winograd(Shape{g.KH, g.KW, g.C, g.OutC})
}

// ConvGather returns the gather of a convolution of x by w with the result y.
func ConvGather(c Conv, x, w, y Shape) Gather {
	return Gather{
		N: x.N, H: x.H, W: x.W, C: x.C,
		KH: w.N, KW: w.H, StrideH: c.StrideH, StrideW: c.StrideW, PadTop: c.Pad.Top, PadLeft: c.Pad.Left,
		GridH: y.H, GridW: y.W, DstH: y.H, DstW: y.W, StepH: 1, StepW: 1, OutC: y.C,
	}
}

// InputGradGather returns one of the gathers that the input gradient of a convolution by w is, from dy to dx:
// there is one for each remainder of dx's coordinates by the strides, which atH and atW are. Its taps are those
// of the filter turned round: lastH, lastH - stride, ... by lastW, lastW - stride, ... If there are none, no
// window touches these pixels.
func InputGradGather(c Conv, dx, dy, w Shape, atH, atW int) (g Gather, lastH, lastW int) {
	g = Gather{
		N: dy.N, H: dy.H, W: dy.W, C: dy.C, StrideH: 1, StrideW: 1,
		DstH: dx.H, DstW: dx.W, StepH: c.StrideH, StepW: c.StrideW, AtH: atH, AtW: atW, OutC: dx.C,
	}
	g.GridH, g.KH, lastH, g.PadTop = inputGradPhase(atH, dx.H, c.StrideH, w.N, c.Pad.Top)
	g.GridW, g.KW, lastW, g.PadLeft = inputGradPhase(atW, dx.W, c.StrideW, w.H, c.Pad.Left)
	return g, lastH, lastW
}

// inputGradPhase describes one axis, for coordinates at, at+stride, ... of n of them: how many there are, the
// taps of the filter they see, of which every stride-th one counts, the last such tap, and the padding before dy.
func inputGradPhase(at, n, stride, kernel, pad int) (grid, taps, lastTap, before int) {
	grid = (n - at + stride - 1) / stride
	first := (at + pad) % stride
	if first >= kernel {
		return grid, 0, 0, 0
	}
	taps = (kernel-first-1)/stride + 1
	return grid, taps, first + (taps-1)*stride, taps - 1 - (at+pad-first)/stride
}
