package render

import (
	"slices"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// pool is the style pictures among which places of the content have their neighbours: those of the whole
// content, or of one of its regions.
type pool struct {
	part   *part   // nil for the whole content
	weight float64 // of its places
	banks  []bank
}

// pools returns the pools for a stage, with the graphs of features of their pictures.
func (o *StyleOptions) pools(s Stage, build func(in loss.Inputs) []*autodiff.Node) []pool {
	if o.Labels == nil {
		return []pool{{weight: 1, banks: o.banks(s, build)}}
	}
	var all []pool
	for _, p := range o.parts {
		pool := pool{part: p.of, weight: p.weight, banks: p.options.banks(s, build)}
		if p.of.whole {
			pool.part = nil
		}
		all = append(all, pool)
	}
	return all
}

// banksOf returns the banks of pools in order.
func banksOf(pools []pool) (all []*bank) {
	for i := range pools {
		for k := range pools[i].banks {
			all = append(all, &pools[i].banks[k])
		}
	}
	return all
}

// counts returns how much each of w x h places of the content counts in the pool; nil if all do fully.
func (p *pool) counts(w, h int) []float32 {
	if p.part == nil {
		return nil
	}
	counts := p.part.labels.At(p.part.index, w, h)
	for i, v := range counts {
		if counts[i] = v * float32(p.weight); v < leastShare {
			counts[i] = 0
		}
	}
	return counts
}

// places returns those that count, and how much; nil if all do fully.
func (p *pool) places(w, h int) (at []int, counts []float32) {
	if p.part == nil {
		return nil, nil
	}
	at = []int{}
	for i, v := range p.counts(w, h) {
		if v > 0 {
			at, counts = append(at, i), append(counts, v)
		}
	}
	return at, counts
}

// leastShare is how much of a place has to belong to a region for it to have a neighbour there.
const leastShare = 1. / 256

// bank is a style picture turned by some angle, with the graph of its features.
type bank struct {
	*forward
	pixels  func() []float32
	rows    int // vectors of the first output
	quarter int
	within  *part                    // what of it counts; nil for all
	alpha   func() *Picture          // the picture at its size, unless it is opaque
	infos   map[string]*nn.LayerInfo // of the picture as it is
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
func (o *StyleOptions) banks(s Stage, build func(in loss.Inputs) []*autodiff.Node) []bank {
	var all []bank
	for k, im := range o.Styles {
		size := o.styleSize(k, s.Size)
		infos := layerInfos(s.Model.Network, size)
		graphs := map[Size]*forward{}
		for _, quarter := range o.StyleRotations.quarters() {
			turned := size
			if quarter%2 == 1 {
				turned = Size{size.H, size.W}
			}
			if graphs[turned] == nil {
				graphs[turned] = newForward(s, turned, func(in loss.Inputs, f *forward) []*autodiff.Node {
					f.copies = 1 + copiesOf(im)
					return build(in)
				})
			}
			b := bank{
				forward: graphs[turned], quarter: quarter, infos: infos,
				pixels: func() []float32 {
					return turn(toValues(im.OwnAt(size.W, size.H).Filled(), s.Range), size, 3, quarter)
				},
				rows: graphs[turned].outputs[0].Shape.Rows(),
			}
			if k < len(o.within) {
				b.within = o.within[k]
			}
			if im.HasAlpha() {
				b.alpha = func() *Picture { return shown(im, size) }
			}
			all = append(all, b)
			graphs[turned].times++
		}
	}
	return all
}

// uses returns which positions of a layer, w across and h down, count; nil for all. Those count that are at
// least half opaque, and inside the region: with half of their receptive fields, or, if there is no such
// position, as much as any by themselves.
func (b *bank) uses(layer string, w, h int) []bool {
	var use []bool
	if b.alpha != nil {
		if im := b.alpha(); im.Alpha != nil {
			use = half(b.turned(im.Alpha, im.W, im.H, w, h))
		}
	}
	if b.within == nil {
		return use
	}
	inside := half(b.turned(b.within.weights(b.infos[layer]), b.infos[layer].W, b.infos[layer].H, w, h))
	if !slices.Contains(inside, true) {
		l := b.within.labels
		share := b.turned(l.At(b.within.index, l.W, l.H), l.W, l.H, w, h)
		most := slices.Max(share)
		for i, v := range share {
			inside[i] = v == most
		}
	}
	for i := range use {
		inside[i] = inside[i] && use[i]
	}
	return inside
}

// turned returns numbers of the picture as it is, fromW x fromH of them, at w x h positions of the turned one.
func (b *bank) turned(values []float32, fromW, fromH, w, h int) []float32 {
	if b.quarter%2 == 1 {
		w, h = h, w
	}
	return turn(imageio.Resample(values, fromW, fromH, 1, w, h, imageio.Bilinear), Size{w, h}, 1, b.quarter)
}

// half returns which values are at least 1/2.
func half(values []float32) []bool {
	use := make([]bool, len(values))
	for i, v := range values {
		use[i] = v >= 0.5
	}
	return use
}

// graphsOf returns the graphs of banks, each once.
func graphsOf(banks []*bank) []*forward {
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
