package render

import (
	"context"
	"math"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/loss"
	"oneiro/nn"
)

// problem is an objective for a canvas of one size, as a planned graph: the loss, its terms and its
// gradient with respect to the canvas.
type problem struct {
	objective loss.Objective
	canvas    *autodiff.Node
	shift     *autodiff.Node // rows and columns to roll the canvas by before the network sees it, or nil
	built     loss.Built
	grad      *autodiff.Node
	plan      *autodiff.Plan
	limit     int64 // of the memory that the program takes, or 0

	program autodiff.Program
	ctx     context.Context // of the evaluation in progress
	step    optim.Evaluate  // evaluate, made a value once
	scalar  [1]float32
}

// newProblem builds and plans the graph for a canvas of a size on a device, in units u. With rolls, the canvas is
// rolled by an input before anything else.
func newProblem(d autodiff.Fuser, model *nn.Model, o loss.Objective, size extent, u nn.ValueRange, rolls bool) *problem {
	g := autodiff.NewGraph()
	p := &problem{objective: o, ctx: context.Background()}
	p.canvas = g.Input("canvas", autodiff.Shape{N: 1, H: size.h, W: size.w, C: 3})
	image := p.canvas
	if rolls {
		p.shift = g.Input("shift", autodiff.Vector(2))
		image = autodiff.Roll(image, p.shift)
	}
	p.built = o.Build(loss.Of(image, u, model))
	p.grad = autodiff.Gradient(p.built.Total, p.canvas)[0].Named("gradient")
	p.plan = autodiff.Compile(d, append([]*autodiff.Node{p.built.Total, p.grad}, p.built.Terms...)...)
	return p
}

// load puts the problem on a device.
func (p *problem) load(ctx context.Context, d autodiff.Device) error {
	var err error
	if p.program, err = d.Load(p.plan, p.limit); err != nil {
		return deviceError(ctx, err)
	}
	p.step = p.evaluate
	p.setWeights(func(i int) float64 { return p.objective[i].Weight })
	return nil
}

func (p *problem) close() error { return p.program.Close() }

func (p *problem) setWeights(of func(i int) float64) {
	for i, n := range p.built.Weights {
		p.scalar[0] = float32(of(i))
		p.program.Write(n, p.scalar[:])
	}
}

// evaluate computes the loss and its gradient at x; it is an optim.Evaluate.
func (p *problem) evaluate(x, grad []float32) (float64, error) {
	p.program.Write(p.canvas, x)
	if err := p.program.Run(p.ctx); err != nil {
		return 0, deviceError(p.ctx, err)
	}
	p.program.Read(p.grad, grad)
	p.program.Read(p.built.Total, p.scalar[:])
	return float64(p.scalar[0]), nil
}

// terms returns the terms of the last evaluation, with their weights in them.
func (p *problem) terms() []TermValue {
	out := make([]TermValue, len(p.objective))
	for i, t := range p.objective {
		p.program.Read(p.built.Terms[i], p.scalar[:])
		out[i] = TermValue{t.Name, t.Weight * float64(p.scalar[0])}
	}
	return out
}

// report evaluates every term by itself at x, so that each one's part in the gradient is known.
func (p *problem) report(ctx context.Context, x []float32) (float64, loss.Report, error) {
	p.ctx = ctx
	grad := make([]float32, len(x))
	total, err := p.evaluate(x, grad)
	if err != nil {
		return 0, nil, err
	}
	report := make(loss.Report, len(p.objective))
	for i, v := range p.terms() {
		report[i] = loss.TermReport{Name: v.Name, Weighted: v.Value}
		if w := p.objective[i].Weight; w != 0 {
			report[i].Value = v.Value / w
		}
	}
	var sum float64
	for i := range report {
		p.setWeights(func(j int) float64 {
			if i == j {
				return p.objective[i].Weight
			}
			return 0
		})
		if _, err := p.evaluate(x, grad); err != nil {
			return 0, nil, err
		}
		var norm float64
		for _, v := range grad {
			norm += float64(v) * float64(v)
		}
		report[i].Share = math.Sqrt(norm)
		sum += report[i].Share
	}
	if sum > 0 {
		for i := range report {
			report[i].Share /= sum
		}
	}
	p.setWeights(func(i int) float64 { return p.objective[i].Weight })
	return total, report, nil
}
