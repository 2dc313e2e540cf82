package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	. "oneiro/autodiff"
	"oneiro/autodiff/conformance"
)

// quarter is the pool of VGG.
var quarter = Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2, Ceil: true}

// blur is a kernel of 3x3 weights.
var blur = []float32{0, 0.1, 0, 0.1, 0.6, 0.1, 0, 0.1, 0}

// randomOutputs makes a random graph and picks outputs from it, now and then a gradient, an input or
// a constant, or one node twice.
func randomOutputs(seed uint64) []*Node {
	r := rand.New(rand.NewPCG(seed, 0))
	g := NewGraph()
	full, half, wide := Shape{1, 6, 5, 16}, Shape{1, 3, 3, 16}, Shape{1, 6, 5, 32}
	constant := func(s Shape, scale float64) *Node {
		t := &Tensor{Shape: s, Data: make([]float32, s.Len())}
		for i := range t.Data {
			t.Data[i] = float32(r.NormFloat64() * scale)
		}
		return g.Const(t)
	}
	filter := func(k, in, out int) *Node { return constant(Shape{k, k, in, out}, 1/math.Sqrt(float64(k*k*in))) }
	nodes := []*Node{g.Input("x", full), g.Input("y", full), constant(full, 1)}
	of := func(s Shape) *Node { // of the last ones mostly, so that there are chains
		for range 50 {
			i := len(nodes) - 1 - min(r.IntN(len(nodes)), r.IntN(len(nodes)))
			if nodes[i].Shape == s {
				return nodes[i]
			}
		}
		return nodes[0]
	}
	ops := []func(x *Node) *Node{
		ReLU, ReLU, func(x *Node) *Node { return Scale(Square(x), 0.1) },
		func(x *Node) *Node { return Square(ReLU(x)) },
		func(x *Node) *Node { return ScaleOffset(x, -0.5, 1) },
		func(x *Node) *Node { return Add(x, of(full)) },
		func(x *Node) *Node { return Sub(of(full), x) },
		func(x *Node) *Node { return Mul(x, of(full)) },
		func(x *Node) *Node { return Div(x, ScaleOffset(SumRows(Square(of(full))), 1, 1)) },
		func(x *Node) *Node { return Mul(x, Mean(of(full))) },
		func(x *Node) *Node { return Reshape(x, Matrix(30, 16)) },
		func(x *Node) *Node { return Reshape(Square(Reshape(x, Matrix(15, 32))), full) },
		func(x *Node) *Node { return Conv2D(x, filter(3, 16, 16), nil, Conv{Pad: Same(3, 3)}) },
		func(x *Node) *Node { return ReLU(Conv2D(x, filter(3, 16, 16), nil, Conv{Pad: Same(3, 3)})) },
		func(x *Node) *Node { return ReLU(Conv2D(x, filter(1, 16, 16), SumRows(of(full)), Conv{})) },
		func(x *Node) *Node { return Concat(x, of(full)) },
		func(x *Node) *Node { return Slice(of(wide), 0, min(16, of(wide).Shape.C)) },
		func(x *Node) *Node { return Gram(x, GramAttr{Scale: 0.1}) },
		func(x *Node) *Node {
			y := ReLU(Conv2D(x, filter(1, 16, 16), nil, Conv{}))
			return Add(y, Mean(Square(Gram(y, GramAttr{Scale: 0.1}))))
		},
		func(x *Node) *Node {
			y := ReLU(Conv2D(x, filter(1, 16, 16), nil, Conv{}))
			return Add(Conv2D(y, filter(3, 16, 16), nil, Conv{Pad: Same(3, 3)}), Mean(Square(Gram(y, GramAttr{Scale: 0.1}))))
		},
		func(x *Node) *Node { return MSE(x, of(full)) },
		func(x *Node) *Node { return Fill(Sum(x), full) },
		func(x *Node) *Node { return Filter(PadWith(x, Same(3, 3), PadReflect), 3, 3, blur, 1) },
		func(x *Node) *Node {
			return MaxPool(x, Pool{KH: 3, KW: 3, StrideH: 1, StrideW: 1, Pad: Same(3, 3)})
		},
		func(x *Node) *Node { return MaxPool(x, quarter) },
		func(x *Node) *Node { return MaxPool(ReLU(x), quarter) },
		func(x *Node) *Node {
			return MaxPool(ReLU(Conv2D(x, filter(3, 16, 16), nil, Conv{Pad: Same(3, 3)})), quarter)
		},
		func(*Node) *Node {
			return ReLU(Conv2D(of(half), filter(3, 16, 16), nil, Conv{Pad: Same(3, 3)}))
		},
		func(*Node) *Node { return Fill(SumRows(of(half)), full) },
	}
	for range 5 + r.IntN(40) {
		nodes = append(nodes, ops[r.IntN(len(ops))](of(full)))
	}
	var outputs []*Node
	for range 1 + r.IntN(4) {
		outputs = append(outputs, nodes[len(nodes)-1-min(r.IntN(len(nodes)), r.IntN(len(nodes)))])
	}
	if r.IntN(2) == 0 {
		loss := Sum(nodes[len(nodes)-1])
		for _, n := range outputs {
			loss = Add(loss, Mean(n))
		}
		if r.IntN(2) == 0 {
			outputs = []*Node{loss}
		}
		outputs = append(outputs, Gradient(loss, nodes[0], nodes[1])...)
	}
	return outputs
}

