package render

import (
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/nn"
)

// head emits the picture from what a layer of the network sees in the photograph, which is fixed: a
// convolution with random weights, and then one fully connected layer, the same at each position, whose
// output is a patch of the picture. Patches overlap and fade out towards their edges, and are added up. What
// begins as the patches is what the marks of the painting have in common (marks).
type head struct {
	canvas *CanvasOptions                    // which says of which layer
	marks  func(s Stage, w, h, n int) *marks // n marks of w x h pixels
}

// The sizes of a head.
const (
	headCodes  = 96 // channels of the convolution, and so patches that are mixed
	headNoise  = 32 // channels of noise beside those of the layer: where that sees nothing there can be strokes
	headPatch  = 8  // the least side of a patch in pixels,
	headShared = 3  // which is at least so many strides of the layer
)

func (h head) reads(net *nn.Network) string { return h.canvas.headLayer(net) }

// grid is where the patches of a head lie along one axis: positions of the layer a stride apart, and those that
// are repeated around them so that as many patches cover a pixel everywhere.
type grid struct {
	positions     int // of the layer
	stride, patch int
	before, after int // repeated positions
	top, bottom   int // pixels by which the patches reach over the picture
}

func newGrid(positions, stride, pixels int) grid {
	shared := max(headShared, (headPatch+stride-1)/stride)
	g := grid{positions: positions, stride: stride, patch: shared * stride}
	offset := floorDiv(stride-g.patch, 2) // where the patch of position 0 begins
	first, last := -floorDiv(offset+g.patch-1, stride), floorDiv(pixels-1-offset, stride)
	g.before, g.after = max(0, -first), max(0, last-(positions-1))
	n := g.before + positions + g.after
	g.top = g.before*stride - offset
	g.bottom = (n-1)*stride + g.patch - pixels - g.top
	return g
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

// window returns how much each pixel of a patch counts: where patches overlap the sum is 1.
func (g grid) window() []float64 {
	w := make([]float64, g.patch)
	for i := range w {
		s := math.Sin(math.Pi * (float64(i) + 0.5) / float64(g.patch))
		w[i] = s * s * 2 * float64(g.stride) / float64(g.patch)
	}
	return w
}

// grids returns where patches lie down and across, and the channels of the layer.
func (h head) grids(s Stage) (down, across grid, channels int) {
	info := layerInfos(s.Model.Network, s.Size)[h.reads(s.Network)]
	return newGrid(info.H, info.Stride[0], s.Size.H), newGrid(info.W, info.Stride[1], s.Size.W), info.C
}

func (h head) parameters(s Stage) []parameter {
	down, across, channels := h.grids(s)
	return []parameter{
		{"conv.weight", autodiff.Shape{N: 3, H: 3, W: channels + headNoise, C: headCodes}},
		{"conv.bias", autodiff.Vector(headCodes)},
		{"patch.weight", autodiff.Shape{N: down.patch, H: across.patch, W: 3, C: headCodes}},
		{"patch.bias", autodiff.Vector(3)},
	}
}

func (h head) build(s Stage, params []*autodiff.Node) (*autodiff.Node, []fixed) {
	down, across, channels := h.grids(s)
	g := params[0].Graph()
	position := autodiff.Shape{N: 1, H: down.positions, W: across.positions, C: channels}
	seen := g.Input("features", position)
	position.C = headNoise
	noise := g.Input("noise", position)
	code := leaky(autodiff.Conv2D(autodiff.Concat(seen, noise), params[0], params[1],
		autodiff.Conv{Pad: autodiff.Same(3, 3), Mode: autodiff.PadReplicate}))
	code = autodiff.PadWith(code, autodiff.Pad{
		Top: down.before, Bottom: down.after, Left: across.before, Right: across.after,
	}, autodiff.PadReplicate)
	patches := autodiff.Reshape(autodiff.MatMul(g.Const(evened(down, across)), params[2]), params[2].Shape)
	to := autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 3}
	picture := autodiff.ConvTransposed(code, patches, autodiff.Conv{
		StrideH: down.stride, StrideW: across.stride,
		Pad: autodiff.Pad{Top: down.top, Bottom: down.bottom, Left: across.top, Right: across.bottom},
	}, to)
	picture = autodiff.Sigmoid(autodiff.Add(picture, params[3]))
	return picture, []fixed{
		{seen, func(features []float32) []float32 { return features }},
		{noise, func([]float32) []float32 { return fixedNoise(position) }},
	}
}

// evened returns the matrix that a patch, rows by columns by colours, is multiplied by before patches are
// added up. It fades them out towards their edges, and has them add up to one colour where all positions emit
// the same patch: else the easiest texture to learn would be a grid of the stride (as with the transposed
// convolutions of Odena et al., "Deconvolution and Checkerboard Artifacts", Distill 2016).
func evened(down, across grid) *autodiff.Tensor {
	rows, columns := down.window(), across.window()
	n := down.patch * across.patch
	t := &autodiff.Tensor{Name: "evened", Shape: autodiff.Matrix(3*n, 3*n), Data: make([]float32, 9*n*n)}
	phases := float64(down.stride * across.stride)
	for y, r := range rows {
		for x, c := range columns {
			to := y*across.patch + x
			for v, q := range rows {
				for u, w := range columns {
					from := v*across.patch + u
					share := 1 / phases // of the mean of all sums
					if (y-v)%down.stride == 0 && (x-u)%across.stride == 0 {
						share-- // and none of the sum that the pixel is part of
					}
					value := r * c * q * w * share
					if from == to {
						value += r * c
					}
					for k := range 3 {
						t.Data[(3*to+k)*3*n+3*from+k] = float32(value)
					}
				}
			}
		}
	}
	return t
}

// fixedNoise returns numbers of the normal distribution, always the same for a shape.
func fixedNoise(shape autodiff.Shape) []float32 {
	values := make([]float32, shape.Len())
	gaussian(rand.New(rand.NewPCG(uint64(shape.H), uint64(shape.W))), values, 1)
	return values
}

// begin draws the convolution (He et al., arXiv:1502.01852, section 2.2) and takes the patches from the
// painting.
func (h head) begin(s Stage, random *rand.Rand, params [][]float32) {
	down, across, channels := h.grids(s)
	gaussian(random, params[0], math.Sqrt(2/float64(9*(channels+headNoise))))
	m := h.marks(s, across.patch, down.patch, headCodes)
	for i := range params[2] {
		params[2][i] = m.basis[i%headCodes][i/headCodes]
	}
	copy(params[3], m.mean[:])
}
