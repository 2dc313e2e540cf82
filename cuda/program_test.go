//go:build cuda

package cuda

import (
	"context"
	"testing"

	"oneiro/autodiff"
)

// TestProfile wants every launch told of, and the result of a run.
func TestProfile(t *testing.T) {
	gpu(t)
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Shape{N: 1, H: 4, W: 5, C: 3})
	sum := autodiff.Add(autodiff.Add(autodiff.Mul(x, x), x), x)
	d := open(t)
	loaded, err := d.Load(autodiff.Compile(d, sum), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	data := make([]float32, x.Shape.Len())
	for i := range data {
		data[i] = 3
	}
	loaded.Write(x, data)
	p := loaded.(*program)
	times, err := p.Profile(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var steps, launches int
	for i, op := range times {
		if i > 0 && op.Seconds > times[i-1].Seconds {
			t.Errorf("%s comes after %s, which takes less", op.Op, times[i-1].Op)
		}
		steps += op.Steps
		var seconds float64
		for _, k := range op.Kernels {
			launches += k.Launches
			seconds += k.Seconds
		}
		if d := op.Seconds - seconds; !(op.Seconds >= 0 && d < 1e-9 && d > -1e-9) {
			t.Errorf("%s takes %v s, and its kernels %v s", op.Op, op.Seconds, seconds)
		}
	}
	if steps != 3 || launches != len(p.list.items) {
		t.Errorf("%d steps and %d launches of %d: %+v", steps, launches, len(p.list.items), times)
	}
	loaded.Read(sum, data)
	if data[len(data)-1] != 3*3+3+3 {
		t.Errorf("the result is %v", data)
	}
}

// TestFields writes from and reads to a field beside which there are pointers, as those who have a single
// number do: cgo looks at what it is given.
func TestFields(t *testing.T) {
	gpu(t)
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Scalar)
	sum := autodiff.Add(x, x)
	d := open(t)
	p, err := d.Load(autodiff.Compile(d, sum), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	owner := &struct {
		node   *autodiff.Node
		scalar [1]float32
	}{x, [1]float32{21}}
	p.Write(owner.node, owner.scalar[:])
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if p.Read(sum, owner.scalar[:]); owner.scalar[0] != 42 {
		t.Errorf("the sum is %v", owner.scalar[0])
	}
}

// TestPacked wants filters kept as kernels read them if there is memory for that.
func TestPacked(t *testing.T) {
	gpu(t)
	d := open(t)
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Shape{N: 1, H: 12, W: 12, C: 16})
	filter := &autodiff.Tensor{Name: "w", Shape: autodiff.Shape{N: 3, H: 3, W: 16, C: 32},
		Data: make([]float32, 3*3*16*32)}
	y := autodiff.Conv2D(x, g.Const(filter), nil, autodiff.Conv{Pad: autodiff.Same(3, 3)})
	plan := autodiff.Compile(d, autodiff.Gradient(autodiff.SquaredError(y, nil, 1), x)[0])
	f := d.Footprint(plan, 0)
	if want := int64(2 * 4 * winogradPoints * 16 * 32); f.Packed != want {
		t.Errorf("%d bytes are packed, want %d", f.Packed, want)
	}
	limit := f.Total() - 1
	if f := d.Footprint(plan, limit); f.Packed != 0 || f.Total() > limit {
		t.Errorf("with a limit of %d bytes the footprint is %+v", limit, f)
	}
}

// TestConstants wants a constant on the GPU as long as a program has it, and once.
func TestConstants(t *testing.T) {
	gpu(t)
	d := open(t)
	c := &autodiff.Tensor{Name: "c", Shape: autodiff.Vector(3), Data: []float32{1, 2, 3}}
	load := func() autodiff.Program {
		g := autodiff.NewGraph()
		p, err := d.Load(autodiff.Compile(d, autodiff.Add(g.Input("x", c.Shape), g.Const(c))), 0)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first, second := load(), load()
	for i, p := range []autodiff.Program{first, second} {
		if d.consts[c] == nil || d.consts[c].users != 2-i {
			t.Errorf("%d programs have the constant: %+v", 2-i, d.consts[c])
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.consts) > 0 {
		t.Errorf("%d constants are left", len(d.consts))
	}
}
