package render

import (
	"context"
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// cppn emits the colour of each pixel from where it is: a compositional pattern-producing network (Stanley
// 2007; Mordvintsev et al., "Differentiable Image Parameterizations", Distill 2018), which is a picture of
// any size. Its layers are followed by tanh and by its square, as there by those of atan. Beside the
// coordinates it reads waves of them in random directions (Tancik et al., arXiv:2006.10739), without which
// all is blurred.
type cppn struct{}

const (
	cppnWidth  = 32
	cppnDepth  = 4
	cppnWaves  = 48
	cppnFinest = 24.0 // deviation of the waves' frequencies, in waves along the longer side
)

func (cppn) reads(*nn.Network) string { return "" }

func (cppn) parameters(Stage) []parameter {
	var all []parameter
	in := 2 + 2*cppnWaves
	for i := range cppnDepth {
		name := "layer" + string(rune('1'+i))
		all = append(all, parameter{name + ".weight", autodiff.Matrix(in, cppnWidth)},
			parameter{name + ".bias", autodiff.Vector(cppnWidth)})
		in = 2 * cppnWidth
	}
	return append(all, parameter{"colour.weight", autodiff.Matrix(in, 3)}, parameter{"colour.bias", autodiff.Vector(3)})
}

func (c cppn) build(s Stage, params []*autodiff.Node) (*autodiff.Node, []fixed) {
	shape := autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 2 + 2*cppnWaves}
	where := params[0].Graph().Input("coordinates", shape)
	return c.colours(where, params), []fixed{{where, func([]float32) []float32 {
		return c.coordinates(s.Size, 0, s.Size.H)
	}}}
}

// colours adds the colours of positions to their graph.
func (cppn) colours(x *autodiff.Node, params []*autodiff.Node) *autodiff.Node {
	for i := range cppnDepth {
		x = autodiff.Tanh(autodiff.Dense(x, params[2*i], params[2*i+1]))
		even := autodiff.ScaleOffset(autodiff.Square(x), 2.5, -1) // of about the same mean and variance
		x = autodiff.Concat(x, even)
	}
	return autodiff.Sigmoid(autodiff.Dense(x, params[2*cppnDepth], params[2*cppnDepth+1]))
}

// coordinates returns what there is to read of the pixels of rows y0..y1-1 of a picture: how far they lie
// from its middle, in units of half the longer side, times √3, which gives them a variance of 1; and waves of
// that.
func (cppn) coordinates(size Size, y0, y1 int) []float32 {
	random := rand.New(rand.NewPCG(1, 0))
	waves := make([][3]float64, cppnWaves)
	for i := range waves {
		waves[i] = [3]float64{
			cppnFinest * random.NormFloat64() * math.Pi, cppnFinest * random.NormFloat64() * math.Pi,
			2 * math.Pi * random.Float64(),
		}
		scale := float64(i+1) / cppnWaves // so that there are coarse and fine ones
		waves[i][0], waves[i][1] = waves[i][0]*scale, waves[i][1]*scale
	}
	half := float64(size.longer()) / 2
	values := make([]float32, 0, (y1-y0)*size.W*(2+2*cppnWaves))
	for i := y0; i < y1; i++ {
		y := (float64(i) + 0.5 - float64(size.H)/2) / half
		for j := range size.W {
			x := (float64(j) + 0.5 - float64(size.W)/2) / half
			values = append(values, float32(math.Sqrt(3)*x), float32(math.Sqrt(3)*y))
			for _, w := range waves {
				sin, cos := math.Sincos(w[0]*x + w[1]*y + w[2])
				values = append(values, float32(sin), float32(cos))
			}
		}
	}
	return values
}

func (c cppn) begin(s Stage, random *rand.Rand, params [][]float32) {
	all := c.parameters(s)
	for i := 0; i < len(all); i += 2 {
		gaussian(random, params[i], math.Sqrt(1/float64(all[i].shape.Rows())))
	}
}

// cppnRows is how many rows of a picture are computed at a time.
const cppnRows = 16

// RenderCanvas returns the picture of a size that a saved canvas stands for, which has to be one of coordinates
// and colours. It is computed by rows: beside the picture there are no more than those of it. The error is a
// *SavedCanvasError, that of the context, or of the device.
func RenderCanvas(ctx context.Context, e *Engine, c *SavedCanvas, size Size) (_ *Picture, err error) {
	if c.Canvas != CanvasCPPN {
		return nil, &SavedCanvasError{"it is a canvas of " + string(c.Canvas) + ", and only one of cppn has a " +
			"picture of any size"}
	}
	values, err := c.values(cppn{}.parameters(Stage{}))
	if err != nil {
		return nil, err
	}
	im := imageio.New(size.W, size.H)
	rows := min(cppnRows, size.H)
	g := autodiff.NewGraph()
	where := g.Input("coordinates", autodiff.Shape{N: 1, H: rows, W: size.W, C: 2 + 2*cppnWaves})
	var params []*autodiff.Node
	for i, p := range (cppn{}).parameters(Stage{}) {
		params = append(params, g.Const(&autodiff.Tensor{Name: p.name, Shape: p.shape, Data: values[i]}))
	}
	colours := cppn{}.colours(where, params)
	program, err := e.Device.Load(autodiff.Compile(e.Device, colours), 0)
	if err != nil {
		return nil, deviceError(ctx, err)
	}
	defer func() {
		if failed := program.Close(); err == nil {
			err = deviceError(ctx, failed)
		}
	}()
	for y := 0; y < size.H; y += rows {
		from := min(y, size.H-rows) // the last rows again
		program.Write(where, cppn{}.coordinates(size, from, from+rows))
		if err := program.Run(ctx); err != nil {
			return nil, deviceError(ctx, err)
		}
		program.Read(colours, im.Pix[3*size.W*from:][:3*size.W*rows])
	}
	return im, nil
}
