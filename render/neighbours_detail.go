package render

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"oneiro/autodiff"
	near "oneiro/internal/neighbours"
	"oneiro/loss"
)

// detail is the last pass, in which each layer has neighbours of its own at its own scale ("feature splitting",
// Kolkin et al., arXiv:2203.13215, section 4.3): those of a sample of positions, found anew every few steps.
//
// We differ in three ways. The paper looks for neighbours in every step: here it is every detailInterval
// steps, with a sample of its own each time, since looking takes as long as a step does. It samples the style
// at the same offset as the result: here each style picture has one sample, at random offsets, for the whole
// pass, so that the features of only that are kept. And samples have up to 64 positions a side, where the
// paper's have from 64 to 127: the search takes up to sixteen times as long with twice as many. Smaller
// layers, for which its program fails, are compared whole.
type detail struct {
	o      *StyleOptions
	stage  Stage
	banks  []bank
	layers []detailLayer
	engine *Engine

	state []float32 // for each layer the offsets of the sample, and the neighbours' numbers; nil if there are none
}

// detailLayer is what there is of a layer.
type detailLayer struct {
	name     string
	sample   loss.Sample
	width    int       // channels
	rows     int       // of the sample
	bank     []float32 // vectors of the style, less their mean, of length 1
	use      []bool    // those of them that count
	zero     []float32
	features []float32 // of the sample
	targets  []float32
	search   *near.Search
}

// detailInterval is the number of steps from one search to the next, and detailSide the positions of a sample
// along the longer side at most.
const (
	detailInterval = 4
	detailSide     = 64
)

func newDetail(o *StyleOptions, s Stage) *detail {
	m := &detail{o: o, stage: s}
	newForward(s, s.Size, func(in loss.Inputs, _ *forward) []*autodiff.Node {
		for _, name := range o.StyleLayers {
			x := in.Layers[name].Shape
			l := detailLayer{name: name, width: x.C}
			l.sample.Stride = (max(x.H, x.W) + detailSide - 1) / detailSide
			l.rows = x.N * ((x.H-1)/l.sample.Stride + 1) * ((x.W-1)/l.sample.Stride + 1)
			m.layers = append(m.layers, l)
		}
		return nil
	})
	random := rand.New(rand.NewPCG(o.Seed, 1))
	m.banks = o.banks(s, func(in loss.Inputs, _ int) []*autodiff.Node {
		nodes := make([]*autodiff.Node, len(m.layers))
		for i, l := range m.layers {
			x := in.Layers[l.name]
			stride := m.stride(i, x.Shape)
			shift := autodiff.Tensor{Name: "shift", Shape: autodiff.Vector(2), Data: offsets(stride, random)}
			nodes[i] = loss.Sampled(x, x.Graph().Const(&shift), stride)
		}
		return nodes
	})
	for _, f := range graphsOf(m.banks) {
		f.beside = m.bytes()
	}
	searches := (o.Iterations + detailInterval - 1) / detailInterval
	for i, l := range m.layers { // which are not computed before the steps, but are no part of one either
		m.banks[0].work += 2 * float64(searches) * float64(l.rows) * float64(m.bankRows(i)) * float64(l.width)
	}
	return m
}

// offsets returns a random shift of a sample, as autodiff.Roll has it.
func offsets(stride int, random *rand.Rand) []float32 {
	return []float32{-float32(random.IntN(stride)), -float32(random.IntN(stride))}
}

func (m *detail) graphs() []*forward { return graphsOf(m.banks) }

// bankRows returns the number of vectors of the style in layer i.
func (m *detail) bankRows(i int) int {
	rows := 0
	for _, b := range m.banks {
		rows += b.outputs[i].Shape.Rows()
	}
	return rows
}

func (m *detail) bytes() int64 {
	var sum, largest int64
	for i, l := range m.layers {
		numbers := l.width * (m.bankRows(i) + 2*l.rows)
		sum += 4*int64(numbers) + near.Bytes([]int{l.width}, l.rows, runtime.GOMAXPROCS(0))
		for _, b := range m.banks {
			largest = max(largest, 4*int64(b.outputs[i].Shape.Len()))
		}
	}
	return sum + largest
}

func (m *detail) begin(e *Engine, _, found []float32) { m.engine, m.state = e, found }
func (m *detail) found() []float32                    { return m.state }

func (m *detail) watched() []*autodiff.Node {
	nodes := make([]*autodiff.Node, len(m.layers))
	for i := range nodes {
		nodes[i] = m.layers[i].sample.Features
	}
	return nodes
}

