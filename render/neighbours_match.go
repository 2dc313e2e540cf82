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

// matching finds the neighbours of a stage when it begins: for each hypercolumn of a picture between the
// content and the result so far the nearest of the style pictures, by the cosine after each side's mean is
// subtracted. The vectors found are the targets, in one constant for each layer. Where regions of the content
// meet, a target is a mean of what each of them finds. It is done by the process, on any device.
type matching struct {
	o       *StyleOptions
	stage   Stage
	query   *forward
	pools   []pool
	widths  []int
	factors []float32
	targets []*autodiff.Tensor

	engine  *Engine
	start   []float32 // pixel values
	nearest []float32 // of each pool, of each place, the number of the vector; nil if that is not known yet
}

func newMatching(o *StyleOptions, s Stage) *matching {
	m := &matching{o: o, stage: s}
	build := func(in loss.Inputs) []*autodiff.Node {
		nodes, err := loss.Hypercolumns(in, o.StyleLayers)
		if err != nil {
			panic("render: " + err.Error()) // StyleOptions.check would have found it
		}
		return nodes
	}
	m.query = newForward(s, s.Size, func(in loss.Inputs, f *forward) []*autodiff.Node {
		f.pixels, f.copies = m.search, searchCopies+copiesOf(o.Content)
		return build(in)
	})
	m.pools = o.pools(s, build)
	for _, n := range m.query.outputs {
		m.widths = append(m.widths, n.Shape.C)
		m.factors = append(m.factors, 1/float32(n.Shape.C))
		m.targets = append(m.targets, &autodiff.Tensor{Name: "neighbours " + n.Name, Shape: n.Shape})
	}
	for _, b := range m.banks() { // of which regions search parts
		m.query.work += 2 * float64(m.bytesOf(b.rows)/4) * float64(m.positions()) / float64(len(m.pools))
	}
	for _, f := range graphsOf(m.banks()) {
		f.times *= 2 // for the mean, and for the search
	}
	copies := int64(1)
	if o.Labels != nil { // also of those of a region, and of what is found
		copies = 3
	}
	beside := copies*m.bytesOf(m.positions()) + m.bytesOf(m.most()) +
		near.Bytes(m.widths, m.positions(), runtime.GOMAXPROCS(0))
	for _, f := range m.graphs() {
		f.beside = beside
	}
	return m
}

func (m *matching) banks() []*bank { return banksOf(m.pools) }
func (m *matching) positions() int { return m.query.outputs[0].Shape.Rows() }

// most returns the number of vectors of the largest bank.
func (m *matching) most() int {
	most := 0
	for _, b := range m.banks() {
		most = max(most, b.rows)
	}
	return most
}

// bytesOf returns the memory of so many hypercolumns.
func (m *matching) bytesOf(rows int) int64 {
	var sum int64
	for _, w := range m.widths {
		sum += 4 * int64(w) * int64(rows)
	}
	return sum
}

func (m *matching) room(rows int) near.Matrix {
	x := make(near.Matrix, len(m.widths))
	for k, w := range m.widths {
		x[k] = make([]float32, rows*w)
	}
	return x
}

func (m *matching) graphs() []*forward { return append([]*forward{m.query}, graphsOf(m.banks())...) }

func (m *matching) begin(e *Engine, pixels, found []float32) {
	m.engine, m.start, m.nearest = e, pixels, found
}

func (m *matching) found() []float32          { return m.nearest }
func (m *matching) bytes() int64              { return 4 * int64(m.positions()) * int64(len(m.pools)) }
func (m *matching) watched() []*autodiff.Node { return nil }
func (m *matching) restore(*problem)          {}
func (m *matching) next(int, *problem, func() []float32, *rand.Rand) error {
	return nil
}

// searchCopies is how many pictures there are, pyramids counted as two, while search makes one.
const searchCopies = 7

// search returns the picture that neighbours are looked for with: ContentShare of it is the content, and the
// rest is the result so far with the content's finest detail, which it does not have yet. At first it is the
// content.
func (m *matching) search() []float32 {
	size := m.stage.Size
	content := resampled(m.o.Content, size, m.stage.Range)
	if m.stage.Index == 0 || m.o.ContentShare == 1 {
		return content
	}
	share, fine, old := float32(m.o.ContentShare), fineBand(content, size), fineBand(m.start, size)
	for i, v := range m.start {
		content[i] = share*content[i] + (1-share)*(v-old[i]+fine[i])
	}
	return content
}

func (m *matching) fill(ctx context.Context, d autodiff.Device, where rooms) error {
	for _, t := range m.targets {
		t.Data = where.of(t).vector(t.Shape.Len())
	}
	err := m.find(ctx, d)
	m.query.into, m.start = nil, nil
	for _, b := range m.banks() {
		b.into = nil
	}
	for _, t := range m.targets {
		where.of(t).release(t.Data)
	}
	return err
}

// find makes the targets of the neighbours, which it looks for unless they are known.
func (m *matching) find(ctx context.Context, d autodiff.Device) error {
	raw := m.room(m.most())
	var look *look
	var nearest []float32
	found := m.nearest
	if found == nil {
		var err error
		if look, err = m.newLook(ctx, d, raw); err != nil {
			return err
		}
	}
	like := m.query.outputs[0].Shape
	for k := range m.pools {
		p := &m.pools[k]
		at, counts := p.places(like.W, like.H)
		n, taken := len(at), make(near.Matrix, len(m.targets))
		if at == nil {
			n = m.positions()
			for i, t := range m.targets {
				taken[i] = t.Data
			}
		} else {
			taken = m.room(n)
			if k == 0 {
				for _, t := range m.targets {
					clear(t.Data)
				}
			}
		}
		switch {
		case look != nil:
			if err := look.in(p, at, taken); err != nil {
				return err
			}
			for _, j := range look.search.Nearest() {
				nearest = append(nearest, float32(j))
			}
		case len(found) < n:
			return foundError(n, len(found))
		default:
			if err := m.gather(ctx, d, p, found[:n], taken, raw); err != nil {
				return err
			}
			found = found[n:]
		}
		m.normalise(taken)
		m.add(taken, at, counts)
	}
	if look != nil {
		m.nearest = nearest
	} else if len(found) > 0 {
		return foundError(len(m.nearest)-len(found), len(m.nearest))
	}
	return nil
}

