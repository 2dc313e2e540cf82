package render

import (
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/nn"
)

// decoder emits the picture from noise, by convolutions with batch normalisation at sizes from a sixteenth of
// the picture up, each enlarged to the next (Ulyanov, Vedaldi and Lempitsky, "Deep Image Prior",
// arXiv:1711.10925). There, an encoder leads to the coarse sizes; here each size has noise of its own, as in
// their skip connections. Half of the noise at each size has the detail of a picture of 128 pixels, however
// large this one is: with the same weights it becomes the same picture, enlarged. The other half is as fine
// as the pixels.
type decoder struct{}

// decoderWidths are the channels at each size, from fine to coarse, and decoderNoise those of its noise.
var decoderWidths = []int{16, 32, 48, 64, 64}

const (
	decoderNoise = 8
	decoderBase  = 128
)

func (decoder) reads(*nn.Network) string { return "" }

// parameters has all sizes, also those that a small picture does not have.
func (decoder) parameters(Stage) []parameter {
	var all []parameter
	in := 0
	for level := len(decoderWidths) - 1; level >= 0; level-- {
		name, width := "level"+string(rune('0'+level)), decoderWidths[level]
		all = append(all,
			parameter{name + ".weight", autodiff.Shape{N: 3, H: 3, W: in + decoderNoise, C: width}},
			parameter{name + ".scale", autodiff.Vector(width)},
			parameter{name + ".shift", autodiff.Vector(width)})
		in = width
	}
	return append(all, parameter{"picture.weight", autodiff.Matrix(in, 3)},
		parameter{"picture.bias", autodiff.Vector(3)})
}

func (d decoder) build(s Stage, params []*autodiff.Node) (*autodiff.Node, []fixed) {
	const epsilon = 1e-4
	g := params[0].Graph()
	var inputs []fixed
	var x *autodiff.Node
	top := len(decoderWidths) - 1
	for level := top; level >= 0; level-- {
		shape := autodiff.Shape{N: 1, H: max(s.Size.H>>level, 1), W: max(s.Size.W>>level, 1), C: decoderNoise}
		own := g.Input("noise", shape)
		inputs = append(inputs, fixed{own, func([]float32) []float32 { return d.noise(s.Size, level, shape) }})
		at := params[3*(top-level):]
		weight := at[0]
		z := own
		switch {
		case x != nil && x.Shape.H*2 <= shape.H && x.Shape.W*2 <= shape.W:
			z = autodiff.Concat(autodiff.Upsample(x, own, 2), own)
		case x != nil: // of a picture so small that sizes are the same
			z = autodiff.Concat(autodiff.Fill(autodiff.Scale(autodiff.SumRows(x), 1/float64(x.Shape.Rows())),
				autodiff.Shape{N: 1, H: shape.H, W: shape.W, C: x.Shape.C}), own)
		}
		y := autodiff.Conv2D(z, weight, nil, autodiff.Conv{Pad: autodiff.Same(3, 3), Mode: autodiff.PadReplicate})
		y, _ = autodiff.BatchNorm(y, epsilon)
		x = leaky(autodiff.Add(autodiff.Mul(y, at[1]), at[2]))
	}
	last := params[len(params)-2:]
	return autodiff.Sigmoid(autodiff.Dense(x, last[0], last[1])), inputs
}

// noise returns the noise at a level of a picture.
func (decoder) noise(size Size, level int, shape autodiff.Shape) []float32 {
	half := decoderNoise / 2
	longer := max(decoderBase>>level, 1)
	base := autodiff.Shape{N: level + 1, H: longer, W: longer, C: half} // a square, of which a part is used
	coarse := make([]float32, longer*longer*half)
	gaussian(rand.New(rand.NewPCG(uint64(base.N), uint64(longer))), coarse, 1)
	fine := fixedNoise(autodiff.Shape{N: 1, H: shape.H, W: shape.W, C: half})
	at := func(y, x, k int) float64 { return float64(coarse[(y*longer+x)*half+k]) }
	scale := float64(longer) / (float64(size.longer()) / float64(int(1)<<level))
	between := func(i int) (lo, hi int, part float64) {
		v := min(max((float64(i)+0.5)*scale-0.5, 0), float64(longer-1))
		lo = int(v)
		return lo, min(lo+1, longer-1), v - float64(lo)
	}
	values := make([]float32, 0, shape.Len())
	for i := range shape.H {
		y0, y1, v := between(i)
		for j := range shape.W {
			x0, x1, u := between(j)
			for k := range half {
				values = append(values, float32((1-v)*((1-u)*at(y0, x0, k)+u*at(y0, x1, k))+
					v*((1-u)*at(y1, x0, k)+u*at(y1, x1, k))))
			}
			values = append(values, fine[(i*shape.W+j)*half:][:half]...)
		}
	}
	return values
}

func (d decoder) begin(s Stage, random *rand.Rand, params [][]float32) {
	for i, p := range d.parameters(s) {
		switch {
		case p.shape.N == 3:
			gaussian(random, params[i], math.Sqrt(2/float64(9*p.shape.W)))
		case i == len(params)-2:
			gaussian(random, params[i], math.Sqrt(1/float64(p.shape.Rows())))
		case i%3 == 1: // scales
			for k := range params[i] {
				params[i][k] = 1
			}
		}
	}
}
