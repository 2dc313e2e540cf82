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
// We differ in four ways. The paper looks for neighbours in every step: here it is every detailInterval steps,
// with a sample of its own each time, since looking takes as long as a step does. It samples the style at the
// same offset as the result: here each style picture has one sample, at random offsets, for the whole pass, so
// that the features of only that are kept. Samples have 45 to 90 positions along the longer side, where the
// paper's have from 64 to 127: the search takes up to sixteen times as long with twice as many. And the mean
// that is subtracted from the result's features is that at the beginning of the pass: so what a position is
// for does not depend on the others, and tiles need no pass for the mean. Smaller layers, for which its
// program fails, are compared whole.
type detail struct {
	o      *StyleOptions
	stage  Stage
	pools  []pool
	layers []detailLayer
	engine *Engine

	state []float32 // of each layer, as its parts say; nil if there is none yet
}

// detailLayer is what there is of a layer.
type detailLayer struct {
	name     string
	h, w     int // positions
	sample   loss.Sample
	width    int         // channels
	rows     int         // of the sample
	bank     []float32   // vectors of the style, less their mean, of length 1
	use      []bool      // those of them that count
	ends     []int       // of each pool, where its vectors end
	counts   [][]float32 // of each pool, how much each position counts; nil elements for pools of all
	features []float32   // of the sample
	targets  []float32
	search   *near.Search
}

// detailInterval is the number of steps from one search to the next, and detailSide about how many positions of
// a sample there are along the longer side at most.
const (
	detailInterval = 4
	detailSide     = 64
)

// detailStride returns how far apart the positions of a sample are, of so many: a power of two, so that those
// of all layers fit into the same tiles.
func detailStride(positions int) int {
	stride := 1
	for float64(positions) > math.Sqrt2*detailSide*float64(stride) {
		stride *= 2
	}
	return stride
}

func newDetail(o *StyleOptions, s Stage) *detail {
	m := &detail{o: o, stage: s}
	newForward(s, s.Size, func(in loss.Inputs, _ *forward) []*autodiff.Node {
		for _, name := range o.StyleLayers {
			x := in.Layers[name].Shape
			l := detailLayer{name: name, h: x.H, w: x.W, width: x.C}
			l.sample.Stride = min(detailStride(max(x.H, x.W)), x.H, x.W)
			l.rows = x.N * (x.H / l.sample.Stride) * (x.W / l.sample.Stride)
			m.layers = append(m.layers, l)
		}
		return nil
	})
	random := rand.New(rand.NewPCG(o.Seed, 1))
	m.pools = o.pools(s, func(in loss.Inputs) []*autodiff.Node {
		nodes := make([]*autodiff.Node, len(m.layers))
		for i, l := range m.layers {
			x := in.Layers[l.name]
			stride := min(l.sample.Stride, x.Shape.H, x.Shape.W)
			from := autodiff.Tensor{Name: "sample", Shape: autodiff.Vector(2), Data: within(stride, random)}
			nodes[i] = loss.Sampled(x, x.Graph().Const(&from), stride)
		}
		return nodes
	})
	for i := range m.layers {
		l, end := &m.layers[i], 0
		for k := range m.pools {
			for _, b := range m.pools[k].banks {
				end += b.outputs[i].Shape.Rows()
			}
			l.ends = append(l.ends, end)
		}
	}
	for _, f := range m.graphs() {
		f.beside = m.bytes()
	}
	searches := (o.Iterations + detailInterval - 1) / detailInterval
	first := m.pools[0].banks[0].forward
	for _, l := range m.layers { // which are not computed before the steps, but are no part of one either
		work := 2 * float64(searches) * float64(l.rows) * float64(l.vectors()) * float64(l.width)
		first.work += work / float64(len(m.pools)) // of which regions search parts
	}
	return m
}

// within returns a random position in squares of a sample, as autodiff.Subsample has it.
func within(stride int, random *rand.Rand) []float32 {
	return []float32{float32(random.IntN(stride)), float32(random.IntN(stride))}
}

