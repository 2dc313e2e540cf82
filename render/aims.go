package render

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// aimKind is a row of the table of objectives: what a picture can be made to show more of. Dreams,
// visualisations and style transfers have theirs from it.
type aimKind struct {
	name string
	// value is what stands after the name, and settings what may follow; all but hidden ones also have
	// commonSettings.
	value    aimValue
	settings []string
	help     string
	power    float64 // the default
	// whole says that the aim is one for the whole picture: it cannot be restricted to a region.
	whole bool
	// photo says that it reads the features of the photograph.
	photo bool
	// minimised says that the term is what is to become less.
	minimised bool
	// holds says that it makes nothing more, but keeps what there is.
	holds bool
	// degree is how often features are multiplied in the term. 0 is for a term that is no multiple of them.
	degree float64
	// unit is what the weight is multiplied by in a run with units, 0 for 1: so that one weight is seen as much
	// for all kinds.
	unit float64
	// statistic says that it compares statistics of layers: by default of the network's style layers, and at
	// the size of the canvas.
	statistic bool
	hidden    bool // from people: it is a part of others
	term      func(a *aimed, weight float64) loss.Term
}

// aimValue is what stands after the name of an objective.
type aimValue int

const (
	aimOfLayer    aimValue = iota // a layer
	aimOfChannels                 // channels of a layer
	aimOfChannel                  // one of them
	aimOfClass
	aimOfPicture
)

// aimKinds is the table of objectives.
var aimKinds = []*aimKind{
	{name: "l2", degree: 2, help: "half the mean square of a layer: what is strong gets stronger",
		term: func(a *aimed, w float64) loss.Term { return loss.L2(a.layer, w) }},
	{name: "mean", degree: 1, help: "the mean of a layer: what is faint grows, too",
		term: func(a *aimed, w float64) loss.Term { return loss.Mean(a.layer, w) }},
	{name: "l1", degree: 1, help: "the mean size of a layer's values, which differs from `mean` in layers before a ReLU",
		term: func(a *aimed, w float64) loss.Term { return loss.L1(a.layer, w) }},
	{name: "channel", degree: 1, value: aimOfChannels, help: "channels of a layer, counted from 0",
		term: func(a *aimed, w float64) loss.Term { return loss.Channels(a.layer, w, a.Channels...) }},
	{name: "neuron", degree: 1, value: aimOfChannel, settings: []string{"at"}, help: "a channel at one place",
		term: func(a *aimed, w float64) loss.Term { return loss.Neuron(a.layer, w, a.Channels[0]) }},
	{name: "class", degree: 1, unit: 0.2, value: aimOfClass, whole: true,
		help: "a class of the network, by name or number",
		term: func(a *aimed, w float64) loss.Term { return loss.Class(a.layer, w, a.class()) }},
	{name: "guide", degree: 1, value: aimOfPicture, settings: []string{"match"},
		help: "what another picture shows: each place becomes more of what it is most like there", term: (*aimed).guide},
	{name: "direction", degree: 1, value: aimOfPicture, settings: []string{"from", "power"},
		help: "what one picture has more of than another", term: (*aimed).direction},
	{name: "caricature", degree: 2, settings: []string{"power"}, power: 2, photo: true,
		help: "what the photograph itself shows, exaggerated",
		term: func(a *aimed, w float64) loss.Term { return loss.Caricature(a.layer, w, a.Power) }},
	{name: "style", value: aimOfPicture, settings: []string{"scale"}, minimised: true, statistic: true, unit: 5,
		help: "the manner of another picture, a painting", term: (*aimed).style},
	{name: "content", degree: 2, photo: true, minimised: true, holds: true,
		help: "stays near the photograph: in a layer, or in its pixels if none is named", term: (*aimed).anchor},
	{name: "entropy", value: aimOfClass, whole: true, minimised: true, hidden: true,
		term: func(a *aimed, w float64) loss.Term { return loss.Entropy(a.layer, w, a.class()) }},
	{name: "peak", degree: 1, value: aimOfChannel, whole: true, hidden: true,
		term: func(a *aimed, w float64) loss.Term { return loss.Peak(a.layer, w, a.Channels[0]) }},
}

// kindOf returns the row of an objective, or nil.
func kindOf(name string) *aimKind {
	if i := slices.IndexFunc(aimKinds, func(k *aimKind) bool { return k.name == name }); i >= 0 {
		return aimKinds[i]
	}
	return nil
}

