package render

import (
	"context"
	"slices"

	"oneiro/autodiff"
)

// tiles computes a picture tile by tile: the sums over positions that its terms are made of in a first pass,
// and then the gradient of each tile in a second. Loss and gradient are those of the whole picture, but for the
// order in which sums are added. What is loaded at a time is one pass.
type tiles struct {
	split    *autodiff.Split
	global   *autodiff.Global
	plan     *autodiff.Plan // of global
	forward  sweep
	backward sweep
	sums     []*autodiff.Node // outputs of forward, for each of global.Sums; nil for 0
	watched  []*autodiff.Node // of the split graph, with positions
	windows  []*autodiff.Node // outputs of forward, for each of watched
	seeds    []*autodiff.Node // inputs of backward, for each of global.Seeds
	grad     *autodiff.Node   // output of backward

	// filed says that the canvas and its gradient lie in a file, and so do the constants that maps are
	// windows of.
	filed   bool
	room    room
	device  autodiff.Device
	program autodiff.Program // of plan
	shift   [2]int
	written map[*autodiff.Node][]float32 // inputs that maps are windows of
	add     *adder                       // of the sums
	values  [][]float32                  // of a sum, and then of its seed
	window  []float32                    // a gradient
	scalar  [1]float32
}

// newTiles returns the tiles of a problem for gradients, of about size pixels. The error is an
// *autodiff.SplitError.
func newTiles(p *problem, d autodiff.Fuser, size int) (*tiles, error) {
	if p.split == nil {
		outputs := slices.Concat([]*autodiff.Node{p.built.Total}, p.built.Terms, p.terms.watched())
		split, err := autodiff.NewSplit(p.pixels, p.wrap, outputs...)
		if err != nil {
			return nil, err
		}
		p.split = split
	}
	split := p.split
	t := &tiles{
		split: split, global: split.Global(), watched: p.terms.watched(), written: map[*autodiff.Node][]float32{},
	}
	down, across := tiled(split, d, size, autodiff.BackwardPass)
	b := split.Backward(down.Size, across.Size)
	t.backward = sweep{root: b.Root, maps: b.Maps, params: b.Params, down: down, across: across}
	t.seeds, t.grad = b.Seeds, b.Gradient
	return t, nil
}

// compile plans the passes. Tiles for sums are as much larger or smaller than those for gradients, of about
// size pixels, as takes no more memory.
func (t *tiles) compile(d autodiff.Device, size int, again recomputing) {
	t.plan = autodiff.Compile(d, append(present(t.global.Outputs), t.global.Seeds...)...)
	t.backward.plan = autodiff.Compile(d, t.grad)
	if again {
		t.backward.plan = autodiff.CompileRecompute(d, t.grad)
	}
	most := d.Footprint(t.backward.plan, 0).Total()
	for _, quarters := range []int{8, 6, 5, 4, 3, 2} {
		down, across := tiled(t.split, d, size*quarters/4, autodiff.ForwardPass)
		f := t.split.Forward(down.Size, across.Size)
		t.forward = sweep{
			root: f.Root, maps: f.Maps, params: f.Params, masks: f.Masks, down: down, across: across,
		}
		t.sums, t.windows = f.Sums, present(f.Outputs)
		t.forward.plan = autodiff.Compile(d, append(present(t.sums), t.windows...)...)
		if d.Footprint(t.forward.plan, 0).Total() <= most {
			return
		}
	}
}

// present returns the nodes that are not nil.
func present(nodes []*autodiff.Node) []*autodiff.Node {
	var all []*autodiff.Node
	for _, n := range nodes {
		if n != nil {
			all = append(all, n)
		}
	}
	return all
}

func (t *tiles) load(d autodiff.Device) (err error) {
	t.device = d
	if t.program, err = d.Load(t.plan, 0); err != nil {
		return err
	}
	t.add, t.values = newAdder(t.split.Sums), make([][]float32, len(t.sums))
	for i, n := range t.global.Sums {
		t.values[i] = make([]float32, n.Shape.Len())
	}
	t.window = make([]float32, t.grad.Shape.Len())
	return nil
}

// bytes returns the memory that is taken beside the programs.
func (t *tiles) bytes() int64 {
	sum := t.forward.bytes() + t.backward.bytes() + t.grad.Shape.Bytes() + mostBytes(t.windows)
	for _, n := range t.global.Sums {
		sum += 3 * n.Shape.Bytes()
	}
	for _, m := range t.split.Maps { // of which the programs have windows
		if !t.isFiled(m) {
			sum += m.Shape.Bytes()
		}
	}
	return sum
}

// mostBytes returns the bytes of the largest of some values, 0 if there are none.
func mostBytes(all []*autodiff.Node) (bytes int64) {
	for _, n := range all {
		bytes = max(bytes, n.Shape.Bytes())
	}
	return bytes
}

