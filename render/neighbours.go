package render

import (
	"fmt"
	"math/rand/v2"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// byNeighbours makes a spec that of neural neighbour style transfer (Kolkin et al., arXiv:2203.13215). At each
// size from coarse to fine every place of the picture is given the features of the place in the style pictures
// that is most like it, and the picture is optimised towards them; at the end layers look for neighbours by
// themselves.
//
// Colours are what that leads to, or what ColourOptions say. The paper gives the result the chroma of the
// content moved towards the style's, which is none of their ways.
func (o *StyleOptions) byNeighbours(spec *Spec) {
	rate := o.LearningRate
	if rate == 0 {
		rate = neighbourRate
	}
	schedule := &neighbourSchedule{styleSchedule: styleSchedule{o}}
	spec.Objective = neighbourObjective{o, schedule}
	spec.Canvas, spec.Schedule = o.keep(pyramid{}), onPyramid{schedule}
	spec.Optimizer = always(optim.AdamOptions{LearningRate: rate})
	spec.Steps = nil
	spec.KeepBest = false // losses of different samples do not compare
	spec.Carries = false
}

// neighbourSchedule is that of style. The detail pass is a stage of its own.
type neighbourSchedule struct {
	styleSchedule
	stages int // as Sizes found
}

func (s *neighbourSchedule) Sizes(fits func(Size) bool) []Size {
	sizes := s.styleSchedule.Sizes(fits)
	if s.DetailPass {
		sizes = append(sizes, s.full())
	}
	s.stages = len(sizes)
	return sizes
}

func (s *neighbourSchedule) Result(stage Stage) bool { return stage.Index == s.stages-1 }

// detail reports whether a stage is the detail pass.
func (s *neighbourSchedule) detail(stage Stage) bool { return s.DetailPass && s.Result(stage) }

// Start is the content at first, and then the result of the size before, enlarged by linear interpolation: the
// finest level of its pyramid is 0.
func (s *neighbourSchedule) Start(stage Stage, before []float32, last Size, random *rand.Rand) []float32 {
	switch {
	case before == nil:
		x := s.begin(stage, random)
		s.frame.begin(x, stage)
		return x
	case last == stage.Size:
		return before
	}
	x := imageio.Resample(before, last.W, last.H, 3, stage.Size.W, stage.Size.H, imageio.Bilinear)
	s.frame.begin(x, stage)
	return x
}

// neighbourObjective aims at the features of neighbours.
type neighbourObjective struct {
	*StyleOptions
	schedule *neighbourSchedule
}

func (o neighbourObjective) Layers(net *nn.Network) []string {
	return append(o.layers(net), o.statisticLayers(net)...)
}

func (o neighbourObjective) Like(_ *nn.Network, i int) int { return i }

func (o neighbourObjective) Terms(s Stage) Terms {
	var t Terms
	if o.schedule.detail(s) {
		m := newDetail(o.StyleOptions, s)
		for i := range m.layers {
			l := &m.layers[i]
			t.add(loss.LayerNeighbours(l.name, 1/float64(len(m.layers)), &l.sample))
		}
		t.matcher = m
	} else {
		m := newMatching(o.StyleOptions, s)
		t.add(loss.Neighbours(o.StyleLayers, 1, m.targets))
		t.matcher = m
	}
	t.targets = append(t.targets, t.matcher)
	beside := o.beside(s.Network).Terms(s)
	t.Objective = append(t.Objective, beside.Objective...)
	t.targets, t.photo = append(t.targets, beside.targets...), beside.photo
	return t
}

// beside are the terms beside those of neighbours: statistics of the style, which keep colours, contrast and
// marks in the amounts of the style pictures, and what keeps the content. Without them (weights of 0) places
// find what is most like them, however much of that there is, and small things go. STROTSS (Kolkin et al.,
// arXiv:1904.12785, section 3.1) has moments beside neighbours, too; NNST has not.
func (o neighbourObjective) beside(net *nn.Network) styleObjective {
	b := *o.StyleOptions
	b.StyleLayers, b.parts = o.statisticLayers(net), nil
	for _, p := range o.parts {
		own := *p
		own.options.StyleLayers = b.StyleLayers
		b.parts = append(b.parts, &own)
	}
	return styleObjective{&b}
}

// statisticLayers returns the layers whose statistics are compared: the network's own, as far as they are no
// coarser than those in which neighbours are looked for.
func (o *StyleOptions) statisticLayers(net *nn.Network) (names []string) {
	strides, err := net.Strides(256, 256)
	if err != nil || o.StyleWeight == 0 {
		return nil
	}
	deepest := 0
	for _, l := range o.StyleLayers {
		deepest = max(deepest, strides[l][0])
	}
	for _, l := range net.Style {
		if strides[l][0] <= deepest {
			names = append(names, l)
		}
	}
	return names
}

// hypercolumns returns an error if layers cannot be brought to one scale at a size.
func hypercolumns(net *nn.Network, size Size, layers []string) (err error) {
	model, err := nn.Abstract(net)
	if err != nil {
		return err
	}
	canvas := autodiff.NewGraph().Input("canvas", autodiff.Shape{N: 1, H: size.H, W: size.W, C: 3})
	_, err = loss.Hypercolumns(loss.Of(canvas, nn.UnitRange, model), layers)
	return err
}

// foundError is the error of a checkpoint with other neighbours than a run can have.
func foundError(want, got int) error {
	return &CheckpointError{Of: "run", Problem: fmt.Sprintf("its neighbours are %d numbers, not %d", got, want)}
}