// look is a search in progress.
type look struct {
	*matching
	ctx     context.Context
	device  autodiff.Device
	search  *near.Search
	queries near.Matrix // centred
	centre  near.Matrix // of the banks
	raw     near.Matrix // room for a bank
	only    near.Matrix // the features of the only bank; nil if there are several
}

// newLook computes what is looked for, and the mean of all that is searched.
func (m *matching) newLook(ctx context.Context, d autodiff.Device, raw near.Matrix) (*look, error) {
	l := &look{matching: m, ctx: ctx, device: d, raw: raw}
	m.query.into = m.room(m.positions())
	var err error
	if l.queries, err = m.query.run(ctx, d, nil); err != nil {
		return nil, err
	}
	near.Centre(l.queries, m.widths, nil)
	var mean near.Mean
	all := m.banks()
	for _, b := range all {
		values, err := b.with(raw).run(ctx, d, nil)
		if err != nil {
			return nil, err
		}
		if mean.Add(values, m.widths, m.uses(b)); len(all) == 1 {
			l.only = values
		}
	}
	if mean.Count() == 0 {
		return nil, allClear()
	}
	l.centre = mean.Vector()
	l.search = near.New(m.engine.Kernels, m.engine.Pool, m.widths, m.factors)
	return l, nil
}

// in looks for the neighbours of places, nil for all, in a pool, and sets taken to them.
func (l *look) in(p *pool, at []int, taken near.Matrix) error {
	queries := l.queries
	if at != nil {
		queries = l.room(len(at))
		for k, w := range l.widths {
			for i, q := range at {
				copy(queries[k][i*w:][:w], l.queries[k][q*w:])
			}
		}
	}
	l.search.Begin(queries)
	first, any := 0, false
	for i := range p.banks {
		b, values := &p.banks[i], l.only
		if values == nil {
			var err error
			if values, err = b.with(l.raw).run(l.ctx, l.device, nil); err != nil {
				return err
			}
		}
		use := l.uses(b)
		any = any || use == nil || slices.Contains(use, true)
		l.search.Add(values, l.centre, use)
		for q, j := range l.search.Nearest() {
			if int(j) >= first {
				l.take(taken, q, values, int(j)-first)
			}
		}
		first += b.rows
		if err := l.ctx.Err(); err != nil {
			return err
		}
	}
	if !any {
		return allClear()
	}
	return nil
}

// uses returns which vectors of a bank count.
func (m *matching) uses(b *bank) []bool {
	s := b.outputs[0].Shape
	for _, l := range m.o.StyleLayers { // one with as many positions
		if i := b.infos[l]; min(i.H, i.W) == min(s.H, s.W) && max(i.H, i.W) == max(s.H, s.W) {
			return b.uses(l, s.W, s.H)
		}
	}
	return b.uses(m.o.StyleLayers[0], s.W, s.H)
}

// gather sets taken to neighbours that are known.
func (m *matching) gather(
	ctx context.Context, d autodiff.Device, p *pool, nearest []float32, taken, raw near.Matrix,
) error {
	first, count := 0, 0
	for i := range p.banks {
		var values near.Matrix
		for q, j := range nearest {
			row := int(j) - first
			if row < 0 || row >= p.banks[i].rows {
				continue
			}
			if values == nil {
				var err error
				if values, err = p.banks[i].with(raw).run(ctx, d, nil); err != nil {
					return err
				}
			}
			m.take(taken, q, values, row)
			count++
		}
		first += p.banks[i].rows
	}
	if count != len(nearest) {
		return foundError(len(nearest), count)
	}
	return nil
}

// take sets a vector to one of a bank.
func (m *matching) take(taken near.Matrix, i int, bank near.Matrix, row int) {
	for k, w := range m.widths {
		copy(taken[k][i*w:][:w], bank[k][row*w:])
	}
}

// normalise divides each layer by its number of channels, the vectors by their lengths, and each layer by its
// number of channels once more: as loss.Neighbours wants its targets.
func (m *matching) normalise(vectors near.Matrix) {
	for p := range len(vectors[0]) / m.widths[0] {
		var square float64
		for k, w := range m.widths {
			for _, v := range vectors[k][p*w:][:w] {
				v := float64(v) * float64(m.factors[k])
				square += v * v
			}
		}
		inverse := 0.0
		if square > 0 {
			inverse = 1 / math.Sqrt(square)
		}
		for k, w := range m.widths {
			f := float32(inverse * float64(m.factors[k]) * float64(m.factors[k]))
			for i := range w {
				vectors[k][p*w+i] *= f
			}
		}
	}
}

// add adds vectors to the targets of places, as much as they count. Those of all places are the targets.
func (m *matching) add(vectors near.Matrix, at []int, counts []float32) {
	for k, w := range m.widths {
		for i, p := range at {
			target := m.targets[k].Data[p*w:][:w]
			for c, v := range vectors[k][i*w:][:w] {
				target[c] += counts[i] * v
			}
		}
	}
}

func (m *matching) drop() {
	for _, t := range m.targets {
		t.Data = nil
	}
}
