package render

import (
	"context"
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/loss"
	"oneiro/nn"
)

// emitter is a small network that emits a picture. What it reads is fixed; its parameters are a canvas.
type emitter interface {
	// reads returns the layer of the job's network whose features of the photograph it reads, or nothing.
	reads(net *nn.Network) string
	// parameters lists what there is to learn, in the order of the canvas.
	parameters(s Stage) []parameter
	// build adds the picture, 1 x H x W x 3 in 0..1, to the graph of the parameters, with what it reads.
	build(s Stage, params []*autodiff.Node) (picture *autodiff.Node, fixed []fixed)
	// begin sets the parameters to what they are before anything is learnt.
	begin(s Stage, random *rand.Rand, params [][]float32)
}

// parameter is a tensor of an emitter.
type parameter struct {
	name  string
	shape autodiff.Shape
}

// fixed is an input of an emitter's graph that stays what it is. features are those of the photograph.
type fixed struct {
	input  *autodiff.Node
	values func(features []float32) []float32
}

// weights is the canvas that holds the parameters of an emitter.
type weights struct {
	emitter
	kind  CanvasName // of the emitter
	photo *Picture   // that it learns first, and whose features it may read
}

func (weights) Range(*nn.Network) nn.ValueRange { return nn.UnitRange }
func (w weights) Maps(s Stage) []Map            { return []Map{newPainter(w, s)} }

func (w weights) Len(s Stage) int {
	n := 0
	for _, p := range w.parameters(s) {
		n += p.shape.Len()
	}
	return n
}

// Bytes counts two pictures: the one that was emitted, and a gradient.
func (w weights) Bytes(s Stage) int64 { return 2 * 4 * int64(s.Size.values()) }

// split returns the parts of a canvas that the parameters are.
func (w weights) split(s Stage, x []float32) [][]float32 {
	var all [][]float32
	for _, p := range w.parameters(s) {
		n := p.shape.Len()
		all = append(all, x[:n:n])
		x = x[n:]
	}
	return all
}

// features returns the graph of what the emitter reads of the photograph, or nil. It is normalised by the
// process: each channel has the mean 0 and the variance 1.
func (w weights) features(s Stage) *forward {
	layer := w.reads(s.Network)
	if layer == "" {
		return nil
	}
	return newForward(s, s.Size, func(in loss.Inputs, f *forward) []*autodiff.Node {
		f.pixels = func() []float32 { return resampled(w.photo, s.Size, s.Range) }
		f.copies = copiesOf(w.photo)
		return []*autodiff.Node{in.Layers[layer]}
	})
}

// standardise brings each of c channels to the mean 0 and the variance 1. A channel that is even becomes 0.
func standardise(values []float32, c int) {
	n := float64(len(values) / c)
	for k := range c {
		var sum, square float64
		for i := k; i < len(values); i += c {
			sum += float64(values[i])
		}
		mean := sum / n
		for i := k; i < len(values); i += c {
			d := float64(values[i]) - mean
			square += d * d
		}
		scale := 0.0
		if deviation := math.Sqrt(square / n); deviation > 1e-6*(1+math.Abs(mean)) {
			scale = 1 / deviation
		}
		for i := k; i < len(values); i += c {
			values[i] = float32((float64(values[i]) - mean) * scale)
		}
	}
}

// painter is the map from the parameters of an emitter to its picture. It has two programs: one emits the
// picture, and the other one does so again and takes the gradient back. It has to be opened.
type painter struct {
	weights
	stage    Stage
	params   []*autodiff.Node
	fixed    []fixed
	picture  *autodiff.Node
	gradient *autodiff.Node // of the picture, an input
	grads    []*autodiff.Node
	there    *autodiff.Plan
	back     *autodiff.Plan

	emit, pull autodiff.Program // nil before it is opened
	pixels     []float32
	err        error // why the device has failed; the picture is an older one then
}

func newPainter(w weights, s Stage) *painter {
	p := &painter{weights: w, stage: s, pixels: make([]float32, s.Size.values())}
	g := autodiff.NewGraph()
	for _, q := range w.parameters(s) {
		p.params = append(p.params, g.Input(q.name, q.shape))
	}
	p.picture, p.fixed = w.build(s, p.params)
	p.gradient = g.Input("gradient of the picture", p.picture.Shape)
	p.grads = autodiff.PullBack([]*autodiff.Node{p.picture}, func(int) *autodiff.Node { return p.gradient },
		p.params...)
	return p
}