func (m *detail) graphs() []*forward { return graphsOf(banksOf(m.pools)) }

// vectors returns the number of those of the style.
func (l *detailLayer) vectors() int { return l.ends[len(l.ends)-1] }

func (m *detail) bytes() int64 {
	var sum, largest, positions int64
	copies := 2
	if m.o.Labels != nil { // also of the features of a region
		copies = 3
	}
	for i, l := range m.layers {
		numbers := l.width * (l.vectors() + copies*l.rows)
		sum += 4*int64(numbers) + near.Bytes([]int{l.width}, l.rows, runtime.GOMAXPROCS(0))
		if i == 0 || m.layers[i-1].h != l.h || m.layers[i-1].w != l.w {
			positions += int64(l.h) * int64(l.w)
		}
		for _, b := range banksOf(m.pools) {
			largest = max(largest, 4*int64(b.outputs[i].Shape.Len()))
		}
	}
	for _, p := range m.pools {
		if p.part != nil {
			sum += 4 * positions
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

// fill reads the style pictures, and where regions are.
func (m *detail) fill(ctx context.Context, d autodiff.Device, _ rooms) error {
	for i := range m.layers {
		l := &m.layers[i]
		l.bank, l.use = make([]float32, l.width*l.vectors()), nil
		l.features, l.targets = make([]float32, l.rows*l.width), make([]float32, l.rows*l.width)
		l.search = near.New(m.engine.Kernels, m.engine.Pool, []int{l.width}, []float32{1})
		l.counts = make([][]float32, len(m.pools))
		for k, p := range m.pools {
			if before := i - 1; i > 0 && m.layers[before].h == l.h && m.layers[before].w == l.w {
				l.counts[k] = m.layers[before].counts[k]
			} else {
				l.counts[k] = p.counts(l.w, l.h)
			}
		}
	}
	at := make([]int, len(m.layers))
	for _, b := range banksOf(m.pools) {
		into := make([][]float32, len(m.layers))
		for i := range into {
			into[i] = m.layers[i].bank[at[i]:]
		}
		values, err := b.with(into).run(ctx, d, nil)
		if err != nil {
			return err
		}
		for i, v := range values { // which lie there
			at[i] += len(v)
			m.layers[i].use = append(m.layers[i].use, m.uses(b, i)...)
		}
		b.into = nil
	}
	for i := range m.layers {
		l, first := &m.layers[i], 0
		for _, end := range l.ends {
			if !slices.Contains(l.use[first:end], true) {
				return allClear()
			}
			first = end
		}
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

// uses returns which positions in the sample of layer i of a bank count.
func (m *detail) uses(b *bank, i int) []bool {
	sampled := b.outputs[i]
	all := make([]bool, sampled.Shape.Rows())
	layer, from, stride := sampled, []float32{0, 0}, 1
	if a, ok := sampled.Attr.(autodiff.SubsampleAttr); ok {
		layer, from, stride = sampled.In[0], sampled.In[1].Tensor().Data, a.Stride
	}
	use := b.uses(m.layers[i].name, layer.Shape.W, layer.Shape.H)
	for p := range all {
		y, x := p/sampled.Shape.W*stride+int(from[0]), p%sampled.Shape.W*stride+int(from[1])
		all[p] = use == nil || use[y*layer.Shape.W+x]
	}
	return all
}

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

// parts returns the parts of the state of a layer, and the rest of the state: where the sample is, the centre,
// and for each pool the numbers of neighbours, of positions that are not in it any.
func (l *detailLayer) parts(state []float32) (from, centre []float32, nearest [][]float32, rest []float32) {
	from, state = state[:2], state[2:]
	centre, state = state[:l.width], state[l.width:]
	for range l.ends {
		nearest, state = append(nearest, state[:l.rows]), state[l.rows:]
	}
	return from, centre, nearest, state
}

// numbers returns the length of the state.
func (m *detail) numbers() int {
	n := 0
	for _, l := range m.layers {
		n += 2 + l.width + len(l.ends)*l.rows
	}
	return n
}

func (m *detail) restore(p *problem) {
	if m.state == nil {
		return
	}
	rest := m.state
	for i := range m.layers {
		l := &m.layers[i]
		var from, centre []float32
		var nearest [][]float32
		from, centre, nearest, rest = l.parts(rest)
		l.move(p, from)
		p.write(l.sample.Centre, centre)
		l.aim(p, from, nearest)
	}
}

// next looks for neighbours, with a new sample, every detailInterval steps.
func (m *detail) next(i int, p *problem, pixels func() []float32, random *rand.Rand) error {
	if i%detailInterval != 0 {
		return nil
	}
	known := m.state != nil
	if !known {
		m.state = make([]float32, m.numbers())
	}
	rest, features := m.state, make([][]float32, len(m.layers))
	for i := range m.layers {
		l := &m.layers[i]
		var from []float32
		from, _, _, rest = l.parts(rest)
		copy(from, within(l.sample.Stride, random))
		l.move(p, from)
		features[i] = l.features
	}
	if err := p.evaluator.watch(p.ctx, pixels(), features); err != nil {
		return deviceError(p.ctx, err)
	}
	rest = m.state
	for i := range m.layers {
		l := &m.layers[i]
		var from, centre []float32
		var nearest [][]float32
		from, centre, nearest, rest = l.parts(rest)
		if !known {
			var mean near.Mean
			mean.Add(near.Matrix{l.features}, []int{l.width}, nil)
			copy(centre, mean.Vector()[0])
		}
		p.write(l.sample.Centre, centre)
		l.look(from, centre, nearest)
		l.aim(p, from, nearest)
	}
	return nil
}

// look finds the neighbours of the features of a sample.
func (l *detailLayer) look(from, centre []float32, nearest [][]float32) {
	for r := 0; r < len(l.features); r += l.width {
		for i, v := range centre {
			l.features[r+i] -= v
		}
	}
	zero, first := make([]float32, l.width), 0
	for k, end := range l.ends {
		var rows []int
		queries := l.features
		if l.counts[k] != nil {
			queries = nil
			for r := range l.rows {
				if l.count(k, r, from) > 0 {
					rows, queries = append(rows, r), append(queries, l.features[r*l.width:][:l.width]...)
				}
			}
		}
		if len(queries) > 0 {
			l.search.Begin(near.Matrix{queries})
			l.search.Add(near.Matrix{l.bank[first*l.width : end*l.width]}, near.Matrix{zero}, l.use[first:end])
			for i, j := range l.search.Nearest() {
				r := i
				if rows != nil {
					r = rows[i]
				}
				nearest[k][r] = float32(first + int(j))
			}
		}
		first = end
	}
}

// count returns how much a row of the sample counts in a pool.
func (l *detailLayer) count(k, row int, from []float32) float32 {
	if l.counts[k] == nil {
		return 1
	}
	s := l.sample.Stride
	across := l.w / s
	return l.counts[k][(row/across*s+int(from[0]))*l.w+row%across*s+int(from[1])]
}

// move moves the sample.
func (l *detailLayer) move(p *problem, from []float32) {
	if l.sample.From != nil {
		p.write(l.sample.From, from)
	}
}

// aim makes vectors of the bank the targets of the sample.
func (l *detailLayer) aim(p *problem, from []float32, nearest [][]float32) {
	most := len(l.bank)/l.width - 1
	clear(l.targets)
	for k, of := range nearest {
		for r, j := range of {
			target, count := l.targets[r*l.width:][:l.width], l.count(k, r, from)
			if count == 0 {
				continue
			}
			for c, v := range l.bank[min(max(int(j), 0), most)*l.width:][:l.width] {
				target[c] += count * v
			}
		}
	}
	p.write(l.sample.Targets, l.targets)
}

func (m *detail) drop() {
	for i := range m.layers {
		l := &m.layers[i]
		l.bank, l.use, l.counts, l.features, l.targets, l.search = nil, nil, nil, nil, nil, nil
	}
}
