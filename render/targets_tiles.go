package render

import (
	"context"

	"oneiro/autodiff"
)

// forwardTiles computes the outputs of a graph of a picture tile by tile.
type forwardTiles struct {
	split     *autodiff.Split
	sweep     sweep
	sums      []*autodiff.Node // as tiles.sums
	positions []*autodiff.Node // of each output, on windows; nil for those that are sums
	outputs   []*autodiff.Node // of the split graph
}

// tile makes the graph one that is computed on tiles of at most size pixels, if that is possible.
func (f *forward) tile(d autodiff.Fuser, size int) {
	f.tiles = nil
	s, err := autodiff.NewSplit(f.input, false, f.outputs...)
	if err != nil {
		return
	}
	for _, n := range f.outputs { // grams and features are all that targets are
		if n != s.Root && !s.HasPositions(n) && !s.IsSum(n) {
			return
		}
	}
	down, across := tiled(s, d, size, autodiff.ForwardPass)
	if len(down.Tiles)*len(across.Tiles) == 1 {
		return
	}
	g := s.Forward(down.Size, across.Size)
	f.tiles = &forwardTiles{
		split: s, sums: g.Sums, positions: g.Outputs, outputs: f.outputs,
		sweep: sweep{
			root: g.Root, maps: g.Maps, params: g.Params, masks: g.Masks, down: down, across: across,
		},
	}
	f.tiles.sweep.plan = autodiff.Compile(d, append(present(g.Sums), present(g.Outputs)...)...)
}

// bytes returns the memory of what is taken beside the program, and beside the results.
func (t *forwardTiles) bytes() int64 {
	sum := t.sweep.bytes() + mostBytes(present(t.positions))
	for _, n := range t.split.Sums {
		sum += 3 * n.Shape.Bytes()
	}
	return sum
}

// run returns the values of the outputs. inputs holds those of the graph's inputs other than the picture x.
// vector returns the memory of an output with positions, and where says where that is.
func (t *forwardTiles) run(
	ctx context.Context, d autodiff.Device, limit int64, x []float32, inputs map[*autodiff.Node][]float32,
	vector func(output int) []float32, where func(output int) room,
) (_ [][]float32, err error) {
	t.sweep.limit = limit
	if err := t.sweep.load(d); err != nil {
		return nil, err
	}
	defer func() {
		if failed := t.sweep.close(); err == nil {
			err = failed
		}
	}()
	values := make([][]float32, len(t.outputs))
	for i := range t.outputs {
		if t.positions[i] != nil {
			values[i] = vector(i)
		}
	}
	add := newAdder(t.split.Sums)
	root := t.split.Root.Shape
	source := func(n *autodiff.Node) []float32 { return inputs[n] }
	window := make([]float32, mostBytes(present(t.positions))/4)
	picture := raster{values: x, h: root.H, w: root.W, c: root.C}
	err = t.sweep.run(ctx, picture, [2]int{}, source, func(y, x autodiff.Tile) {
		add.tile(t.sweep.program, t.sums)
		for i, n := range t.positions {
			if n == nil {
				continue
			}
			whole, v := t.outputs[i].Shape, window[:n.Shape.Len()]
			t.sweep.program.Read(n, v)
			raster{values[i], whole.H, whole.W, whole.C, where(i)}.tile(v, n.Shape.W, y, x, t.split.Step(t.outputs[i]))
		}
	})
	if err != nil {
		return nil, err
	}
	for i, n := range t.outputs {
		if t.positions[i] == nil {
			values[i] = add.value(n)
		}
	}
	return values, nil
}

// adder adds up what tiles contribute to sums, in float64.
type adder struct {
	sums    []*autodiff.Node // of the split graph
	total   [][]float64
	partial []float32
}

func newAdder(sums []*autodiff.Node) *adder {
	a := &adder{sums: sums, total: make([][]float64, len(sums))}
	most := 0
	for i, n := range sums {
		a.total[i] = make([]float64, n.Shape.Len())
		most = max(most, n.Shape.Len())
	}
	a.partial = make([]float32, most)
	return a
}

func (a *adder) clear() {
	for _, total := range a.total {
		clear(total)
	}
}

// tile adds the outputs of a program for a tile, of which those that are nil are 0.
func (a *adder) tile(p autodiff.Program, outputs []*autodiff.Node) {
	for i, n := range outputs {
		if n == nil {
			continue
		}
		v := a.partial[:n.Shape.Len()]
		p.Read(n, v)
		for k, part := range v {
			a.total[i][k] += float64(part)
		}
	}
}

// value returns a sum, in memory of its own.
func (a *adder) value(sum *autodiff.Node) []float32 {
	for i, n := range a.sums {
		if n == sum {
			v := make([]float32, len(a.total[i]))
			a.read(i, v)
			return v
		}
	}
	panic("render: not a sum")
}

// read sets dst to sum number i.
func (a *adder) read(i int, dst []float32) {
	for k, v := range a.total[i] {
		dst[k] = float32(v)
	}
}
