package render

import (
	"context"
	"math/rand/v2"
	"runtime/debug"

	"oneiro/autodiff"
	"oneiro/loss"
	"oneiro/nn"
)

// target gives some constants of terms their values.
type target interface {
	fill(ctx context.Context, d autodiff.Device, where rooms) error
	drop() // gives the values up
}

// matcher is a target that depends on the canvas: neighbours that are looked for when a stage begins, or now
// and then in its steps.
type matcher interface {
	target
	graphs() []*forward
	// begin says what the stage begins from: its pixel values, and what was found by the run that is resumed,
	// if one is. The values are only valid until the targets are filled.
	begin(e *Engine, pixels, found []float32)
	// found returns what has been found, as numbers.
	found() []float32
	// bytes returns the memory that is taken in the steps, beside constants.
	bytes() int64
	// watched returns nodes of the stage's graph, once it is built, that are computed for next.
	watched() []*autodiff.Node
	// restore puts what was found into the program that was loaded.
	restore(p *problem)
	// next looks for neighbours before step number i of the stage, if it is time. pixels returns the pixel
	// values.
	next(i int, p *problem, pixels func() []float32, random *rand.Rand) error
}

// carried is the pixel values that the stage before ended with, at its size. The first stage has none.
type carried struct {
	pixels []float32
	size   Size
}

// carried returns what will be known of the stage before when targets are filled.
func (t *Terms) carried() *carried {
	if t.before == nil {
		t.before = new(carried)
	}
	return t.before
}

// fill computes the values of all targets, in order.
func (t *Terms) fill(ctx context.Context, d autodiff.Device) error {
	if len(t.targets) > 0 {
		debug.FreeOSMemory() // what the stage before left
	}
	for _, target := range t.targets {
		if err := target.fill(ctx, d, t.rooms); err != nil {
			return err
		}
	}
	return nil
}

// watched returns the nodes that a matcher looks at.
func (t *Terms) watched() []*autodiff.Node {
	if t.matcher == nil {
		return nil
	}
	return t.matcher.watched()
}

// next lets a matcher look for neighbours before a step.
func (t *Terms) next(i int, p *problem, pixels func() []float32, random *rand.Rand) error {
	if t.matcher == nil {
		return nil
	}
	return t.matcher.next(i, p, pixels, random)
}

// drop gives up the values of all targets: plans, which outlive a stage, have the constants.
func (t *Terms) drop() {
	for _, target := range t.targets {
		target.drop()
	}
}

// forwards returns the targets that are graphs.
func (t *Terms) forwards() []*forward {
	var all []*forward
	for _, target := range t.targets {
		switch f := target.(type) {
		case *forward:
			all = append(all, f)
		case matcher:
			all = append(all, f.graphs()...)
		}
	}
	return all
}

// compile plans the graphs of the targets for a device and returns them.
func (t *Terms) compile(d autodiff.Fuser) []*forward {
	all := t.forwards()
	for _, f := range all {
		f.compile(d)
	}
	return all
}

// derived is a target that the process computes.
type derived struct {
	constant *autodiff.Tensor
	value    func() []float32
}

func (d derived) fill(_ context.Context, _ autodiff.Device, where rooms) error {
	r := where.of(d.constant)
	r.fill(d.constant, r.own(d.value()))
	return nil
}

func (d derived) drop() { d.constant.Data, d.constant.Energy = nil, 0 }

// colours returns the constant that is a picture at the size of a stage, H x W x 3 in 0..1.
func (t *Terms) colours(s Stage, value func() []float32) *autodiff.Tensor {
	c := &autodiff.Tensor{Name: "content", Shape: autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 3}}
	t.targets = append(t.targets, derived{c, value})
	return c
}

// features returns constants that are nodes of the graph of a picture, shown to the network at a size.
func (t *Terms) features(
	s Stage, im *Picture, size Size, build func(in loss.Inputs) []*autodiff.Node,
) []*autodiff.Tensor {
	return t.forward(s, size, func(in loss.Inputs, f *forward) []*autodiff.Node {
		f.pixels = func() []float32 { return resampled(im, size, s.Range) }
		f.copies = copiesOf(im)
		return build(in)
	})
}

// statistics returns constants that are a statistic of layers of the graph of a style picture. Features count
// as much as the picture is opaque where they are; what is clear looks to the network like what is around it.
// If only a part of the picture counts, they count as much as they lie inside.
func (t *Terms) statistics(s Stage, v shownStyle, layers []string, statistic statistic) []*autodiff.Tensor {
	opaque := v.seen
	if !v.hasAlpha() {
		opaque = nil
	}
	return t.forward(s, v.bounds(), func(in loss.Inputs, f *forward) (nodes []*autodiff.Node) {
		f.pixels = func() []float32 { return toValues(v.picture().Filled(), s.Range) }
		f.copies = v.copies()
		in.Weights = map[string]*autodiff.Node{}
		infos := layerInfos(s.Model.Network, v.bounds())
		for _, l := range layers {
			if opaque != nil || v.within != nil {
				m := newMask(in.Layers[l], infos[l], v.within, opaque)
				f.masks = append(f.masks, m)
				in.Weights[l] = m.input
			}
			nodes = append(nodes, statistic(in, l))
		}
		return nodes
	})
}

// forward adds a graph from a picture of a size as a target, and returns the constants that it computes.
func (t *Terms) forward(
	s Stage, size Size, build func(in loss.Inputs, f *forward) []*autodiff.Node,
) []*autodiff.Tensor {
	f := newForward(s, size, build)
	f.constants = make([]*autodiff.Tensor, len(f.outputs))
	for i, n := range f.outputs {
		f.constants[i] = &autodiff.Tensor{Name: "target " + n.Name, Shape: n.Shape}
	}
	t.targets = append(t.targets, f)
	return f.constants
}

