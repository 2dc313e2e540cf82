package render

import (
	"cmp"
	"context"
	"slices"

	"oneiro/autodiff"
	"oneiro/internal/region"
	"oneiro/loss"
	"oneiro/nn"
)

// part is a region of a picture, in so far as positions of layers lie inside.
type part struct {
	labels *region.Map
	index  int
	whole  bool // it is all of the picture
}

func newPart(labels *region.Map, index int) *part { return &part{labels, index, labels.Whole(index)} }

// weights returns how much the positions of a layer count, 0 to 1.
func (p *part) weights(l *nn.LayerInfo) []float32 {
	return region.Inside(p.labels.At(p.index, l.W, l.H), l.W, l.H, field(l))
}

// field returns the receptive field of a layer in positions.
func field(l *nn.LayerInfo) (f [2]float64) {
	for axis := range f {
		f[axis] = float64(l.ReceptiveField[axis]) / float64(l.Stride[axis])
	}
	return f
}

// coarse is the number of positions, down and across, that is enough to see whether a region is there.
const coarse = 128

// seen reports whether a layer sees something of the region: as much as one position inside.
func (p *part) seen(l *nn.LayerInfo) bool {
	if p.whole {
		return true
	}
	less := *l
	f := field(l)
	scale := max(float64(max(l.W, l.H))/coarse, 1)
	less.W, less.H = max(int(float64(l.W)/scale), 1), max(int(float64(l.H)/scale), 1)
	at := region.Inside(p.labels.At(p.index, less.W, less.H), less.W, less.H, [2]float64{f[0] / scale, f[1] / scale})
	var sum float64
	for _, v := range at {
		sum += float64(v)
	}
	return sum*scale*scale >= 1
}

// layerInfos returns what a network makes of a picture, by the names of its layers.
func layerInfos(net *nn.Network, size Size) map[string]*nn.LayerInfo {
	infos, _ := net.Shapes(size.H, size.W, 3) // that it sees the size is known
	all := map[string]*nn.LayerInfo{}
	for i := range infos {
		all[infos[i].Name] = &infos[i]
	}
	return all
}

// paintedRegion is a region of the content with what is painted there.
type paintedRegion struct {
	id      string
	of      *part
	weight  float64      // of the style there, as it was asked for
	options StyleOptions // with its styles and weights, and without regions
}

// divide finds what is painted in each region.
func (o *StyleOptions) divide() {
	o.parts = nil
	if o.Labels == nil {
		return
	}
	for k, r := range o.Labels.Regions {
		sub := *o
		sub.RegionOptions = RegionOptions{}
		sub.Styles, sub.StyleScale, sub.Blend, sub.StyleTurn = nil, nil, nil, nil
		weight, scale, keep := 1.0, 1.0, false
		for _, a := range o.asked(k) {
			keep = keep || a.Keep
			if a.Weight > 0 {
				weight *= a.Weight
			}
			own := cmp.Or(a.Scale, 1)
			if a.Style != nil {
				sub.addRegionStyle(a.Style, own, 0, nil)
			} else {
				scale *= own
			}
		}
		if keep {
			continue
		}
		if len(sub.Styles) == 0 {
			o.share(&sub, r.Colour, scale)
		}
		sub.StyleWeight = o.StyleWeight * (r.Share * weight)
		o.parts = append(o.parts, &paintedRegion{r.ID(), newPart(o.Labels, k), weight, sub})
	}
}

func (o *StyleOptions) addRegionStyle(im *Picture, scale, turn float64, within *part) {
	o.Styles = append(o.Styles, im)
	o.StyleScale = append(o.StyleScale, scale)
	o.StyleTurn = append(o.StyleTurn, turn)
	o.within = append(o.within, within)
}

// share gives the options of a region the style pictures that all regions share, as far as they have a region
// of its colour.
func (o *StyleOptions) share(sub *StyleOptions, colour [3]uint8, scale float64) {
	for i, im := range o.Styles {
		var within *part
		if !o.blended(i) {
			continue
		}
		if i < len(o.StyleLabels) && o.StyleLabels[i] != nil {
			k := o.StyleLabels[i].Like(colour)
			if k < 0 {
				continue
			}
			if within = newPart(o.StyleLabels[i], k); within.whole {
				within = nil
			}
		}
		sub.addRegionStyle(im, o.styleScale(i)*scale, o.turn(i), within)
		if i < len(o.Blend) {
			sub.Blend = append(sub.Blend, o.Blend[i])
		}
	}
}

