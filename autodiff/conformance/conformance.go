package conformance

// How to add an operation
//
//  1. autodiff/op_*.go: a row of the table, and a function that adds its node to a graph.
//  2. oracle_*.go: its definition in float64, loops as naive as can be, written from the doc comment of
//     the function and not from a kernel: oracle["name"] = func(n, in, out). A small example worked out
//     by hand goes into golden_test.go.
//  3. tolerance.go: how far a float32 result may lie from the definition.
//  4. cases_*.go: one(op, name, build) for each of its corners: sizes around the widths of vectors,
//     operands that the plan may overwrite, borders, ties. gradOf(op, name, i, build) for its gradient
//     operation; kinked(...) for a case where differences say something else than the gradient.
//  5. The devices: lowerings["name"] in autodiff/cpu and in cuda.
//
// Then go test ./autodiff/... says what is missing. TestEveryOperationHasAnOracle and
// TestEveryOperationHasCases look at this package, TestGradientsAgainstDifferences at the rule for the
// gradient, TestSaved at what it saves, and TestConformance, in the package of each device, at the
// kernel. To run one case:
//
//	go test ./autodiff/cpu -run 'TestConformance/.*/maxPool'

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"oneiro/autodiff"
)

// RunDevice runs every case on d, as subtests of t, in three variants: with parameters as inputs and
// everything asked for; with parameters as constants and, if there are any, only gradients asked for,
// which lets the plan drop, fuse and overwrite more; and the same with as little memory as possible.
//
// Values and gradients are compared with the oracle's; gradients along a random direction also with
// the oracle's central difference, within Op.Tolerance. A program has to give the same bits again
// after a run with NaN, or with other numbers where an operation does not know NaN.
func RunDevice(t *testing.T, d autodiff.Device) { run(t, d, Cases()) }

// RunCoarse is RunDevice for a device whose convolutions are less exact than others by a factor, as those
// of a transform with more points are. All other operations are held to the same as ever.
func RunCoarse(t *testing.T, d autodiff.Device, factor float64) {
	cases := Cases()
	for i := range cases {
		if cases[i].convolves() {
			cases[i].Loose = max(cases[i].Loose, 1) * factor
		}
	}
	run(t, d, cases)
}

func run(t *testing.T, d autodiff.Device, cases []Case) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Run("inputs", func(t *testing.T) {
				in := newInstance(c, false)
				runCase(t, d, c, in, variant{wanted: in.everything(), plan: autodiff.Compile(d, in.everything()...)})
			})
			for _, recompute := range []bool{false, true} {
				name := "constants"
				if recompute {
					name = "recompute"
				}
				t.Run(name, func(t *testing.T) {
					in := newInstance(c, true)
					wanted := in.grads
					if len(wanted) == 0 {
						wanted = in.outputs
					}
					if recompute {
						runCase(t, d, c, in, variant{wanted, autodiff.CompileRecompute(d, wanted...), 1})
					} else {
						runCase(t, d, c, in, variant{wanted, autodiff.Compile(d, wanted...), 0})
					}
				})
			}
		})
	}
	t.Run("cancel", func(t *testing.T) { runCancelled(t, d) })
	t.Run("share", func(t *testing.T) { runSharing(t, d) })
	t.Run("source", func(t *testing.T) { runSources(t, d) })
	t.Run("cells", func(t *testing.T) { runCells(t, d) })
}

// Results returns the bits of everything that RunDevice compares of a case, for comparing devices of
// which the same bits are expected.
func Results(d autodiff.Device, c Case) ([][]float32, error) {
	in := newInstance(c, false)
	plan := autodiff.Compile(d, in.everything()...)
	p, err := d.Load(plan, 0)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	in.write(p, plan, (*leaf).values)
	if err := p.Run(context.Background()); err != nil {
		return nil, err
	}
	return read(p, in.everything()), nil
}

// everything returns all that a case compares.
func (in *instance) everything() []*autodiff.Node {
	nodes := slices.Clone(in.outputs)
	if in.loss != nil {
		nodes = append(append(nodes, in.loss), in.grads...)
	}
	return nodes
}

// variant is one way to run a case: the nodes that are wanted, planned, and the limit of the memory for them.
type variant struct {
	wanted []*autodiff.Node
	plan   *autodiff.Plan
	limit  int64
}

