package render

import (
	"oneiro/internal/option"
	"oneiro/nn"
)

// Method is the name of a method of style transfer.
type Method string

// The methods.
const (
	// Gatys compares Gram matrices (Gatys et al., arXiv:1508.06576).
	Gatys Method = "gatys"
	// NNST gives each place the features of the place in the style pictures that is most like it: neural
	// neighbour style transfer (Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich, arXiv:2203.13215).
	NNST Method = "nnst"
)

// Methods lists them.
var Methods = []Method{Gatys, NNST}

// Turns says by which angles style pictures are turned.
type Turns string

// The choices of turns.
const (
	Unturned    Turns = "1" // none
	HalfTurns   Turns = "2" // 0 and 180 degrees
	QuarterTurn Turns = "4" // 0, 90, 180 and 270 degrees
)

// quarters returns the angles in units of 90 degrees.
func (t Turns) quarters() []int {
	switch t {
	case Unturned:
		return []int{0}
	case HalfTurns:
		return []int{0, 2}
	}
	return []int{0, 1, 2, 3}
}

// NeighbourOptions are those of StyleOptions that choose the method, and what they say of NNST.
type NeighbourOptions struct {
	Method Method
	// ContentShare is the share of the content in the picture that neighbours are looked for with, beside the
	// result so far: the alpha of the paper.
	ContentShare float64
	// StyleRotations are the angles at which strokes of the style pictures may be used.
	StyleRotations Turns
	// DetailPass says that after the last size the layers look for neighbours each by itself.
	DetailPass bool
}

// neighbourDefaults are the defaults of both methods.
var neighbourDefaults = NeighbourOptions{Method: Gatys, ContentShare: 0.75, StyleRotations: QuarterTurn, DetailPass: true}

// neighbourTable has the options of NeighbourOptions.
var neighbourTable = option.Table{
	{Name: "method", Field: "Method", Unit: "name",
		Help:    "how: by statistics of the style (gatys), or each place by the most similar place of the style (nnst)",
		Choices: names(Methods), Changes: option.Result | option.Memory},
	{Name: "content-share", Field: "ContentShare", Unit: "share",
		Help:  "with nnst, how much similar places are those of the content rather than of the result so far",
		Range: option.Between(0, 1), Changes: option.Result},
	{Name: "style-rotations", Field: "StyleRotations", Unit: "number",
		Help:    "with nnst, at how many angles strokes of the style may be used",
		Choices: []string{string(Unturned), string(HalfTurns), string(QuarterTurn)}, Changes: option.Result},
	{Name: "detail-pass", Field: "DetailPass",
		Help:    "with nnst, let each layer look for similar places by itself at the end: crisper strokes",
		Changes: option.Result | option.Memory},
}.In("Method")

// neighbourOnly are the options that mean nothing without NNST, and gatysOnly those that mean nothing with it.
var (
	neighbourOnly = []string{"content-share", "style-rotations", "detail-pass"}
	gatysOnly     = []string{
		"compat", "ssim-weight", "tv-weight", "style-blend", "style-layer-weights", "optimizer", "history",
		"coarse-iterations", "style-at", "style-turn",
	}
)

// DefaultNNST is DefaultStyle with the method NNST, and what that needs.
func DefaultNNST(net *nn.Network) StyleOptions {
	o := DefaultStyle(net)
	o.Method, o.StyleLayers = NNST, neighbourLayers(net)
	o.StyleWeight, o.ContentWeight, o.StructureWeight = neighbourWeights(net)
	o.TVWeight = 0
	o.Optimizer, o.Iterations, o.UntilChange = Adam, 100, 0
	return o
}

// neighbourWeights returns the weights of the terms beside neighbours, whose weight is 1. With the built-in
// network at those of a VGG, paintings with much in them left the photograph as it was, and others wiped it
// out: of ten pairs, judged by another network, six were nearer to both style and content than with Gram
// matrices; now nine are. A VGG-19 at four times the content of the built-in network is nearer to both in four
// of five, and puts dots into even skies, where its neighbours alone put strokes.
func neighbourWeights(net *nn.Network) (style, content, structure float64) {
	if net.ContentUnit > 0 { // a VGG
		return 8, 0.5, 0.05
	}
	return 64, 1.5, 0.15
}

// neighbourRate is the learning rate of Adam, in units of white. The paper's is 2e-3, for twice as many steps.
const neighbourRate = 5e-3

// neighbourLayers returns the first ReLUs of each scale of a network, down to an eighth of the picture: three,
// as many as VGG-16 has, whose last block the paper leaves out because the results are as good without.
func neighbourLayers(net *nn.Network) []string {
	const most, deepest = 3, 8
	strides, err := net.Strides(256, 256)
	if err != nil {
		return net.Style
	}
	count := map[int]int{}
	var names []string
	for _, l := range net.Layers {
		s := strides[l.Name]
		if l.Kind != nn.ReLU || s[0] != s[1] || s[0] < 1 || s[0] > deepest || count[s[0]] == most {
			continue
		}
		count[s[0]]++
		names = append(names, l.Name)
	}
	return names
}

// checkMethod adds what is wrong with the choice of a method.
func (o *StyleOptions) checkMethod(m *mistakes, net *nn.Network) {
	base, refused, of := DefaultNNST(net), gatysOnly, Gatys
	if o.Method != NNST {
		base, refused, of = DefaultStyle(net), neighbourOnly, NNST
	}
	changed := StyleTable.Changed(o, &base)
	for _, name := range refused {
		if _, is := changed[name]; is {
			m.add(name, "leave it out, or choose method "+string(of), "means nothing with method %s", o.Method)
		}
	}
	if o.Method == NNST && len(o.StyleLayers) == 0 {
		m.add("style-layers", "name a layer", "has no layers")
	}
}

// checkScales returns an *OptionError unless the layers can be brought to one scale.
func (o *StyleOptions) checkScales(net *nn.Network) error {
	cut, err := net.Cut(o.StyleLayers...)
	if err != nil {
		return err
	}
	if err := hypercolumns(cut, o.full(), o.StyleLayers); err != nil {
		return mistake("style-layers", "choose layers of a VGG, or method gatys",
			"cannot be compared with method nnst: %v", err)
	}
	return nil
}