// aiming is a list of aims for a picture.
type aiming struct {
	aims   []Aim
	layers []string // of aims that name none
	// photo is the photograph that the canvas begins as, nil for none.
	photo *Picture
	// relative says that terms are in units of what the photograph itself makes of a layer, so that weights
	// mean the same in all layers.
	relative bool
	// beside is what all weights are multiplied by, 0 for 1.
	beside float64
	labels LabelOptions
	// guideSize is as AimOptions.GuideSize.
	guideSize int
}

// aimed is an aim for one layer at a stage.
type aimed struct {
	*Aim
	layer string
	stage Stage
	terms *Terms
	side  int // guideSize
	of    int // how many layers the aim is for
}

// read returns the layers that an aim reads; none for one of pixels.
func (g *aiming) read(a *Aim, net *nn.Network) []string {
	switch kind := kindOf(a.Kind); {
	case kind.value == aimOfClass:
		return []string{net.Classifier()}
	case a.Layer != "":
		return []string{a.Layer}
	case a.Kind == "content":
		return nil
	case kind.statistic:
		return net.Style
	}
	return g.layers
}

// reads returns the layers that any of the aims reads.
func (g *aiming) reads(net *nn.Network) []string {
	var all []string
	for i := range g.aims {
		all = append(all, g.read(&g.aims[i], net)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// add adds the terms of the aims of a stage.
func (g *aiming) add(t *Terms, s Stage) {
	var now []*aimed
	for i := range g.aims {
		a := &g.aims[i]
		if !a.dreamsAt(s.Index) {
			continue
		}
		layers := g.read(a, s.Network)
		if len(layers) == 0 {
			layers = []string{loss.Pixels}
		}
		for _, l := range layers {
			now = append(now, &aimed{a, l, s, t, g.guideSize, len(layers)})
		}
	}
	units := g.units(t, s, now)
	for _, a := range now {
		kind := kindOf(a.Kind)
		weight := a.weight() * g.share(a.Aim) * cmp.Or(g.beside, 1)
		if g.relative {
			weight *= cmp.Or(kind.unit, 1)
		}
		if !kind.minimised {
			weight = -weight
		}
		if kind.photo && t.photo == nil {
			t.photo = g.photograph(t, s)
		}
		term := kind.term(a, weight)
		if unit := units[a.layer]; unit != nil && a.degree() > 0 {
			term = loss.Per(unit, a.degree(), term)
		}
		if name, at := g.where(a); at != nil {
			key := "objectives in " + name // which is no region of styles
			if kind.statistic {
				key = "statistics in " + name
			}
			t.area(s, key, a.layer, at)
			named := term.Name + "@" + name
			term = loss.In(key, term)
			term.Name = named
		}
		t.add(term)
	}
}

// photograph returns the constant that is the photograph at the size of a stage.
func (g *aiming) photograph(t *Terms, s Stage) *autodiff.Tensor {
	c := &autodiff.Tensor{Name: "photograph", Shape: autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 3}}
	t.targets = append(t.targets, derived{c, func() []float32 { return resampled(g.photo, s.Size, s.Range) }})
	return c
}

// units returns the activity of layers in the photograph.
func (g *aiming) units(t *Terms, s Stage, now []*aimed) map[string]*autodiff.Tensor {
	if !g.relative {
		return nil
	}
	var layers []string
	for _, a := range now {
		if a.degree() > 0 && !slices.Contains(layers, a.layer) {
			layers = append(layers, a.layer)
		}
	}
	if len(layers) == 0 {
		return nil
	}
	constants := t.features(s, g.photo, s.Size, func(in loss.Inputs) (nodes []*autodiff.Node) {
		for _, l := range layers {
			nodes = append(nodes, loss.Activity(in, l))
		}
		return nodes
	})
	units := map[string]*autodiff.Tensor{}
	for i, l := range layers {
		units[l] = constants[i]
	}
	return units
}

// degree returns the power of features that the term is in units of.
func (a *aimed) degree() float64 {
	if a.layer == loss.Pixels || a.Match == matchCosine {
		return 0
	}
	return kindOf(a.Kind).degree
}

// where returns the name of the area of an aim, and how much positions count; nil for all of the picture.
func (g *aiming) where(a *aimed) (string, func(l *nn.LayerInfo) []float32) {
	if a.Kind == "neuron" {
		return "at " + a.At.String(), a.At.position
	}
	if a.Region == "" {
		return "", nil
	}
	k := g.labels.Labels.Find(a.Region)
	if g.labels.Labels.Whole(k) {
		return "", nil
	}
	id := g.labels.Labels.Regions[k].ID()
	if kindOf(a.Kind).statistic {
		of := newPart(g.labels.Labels, k)
		return id, func(l *nn.LayerInfo) []float32 {
			if weights := meanOne(of.weights(l)); weights != nil {
				return weights
			}
			return make([]float32, l.H*l.W) // which a note says
		}
	}
	// Not as for statistics, which are of what a region has inside: layers of things see so far that little
	// would be left of it.
	return id, func(l *nn.LayerInfo) []float32 { return g.labels.Labels.At(k, l.W, l.H) }
}

// share returns the part of the picture in which a statistic is taken. With it as a factor each place changes
// as strongly as it would without regions; terms that are means have that in them.
func (g *aiming) share(a *Aim) float64 {
	if a.Region == "" || !kindOf(a.Kind).statistic {
		return 1
	}
	return g.labels.Labels.Regions[g.labels.Labels.Find(a.Region)].Share
}

// position returns weights of a layer's positions that leave one of them in a mean: the one that is nearest.
func (p Place) position(l *nn.LayerInfo) []float32 {
	weights := make([]float32, l.H*l.W)
	at := func(percent float64, n int) int { return min(int(percent/100*float64(n)), n-1) }
	weights[at(p.Y, l.H)*l.W+at(p.X, l.W)] = float32(l.H * l.W)
	return weights
}

func (a *aimed) anchor(weight float64) loss.Term {
	if a.layer == loss.Pixels {
		return loss.AnchorPixels(weight)
	}
	return loss.Anchor(a.layer, weight)
}

func (a *aimed) guide(weight float64) loss.Term {
	vectors, term := loss.GuideVectors, loss.Guide
	if a.Match == matchCosine {
		vectors, term = loss.GuideDirections, loss.GuideCosine
	}
	target := a.terms.features(a.stage, a.Guide, guideShown(a.Guide, a.side), func(in loss.Inputs) []*autodiff.Node {
		return []*autodiff.Node{vectors(in, a.layer)}
	})
	return term(a.layer, weight, target[0])
}

// style compares moments, as a style transfer does by default. The weight is shared by the layers.
func (a *aimed) style(weight float64) loss.Term {
	v := shownStyle{im: a.Guide, size: a.styleShown(a.stage.Size)}
	target := a.terms.statistics(a.stage, v, []string{a.layer}, loss.Statistics)
	term, made := loss.Moments(a.layer, weight/float64(a.of), target[0])
	a.terms.make(made)
	return term
}

// styleShown returns the size at which a picture whose statistics are compared is shown, beside a canvas.
func (a *Aim) styleShown(canvas Size) Size {
	longer := math.Round(float64(canvas.longer()) * cmp.Or(a.Scale, 1))
	return rounding(imageio.FitSize).scaled(sizeOf(a.Guide), max(int(longer), 1))
}

func (a *aimed) direction(weight float64) loss.Term {
	var sums [2]*autodiff.Tensor
	var rows [2]int
	for i, im := range []*Picture{a.Guide, a.Base} {
		sums[i] = a.terms.features(a.stage, im, guideShown(im, a.side), func(in loss.Inputs) []*autodiff.Node {
			rows[i] = in.Layers[a.layer].Shape.Rows()
			return []*autodiff.Node{autodiff.SumRows(in.Layers[a.layer]).Named("sum of " + a.layer)}
		})[0]
	}
	made := loss.DirectionOf(sums[0], sums[1], rows[0], rows[1])
	a.terms.make([]loss.Made{made})
	return loss.Direction(a.layer, weight, made.Constant, a.Power)
}

// class returns the number of the class, which is known.
func (a *Aim) class() int {
	n, err := strconv.Atoi(a.Class)
	if err != nil {
		return -1
	}
	return n
}

// weight returns how much the aim counts.
func (a *Aim) weight() float64 {
	if a.Weight == 0 {
		return 1
	}
	return a.Weight
}

// dreamsAt reports whether the aim counts at a stage.
func (a *Aim) dreamsAt(stage int) bool {
	return a.Octaves == (OctaveRange{}) || a.Octaves.has(stage)
}

// areaBytes returns the memory of the areas of objectives at a size, where layers have as many positions as
// half of the pixels, or fewer.
func (o *AimOptions) areaBytes(size Size) (sum int64) {
	for i := range o.Objectives {
		if a := &o.Objectives[i]; a.Region != "" || a.Kind == "neuron" {
			sum += 4 * int64(size.W) * int64(size.H)
		}
	}
	return sum
}