func runCase(t *testing.T, d autodiff.Device, c Case, in *instance, v variant) {
	wanted, plan := v.wanted, v.plan
	f := d.Footprint(plan, v.limit)
	if f.Arena < plan.ArenaBytes || f.Constants != plan.ConstBytes() || f.Packed < 0 || f.Scratch < 0 {
		t.Errorf("the footprint %+v does not hold the plan's %d bytes and %d bytes of constants",
			f, plan.ArenaBytes, plan.ConstBytes())
	}
	p, err := d.Load(plan, v.limit)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("on %s, seed %#x", d.Name(), seedOf(c.Name))
		}
	}()

	once := func(values func(*leaf) []float32) [][]float32 {
		in.write(p, plan, values)
		if err := p.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		return read(p, wanted)
	}
	first := once((*leaf).values)
	if !in.check(t, c, wanted, first) {
		in.locate(t, d, c)
		return
	}

	for _, l := range in.leaves {
		if slices.Contains(plan.Inputs, l.node) {
			kept := read(p, []*autodiff.Node{l.node})
			sameBits(t, "inputs after a run", []*autodiff.Node{l.node}, [][]float32{l.data}, kept)
		}
	}
	once((*leaf).poisoned)
	sameBits(t, "after a run with NaN or other numbers", wanted, first, once((*leaf).values))
	for _, l := range in.leaves {
		if c := l.node.Tensor(); c != nil && slices.ContainsFunc(c.Data, isNaN) {
			t.Errorf("a constant was overwritten")
		}
	}
}

func (l *leaf) values() []float32 { return l.data }

// poisoned returns NaN wherever that is a value that the case's operations know, and else other numbers.
func (l *leaf) poisoned() []float32 {
	if !l.poison {
		return l.other
	}
	nan := slices.Clone(l.data)
	for i := range nan {
		nan[i] = float32(math.NaN())
	}
	return nan
}

func isNaN(v float32) bool { return v != v }

// write writes the inputs that a plan reads.
func (in *instance) write(p autodiff.Program, plan *autodiff.Plan, values func(*leaf) []float32) {
	for _, l := range in.leaves {
		if slices.Contains(plan.Inputs, l.node) {
			p.Write(l.node, values(l))
		}
	}
}

func read(p autodiff.Program, nodes []*autodiff.Node) [][]float32 {
	out := make([][]float32, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float32, n.Shape.Len())
		for j := range out[i] {
			out[i][j] = float32(math.NaN())
		}
		p.Read(n, out[i])
	}
	return out
}

// check compares the results with the oracle's.
func (in *instance) check(t *testing.T, c Case, wanted []*autodiff.Node, got [][]float32) bool {
	t.Helper()
	r := referenceOf(c)
	good := true
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf(format, args...)
		good = false
	}
	value := func(what string, n *autodiff.Node, want []float64, scale float64) {
		t.Helper()
		i := slices.Index(wanted, n)
		if i < 0 {
			return
		}
		tolerance, _ := tolerances(c, n)
		if err := compare(got[i], want, tolerance, scale); err != nil {
			fail("%s, %v: %v", what, n, err)
		}
	}
	for i, n := range in.outputs {
		value(fmt.Sprintf("output %d", i), n, r.outputs[i], rms(r.outputs[i]))
	}
	if in.loss == nil {
		return good
	}
	value("weighted sum of the outputs", in.loss, []float64{r.loss}, r.lossScale)
	for i, n := range in.grads {
		l := in.gradOf[i]
		ref := r.leaves[l]
		value(fmt.Sprintf("gradient by leaf %d", l), n, ref.all, rms(ref.all))
		if c.Kinked {
			continue
		}
		var slope float64
		for j, v := range got[slices.Index(wanted, n)] {
			slope += float64(v) * ref.direction[j]
		}
		_, tolerance := tolerances(c, in.loss)
		if !(math.Abs(slope-ref.slope) <= tolerance*ref.scale+ref.noise) {
			fail("gradient by leaf %d: the slope along a random direction is %.8g, differences give %.8g; "+
				"the error is %.2g of %.3g, want %.2g",
				l, slope, ref.slope, math.Abs(slope-ref.slope)/ref.scale, ref.scale, tolerance)
		}
	}
	return good
}

// compare returns an error if an element of got is further from want than tolerance times scale, or
// times the element if that is larger.
func compare(got []float32, want []float64, tolerance, scale float64) error {
	worst, at := -1.0, 0
	for i, w := range want {
		e := math.Abs(float64(got[i]) - w)
		if e != 0 {
			e /= max(scale, math.Abs(w))
		}
		if !(e <= worst) {
			worst, at = e, i
		}
		if e != e {
			break
		}
	}
	if !(worst <= tolerance) {
		return fmt.Errorf("element %d is %.8g, want %.8g: an error of %.2g where %.2g is allowed, "+
			"the scale being %.3g",
			at, got[at], want[at], worst, tolerance, scale)
	}
	return nil
}

func rms(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum / float64(len(v)))
}

func sameBits(t *testing.T, when string, nodes []*autodiff.Node, first, again [][]float32) {
	t.Helper()
	for i, n := range nodes {
		for j := range first[i] {
			if math.Float32bits(first[i][j]) != math.Float32bits(again[i][j]) {
				t.Errorf("%s: element %d of %v is %v, was %v", when, j, n, again[i][j], first[i][j])
				break
			}
		}
	}
}