// fill reads the style pictures.
func (m *detail) fill(ctx context.Context, d autodiff.Device, _ rooms) error {
	at, uses := make([]int, len(m.layers)), make([][]bool, len(m.layers))
	for i := range m.layers {
		l := &m.layers[i]
		l.bank, l.zero = make([]float32, l.width*m.bankRows(i)), make([]float32, l.width)
		l.features, l.targets = make([]float32, l.rows*l.width), make([]float32, l.rows*l.width)
		l.search = near.New(m.engine.Kernels, m.engine.Pool, []int{l.width}, []float32{1})
	}
	for k := range m.banks {
		into := make([][]float32, len(m.layers))
		for i := range into {
			into[i] = m.layers[i].bank[at[i]:]
		}
		values, err := m.banks[k].with(into).run(ctx, d, nil)
		if err != nil {
			return err
		}
		for i, v := range values { // which lie there unless they were computed on tiles
			at[i] += copy(into[i], v)
			uses[i] = append(uses[i], m.uses(k, i)...)
		}
		m.banks[k].into = nil
	}
	for i := range m.layers {
		l := &m.layers[i]
		if !slices.Contains(uses[i], true) {
			return allClear()
		}
		l.use = uses[i]
		near.Centre(near.Matrix{l.bank}, []int{l.width}, l.use)
		for r := 0; r < len(l.bank); r += l.width {
			toUnit(l.bank[r:][:l.width])
		}
	}
	if want := m.numbers(); m.state != nil && len(m.state) != want {
		return foundError(want, len(m.state))
	}
	return nil
}

// uses returns which positions in the sample of layer i of bank k count.
func (m *detail) uses(k, i int) []bool {
	sampled := m.banks[k].outputs[i]
	all := make([]bool, sampled.Shape.Rows())
	layer, by, stride := sampled, []float32{0, 0}, 1
	if sampled.Op.Name == "filter" { // of a roll
		roll := sampled.In[0]
		layer, by, stride = roll.In[0], roll.In[1].Tensor().Data, m.stride(i, roll.Shape)
	}
	h, w := layer.Shape.H, layer.Shape.W
	use := m.banks[k].opaque(w, h)
	for p := range all {
		y, x := p/sampled.Shape.W*stride-int(by[0]), p%sampled.Shape.W*stride-int(by[1])
		all[p] = use == nil || use[modulo(y, h)*w+modulo(x, w)]
	}
	return all
}

// stride returns that of layer i's samples, where the layer has a shape.
func (m *detail) stride(i int, s autodiff.Shape) int { return min(m.layers[i].sample.Stride, s.H, s.W) }

// toUnit scales a vector to the length 1, unless it is 0.
func toUnit(v []float32) {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	if square == 0 {
		return
	}
	inverse := float32(1 / math.Sqrt(square))
	for i := range v {
		v[i] *= inverse
	}
}

// numbers returns the length of the state.
func (m *detail) numbers() int {
	n := 0
	for _, l := range m.layers {
		n += 2 + l.rows
	}
	return n
}

func (m *detail) restore(p *problem) {
	if m.state == nil {
		return
	}
	state := m.state
	for i := range m.layers {
		l := &m.layers[i]
		l.shift(p, state[:2])
		l.aim(p, state[2:][:l.rows])
		state = state[2+l.rows:]
	}
}

// next looks for neighbours, with a new sample, every detailInterval steps. The program is run once for the
// features; what it computes beside them does not count.
func (m *detail) next(i int, p *problem, pixels func() []float32, random *rand.Rand) error {
	if i%detailInterval != 0 {
		return nil
	}
	if m.state == nil {
		m.state = make([]float32, m.numbers())
	}
	state := m.state
	for i := range m.layers {
		l := &m.layers[i]
		copy(state, offsets(l.sample.Stride, random))
		l.shift(p, state[:2])
		state = state[2+l.rows:]
	}
	w := p.evaluator.(*whole)
	w.program.Write(w.pixels, pixels())
	if err := w.program.Run(p.ctx); err != nil {
		return deviceError(p.ctx, err)
	}
	state = m.state
	for i := range m.layers {
		l := &m.layers[i]
		w.program.Read(l.sample.Features, l.features)
		l.search.Begin(near.Matrix{l.features})
		l.search.Add(near.Matrix{l.bank}, near.Matrix{l.zero}, l.use)
		for k, j := range l.search.Nearest() {
			state[2+k] = float32(j)
		}
		l.aim(p, state[2:][:l.rows])
		state = state[2+l.rows:]
	}
	return nil
}

// shift moves the sample.
func (l *detailLayer) shift(p *problem, by []float32) {
	if l.sample.Shift != nil {
		p.write(l.sample.Shift, by)
	}
}

// aim makes vectors of the bank the targets of the sample.
func (l *detailLayer) aim(p *problem, nearest []float32) {
	most := len(l.bank)/l.width - 1
	for k, j := range nearest {
		copy(l.targets[k*l.width:][:l.width], l.bank[min(max(int(j), 0), most)*l.width:])
	}
	p.write(l.sample.Targets, l.targets)
}

func (m *detail) drop() {
	for i := range m.layers {
		l := &m.layers[i]
		l.bank, l.use, l.features, l.targets, l.search = nil, nil, nil, nil, nil
	}
}