// compile plans the programs.
func (p *painter) compile(d autodiff.Fuser) {
	p.there, p.back = autodiff.Compile(d, p.picture), autodiff.Compile(d, p.grads...)
}

// footprint returns the memory of both programs.
func (p *painter) footprint(d autodiff.Device) autodiff.Footprint {
	a, b := d.Footprint(p.there, 0), d.Footprint(p.back, 0)
	return autodiff.Footprint{
		Arena: a.Arena + b.Arena, Constants: a.Constants + b.Constants, Packed: a.Packed + b.Packed,
		Scratch: a.Scratch + b.Scratch, Mapped: a.Mapped + b.Mapped,
	}
}

// FLOPs returns the floating-point operations of a step.
func (p *painter) FLOPs() float64 { return p.there.FLOPs() + p.back.FLOPs() }

// open computes what the emitter reads, by a graph that was planned, and loads the programs. It is not cut off:
// then there is a picture, whatever comes.
func (p *painter) open(ctx context.Context, d autodiff.Device, features *forward) error {
	ctx = context.WithoutCancel(ctx)
	var read []float32
	if features != nil {
		values, err := features.run(ctx, d, nil)
		if err != nil {
			return err
		}
		read = values[0]
		standardise(read, features.outputs[0].Shape.C)
	}
	p.compile(d)
	var err error
	if p.emit, err = d.Load(p.there, 0); err != nil {
		return deviceError(ctx, err)
	}
	if p.pull, err = d.Load(p.back, 0); err != nil {
		p.emit.Close()
		p.emit = nil
		return deviceError(ctx, err)
	}
	for _, f := range p.fixed {
		values := f.values(read)
		p.emit.Write(f.input, values)
		p.pull.Write(f.input, values)
	}
	return nil
}

// close gives back what open has taken.
func (p *painter) close() error {
	if p.emit == nil {
		return nil
	}
	err := p.emit.Close()
	if failed := p.pull.Close(); err == nil {
		err = failed
	}
	p.emit, p.pull = nil, nil
	return err
}

// Forward returns the picture of the parameters x.
func (p *painter) Forward(x []float32) []float32 {
	if p.emit == nil || p.err != nil {
		return p.pixels
	}
	for _, q := range p.params {
		n := q.Shape.Len()
		p.emit.Write(q, x[:n])
		p.pull.Write(q, x[:n])
		x = x[n:]
	}
	if p.err = p.run(p.emit); p.err == nil {
		p.emit.Read(p.picture, p.pixels)
	}
	return p.pixels
}

// Backward turns a gradient with respect to the last picture into one with respect to its parameters.
func (p *painter) Backward(dPixels, dx []float32) {
	if p.err != nil {
		return
	}
	p.pull.Write(p.gradient, dPixels)
	if p.err = p.run(p.pull); p.err != nil {
		return
	}
	for _, g := range p.grads {
		n := g.Shape.Len()
		p.pull.Read(g, dx[:n])
		dx = dx[n:]
	}
}

func (p *painter) run(program autodiff.Program) error {
	ctx := context.Background()
	return deviceError(ctx, program.Run(ctx))
}

// painterFor returns the painter of a canvas, or nil.
func painterFor(c Canvas, s Stage) *painter {
	switch w := c.(type) {
	case weights:
		return newPainter(w, s)
	case keeping:
		return painterFor(w.Canvas, s)
	}
	return nil
}

// painterOf returns the painter among the maps of a canvas, or nil.
func painterOf(maps []Map) *painter {
	if len(maps) == 0 {
		return nil
	}
	p, _ := maps[0].(*painter)
	return p
}

// leaky returns x where it is positive and a fifth of it elsewhere.
func leaky(x *autodiff.Node) *autodiff.Node {
	const slope = 0.2
	return autodiff.Add(autodiff.Scale(autodiff.ReLU(x), 1-slope), autodiff.Scale(x, slope))
}

// gaussian sets values to random ones of a deviation.
func gaussian(random *rand.Rand, values []float32, deviation float64) {
	for i := range values {
		values[i] = float32(deviation * random.NormFloat64())
	}
}