// newForward returns a graph from a picture of a size.
func newForward(s Stage, size Size, build func(in loss.Inputs, f *forward) []*autodiff.Node) *forward {
	g := autodiff.NewGraph()
	f := &forward{input: g.Input("picture", autodiff.Shape{N: 1, H: size.H, W: size.W, C: 3})}
	f.outputs = build(loss.Of(f.input, s.Range, s.Model), f)
	return f
}

// add adds a term.
func (t *Terms) add(term loss.Term) { t.Objective = append(t.Objective, term) }

// make adds constants that are made of others.
func (t *Terms) make(all []loss.Made) {
	for _, m := range all {
		t.targets = append(t.targets, derived{m.Constant, m.Value})
	}
}

// blend returns the constant that is the weighted mean of others, which have one shape and are given up.
func (t *Terms) blend(all []*autodiff.Tensor, weights []float64) *autodiff.Tensor {
	if len(all) == 1 {
		return all[0]
	}
	mean := &autodiff.Tensor{Name: all[0].Name, Shape: all[0].Shape}
	t.targets = append(t.targets, derived{mean, func() []float32 {
		values := loss.Blend(all, weights).Data
		for _, member := range all {
			member.Data = nil
		}
		return values
	}})
	return mean
}

// forward is a graph from the pixels of a picture to outputs that are needed once.
type forward struct {
	input     *autodiff.Node
	pixels    func() []float32
	copies    int64 // of the pixels that there are while they are made
	masks     []mask
	outputs   []*autodiff.Node
	constants []*autodiff.Tensor // that the outputs are the values of
	plan      *autodiff.Plan
	tiles     *forwardTiles // instead of plan, if it is computed on tiles
	limit     int64         // as whole.limit
	beside    int64         // bytes that are taken beside the program, the picture and the constants
	times     int           // it is run, 0 for once
	work      float64       // floating-point operations with the values, beside the graph's
	into      [][]float32   // where the values of the outputs go, if that is not new memory
}

// compile plans the graph for a device.
func (f *forward) compile(d autodiff.Fuser) { f.plan, f.tiles = autodiff.Compile(d, f.outputs...), nil }

// largest returns the plan that takes most memory.
func (f *forward) largest() *autodiff.Plan {
	if f.tiles != nil {
		return f.tiles.sweep.plan
	}
	return f.plan
}

// bytes returns what is taken beside the program, the picture and the constants.
func (f *forward) bytes() int64 {
	if f.tiles != nil {
		return f.beside + f.tiles.bytes()
	}
	return f.beside
}

func (f *forward) fill(ctx context.Context, d autodiff.Device, where rooms) error {
	values, err := f.run(ctx, d, where)
	for i, v := range values {
		where.of(f.constants[i]).fill(f.constants[i], v)
	}
	return err
}

// room returns where output i is to be: in memory, if it is that of no constant.
func (f *forward) room(where rooms, i int) room {
	if f.constants == nil {
		return room{}
	}
	return where.of(f.constants[i])
}

func (f *forward) drop() {
	for _, c := range f.constants {
		c.Data, c.Energy = nil, 0
	}
}

// run returns the values of the outputs, which are where the constants are to be.
func (f *forward) run(ctx context.Context, d autodiff.Device, where rooms) (_ [][]float32, err error) {
	x := f.pixels()
	if f.tiles != nil {
		inputs := map[*autodiff.Node][]float32{}
		for _, m := range f.masks {
			if inputs[m.input] = m.values(); inputs[m.input] == nil {
				return nil, allClear()
			}
		}
		values, err := f.tiles.run(ctx, d, f.limit, x, inputs, func(i int) []float32 { return f.vector(where, i) },
			func(i int) room { return f.room(where, i) })
		return values, deviceError(ctx, err)
	}
	program, err := d.Load(f.plan, f.limit)
	if err != nil {
		return nil, deviceError(ctx, err)
	}
	defer func() {
		if failed := program.Close(); err == nil { // also what Read could not say
			err = deviceError(ctx, failed)
		}
	}()
	program.Write(f.input, x)
	for _, m := range f.masks {
		values := m.values()
		if values == nil {
			return nil, allClear()
		}
		program.Write(m.input, values)
	}
	if err := program.Run(ctx); err != nil {
		return nil, deviceError(ctx, err)
	}
	values := make([][]float32, len(f.outputs))
	for i, n := range f.outputs {
		values[i] = f.vector(where, i)
		program.Read(n, values[i])
		f.room(where, i).release(values[i])
	}
	return values, nil
}

// vector returns the memory where the values of output i are to be.
func (f *forward) vector(where rooms, i int) []float32 {
	if f.into != nil {
		return f.into[i]
	}
	return f.room(where, i).vector(f.outputs[i].Shape.Len())
}

// allClear is the error for a picture without a place that counts.
func allClear() error {
	return mistake("style", "choose another picture", "has a picture that is all transparent")
}

// shown returns a picture at a size.
func shown(im *Picture, size Size) *Picture { return im.At(size.W, size.H) }

// resampled returns a picture's colours at a size, as values of a range. What is clear is white.
func resampled(im *Picture, size Size, r nn.ValueRange) []float32 {
	return toValues(im.OwnAt(size.W, size.H).OnWhite(), r)
}

// toValues turns a picture's colours into values of a range, in their place.
func toValues(im *Picture, r nn.ValueRange) []float32 {
	for i, v := range im.Pix {
		im.Pix[i] = r.Pixel(i%3, v)
	}
	return im.Pix
}

// copiesOf returns how many copies of a picture at some size there are while it is resampled: what is
// transparent is resampled first and filled then.
func copiesOf(im *Picture) int64 {
	if im.HasAlpha() {
		return 2
	}
	return 1
}
