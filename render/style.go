package render

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// structurePools are the levels of the Laplacian pyramid that the structure term compares.
var structurePools = []int{1, 4, 16}

// Style paints o.Content in the manner of o.Styles. If ctx is cancelled or the device fails it returns
// the best picture so far, if there is one, together with ctx's error or a *DeviceError. The other errors are those of Validate and of o.Params, a
// *MemoryError, and an *optim.NonFiniteError if the loss ran away.
func Style(ctx context.Context, o StyleOptions) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s, err := newStyle(&o, nn.Bind)
	if err != nil {
		return nil, err
	}
	engine, done, err := o.engine(o.tiles())
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.checkMemory(engine); err != nil {
		return nil, err
	}
	return s.paint(ctx, engine)
}

// tiles is the table of tiles of an engine of the run's own: what is compared with another program's
// numbers takes those that round least.
func (o *StyleOptions) tiles() *cpu.TileTable {
	if o.Form == NeuralStyle {
		return &cpu.TileTable{Tile: 4}
	}
	return nil
}

// style is a style transfer with its network bound and its sizes chosen.
type style struct {
	*StyleOptions
	model *nn.Model
	sizes []extent
}

func newStyle(o *StyleOptions, bind func(*nn.Network, nn.Params) (*nn.Model, error)) (*style, error) {
	net := &nn.Network{Name: o.Network.Name, Input: o.Network.Input} // for a list of terms without layers
	if layers := o.layers(); len(layers) > 0 {
		var err error
		if net, err = o.Network.Cut(layers...); err != nil {
			return nil, err
		}
	}
	model, err := bind(net, o.Params)
	if err != nil {
		return nil, err
	}
	return &style{o, model, scales(o.full(), o.Scales, sees(net))}, nil
}

// paint runs the schedule.
func (s *style) paint(ctx context.Context, engine *Engine) (*Result, error) {
	r := newRun(ctx, &s.Common, engine)
	r.sizes, r.steps = len(s.sizes), s.Iterations*len(s.sizes)
	r.picture = func(x []float32) *imageio.Image { return s.picture(x, extent{r.w, r.h}) }
	var x []float32
	for i, size := range s.sizes {
		if i == 0 {
			x = s.begin(size, r.random)
		} else {
			last := s.sizes[i-1]
			x = imageio.Resample(x, last.w, last.h, 3, size.w, size.h, imageio.Bicubic)
		}
		s.clamp(x)
		r.begin(size.w, size.h)
		res, err := s.paintSize(r, x, size, i == len(s.sizes)-1)
		if err != nil || res != nil {
			if short := r.cutShort(err); short != nil {
				return s.soFar(r, x), short
			}
			return res, err
		}
	}
	panic("unreachable: the last size has a result")
}

// paintSize runs one size; only the last has a result. What it takes from the device it gives back.
func (s *style) paintSize(r *run, x []float32, size extent, last bool) (*Result, error) {
	objective, err := s.objective(r.ctx, r.engine.Device, size)
	if err != nil {
		return nil, err
	}
	p := newProblem(s.model, objective, size, s.units(), false)
	s.fit(p, r.engine, size)
	debug.FreeOSMemory() // what reading and targets left, before the largest allocations
	if err := p.load(r.ctx, r.engine.Device); err != nil {
		return nil, err
	}
	defer p.close()
	backend, card, done := r.engine.canvas()
	defer done()
	if err := r.minimise(p, x, s.method().New(len(x), backend), card, 0); err != nil {
		return nil, err
	}
	if !last {
		return nil, nil
	}
	total, report, err := p.report(r.ctx, x)
	if err == nil && total > r.atBest {
		copy(x, r.best)
		total, report, err = p.report(r.ctx, x)
	}
	if err != nil {
		return nil, err
	}
	return &Result{
		Picture: r.picture(x), Steps: r.step, Loss: total, Report: report, Elapsed: time.Since(r.started),
	}, nil
}

// soFar returns the best picture of a run that was cut short.
func (s *style) soFar(r *run, x []float32) *Result {
	if !math.IsInf(r.atBest, 1) {
		x = r.best
	}
	return &Result{Picture: r.picture(x), Steps: r.step, Loss: r.atBest, Elapsed: time.Since(r.started)}
}

