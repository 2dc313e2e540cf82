package render

import (
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// Style returns the spec of a style transfer: o.Content painted in the manner of o.Styles.
func Style(o StyleOptions) Spec {
	_, err := o.CropStyles(0)
	o = o.coloured()
	o.name()
	o.divide()
	var transform Transform = still{}
	if o.Colors == ColorsLuminance {
		transform = lightness{}
	}
	spec := Spec{
		Objective: styleObjective{&o},
		Canvas:    pixels{centred: o.Form == NeuralStyle},
		Transform: transform,
		Schedule:  styleSchedule{&o},
		Optimizer: o.method,
		Steps:     o.steps,
		Common:    o.Common,
		KeepBest:  true,
		Carries:   o.carries(),
		Readings:  o.readings,
		Finishing: o.colourBytes,
		Held:      o.held,
		Notes: func(net *nn.Network, stages []Size) []string {
			return append(o.regionNotes(net, stages), o.aiming(net).notes(net, o.full())...)
		},
		Check: func(net *nn.Network) error {
			if err != nil {
				return err
			}
			return o.check(net)
		},
	}
	o.onCanvas(&spec)
	if o.Method == NNST {
		o.byNeighbours(&spec)
	}
	return spec
}

// keep returns a canvas that is c, and the content where that is to be kept.
func (o *StyleOptions) keep(c Canvas) Canvas {
	if kept := o.kept(); len(kept) > 0 {
		return keeping{c, o, kept}
	}
	return c
}

// readings lists the content and the styles at each size, the picture to start from at the first, and at the
// last the content's opacity, and the colours of the result.
func (o *StyleOptions) readings(stages []Size) []Reading {
	var all []Reading
	if o.InitImage != nil {
		all = append(all, Reading{Picture: o.InitImage, Size: stages[0]})
	}
	if o.photo != nil { // which is needed to the end
		all = append(all, Reading{Picture: o.photo, Size: stages[len(stages)-1], Until: len(stages)})
	}
	for i, size := range stages {
		all = append(all, Reading{Picture: o.Content, Size: size, Until: i, Opacity: i == len(stages)-1})
		for _, p := range o.painted() {
			for k, s := range p.Styles {
				all = append(all, Reading{Picture: s, Size: p.styleSize(k, size), Until: i})
			}
		}
	}
	return append(all, o.AimOptions.readings(stages)...)
}

// method returns the optimiser.
func (o *StyleOptions) method(s Stage) optim.Method {
	rate := func(byDefault float64) float64 {
		switch {
		case o.LearningRate > 0:
			return o.LearningRate
		case o.Form == NeuralStyle:
			return 1
		}
		return byDefault
	}
	var clamp optim.Range
	if o.Form == Relative && o.isPixels() {
		clamp = optim.Range{Lo: 0, Hi: 1}
	}
	switch o.Optimizer {
	case Adam:
		return optim.AdamOptions{LearningRate: rate(o.adamRate()), Clamp: clamp}
	case Descent:
		return optim.SGDOptions{LearningRate: rate(0.01), Momentum: 0.9, Normalize: true, Clamp: clamp}
	}
	lbfgs := optim.LBFGSOptions{History: o.History, LearningRate: rate(1), StrongWolfe: o.Optimizer == LBFGSWolfe}
	if o.Form == Relative && !lbfgs.StrongWolfe { // else as torch has it
		lbfgs.TrustRadius = trustRadius
		if !o.isPixels() {
			return lbfgs
		}
		lbfgs.Precondition = optim.Multilevel{Grid: optim.Grid{H: s.Size.H, W: s.Size.W, C: 3}, Gain: lowGain}
	}
	return lbfgs
}

// trustRadius is how far L-BFGS may move the canvas in a step, in units of white: the root mean square over
// all pixels. Steps of 0.01 to 0.04 are common.
const trustRadius = 0.05

// lowGain is how much more a frequency moves than one twice as high. With VGG-19, 100 steps then reach the
// loss of 140 without it.
const lowGain = 1.7

// styleSchedule goes from coarse to fine. Each size starts from the result of the one before, enlarged.
type styleSchedule struct{ *StyleOptions }

func (s styleSchedule) Result(stage Stage) bool { return stage.Size == s.full() }

// Sizes leaves out those at which the network cannot see the canvas or one of the style pictures. Unless their
// number is given, it also leaves out those at which a picture to start from would lose detail.
func (s styleSchedule) Sizes(fits func(Size) bool) []Size {
	sizes := scales(s.full(), s.Scales, smallestSide, s.rounding(), func(size Size) bool {
		for _, p := range s.painted() {
			for i := range p.Styles {
				if (s.StyleWeight > 0 || s.Method == NNST) && !fits(p.styleSize(i, size)) {
					return false
				}
			}
		}
		return fits(size)
	})
	if s.Init == InitPicture && s.Scales == 0 {
		for len(sizes) > 1 && sizes[0].longer() < sizeOf(s.InitImage).longer() {
			sizes = sizes[1:]
		}
	}
	return sizes
}

func (s styleSchedule) Picture(stage Stage, pixels []float32) *Picture {
	return finish(stage, pixels, s.full(), s.Content, s.keepChroma)
}

func (s styleSchedule) Start(stage Stage, before []float32, last Size, random *rand.Rand) []float32 {
	inside := func(x []float32) {
		if s.Form == Relative { // 0..1, as the optimiser will keep it
			stage.room.pieces(x, func(lo, hi int) {
				for i, v := range x[lo:hi] {
					x[lo+i] = min(max(v, 0), 1)
				}
			})
		}
	}
	if before == nil {
		x := s.begin(stage, random)
		s.frame.begin(x, stage)
		inside(x)
		return x
	}
	var x []float32
	if s.carriesDetail() {
		x = stage.room.own(s.refined(carried{before, last}, stage.Size, stage.Range))
	} else {
		x = stage.room.vector(3 * stage.Size.W * stage.Size.H)
		imageio.ResampleRows(before, last.W, last.H, 3, stage.Size.W, stage.Size.H, imageio.Bicubic,
			func(y int, line []float32) {
				copy(x[y*len(line):], line)
				stage.room.release(x[y*len(line):][:len(line)])
			})
	}
	s.frame.begin(x, stage)
	inside(x)
	return x
}

// carriesDetail tells whether what the content has is added to a canvas that was enlarged.
func (o *StyleOptions) carriesDetail() bool { return o.Form == Relative && o.Init == InitContent }

// aim returns the pixel values that the canvas is to keep: at the first size those of the content, and from
// then on those of what the size before has made of it. So each size adds its strokes to those that are larger:
// aimed at the content itself, it would wipe them out, for they are too large for its layers to ask for.
func (o styleObjective) aim(t *Terms, s Stage, r nn.ValueRange) func() []float32 {
	aimed := func() []float32 { return resampled(o.Content, s.Size, r) }
	if o.carries() {
		before := t.carried()
		aimed = func() []float32 {
			if before.pixels == nil {
				return resampled(o.Content, s.Size, r)
			}
			return o.refined(*before, s.Size, r)
		}
	}
	if o.frame != nil {
		return o.frameAim(s, r, aimed)
	}
	return aimed
}

// carries tells whether anything is to be kept of what the size before has made.
func (o *StyleOptions) carries() bool {
	return o.Form == Relative && o.ContentWeight+o.StructureWeight+o.SSIMWeight > 0
}

// refined returns the pixel values of a stage before, enlarged, with the detail that the content has at a size
// and that stage could not show.
func (o *StyleOptions) refined(before carried, size Size, r nn.ValueRange) []float32 {
	last := before.size
	x := resampled(o.Content, size, r)
	change := imageio.Resample(x, size.W, size.H, 3, last.W, last.H, imageio.Bicubic)
	for i, v := range before.pixels {
		change[i] = v - change[i]
	}
	imageio.ResampleRows(change, last.W, last.H, 3, size.W, size.H, imageio.Bicubic, func(y int, line []float32) {
		row := x[y*len(line):]
		for i, v := range line {
			row[i] += v
		}
	})
	return x
}

// canvases returns how many copies of the canvas are in memory while it is made, row by row.
func (s styleSchedule) canvases(int) int64 { return 1 }

// begin returns the canvas of the first size.
func (s styleSchedule) begin(stage Stage, random *rand.Rand) []float32 {
	u := stage.Range
	switch s.Init {
	case InitPicture:
		return resampled(s.InitImage, stage.Size, u)
	case InitContent:
		return resampled(s.Content, stage.Size, u)
	}
	x := make([]float32, stage.Size.W*stage.Size.H*3)
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

// styleObjective aims at the content's features and the styles' statistics.
type styleObjective struct{ *StyleOptions }

func (o styleObjective) Layers(net *nn.Network) []string { return o.layers(net) }
func (o styleObjective) Like(_ *nn.Network, i int) int   { return i }

func (o styleObjective) Terms(s Stage) Terms {
	var t Terms
	o.addContent(&t, s)
	if o.SSIMWeight > 0 {
		aim := o.aim(&t, s, nn.UnitRange)
		t.add(loss.SSIM(o.SSIMWeight*o.contentUnit(s), t.colours(s, aim)))
	}
	if o.StyleWeight > 0 && o.Labels == nil {
		o.addStyle(&t, s)
	}
	if o.StyleWeight > 0 {
		for _, p := range o.parts {
			p.addStyle(&t, s)
		}
	}
	if o.TVWeight > 0 {
		term := loss.TotalVariation
		if o.Form == NeuralStyle {
			term = loss.TotalVariationSum
		}
		t.add(term(o.TVWeight))
	}
	o.aiming(s.Network).add(&t, s)
	if o.frame != nil {
		o.frame.term(&t, s)
	}
	return t
}

// contentUnit returns what the weights of terms that keep the content are multiplied by. Terms are
// relative, and their gradients are alike for VGG-19 and the built-in network, but what has to be given up
// of the content for a part of the style is not. Judged by another network (package judge), a kitten in the
// manner of The Scream at 192 pixels is as far from the content with VGG-19 at two to three times the
// weights as with the built-in network, and its edges agree as much at more than three times. Beside
// neighbours networks have weights of their own (neighbourWeights).
func (o styleObjective) contentUnit(s Stage) float64 {
	if u := s.Network.ContentUnit; u > 0 && o.Form == Relative && o.Method != NNST {
		return u
	}
	return 1
}

// structurePools are the levels of the Laplacian pyramid that the structure term compares.
var structurePools = []int{1, 4, 16}

// addContent adds the terms whose targets the content gives: features, and levels of its Laplacian pyramid.
func (o styleObjective) addContent(t *Terms, s Stage) {
	var layers []string
	if o.ContentWeight > 0 {
		layers = o.ContentLayers
	}
	var pools []int
	if o.StructureWeight > 0 {
		for _, pool := range structurePools {
			if min(s.Size.W, s.Size.H) >= 4*pool {
				pools = append(pools, pool)
			}
		}
	}
	if len(layers)+len(pools) == 0 {
		return
	}
	aim := o.aim(t, s, s.Range)
	targets := t.forward(s, s.Size, func(in loss.Inputs, f *forward) (nodes []*autodiff.Node) {
		f.pixels, f.copies = aim, copiesOf(o.Content)
		for _, l := range layers {
			nodes = append(nodes, in.Layers[l])
		}
		for _, pool := range pools {
			nodes = append(nodes, loss.Detail(in.Image, pool))
		}
		return nodes
	})
	if o.frame != nil {
		t.targets = append(t.targets, units{targets, o.frame, s.Size == o.full()})
	}
	unit := o.contentUnit(s)
	term, weight := loss.Content, unit*o.ContentWeight/float64(len(layers))
	if o.Form == NeuralStyle {
		term, weight = loss.ContentMean, o.ContentWeight
	}
	for i, l := range layers {
		t.add(term(l, weight, targets[i]))
	}
	for i, pool := range pools {
		t.add(loss.Laplacian(pool, unit*o.StructureWeight/float64(len(pools)), targets[len(layers)+i]))
	}
}

// layerWeights returns the weight of each style layer in the loss.
func (o *StyleOptions) layerWeights() []float64 {
	out := make([]float64, len(o.StyleLayers))
	var sum float64
	for i := range out {
		out[i] = 1
		if o.StyleLayerWeights != nil {
			out[i] = o.StyleLayerWeights[i]
		}
		sum += out[i]
	}
	for i := range out {
		out[i] *= o.StyleWeight
		if o.Form == Relative {
			out[i] /= sum
		}
	}
	return out
}
