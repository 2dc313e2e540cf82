package render

import (
	"math"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/loss"
)

// unit is what a loss is multiplied by: so its part in the gradient at the start is about that of Gram
// matrices, and the same weight of the style does for all. It is the inverse of the part that it has without:
// the median of four pairs of pictures at 128 pixels, from the content and from noise, with the built-in
// network and VGG-19, was 1.5 times that of Gram matrices for moments, 0.5 for w2 and 2 for swd and histogram.
var unit = map[StyleLoss]float64{
	GramLoss: 1, MomentsLoss: 2. / 3, WassersteinLoss: 2, SlicedLoss: 0.5, HistogramLoss: 0.5,
}

// addStyle adds the terms that compare layers with the style pictures.
func (o styleObjective) addStyle(t *Terms, s Stage) {
	for _, l := range o.losses() {
		weights := o.layerWeights()
		for i := range weights {
			weights[i] *= l.Weight * unit[l.Loss]
		}
		switch l.Loss {
		case GramLoss:
			term := loss.Style
			if o.Form == NeuralStyle {
				term = loss.StyleMean
			}
			for i, target := range o.targets(t, s, loss.Gram) {
				t.add(term(o.StyleLayers[i], weights[i], target))
			}
		case MomentsLoss, WassersteinLoss:
			term := loss.Moments
			if l.Loss == WassersteinLoss {
				term = loss.Wasserstein
			}
			for i, target := range o.targets(t, s, loss.Statistics) {
				term, all := term(o.StyleLayers[i], weights[i], target)
				t.make(all)
				t.add(term)
			}
		case HistogramLoss, SlicedLoss:
			o.addDistributions(t, s, l.Loss == SlicedLoss, weights)
		}
	}
}

// addDistributions adds the terms that compare distributions: those of the channels, or sliced, in random
// directions, which are others in each stage.
func (o styleObjective) addDistributions(t *Terms, s Stage, sliced bool, weights []float64) {
	axes := map[string]loss.Axes{}
	for i, target := range o.targets(t, s, loss.Statistics) {
		a, all := loss.ChannelAxes(target)
		if sliced {
			a, all = loss.SlicedAxes(target, o.Seed+uint64(s.Index*len(weights)+i))
		}
		axes[o.StyleLayers[i]] = a
		t.make(all)
	}
	term := loss.Histogram
	if sliced {
		term = loss.Sliced
	}
	targets := o.targets(t, s, func(in loss.Inputs, layer string) *autodiff.Node {
		return axes[layer].Distribution(in, layer)
	})
	for i, l := range o.StyleLayers {
		t.add(term(l, weights[i], axes[l], targets[i]))
	}
}

// targets returns a statistic of each style layer of the style pictures, each shown at the size that goes with
// the canvas: the blend of those that the layer is for.
func (o styleObjective) targets(t *Terms, s Stage, statistic statistic) []*autodiff.Tensor {
	layers := make([][]*autodiff.Tensor, len(o.StyleLayers))
	blends := make([][]float64, len(o.StyleLayers))
	for k, im := range o.Styles {
		var names []string
		var at []int
		for i, l := range o.StyleLayers {
			if o.isFor(k, i) {
				names, at = append(names, l), append(at, i)
			}
		}
		weight := 1.0
		if o.Blend != nil {
			weight = o.Blend[k]
		}
		if len(names) == 0 {
			continue
		}
		v := shownStyle{im: im, size: o.styleSize(k, s.Size), degrees: o.turn(k)}
		if k < len(o.within) {
			v.within = o.within[k]
		}
		for j, g := range t.statistics(s, v, names, statistic) {
			layers[at[j]] = append(layers[at[j]], g)
			blends[at[j]] = append(blends[at[j]], weight)
		}
	}
	means := make([]*autodiff.Tensor, len(layers))
	for i, all := range layers {
		means[i] = t.blend(all, blends[i])
	}
	return means
}

// statistic is what a layer's features are compared by.
type statistic func(in loss.Inputs, layer string) *autodiff.Node

// shownStyle is a style picture as the network sees it: at a size, and then turned by so many degrees.
type shownStyle struct {
	im      *Picture
	size    Size
	degrees float64
	within  *part // what of it counts, nil for all
}

// bounds returns the size of what is seen.
func (v shownStyle) bounds() Size {
	w, h := imageio.TurnedSize(v.size.W, v.size.H, v.degrees)
	return Size{w, h}
}

// picture returns what is seen, with pixels that nobody else has.
func (v shownStyle) picture() *Picture {
	if v.degrees == 0 {
		return v.im.OwnAt(v.size.W, v.size.H)
	}
	return v.im.At(v.size.W, v.size.H).Turned(v.degrees)
}

// seen returns what is seen, with pixels that others may have.
func (v shownStyle) seen() *Picture {
	if v.degrees == 0 {
		return v.im.At(v.size.W, v.size.H)
	}
	return v.picture()
}

// hasAlpha tells whether something of what is seen may be clear, corners beside it included.
func (v shownStyle) hasAlpha() bool { return v.im.HasAlpha() || math.Mod(v.degrees, 90) != 0 }

// copies returns how many copies of what is seen there are while it is made, at most.
func (v shownStyle) copies() int64 {
	if v.degrees != 0 {
		return 1 + copiesOf(v.im) + 1
	}
	return copiesOf(v.im)
}