// begin returns the canvas to start from.
func (s *style) begin(size extent, random *rand.Rand) []float32 {
	u := s.units()
	switch s.Init {
	case InitPicture:
		return pixels(s.InitImage, size, u)
	case InitContent:
		return pixels(s.Content, size, u)
	}
	x := make([]float32, size.w*size.h*3)
	for i := range x {
		switch {
		case s.Init == InitGray: // style-transfer-pytorch's
			x[i] = u.Pixel(i%3, float32(0.5+random.Float64()/255))
		case s.Form == NeuralStyle:
			x[i] = float32(0.001 * random.NormFloat64())
		default:
			x[i] = u.Pixel(i%3, float32(0.5+0.15*random.NormFloat64()))
		}
	}
	return x
}

// pixels returns a picture's colours at a size, in units u.
func pixels(im *imageio.Image, size extent, u nn.ValueRange) []float32 {
	src := im.Pix
	if im.W != size.w || im.H != size.h {
		src = imageio.Resample(im.Pix, im.W, im.H, 3, size.w, size.h, imageio.Bilinear)
	}
	x := make([]float32, len(src))
	for i, v := range src {
		x[i] = u.Pixel(i%3, v)
	}
	return x
}

// clamp keeps a canvas that starts a size inside 0..1, as the optimiser will.
func (s *style) clamp(x []float32) {
	if s.Form != Relative {
		return
	}
	for i, v := range x {
		x[i] = min(max(v, 0), 1)
	}
}

// picture turns a canvas of a size into the result, with the content's transparency.
func (s *style) picture(x []float32, size extent) *imageio.Image {
	return finish(x, size, s.units(), s.full(), s.Content)
}

// finish turns a canvas into a picture of full size, with the transparency and depth of the picture
// that it came from.
func finish(x []float32, size extent, u nn.ValueRange, full extent, from *imageio.Image) *imageio.Image {
	im := imageio.New(size.w, size.h)
	for i, v := range x {
		im.Pix[i] = min(max(u.Colour(i%3, v), 0), 1)
	}
	if size != full {
		im = imageio.Resize(im, full.w, full.h, imageio.Bicubic)
	}
	if from.Alpha != nil {
		im.Alpha = imageio.Resample(from.Alpha, from.W, from.H, 1, full.w, full.h, imageio.Bilinear)
	}
	im.Depth = from.Depth
	return im
}

// objective computes the targets for a canvas of a size and returns the terms that aim at them.
// Without a device the targets have shapes and no values, which is enough to plan.
func (s *style) objective(ctx context.Context, d autodiff.Device, size extent) (loss.Objective, error) {
	var o loss.Objective
	absolute := s.Form == NeuralStyle

	// What the content image gives: features, and the levels of its Laplacian pyramid.
	var pools []int
	if s.StructureWeight > 0 {
		for _, pool := range structurePools {
			if min(size.w, size.h) >= 4*pool {
				pools = append(pools, pool)
			}
		}
	}
	content := pixels(s.Content, size, s.units())
	if s.ContentWeight > 0 || len(pools) > 0 {
		targets, err := s.targets(ctx, d, content, size, func(in loss.Inputs) []*autodiff.Node {
			var nodes []*autodiff.Node
			if s.ContentWeight > 0 {
				for _, l := range s.ContentLayers {
					nodes = append(nodes, in.Layers[l])
				}
			}
			for _, pool := range pools {
				nodes = append(nodes, loss.Detail(in.Image, pool))
			}
			return nodes
		})
		if err != nil {
			return nil, err
		}
		if s.ContentWeight > 0 {
			term := loss.Content
			weight := s.ContentWeight / float64(len(s.ContentLayers))
			if absolute {
				term, weight = loss.ContentMean, s.ContentWeight
			}
			for i, l := range s.ContentLayers {
				o = append(o, term(l, weight, targets[i]))
			}
			targets = targets[len(s.ContentLayers):]
		}
		for i, pool := range pools {
			o = append(o, loss.Laplacian(pool, s.StructureWeight/float64(len(pools)), targets[i]))
		}
	}
	if s.SSIMWeight > 0 {
		image := &autodiff.Tensor{Name: "content", Shape: autodiff.Shape{N: 1, H: size.h, W: size.w, C: 3}}
		if d != nil {
			image.Data = pixels(s.Content, size, nn.UnitRange)
		}
		o = append(o, loss.SSIM(s.SSIMWeight, image))
	}

	if s.StyleWeight > 0 {
		grams, err := s.grams(ctx, d, size)
		if err != nil {
			return nil, err
		}
		weights := s.layerWeights()
		for i, l := range s.StyleLayers {
			if absolute {
				o = append(o, loss.StyleMean(l, weights[i], grams[i]))
			} else {
				o = append(o, loss.Style(l, weights[i], grams[i]))
			}
		}
	}
	if s.TVWeight > 0 {
		if absolute {
			o = append(o, loss.TotalVariationSum(s.TVWeight))
		} else {
			o = append(o, loss.TotalVariation(s.TVWeight))
		}
	}
	return o, nil
}

