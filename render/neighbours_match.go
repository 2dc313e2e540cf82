package render

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"

	"oneiro/autodiff"
	near "oneiro/internal/neighbours"
	"oneiro/loss"
)

// matching finds the neighbours of a stage when it begins: for each hypercolumn of a picture between the
// content and the result so far the nearest of the style pictures, by the cosine after each side's mean is
// subtracted. The vectors found are the targets, in one constant for each layer. It is done by the process, on
// any device.
type matching struct {
	o       *StyleOptions
	stage   Stage
	query   *forward
	banks   []bank
	widths  []int
	factors []float32
	targets []*autodiff.Tensor

	engine  *Engine
	start   []float32 // pixel values
	nearest []float32 // of each hypercolumn, the number of the vector; nil if that is not known yet
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
	m.banks = o.banks(s, func(in loss.Inputs, _ int) []*autodiff.Node { return build(in) })
	for _, n := range m.query.outputs {
		m.widths = append(m.widths, n.Shape.C)
		m.factors = append(m.factors, 1/float32(n.Shape.C))
		m.targets = append(m.targets, &autodiff.Tensor{Name: "neighbours " + n.Name, Shape: n.Shape})
	}
	for _, b := range m.banks {
		m.query.work += 2 * float64(m.bytesOf(b.rows)/4) * float64(m.positions())
	}
	for _, f := range graphsOf(m.banks) {
		f.times *= 2 // for the mean, and for the search
	}
	beside := m.bytesOf(m.positions()) + m.bytesOf(m.most()) +
		near.Bytes(m.widths, m.positions(), runtime.GOMAXPROCS(0))
	for _, f := range m.graphs() {
		f.beside = beside
	}
	return m
}

func (m *matching) positions() int { return m.query.outputs[0].Shape.Rows() }

// most returns the number of vectors of the largest bank.
func (m *matching) most() int {
	most := 0
	for _, b := range m.banks {
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

func (m *matching) graphs() []*forward { return append([]*forward{m.query}, graphsOf(m.banks)...) }

func (m *matching) begin(e *Engine, pixels, found []float32) {
	m.engine, m.start, m.nearest = e, pixels, found
}

func (m *matching) found() []float32          { return m.nearest }
func (m *matching) bytes() int64              { return 4 * int64(m.positions()) }
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
	raw := m.room(m.most())
	var err error
	if m.nearest == nil {
		err = m.look(ctx, d, raw)
	} else {
		err = m.gather(ctx, d, raw)
	}
	m.query.into, m.start = nil, nil
	for _, b := range m.banks {
		b.into = nil
	}
	if err == nil {
		m.normalise()
	}
	for _, t := range m.targets {
		where.of(t).release(t.Data)
	}
	return err
}

// look finds the neighbours, and puts them into the targets. raw has room for a bank.
func (m *matching) look(ctx context.Context, d autodiff.Device, raw near.Matrix) error {
	queries := m.room(m.positions())
	m.query.into = queries
	values, err := m.query.run(ctx, d, nil)
	if err != nil {
		return err
	}
	queries = values
	near.Centre(queries, m.widths, nil)
	var mean near.Mean
	for i := range m.banks {
		if values, err = m.banks[i].with(raw).run(ctx, d, nil); err != nil {
			return err
		}
		mean.Add(values, m.widths, m.uses(i))
	}
	if mean.Count() == 0 {
		return allClear()
	}
	centre := mean.Vector()
	s := near.New(m.engine.Kernels, m.engine.Pool, m.widths, m.factors)
	s.Begin(queries)
	first := 0
	for i := range m.banks {
		if len(m.banks) > 1 { // else there is what was computed last
			if values, err = m.banks[i].with(raw).run(ctx, d, nil); err != nil {
				return err
			}
		}
		s.Add(values, centre, m.uses(i))
		for p, j := range s.Nearest() {
			if int(j) >= first {
				m.take(p, values, int(j)-first)
			}
		}
		first += m.banks[i].rows
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	m.nearest = make([]float32, len(s.Nearest()))
	for p, j := range s.Nearest() {
		m.nearest[p] = float32(j)
	}
	return nil
}

// uses returns which vectors of bank i count.
func (m *matching) uses(i int) []bool {
	s := m.banks[i].outputs[0].Shape
	return m.banks[i].opaque(s.W, s.H)
}

// gather puts neighbours that are known into the targets.
func (m *matching) gather(ctx context.Context, d autodiff.Device, raw near.Matrix) error {
	if len(m.nearest) != m.positions() {
		return foundError(m.positions(), len(m.nearest))
	}
	first, taken := 0, 0
	for i := range m.banks {
		var values near.Matrix
		for p, j := range m.nearest {
			row := int(j) - first
			if row < 0 || row >= m.banks[i].rows {
				continue
			}
			if values == nil {
				var err error
				if values, err = m.banks[i].with(raw).run(ctx, d, nil); err != nil {
					return err
				}
			}
			m.take(p, values, row)
			taken++
		}
		first += m.banks[i].rows
	}
	if taken != m.positions() {
		return foundError(m.positions(), taken)
	}
	return nil
}

// take makes a vector of a bank the target of a position.
func (m *matching) take(position int, bank near.Matrix, row int) {
	for k, w := range m.widths {
		copy(m.targets[k].Data[position*w:][:w], bank[k][row*w:][:w])
	}
}

// normalise divides each layer by its number of channels, the vectors by their lengths, and each layer by its
// number of channels once more: as loss.Neighbours wants its targets.
func (m *matching) normalise() {
	for p := range m.positions() {
		var square float64
		for k, w := range m.widths {
			for _, v := range m.targets[k].Data[p*w:][:w] {
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
				m.targets[k].Data[p*w+i] *= f
			}
		}
	}
}

func (m *matching) drop() {
	for _, t := range m.targets {
		t.Data = nil
	}
}
