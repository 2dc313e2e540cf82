package render

import (
	"context"
	"math"

	"oneiro/autodiff"
	"oneiro/loss"
	"oneiro/nn"
)

// area is where a term counts: how much each position of some layers does. It is an input of the graph,
// since it moves with what the network is shown. The values are known as targets are.
type area struct {
	name   string // in loss.Inputs.Regions
	stage  Stage
	layers []*areaLayer
	at     func(l *nn.LayerInfo) []float32
}

// areaLayer is an area in one layer.
type areaLayer struct {
	info   *nn.LayerInfo
	input  *autodiff.Node
	values []float32 // where nothing is rolled
	moved  []float32
}

// areas returns the targets that are areas.
func (t *Terms) areas() (all []*area) {
	for _, target := range t.targets {
		if a, ok := target.(*area); ok {
			all = append(all, a)
		}
	}
	return all
}

// area returns the area of a name, made if there is none, with a layer in it.
func (t *Terms) area(s Stage, name, layer string, at func(l *nn.LayerInfo) []float32) {
	var a *area
	for _, other := range t.areas() {
		if other.name == name {
			a = other
		}
	}
	if a == nil {
		a = &area{name: name, stage: s, at: at}
		t.targets = append(t.targets, a)
	}
	info := layerInfos(s.Model.Network, s.Size)[layer]
	if layer == loss.Pixels {
		info = &nn.LayerInfo{Name: layer, H: s.Size.H, W: s.Size.W, ReceptiveField: [2]int{1, 1}, Stride: [2]int{1, 1}}
	}
	for _, l := range a.layers {
		if l.info.Name == layer {
			return
		}
	}
	a.layers = append(a.layers, &areaLayer{info: info})
}

// add adds the inputs to what terms read.
func (a *area) add(in *loss.Inputs) {
	if in.Regions == nil {
		in.Regions = map[string]map[string]*autodiff.Node{}
	}
	nodes := map[string]*autodiff.Node{}
	for _, l := range a.layers {
		shape := autodiff.Shape{N: 1, H: l.info.H, W: l.info.W, C: 1}
		l.input = in.Canvas.Graph().Input("weights of "+l.info.Name, shape)
		nodes[l.info.Name] = l.input
	}
	in.Regions[a.name] = nodes
}

func (a *area) fill(context.Context, autodiff.Device, rooms) error {
	for _, l := range a.layers {
		l.values = a.at(l.info)
		l.moved = make([]float32, len(l.values))
	}
	return nil
}

func (a *area) drop() {
	for _, l := range a.layers {
		l.values, l.moved = nil, nil
	}
}

// write writes the values, rolled by rows and columns of pixels.
func (a *area) write(shift [2]int, write func(input *autodiff.Node, data []float32)) {
	size := [2]int{a.stage.Size.H, a.stage.Size.W}
	for _, l := range a.layers {
		down := circle{l.info.H, l.info.Stride[0], size[0]}
		across := circle{l.info.W, l.info.Stride[1], size[1]}
		for y := range l.info.H {
			y0, y1, partY := down.at(y, shift[0])
			for x := range l.info.W {
				x0, x1, partX := across.at(x, shift[1])
				top, bottom := l.values[y0*l.info.W:], l.values[y1*l.info.W:]
				l.moved[y*l.info.W+x] = lerp(lerp(top[x0], top[x1], partX), lerp(bottom[x0], bottom[x1], partX), partY)
			}
		}
		write(l.input, l.moved)
	}
}

func lerp(a, b, part float32) float32 { return a*(1-part) + b*part }

// circle is an axis of a layer, n positions a stride of pixels apart, of a picture that is rolled along it.
type circle struct{ n, stride, pixels int }

// at returns the two positions between which position i lies if what is shown is rolled by shift pixels, and
// how far from the first.
func (c circle) at(i, shift int) (first, second int, part float32) {
	if shift%c.pixels == 0 {
		return i, i, 0
	}
	period := float64(c.pixels) / float64(c.stride)
	at := math.Mod(float64(i)-float64(shift)/float64(c.stride), period)
	if at < 0 {
		at += period
	}
	first = int(at)
	gap := 1.0
	if first+1 >= c.n { // the last one, and then the first again
		first = c.n - 1
		gap = max(period-float64(first), 1)
	}
	return first, (first + 1) % c.n, float32(min((at-float64(first))/gap, 1))
}
