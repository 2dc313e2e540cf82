package train

import (
	"context"
	"math"
	"slices"

	"oneiro/autodiff"
	"oneiro/nn"
)

// start copies the parameters of o.Start, which have batch normalisation folded in, and takes it out again: the
// normalised network computes what the given one does, but for a factor of each channel, which the next layer
// makes up for. t.folded is the way back. A classifier of other classes than the source's stays as it is.
func (t *Trainer) start(ctx context.Context) error {
	head := t.net.Classifier()
	keepsHead := slices.Equal(t.options.StartClasses, t.source.Classes())
	for i, s := range t.params.specs {
		if !keepsHead && (s.Name == head+".weight" || s.Name == head+".bias") {
			continue
		}
		v, err := t.options.Start.Tensor(s.Name, s.Shape...)
		if err != nil {
			return err
		}
		copy(t.params.of(i), v)
	}
	moments, err := t.measure(ctx, t.params, nil, func(f nn.Features, _ nodes) nodes {
		all := nodes{}
		for layer, is := range t.normalised() {
			if is {
				_, all[layer] = autodiff.BatchNorm(f[layer], epsilon)
			}
		}
		return all
	})
	if err != nil {
		return err
	}
	in := []float64{1, 1, 1} // what the channels that a layer reads have been divided by
	for _, l := range t.net.Layers {
		if l.Kind != nn.Conv && (l.Name != head || !keepsHead) {
			continue
		}
		w, b := t.params.named(l.Name+".weight"), t.params.named(l.Name+".bias")
		for i := range w {
			w[i] = float32(float64(w[i]) * in[i/len(b)%len(in)])
		}
		in = make([]float64, len(b))
		for c := range b {
			in[c] = 1
			if m := moments[l.Name]; m != nil { // the means, then the variances
				in[c] = math.Sqrt(m[len(b)+c] + epsilon)
				b[c] = float32(m[c] / in[c])
			}
		}
	}
	return nil
}
