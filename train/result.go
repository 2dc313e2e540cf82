package train

import (
	"context"
	"math"
	"slices"

	"oneiro/autodiff"
	"oneiro/nn"
)

// foldBatches is the number of batches over which Result measures means and variances.
const foldBatches = 16

// Result returns the current parameters with batch normalisation folded in and each layer scaled so that its
// mean after the ReLU is 1 over pictures of the source, as Gatys et al. do with VGG (arXiv:1505.07376,
// section 2). Then weights of losses mean the same at every layer. ReLU commutes with these factors, so the
// logits stay the same.
func (t *Trainer) Result(ctx context.Context) (nn.Params, error) {
	folded, err := t.folded(ctx)
	if err != nil {
		return nil, err
	}
	p := folded.clone()
	if err := p.even(ctx, t); err != nil {
		return nil, err
	}
	if p, err = t.withoutOthers(p); err != nil {
		return nil, err
	}
	return p, nil
}

// folded returns the parameters with batch normalisation, y = (w·x - mean)/√(variance + epsilon) + b, folded
// in: its means and variances are those of many pictures. They are measured once after a step; the caller must
// not change them.
func (t *Trainer) folded(ctx context.Context) (*params, error) {
	if t.lastFolded != nil && t.foldedAt == t.step {
		return t.lastFolded, nil
	}
	out := t.params.clone()
	moments, err := t.measure(ctx, out, t.normalised(), func(_ nn.Features, m nodes) nodes { return m })
	if err != nil {
		return nil, err
	}
	for layer, m := range moments {
		w, b := out.named(layer+".weight"), out.named(layer+".bias")
		for c := range b {
			factor := 1 / math.Sqrt(m[len(b)+c]+epsilon)
			for i := c; i < len(w); i += len(b) {
				w[i] = float32(float64(w[i]) * factor)
			}
			b[c] = float32(float64(b[c]) - m[c]*factor)
		}
	}
	t.lastFolded, t.foldedAt = out, t.step
	return out, nil
}

// even scales layers to a mean of 1 after the ReLU.
func (p *params) even(ctx context.Context, t *Trainer) error {
	means, err := t.measure(ctx, p, nil, func(f nn.Features, _ nodes) nodes {
		means := nodes{}
		for _, l := range t.net.Layers {
			if l.Kind == nn.ReLU {
				means[l.Inputs[0]] = autodiff.Mean(f[l.Name])
			}
		}
		return means
	})
	if err != nil {
		return err
	}
	before := 1.0 // the unscaled mean of the layer's input
	for _, l := range t.net.Layers {
		mean := 1.0
		switch {
		case means[l.Name] != nil:
			if mean = means[l.Name][0]; !(mean > 0) {
				return &DeadError{l.Name}
			}
		case l.Name != t.net.Classifier():
			continue
		}
		for i := range p.named(l.Name + ".weight") {
			p.named(l.Name + ".weight")[i] *= float32(before / mean)
		}
		for i := range p.named(l.Name + ".bias") {
			p.named(l.Name + ".bias")[i] /= float32(mean)
		}
		before = mean
	}
	return nil
}

// nodes are nodes by the name of a layer.
type nodes = map[string]*autodiff.Node

// measure runs the network with parameters p on many pictures and returns the means of the nodes that choose
// returns.
func (t *Trainer) measure(ctx context.Context, p *params, norms map[string]bool,
	choose func(f nn.Features, moments nodes) nodes) (map[string][]float64, error) {
	q := &params{specs: p.specs, ranges: p.ranges, vector: p.vector}
	pictures := newBatch(t.source, t.options.Batch, t.options.Size, ForScale)
	canvas := autodiff.NewGraph().Input("pictures", pictures.shape())
	chosen := choose(q.build(t.net, canvas, norms))
	var outputs []*autodiff.Node
	for _, l := range t.net.Layers { // in a fixed order
		if n := chosen[l.Name]; n != nil {
			outputs = append(outputs, n)
		}
	}
	if len(outputs) == 0 {
		return nil, nil
	}
	// Parameters of layers after those that are measured are unused, but must be in the plan to be written.
	program, err := t.options.Device.Load(autodiff.Compile(t.options.Device, append(outputs, q.nodes...)...), 0)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	q.write(program)
	sums := map[string][]float64{}
	report := reporter(t.options.OnProgress, Measuring, foldBatches*t.options.Batch)
	report(0)
	for i := range foldBatches {
		pictures.fill(t.options.Pool, i)
		program.Write(canvas, pictures.pixels)
		if err := program.Run(ctx); err != nil {
			return nil, err
		}
		for name, n := range chosen {
			v := make([]float32, n.Shape.Len())
			program.Read(n, v)
			if sums[name] == nil {
				sums[name] = make([]float64, len(v))
			}
			for k := range v {
				sums[name][k] += float64(v[k]) / foldBatches
			}
		}
		report((i + 1) * t.options.Batch)
	}
	return sums, nil
}

func (p *params) named(name string) []float32 { return p.of(p.index(name)) }

func (p *params) index(name string) int {
	return slices.IndexFunc(p.specs, func(s nn.TensorSpec) bool { return s.Name == name })
}

// clone returns a copy of the numbers, without the nodes of a graph.
func (p *params) clone() *params {
	return &params{specs: p.specs, ranges: p.ranges, vector: slices.Clone(p.vector)}
}