// layerWeights returns the weight of each style layer in the loss.
func (s *style) layerWeights() []float64 {
	out := make([]float64, len(s.StyleLayers))
	var sum float64
	for i := range out {
		out[i] = 1
		if s.StyleLayerWeights != nil {
			out[i] = s.StyleLayerWeights[i]
		}
		sum += out[i]
	}
	for i := range out {
		out[i] *= s.StyleWeight
		if s.Form == Relative {
			out[i] /= sum
		}
	}
	return out
}

// grams returns the blended Gram matrices of the style pictures at the size that goes with a canvas.
func (s *style) grams(ctx context.Context, d autodiff.Device, canvas extent) ([]*autodiff.Tensor, error) {
	blend := s.Blend
	if blend == nil {
		blend = make([]float64, len(s.Styles))
		for i := range blend {
			blend[i] = 1
		}
	}
	perLayer := make([][]*autodiff.Tensor, len(s.StyleLayers))
	for _, im := range s.Styles {
		size := s.styleSize(im, canvas)
		grams, err := s.targets(ctx, d, pixels(im, size, s.units()), size, func(in loss.Inputs) []*autodiff.Node {
			nodes := make([]*autodiff.Node, len(s.StyleLayers))
			for i, l := range s.StyleLayers {
				nodes[i] = loss.Gram(in.Layers[l]).Named("gram " + l)
			}
			return nodes
		})
		if err != nil {
			return nil, err
		}
		for i, g := range grams {
			perLayer[i] = append(perLayer[i], g)
		}
	}
	out := make([]*autodiff.Tensor, len(perLayer))
	for i, grams := range perLayer {
		out[i] = grams[0]
		if d != nil && len(grams) > 1 {
			out[i] = loss.Blend(grams, blend)
		}
	}
	return out, nil
}

// targets computes nodes of the graph of a picture and returns their values as constants.
func (s *style) targets(ctx context.Context, d autodiff.Device, x []float32, size extent,
	build func(in loss.Inputs) []*autodiff.Node) (_ []*autodiff.Tensor, err error) {
	g := autodiff.NewGraph()
	image := g.Input("picture", autodiff.Shape{N: 1, H: size.h, W: size.w, C: 3})
	nodes := build(loss.Of(image, s.units(), s.model))
	out := make([]*autodiff.Tensor, len(nodes))
	for i, n := range nodes {
		out[i] = &autodiff.Tensor{Name: "target " + n.Name, Shape: n.Shape}
	}
	if d == nil {
		return out, nil
	}
	program, err := d.Load(autodiff.Compile(nodes...))
	if err != nil {
		return nil, deviceError(ctx, err)
	}
	defer func() {
		if failed := program.Close(); err == nil { // also what Read could not say
			err = deviceError(ctx, failed)
		}
	}()
	program.Write(image, x)
	if err := program.Run(ctx); err != nil {
		return nil, deviceError(ctx, err)
	}
	for i, n := range nodes {
		out[i].Data = make([]float32, n.Shape.Len())
		program.Read(n, out[i].Data)
	}
	return out, nil
}
