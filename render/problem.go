package render

import (
	"context"
	"math"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/loss"
)

// problem is the objective of a stage: the loss, its terms, and its gradient with respect to the pixel values.
type problem struct {
	stage Stage
	terms Terms
	// canvas is the painter of the canvas, nil for none, and features what that reads of a photograph.
	canvas   *painter
	features *forward
	wrap     bool // Spec.Wrap
	pixels   *autodiff.Node
	view     View
	areas    []*area // of terms
	built    loss.Built
	evaluator

	write  func(input *autodiff.Node, data []float32) // evaluator.write, made a value once
	ctx    context.Context                            // of the evaluation in progress
	step   optim.Evaluate                             // of the canvas
	scalar [1]float32
	split  *autodiff.Split // for tiles; nil before there is need of it
	room   room            // where the canvas lies
	shaper *shaper         // of gradients; nil for none
	spare  []float32       // a gradient that nobody asked for
}

// newProblem builds the graph of a stage, which planning gives an evaluator.
func newProblem(s Stage, spec *Spec) *problem {
	g := autodiff.NewGraph()
	p := &problem{stage: s, terms: spec.Objective.Terms(s), wrap: spec.Wrap, ctx: context.Background()}
	p.pixels = g.Input("canvas", autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 3})
	transform := spec.Transform
	if spec.Learns != nil && spec.Learns(s.Index) { // which is a comparison pixel by pixel
		transform = still{}
	}
	p.view = transform.Show(p.pixels)
	model := s.Model
	if spec.Wrap {
		model = model.Wrapped()
	}
	in := loss.Of(p.view.Shown(), s.Range, model)
	in.Wrap = spec.Wrap
	for _, r := range p.terms.regions() {
		r.add(&in)
	}
	p.areas = p.terms.areas()
	for _, a := range p.areas {
		a.add(&in)
	}
	if photo := p.terms.photo; photo != nil {
		shown := loss.Of(p.view.Alike(g.Const(photo)), s.Range, model)
		in.Photo = &shown
	}
	p.built = p.terms.Build(in)
	if p.canvas = painterFor(spec.Canvas, s); p.canvas != nil {
		p.features = p.canvas.features(s)
	}
	return p
}

// forwards returns the graphs that are computed before the steps.
func (p *problem) forwards() []*forward {
	all := p.terms.forwards()
	if p.features != nil {
		all = append(all, p.features)
	}
	return all
}

// compile plans those graphs for a device and returns them.
func (p *problem) compile(d autodiff.Fuser) []*forward {
	all := p.terms.compile(d)
	if p.features != nil {
		p.features.compile(d)
		all = append(all, p.features)
	}
	return all
}

// load puts the problem on a device. maps lead from the canvas to what the graph is given.
func (p *problem) load(ctx context.Context, d autodiff.Device, maps []Map) error {
	if err := p.evaluator.load(d); err != nil {
		return deviceError(ctx, err)
	}
	p.write, p.step = p.evaluator.write, p.shaped
	if len(maps) > 0 {
		p.step = newChain(maps, p.shaped).step
	}
	for _, r := range p.terms.regions() {
		r.write(p.write)
	}
	p.moveAreas()
	p.setWeights(func(i int) float64 { return p.terms.Objective[i].Weight })
	return nil
}

// move chooses how the network is shown the canvas in the next step, and rest undoes that.
func (p *problem) move(random *rand.Rand) {
	p.view.Next(random, p.write)
	p.moveAreas()
}

func (p *problem) rest() {
	p.view.Rest(p.write)
	p.moveAreas()
}

// moveAreas moves the weights of positions with what the network is shown.
func (p *problem) moveAreas() {
	for _, a := range p.areas {
		a.write(p.view.Shift(), p.write)
	}
}

func (p *problem) setWeights(of func(i int) float64) {
	for i, n := range p.built.Weights {
		p.scalar[0] = float32(of(i))
		p.write(n, p.scalar[:])
	}
}

// evaluate computes the loss and its gradient at pixel values x; it is an optim.Evaluate.
func (p *problem) evaluate(x, grad []float32) (float64, error) {
	total, err := p.evaluator.evaluate(p.ctx, x, grad)
	return total, deviceError(p.ctx, err)
}

// shaped is evaluate with a gradient that is shaped as the run wants.
func (p *problem) shaped(x, grad []float32) (float64, error) {
	total, err := p.evaluate(x, grad)
	if err == nil {
		err = p.shaper.shape(grad)
	}
	return total, err
}

// values returns the terms of the last evaluation, with their weights in them.
func (p *problem) values() []TermValue {
	out := make([]TermValue, len(p.terms.Objective))
	for i, t := range p.terms.Objective {
		out[i] = TermValue{t.Name, t.Weight * p.term(i)}
	}
	return out
}

// total returns the loss at x, and leaves the terms for values.
func (p *problem) total(ctx context.Context, x []float32) (float64, error) {
	p.ctx = ctx
	return p.evaluate(x, p.gradient(len(x)))
}

// gradient returns room for a gradient of n numbers, always the same.
func (p *problem) gradient(n int) []float32 {
	if p.spare == nil {
		p.spare = p.room.vector(n)
	}
	return p.spare
}

// report returns the terms at x, where total was called last. It takes the gradient of each by itself, so
// that its part is known.
func (p *problem) report(ctx context.Context, x []float32) (loss.Report, error) {
	p.ctx = ctx
	grad := p.gradient(len(x))
	report := make(loss.Report, len(p.terms.Objective))
	for i, v := range p.values() {
		report[i] = loss.TermReport{Name: v.Name, Weighted: v.Value}
		if w := p.terms.Objective[i].Weight; w != 0 {
			report[i].Value = v.Value / w
		}
	}
	var sum float64
	for i := range report {
		p.setWeights(func(j int) float64 {
			if i == j {
				return p.terms.Objective[i].Weight
			}
			return 0
		})
		if err := p.reweigh(ctx, x, grad); err != nil {
			return nil, deviceError(ctx, err)
		}
		var norm float64
		p.room.pieces(grad, func(lo, hi int) {
			for _, v := range grad[lo:hi] {
				norm += float64(v) * float64(v)
			}
		})
		report[i].Share = math.Sqrt(norm)
		sum += report[i].Share
	}
	if sum > 0 {
		for i := range report {
			report[i].Share /= sum
		}
	}
	p.setWeights(func(i int) float64 { return p.terms.Objective[i].Weight })
	return report, nil
}
