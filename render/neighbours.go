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
	spec.Canvas, spec.Schedule = pyramid{}, onPyramid{schedule}
	spec.Optimizer = always(optim.AdamOptions{LearningRate: rate})
	spec.Steps = nil
	spec.KeepBest = false // losses of different samples do not compare
	spec.Carries = false
}

// neighbourSchedule is that of style, from smaller sizes on. The detail pass is a stage of its own.
type neighbourSchedule struct {
	styleSchedule
	stages int // as Sizes found
}

// smallestNeighbours is the longer side below which the coarse sizes contribute nothing.
const smallestNeighbours = 64

func (s *neighbourSchedule) Sizes(fits func(Size) bool) []Size {
	sizes := s.sizes(fits, smallestNeighbours)
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
		return s.begin(stage, random)
	case last == stage.Size:
		return before
	}
	return imageio.Resample(before, last.W, last.H, 3, stage.Size.W, stage.Size.H, imageio.Bilinear)
}

// neighbourObjective aims at the features of neighbours.
type neighbourObjective struct {
	*StyleOptions
	schedule *neighbourSchedule
}

func (o neighbourObjective) Layers(*nn.Network) []string   { return o.StyleLayers }
func (o neighbourObjective) Like(_ *nn.Network, i int) int { return i }

func (o neighbourObjective) Terms(s Stage) Terms {
	var t Terms
	if o.schedule.detail(s) {
		m := newDetail(o.StyleOptions, s)
		for i := range m.layers {
			l := &m.layers[i]
			t.add(loss.LayerNeighbours(l.name, 1, &l.sample))
		}
		t.matcher = m
	} else {
		m := newMatching(o.StyleOptions, s)
		t.add(loss.Neighbours(o.StyleLayers, 1, m.targets))
		t.matcher = m
	}
	t.targets = append(t.targets, t.matcher)
	return t
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

// bank is a style picture turned by some angle, with the graph of its features.
type bank struct {
	*forward
	pixels func() []float32
	rows   int // vectors of the first output
	// opaque returns which of so many places of the picture count, w across and h down; nil is for all.
	opaque func(w, h int) []bool
}

// with returns the graph, to compute the picture's features into memory that is there.
func (b *bank) with(into [][]float32) *forward {
	b.forward.pixels = b.pixels
	b.into = make([][]float32, len(into))
	for i, n := range b.outputs {
		b.into[i] = into[i][:n.Shape.Len()]
	}
	return b.forward
}

// banks returns the style pictures for a stage, each turned by all angles. Angles with equal sizes share a
// graph.
func (o *StyleOptions) banks(s Stage, build func(in loss.Inputs, number int) []*autodiff.Node) []bank {
	var all []bank
	for k, im := range o.Styles {
		size := o.styleSize(k, s.Size)
		graphs := map[Size]*forward{}
		for _, quarter := range o.StyleRotations.quarters() {
			turned := size
			if quarter%2 == 1 {
				turned = Size{size.H, size.W}
			}
			if graphs[turned] == nil {
				graphs[turned] = newForward(s, turned, func(in loss.Inputs, f *forward) []*autodiff.Node {
					f.copies = 1 + copiesOf(im)
					return build(in, len(all))
				})
			}
			all = append(all, bank{
				forward: graphs[turned],
				pixels: func() []float32 {
					return turn(toValues(im.OwnAt(size.W, size.H).Filled(), s.Range), size, 3, quarter)
				},
				opaque: func(w, h int) []bool { return opaque(shown(im, size), quarter, w, h) },
				rows:   graphs[turned].outputs[0].Shape.Rows(),
			})
			graphs[turned].times++
		}
	}
	return all
}

// graphsOf returns the graphs of banks, each once.
func graphsOf(banks []bank) []*forward {
	var all []*forward
	seen := map[*forward]bool{}
	for _, b := range banks {
		if !seen[b.forward] {
			seen[b.forward] = true
			all = append(all, b.forward)
		}
	}
	return all
}

// turn returns values of a picture, c for each pixel, turned clockwise by so many quarters.
func turn(values []float32, size Size, c, quarters int) []float32 {
	for range quarters {
		out := make([]float32, len(values))
		for y := range size.H {
			for x := range size.W {
				copy(out[c*(x*size.H+size.H-1-y):][:c], values[c*(y*size.W+x):])
			}
		}
		values, size = out, Size{size.H, size.W}
	}
	return values
}

// opaque returns where a picture turned by so many quarters is at least half opaque, at w x h places; nil if
// it is everywhere.
func opaque(im *Picture, quarters, w, h int) []bool {
	if im.Alpha == nil {
		return nil
	}
	if quarters%2 == 1 {
		w, h = h, w
	}
	alpha := turn(imageio.Resample(im.Alpha, im.W, im.H, 1, w, h, imageio.Bilinear), Size{w, h}, 1, quarters)
	use := make([]bool, len(alpha))
	for i, a := range alpha {
		use[i] = a >= 0.5
	}
	return use
}

// foundError is the error of a checkpoint with other neighbours than a run can have.
func foundError(want, got int) error {
	return &CheckpointError{Of: "run", Problem: fmt.Sprintf("its neighbours are %d numbers, not %d", got, want)}
}
