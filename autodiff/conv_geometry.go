package autodiff

// ConvGeometry describes a convolution as devices compute every one of them, forward and backward: pixel q of a
// grid is the sum over the taps t of source pixel q·stride - pad + t, outside the picture what Rows and Columns
// say, times a matrix of the filter. The source is (N,H,W,C), the destination (N,DstH,DstW,OutC), the filter
// (KH,KW,C,OutC). The pixels of the grid lie StepH by StepW apart in the destination.
type ConvGeometry struct {
	N, H, W, C int // of the source

	KH, KW           int // taps
	StrideH, StrideW int // of the source under the grid
	PadTop, PadLeft  int
	Mode             PadMode

	GridH, GridW int
	DstH, DstW   int
	StepH, StepW int // of the grid in the destination
	AtH, AtW     int // grid pixel (0, 0) in the destination
	OutC         int
	// ForH x ForW is the grid that an algorithm is to be chosen for: this one, or that of the picture that it
	// is a window of.
	ForH, ForW int
}

// Winograd reports what Conv.Winograd does.
func (g *ConvGeometry) Winograd() bool {
	c := Conv{StrideH: g.StrideH, StrideW: g.StrideW}
	return g.StepH*g.StepW == 1 && c.Winograd(Shape{g.KH, g.KW, g.C, g.OutC})
}

// IsDense reports whether the grid is the destination, pixel by pixel.
func (g *ConvGeometry) IsDense() bool {
	return g.StepH*g.StepW == 1 && g.GridH == g.DstH && g.GridW == g.DstW
}

// K returns the length of the sums: taps by channels of the source.
func (g *ConvGeometry) K() int { return g.KH * g.KW * g.C }

// Axis is an axis of a picture of N pixels with what stands for pixels outside it, up to pixel End-1. Beyond
// that, where whole tiles reach, there are zeros.
type Axis struct {
	N, End int
	Mode   PadMode
}

// Source returns which pixel stands for pixel i, -1 for zeros.
func (a Axis) Source(i int) int {
	if i >= a.N && i >= a.End {
		return -1
	}
	return a.Mode.Source(i, a.N)
}

// Rows and Columns return the axes of the source.
func (g *ConvGeometry) Rows() Axis {
	return Axis{g.H, (g.GridH-1)*g.StrideH - g.PadTop + g.KH, g.Mode}
}

func (g *ConvGeometry) Columns() Axis {
	return Axis{g.W, (g.GridW-1)*g.StrideW - g.PadLeft + g.KW, g.Mode}
}

// Geometry returns the geometry of a convolution of x by w with the result y.
func (c Conv) Geometry(x, w, y Shape) ConvGeometry {
	forH, forW := y.H, y.W
	if c.Whole != [2]int{} {
		forH = (c.Whole[0]+c.Pad.Top+c.Pad.Bottom-w.N)/c.StrideH + 1
		forW = (c.Whole[1]+c.Pad.Left+c.Pad.Right-w.H)/c.StrideW + 1
	}
	return ConvGeometry{
		ForH: forH, ForW: forW,
		N: x.N, H: x.H, W: x.W, C: x.C,
		KH: w.N, KW: w.H, StrideH: c.StrideH, StrideW: c.StrideW, PadTop: c.Pad.Top, PadLeft: c.Pad.Left,
		Mode: c.Mode, GridH: y.H, GridW: y.W, DstH: y.H, DstW: y.W, StepH: 1, StepW: 1, OutC: y.C,
	}
}

// InputGradPhase is one of the convolutions, from dy to dx, that the input gradient of a convolution consists
// of: there is one for each remainder of dx's coordinates by the strides.
type InputGradPhase struct {
	ConvGeometry
	// Taps are the filter's taps that the phase sees, in its order, which is flipped. Tap ky, kx of a filter
	// has the number ky·width + kx. Each is used with its input and output channels exchanged. If there are
	// no taps, no window touches these pixels.
	Taps []int
}

// InputGradPhases returns the phases of the input gradient dx, given dy, of a convolution by w. What windows
// see of the padding is left out: see Border.
func (c Conv) InputGradPhases(dx, dy, w Shape) []InputGradPhase {
	var phases []InputGradPhase
	for atH := range min(c.StrideH, dx.H) {
		for atW := range min(c.StrideW, dx.W) {
			p := InputGradPhase{ConvGeometry: ConvGeometry{
				N: dy.N, H: dy.H, W: dy.W, C: dy.C, StrideH: 1, StrideW: 1,
				DstH: dx.H, DstW: dx.W, StepH: c.StrideH, StepW: c.StrideW, AtH: atH, AtW: atW, OutC: dx.C,
			}}
			var lastH, lastW int
			p.GridH, p.KH, lastH, p.PadTop = inputGradAxis(atH, dx.H, c.StrideH, w.N, c.Pad.Top)
			p.GridW, p.KW, lastW, p.PadLeft = inputGradAxis(atW, dx.W, c.StrideW, w.H, c.Pad.Left)
			p.ForH, p.ForW = p.GridH, p.GridW
			if c.Whole != [2]int{} {
				p.ForH, _, _, _ = inputGradAxis(atH, c.Whole[0], c.StrideH, w.N, c.Pad.Top)
				p.ForW, _, _, _ = inputGradAxis(atW, c.Whole[1], c.StrideW, w.H, c.Pad.Left)
			}
			for y := range p.KH {
				for x := range p.KW {
					p.Taps = append(p.Taps, (lastH-y*c.StrideH)*w.H+lastW-x*c.StrideW)
				}
			}
			phases = append(phases, p)
		}
	}
	return phases
}

// inputGradAxis describes one axis of a phase, for coordinates at, at+stride, ... of n of them: how many there
// are, how many taps of the filter they see, of which every stride-th one counts, the last such tap, and the
// padding before dy.
func inputGradAxis(at, n, stride, kernel, pad int) (grid, taps, lastTap, before int) {
	grid = (n - at + stride - 1) / stride
	first := (at + pad) % stride
	if first >= kernel {
		return grid, 0, 0, 0
	}
	taps = (kernel-first-1)/stride + 1
	return grid, taps, first + (taps-1)*stride, taps - 1 - (at+pad-first)/stride
}