// locate runs a failed case with every node an output and names the first that is wrong.
func (in *instance) locate(t *testing.T, d autodiff.Device, c Case) {
	t.Helper()
	values := map[*autodiff.Node][]float64{}
	for _, l := range in.leaves {
		values[l.node] = widen(l.data)
	}
	var nodes []*autodiff.Node
	for _, n := range in.outputs[0].Graph().Nodes() {
		if !n.Op.IsSource() {
			nodes = append(nodes, n)
		}
	}
	want := Eval(nodes, values)
	plan := autodiff.Compile(d, nodes...)
	p, err := d.Load(plan, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	in.write(p, plan, (*leaf).values)
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	got := read(p, nodes)
	for i, n := range nodes {
		tolerance, _ := tolerances(c, n)
		if err := compare(got[i], want[i], tolerance, rms(want[i])); err != nil {
			t.Logf("with every node an output, the first wrong one is %v of %v: %v", n, n.In, err)
			return
		}
	}
	t.Log("with every node an output, all are right")
}

// runCancelled checks that a cancelled run says so, and leaves the inputs for the next.
func runCancelled(t *testing.T, d autodiff.Device) {
	c := networkCases()[0]
	in := newInstance(c, false)
	plan := autodiff.Compile(d, in.everything()...)
	p, err := d.Load(plan, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	in.write(p, plan, (*leaf).values)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run returned %v", err)
	}
	if err := p.Run(context.Background()); err != nil {
		t.Error(err)
	}
	in.check(t, c, in.everything(), read(p, in.everything()))
}

// runSharing loads the same constants into programs for two sizes of picture, and runs them in turn.
func runSharing(t *testing.T, d autodiff.Device) {
	filter := func(k int) *autodiff.Tensor {
		s := shape(k, k, 8, 8)
		return &autodiff.Tensor{Name: "filter", Shape: s, Data: fanNumbers(newBuilder(1, false).rng, s)}
	}
	one, three := filter(1), filter(3)
	type program struct {
		autodiff.Program
		x, y *autodiff.Node
		data []float32
		want []float64
	}
	var programs []program
	for _, s := range []autodiff.Shape{shape(1, 9, 12, 8), shape(1, 14, 5, 8)} {
		b := newBuilder(uint64(s.H), false)
		x := b.input(s)
		y := autodiff.Conv2D(x, b.graph.Const(three), nil, autodiff.Conv{Pad: autodiff.Same(3, 3)})
		y = autodiff.Conv2D(autodiff.ReLU(y), b.graph.Const(one), nil, autodiff.Conv{})
		dx := autodiff.Gradient(autodiff.Mean(autodiff.Square(y)), x)[0]
		p, err := d.Load(autodiff.Compile(d, dx), 0)
		if err != nil {
			t.Fatal(err)
		}
		data := b.leaves[0].data
		want := Eval([]*autodiff.Node{dx}, map[*autodiff.Node][]float64{x: widen(data)})[0]
		programs = append(programs, program{p, x, dx, data, want})
	}
	for range 2 {
		for _, p := range programs {
			p.Write(p.x, p.data)
			if err := p.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := compare(read(p, []*autodiff.Node{p.y})[0], p.want, 4*transforms, rms(p.want)); err != nil {
				t.Errorf("%v: %v", p.y, err)
			}
		}
	}
	// the constants must outlive the program that was loaded first
	if err := programs[0].Close(); err != nil {
		t.Error(err)
	}
	last := programs[1]
	if err := last.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	got := read(last, []*autodiff.Node{last.y})[0]
	if err := compare(got, last.want, 4*transforms, rms(last.want)); err != nil {
		t.Errorf("after another program was closed: %v", err)
	}
	if err := last.Close(); err != nil {
		t.Error(err)
	}
}

// runSources asks for inputs, constants and views of them as outputs.
func runSources(t *testing.T, d autodiff.Device) {
	g := autodiff.NewGraph()
	x := g.Input("x", shape(1, 2, 3, 2))
	c := g.Const(&autodiff.Tensor{Name: "c", Shape: autodiff.Matrix(2, 2), Data: []float32{5, 6, 7, 8}})
	flatX := autodiff.Reshape(autodiff.Reshape(x, autodiff.Matrix(3, 4)), autodiff.Vector(12))
	flatC := autodiff.Reshape(autodiff.Reshape(c, autodiff.Vector(4)), autodiff.Matrix(4, 1))
	zero := autodiff.Gradient(autodiff.Sum(c), x)[0]
	nodes := []*autodiff.Node{x, c, flatX, flatC, zero}
	p, err := d.Load(autodiff.Compile(d, nodes...), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	data := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	p.Write(x, data)
	for range 2 {
		if err := p.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		want := [][]float32{data, c.Tensor().Data, data, c.Tensor().Data, make([]float32, 12)}
		sameBits(t, "sources", nodes, want, read(p, nodes))
	}
}