// isFiled returns whether a map is cut from a file.
func (t *tiles) isFiled(m *autodiff.Node) bool { return t.filed && m.Tensor() != nil }

// enter puts the canvas and what maps are windows of in a room, and returns that of each constant.
func (t *tiles) enter(r room) rooms {
	t.room, t.forward.room, t.backward.room = r, r, r
	filed := map[*autodiff.Tensor]bool{}
	for _, m := range t.split.Maps {
		if t.isFiled(m) {
			filed[m.Tensor()] = true
		}
	}
	return func(c *autodiff.Tensor) room {
		if filed[c] {
			return r
		}
		return room{}
	}
}

func (t *tiles) close() error {
	err := t.forward.close()
	if failed := t.backward.close(); err == nil {
		err = failed
	}
	if failed := t.program.Close(); err == nil {
		err = failed
	}
	return err
}

func (t *tiles) write(input *autodiff.Node, data []float32) {
	switch g := t.global.Of(input); {
	case g != nil:
		t.program.Write(g, data)
	case input == t.split.Shift:
		t.shift = [2]int{int(data[0]), int(data[1])}
	default: // which windows read: a part of it or all
		t.written[input] = append(t.written[input][:0], data...)
	}
}

// source returns what a map's windows are cut from, or what a parameter is: zeros if nothing was written.
func (t *tiles) source(n *autodiff.Node) []float32 {
	if tensor := n.Tensor(); tensor != nil {
		return tensor.Data
	}
	if t.written[n] == nil {
		t.written[n] = make([]float32, n.Shape.Len())
	}
	return t.written[n]
}

// in calls do with the program of a pass loaded.
func (t *tiles) in(pass *sweep, do func() error) error {
	err := pass.load(t.device)
	if err == nil {
		err = do()
	}
	if failed := pass.close(); err == nil {
		err = failed
	}
	return err
}

func (t *tiles) evaluate(ctx context.Context, x, grad []float32) (float64, error) {
	if err := t.in(&t.forward, func() error { return t.sum(ctx, t.raster(x)) }); err != nil {
		return 0, err
	}
	if err := t.reweigh(ctx, x, grad); err != nil {
		return 0, err
	}
	return t.read(t.global.Outputs[0]), nil
}

// watch needs the first pass only.
func (t *tiles) watch(ctx context.Context, x []float32, into [][]float32) error {
	window := make([]float32, mostBytes(t.windows)/4)
	return t.in(&t.forward, func() error {
		return t.forward.run(ctx, t.raster(x), t.shift, t.source, func(y, x autodiff.Tile) {
			for i, n := range t.windows {
				of := t.watched[i]
				v := window[:n.Shape.Len()]
				t.forward.program.Read(n, v)
				raster{values: into[i], h: of.Shape.H, w: of.Shape.W, c: of.Shape.C}.tile(v, n.Shape.W, y, x,
					t.split.Step(of))
			}
		})
	})
}

// reweigh needs the second pass only: sums have no weights in them.
func (t *tiles) reweigh(ctx context.Context, x, grad []float32) error {
	for i, n := range t.global.Sums {
		t.add.read(i, t.values[i])
		t.program.Write(n, t.values[i])
	}
	if err := t.program.Run(ctx); err != nil {
		return err
	}
	for i, n := range t.global.Seeds {
		t.program.Read(n, t.values[i])
	}
	return t.in(&t.backward, func() error { return t.pullBack(ctx, t.raster(x), t.raster(grad)) })
}

// raster returns the canvas, or its gradient, as what windows are cut from.
func (t *tiles) raster(x []float32) raster {
	size := t.split.Root.Shape
	return raster{x, size.H, size.W, size.C, t.room}
}

// sum adds up what all tiles contribute to the sums.
func (t *tiles) sum(ctx context.Context, picture raster) error {
	t.add.clear()
	return t.forward.run(ctx, picture, t.shift, t.source, func(autodiff.Tile, autodiff.Tile) {
		t.add.tile(t.forward.program, t.sums)
	})
}

// pullBack computes the gradient of all tiles.
func (t *tiles) pullBack(ctx context.Context, picture, grad raster) error {
	p := t.backward.program
	for i, n := range t.seeds {
		p.Write(n, t.values[i])
	}
	width := t.backward.across.Size
	return t.backward.run(ctx, picture, t.shift, t.source, func(y, x autodiff.Tile) {
		p.Read(t.grad, t.window)
		grad.paste(t.window, width, y.Lo-y.Window, x.Lo-x.Window, y.Hi-y.Lo, x.Hi-x.Lo,
			y.Lo-t.shift[0], x.Lo-t.shift[1])
	})
}

func (t *tiles) term(i int) float64 { return t.read(t.global.Outputs[1+i]) }

func (t *tiles) read(n *autodiff.Node) float64 {
	t.program.Read(n, t.scalar[:])
	return float64(t.scalar[0])
}