// painted returns the options of what is painted: of the whole picture, or of each region.
func (o *StyleOptions) painted() []*StyleOptions {
	if o.Labels == nil {
		return []*StyleOptions{o}
	}
	var all []*StyleOptions
	for _, p := range o.parts {
		all = append(all, &p.options)
	}
	return all
}

// layers returns the style layers that see the region on a canvas and in all its style pictures.
func (p *paintedRegion) layers(net *nn.Network, canvas Size) (names []string) {
	on := layerInfos(net, canvas)
	for _, l := range p.options.StyleLayers {
		seen := p.of.seen(on[l])
		for i, within := range p.options.within {
			if seen && within != nil {
				seen = within.seen(layerInfos(net, p.options.styleSize(i, canvas))[l])
			}
		}
		if seen {
			names = append(names, l)
		}
	}
	return names
}

// addStyle adds the terms of the region's style.
func (p *paintedRegion) addStyle(t *Terms, s Stage) {
	o := p.options
	o.StyleLayers, o.StyleLayerWeights = p.layers(s.Model.Network, s.Size), nil
	var sum float64
	for i, w := range p.options.StyleLayerWeights {
		if slices.Contains(o.StyleLayers, p.options.StyleLayers[i]) {
			o.StyleLayerWeights, sum = append(o.StyleLayerWeights, w), sum+w
		}
	}
	if len(o.StyleLayers) == 0 || o.StyleLayerWeights != nil && sum == 0 {
		return
	}
	first := len(t.Objective)
	styleObjective{&o}.addStyle(t, s)
	for i := first; i < len(t.Objective); i++ {
		t.Objective[i] = loss.In(p.id, t.Objective[i])
	}
	if p.of.whole && !o.Content.HasAlpha() {
		return // and has no weights
	}
	t.targets = append(t.targets, &regionWeights{region: p, layers: o.StyleLayers, stage: s})
}

// regionWeights are the weights of a region in the statistics of a picture that is painted. They are inputs of
// the graph, which are known as targets are: while the pictures of the stage are there.
type regionWeights struct {
	region *paintedRegion
	layers []string
	stage  Stage
	masks  []mask
	values [][]float32
}

// add adds the inputs to what terms read.
func (r *regionWeights) add(in *loss.Inputs) {
	if in.Regions == nil {
		in.Regions = map[string]map[string]*autodiff.Node{}
	}
	nodes, infos := map[string]*autodiff.Node{}, layerInfos(r.stage.Model.Network, r.stage.Size)
	opacity := func() *Picture { return shown(r.region.options.Content, r.stage.Size) }
	if !r.region.options.Content.HasAlpha() {
		opacity = nil
	}
	for _, l := range r.layers {
		m := newMask(in.Layers[l], infos[l], r.region.of, opacity)
		r.masks = append(r.masks, m)
		nodes[l] = m.input
	}
	in.Regions[r.region.id] = nodes
}

func (r *regionWeights) fill(context.Context, autodiff.Device, rooms) error {
	r.values = nil
	for _, m := range r.masks {
		values := m.values()
		if values == nil {
			return mistake("regions", "leave it as it is: --region "+r.region.id+"=keep",
				"has a region, %s, of which nothing is seen: the content is transparent there", r.region.id)
		}
		r.values = append(r.values, values)
	}
	return nil
}

func (r *regionWeights) drop() { r.values = nil }

// write writes the weights, which it has no longer then.
func (r *regionWeights) write(write func(input *autodiff.Node, data []float32)) {
	for i, m := range r.masks {
		write(m.input, r.values[i])
	}
	r.values = nil
}

// regions returns the targets that are weights of regions.
func (t *Terms) regions() (all []*regionWeights) {
	for _, target := range t.targets {
		if r, ok := target.(*regionWeights); ok {
			all = append(all, r)
		}
	}
	return all
}

// held returns the memory of the maps of regions, and of weights while they are made.
func (o *StyleOptions) held(size Size) int64 {
	plane := 4 * int64(size.W) * int64(size.H)
	sum := o.labelBytes(size) + o.areaBytes(size)
	for _, l := range o.StyleLabels {
		if l != nil {
			sum += l.Bytes()
		}
	}
	return sum + plane*int64(len(o.parts))*3/2 // layers have as many positions as the picture, or fewer
}