// TestPlan checks plans of random graphs: that their steps compute what the graph says, in float64,
// and, also of those of the conformance cases, by running them on tokens, that no memory is used twice
// at a time.
func TestPlan(t *testing.T) {
	found := map[string]int{}
	check := func(name string, outputs []*Node, compile func(Fuser, ...*Node) *Plan, values func(p *Plan) error) {
		p := compile(TileFuser, outputs...)
		for what, err := range map[string]error{
			"values": values(p), "memory": simulate(p), "steps": checkSteps(p), "arena": checkArena(p),
		} {
			if err != nil {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		again := compile(TileFuser, outputs...)
		if !reflect.DeepEqual(p.Steps, again.Steps) || !reflect.DeepEqual(p.Buffers, again.Buffers) {
			t.Errorf("%s: two plans for the same outputs differ", name)
		}
		for _, s := range p.Steps {
			pool, conv := fused(s, "maxPool"), s.Op.Name == "conv2dInputGrad"
			for what, is := range map[string]bool{
				"ReLU": fused(s, "relu"), "pool": pool, "pool without argmax": pool && !fused(s, "argMax"),
				"pool and ReLU": pool && fused(s, "relu"), "pool and signs": pool && fused(s, "signMask"),
				"unpool": fused(s, "maxUnpool"), "unpool and mask": fused(s, "maxUnpool") && fused(s, "mask"),
				"unpool alone": s.Op.Name == "maxUnpool", "mask of a convolution": conv && fused(s, "mask"),
				"mask of a Gram matrix": s.Op.Name == "gramGrad" && fused(s, "mask"), "mask alone": s.Op.Name == "mask",
				"recomputed": fused(s, "conv2d"), "sum with a convolution": fused(s, "gramGrad"),
				"recomputed in a sum with a convolution": fused(s, "gramGrad") && fused(s, "conv2d"),
				"sum with a gradient in it":              s.Op.Name == "gramGrad" && fused(s, "add"),
				"signs":                                  fused(s, "signMask"), "view": s.Op.View,
				"argmax alone": fused(s, "argMax") && !pool,
			} {
				if is {
					found[what]++
				} else {
					found[what] += 0
				}
			}
		}
		for _, b := range p.Buffers {
			found["taken over"] += len(b.Nodes) - 1
		}
	}
	for seed := range uint64(800) {
		name := fmt.Sprintf("random graph, seed %d", seed)
		check(name, randomOutputs(seed), Compile, checkValues)
		check(name+", recomputing", randomOutputs(seed), CompileRecompute, checkValues)
	}
	for _, c := range conformance.Cases() {
		if c.Op == "" {
			check(c.Name, c.Outputs(), Compile, func(*Plan) error { return nil })
		}
	}
	for what, n := range found {
		if n < 5 {
			t.Errorf("the graphs are too tame: %d times %s", n, what)
		}
	}
	t.Log(found)
}

// fuserFunc is a Fuser that is a function.
type fuserFunc func(s *Step) bool

func (f fuserFunc) Fuses(s *Step) bool { return f(s) }

// TestFuser checks plans for devices that refuse to fuse: they compute the same, and hold no step that was
// refused.
func TestFuser(t *testing.T) {
	fusers := map[string]fuserFunc{
		"nothing":        func(*Step) bool { return false },
		"one at a time":  func(s *Step) bool { return len(s.Pre)+len(s.Post)-len(s.Notes()) == 1 },
		"no convolution": func(s *Step) bool { return s.Op.Name != "conv2d" && s.Op.Name != "conv2dInputGrad" },
		"no masks":       func(s *Step) bool { return TileFuser.Fuses(s) && !fused(*s, "mask") },
		"everything":     func(*Step) bool { return true },
	}
	for name, fuser := range fusers {
		steps := 0
		for seed := range uint64(100) {
			for _, compile := range []func(Fuser, ...*Node) *Plan{Compile, CompileRecompute} {
				p := compile(fuser, randomOutputs(seed)...)
				for _, err := range []error{checkValues(p), simulate(p), checkSteps(p), checkArena(p)} {
					if err != nil {
						t.Errorf("%s, seed %d: %v", name, seed, err)
					}
				}
				for i := range p.Steps {
					s := &p.Steps[i]
					if len(s.Pre)+len(s.Post) == len(s.Notes()) {
						continue
					}
					steps++
					if !fuser(s) {
						t.Errorf("%s, seed %d: %s was refused", name, seed, s.Op.Name)
					}
				}
			}
		}
		if none := name == "nothing"; none != (steps == 0) {
			t.Errorf("%s: %d steps have something fused into them", name, steps)
		}
	}
}

// fused reports whether an operation is fused into a step.
func fused(s Step, op string) bool {
	return slices.ContainsFunc(s.Pre, func(p Step) bool { return p.Op.Name == op }) ||
		slices.ContainsFunc(s.Post, func(p PostOp) bool { return p.Op.Name == op })
}

// checkValues compares what the steps compute with what the graph says.
func checkValues(p *Plan) error {
	r := rand.New(rand.NewPCG(uint64(len(p.Steps)), 1))
	inputs := map[*Node][]float64{}
	for _, n := range p.Inputs {
		for range n.Shape.Len() {
			inputs[n] = append(inputs[n], r.NormFloat64())
		}
	}
	want, got := conformance.Eval(p.Outputs, inputs), conformance.RunPlan(p, inputs)
	for i, n := range p.Outputs {
		scale := 0.0
		for _, v := range want[i] {
			scale = max(scale, math.Abs(v))
		}
		for j, v := range want[i] {
			if g := got[i][j]; !(math.Abs(g-v) <= 1e-9*scale) && !(v != v && g != g) && g != v {
				return fmt.Errorf("element %d of %v is %g, want %g", j, n, g, v)
			}
		}
	}
	return nil
}

// memory is an arena of tokens instead of numbers: which node was written there last.
type memory []*Node

func (m memory) at(p *Plan, n *Node) memory {
	b := p.Buffer(n)
	return m[b.Offset/4 : b.Offset/4+int64(n.Shape.Len())]
}

func (m memory) write(n *Node) {
	for i := range m {
		m[i] = n
	}
}

func (m memory) check(n *Node) error {
	for i, o := range m {
		if o != n {
			return fmt.Errorf("element %d of %v was overwritten by %v, or never written", i, n, o)
		}
	}
	return nil
}

// base returns the node whose memory n is a view of.
func base(n *Node) *Node {
	for n.Op.View {
		n = n.In[0]
	}
	return n
}

// simulate runs a plan, twice, on tokens, and returns an error if a step reads or an output or input
// ends up with anything but what belongs there.
func simulate(p *Plan) error {
	m := make(memory, p.ArenaBytes/4)
	for _, n := range p.Inputs {
		m.at(p, n).write(n)
	}
	for range 2 {
		for i, s := range p.Steps {
			for _, in := range s.Reads() {
				if b := base(in); b.Tensor() == nil {
					if err := m.at(p, in).check(b); err != nil {
						return fmt.Errorf("step %d, %v: %w", i, s.Out, err)
					}
				}
			}
			if s.Op.View {
				continue
			}
			if err := overlap(p, &s); err != nil {
				return fmt.Errorf("step %d: %w", i, err)
			}
			for _, n := range s.Writes() {
				m.at(p, n).write(n)
			}
		}
		for _, n := range slices.Concat(p.Outputs, p.Inputs) {
			if b := base(n); b.Tensor() == nil {
				if err := m.at(p, n).check(b); err != nil {
					return fmt.Errorf("in the end: %w", err)
				}
			}
		}
	}
	return nil
}

// overlap returns an error if a step writes where it reads, unless the operation may work in place of
// that operand and the two are exactly the same memory.
func overlap(p *Plan, s *Step) error {
	for _, n := range s.Writes() {
		y := p.Buffer(n)
		for k, in := range s.Reads() {
			if base(in).Tensor() != nil {
				continue
			}
			x := p.Buffer(in)
			apart := x.Offset+in.Shape.Bytes() <= y.Offset || y.Offset+n.Shape.Bytes() <= x.Offset
			same := x.Offset == y.Offset && in.Shape.Bytes() == n.Shape.Bytes()
			// one node given twice is in place if the operation allows it for either
			allowed := false
			for j, o := range s.In {
				allowed = allowed || base(o) == base(in) && slices.Contains(s.Op.InPlace, j)
			}
			for _, post := range s.Post {
				for j, o := range post.In {
					allowed = allowed || base(o) == base(in) && slices.Contains(post.Op.InPlace, j+1)
				}
			}
			if !apart && !(same && allowed) {
				return fmt.Errorf("%v is written over operand %d, %v", n, k, in)
			}
		}
	}
	return nil
}

// checkSteps checks that every step comes once, after what it reads, that somebody reads what it
// computes, and that the sources are those that are read.
func checkSteps(p *Plan) error {
	read := map[*Node]bool{}
	for _, n := range p.Outputs {
		read[n] = true
	}
	for _, s := range p.Steps {
		for _, in := range s.Reads() {
			read[in] = true
		}
	}
	done := map[*Node]bool{}
	for _, n := range slices.Concat(p.Inputs, p.Consts) {
		if !read[n] {
			return fmt.Errorf("%v is of no use", n)
		}
		done[n] = true
	}
	for _, s := range p.Steps {
		for _, in := range s.Reads() {
			if !done[in] {
				return fmt.Errorf("%v is computed before its operand %v", s.Out, in)
			}
		}
		if !slices.ContainsFunc(s.Writes(), func(n *Node) bool { return read[n] }) {
			return fmt.Errorf("%v is dead", s.Out)
		}
		for _, n := range s.Writes() {
			if n != s.Out && !read[n] {
				return fmt.Errorf("nobody wants the %v", n)
			}
			if done[n] {
				return fmt.Errorf("%v is computed twice", n)
			}
			done[n] = true
		}
	}
	for _, n := range p.Outputs {
		if !done[n] {
			return fmt.Errorf("%v is missing", n)
		}
	}
	return nil
}

// checkArena checks that buffers that are alive at the same time lie apart, aligned and inside the
// arena, that they live long enough, and that the arena is neither too small nor absurdly large.
func checkArena(p *Plan) error {
	var all int64
	for i, b := range p.Buffers {
		all += (b.Bytes + 63) / 64 * 64
		if b.Offset%64 != 0 || b.Offset < 0 || b.Offset+b.Bytes > p.ArenaBytes || b.First > b.Last {
			return fmt.Errorf("buffer %d: %+v in an arena of %d bytes", i, b, p.ArenaBytes)
		}
		for j, o := range p.Buffers[:i] {
			if b.First <= o.Last && o.First <= b.Last && b.Offset < o.Offset+o.Bytes && o.Offset < b.Offset+b.Bytes {
				return fmt.Errorf("buffers %d and %d share memory and live at the same time: %+v, %+v", j, i, o, b)
			}
		}
	}
	live := make([]int64, len(p.Steps)+1)
	for _, b := range p.Buffers {
		for i := max(b.First, 0); i <= b.Last; i++ {
			live[i] += b.Bytes
		}
	}
	if most := slices.Max(live); p.ArenaBytes < most || p.ArenaBytes > all {
		return fmt.Errorf("the arena has %d bytes, %d are alive at most and all buffers have %d",
			p.ArenaBytes, most, all)
	}
	for i, s := range p.Steps {
		for _, in := range s.Reads() {
			if base(in).Tensor() == nil && p.Buffer(in).Last < i {
				return fmt.Errorf("step %d reads %v, whose buffer is free since step %d", i, in, p.Buffer(in).Last)
			}
		}
	}
	for _, n := range p.Outputs {
		if base(n).Tensor() == nil && p.Buffer(n).Last != len(p.Steps) {
			return fmt.Errorf("the output %v does not outlive the run", n)
		}
	}
	for _, n := range p.Inputs {
		if b := p.Buffer(n); b.First != -1 || b.Last != len(p.Steps) {
			return fmt.Errorf("the input %v does not live all the time: %+v", n, b)
		}
	}
	return nil
}

// TestInPlaceChain checks that a chain of elementwise operations needs one buffer beside its input.
func TestInPlaceChain(t *testing.T) {
	g := NewGraph()
	x := g.Input("x", Shape{1, 32, 32, 16})
	y := Square(x)
	for range 5 {
		y = ReLU(ScaleOffset(Reshape(y, Matrix(1024, 16)), 2, 1))
	}
	if p := Compile(TileFuser, y); len(p.Buffers) != 2 || p.ArenaBytes != 2*x.Shape.Bytes() {
		t.Errorf("%d buffers, %d bytes; want 2 buffers, %d bytes", len(p.Buffers), p.ArenaBytes, 2*x.Shape.Bytes())
	}
}

// TestBufferPanics checks that asking for what is not kept is a clear mistake.
func TestBufferPanics(t *testing.T) {
	g := NewGraph()
	x := g.Input("x", Scalar)
	p := Compile(TileFuser, Square(x))
	defer func() {
		if recover() == nil {
			t.Error("a node that the plan does not have has a buffer")
		}
	}()
	p.Buffer(Scale(x, 2))
}

// TestPeakOfStyle checks the order of a style loss: the gradients of Gram matrices are as large as
// the activations, and must not all be alive at once. The terms are made as the network is, or after
// it, in either direction.
func TestPeakOfStyle(t *testing.T) {
	const layers = 8
	for _, terms := range []string{"inline", "after", "after, backwards"} {
		g := NewGraph()
		x := g.Input("x", Shape{1, 48, 48, 32})
		gram := Shape{1, 1, 32, 32}
		var loss *Node
		add := func(y *Node) {
			term := MSE(Gram(y, GramAttr{Scale: 1}), g.Const(&Tensor{Name: "target", Shape: gram}))
			if loss == nil {
				loss = term
			} else {
				loss = Add(loss, term)
			}
		}
		var features []*Node
		y := x
		for range layers {
			y = ReLU(Conv2D(y, g.Const(&Tensor{Name: "w", Shape: Shape{3, 3, 32, 32}}), nil, Conv{Pad: Same(3, 3)}))
			if terms == "inline" {
				add(y)
			} else {
				features = append(features, y)
			}
		}
		if terms == "after, backwards" {
			slices.Reverse(features)
		}
		for _, f := range features {
			add(f)
		}
		p := Compile(TileFuser, loss, Gradient(loss, x)[0])

		// The input and the activations have to be kept for the backward pass. Beside them there are,
		// at the worst moment, the gradient that arrives at a layer, that of its Gram matrix and what
		// comes out of the layer; and per layer a Gram matrix, its gradient and some scalars.
		activation := x.Shape.Bytes()
		bound := (1+layers+3)*activation + layers*(2*gram.Bytes()+16*64)
		if p.ArenaBytes > bound {
			t.Errorf("terms %s: the arena has %d bytes, want at most %d: %.1f activations for %d layers",
				terms, p.ArenaBytes, bound, float64(p.ArenaBytes)/float64(activation), layers)
		}
		if alive := gramGradientsAlive(p); alive > 2 {
			t.Errorf("terms %s: %d gradients of Gram matrices are alive at once", terms, alive)
		}
	}
}

// gramGradientsAlive returns how many results of gramGrad a plan holds at most at the same time.
func gramGradientsAlive(p *Plan) int {
	last := map[*Node]int{}
	for i, s := range p.Steps {
		for _, in := range s.In {
			last[in] = i
		}
	}
	most := 0
	for i := range p.Steps {
		alive := 0
		for _, s := range p.Steps[:i+1] {
			if s.Op.Name == "gramGrad" && last[s.Out] >= i {
				alive++
			}
		}
		most = max(most, alive)
	}
	return most
}

// TestFLOPs counts a convolution by hand.
func TestFLOPs(t *testing.T) {
	g := NewGraph()
	x := g.Input("x", Shape{2, 10, 12, 3})
	w := g.Const(&Tensor{Name: "w", Shape: Shape{3, 5, 3, 7}})
	y := ReLU(Conv2D(x, w, nil, Conv{Pad: Same(3, 5)}))
	p := Compile(TileFuser, y)
	const conv, relu = 2 * (2 * 10 * 12 * 7) * (3 * 5 * 3), 2 * 10 * 12 * 7
	if p.FLOPs() != conv+relu || len(p.Steps) != 1 {
		t.Errorf("%d steps with %g operations, want one with %d", len(p.Steps), p.FLOPs(), conv+relu)
	}
	if p.ConstBytes() != 4*3*5*3*7 {
		t.Errorf("%d bytes of constants", p.ConstBytes())
	}
}
