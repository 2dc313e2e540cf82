package autodiff_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "oneiro/autodiff"
	"oneiro/autodiff/conformance"
)

// notSmooth are the operations whose derivative jumps or is infinite somewhere.
var notSmooth = []string{
	"div", "log", "maxPool", "maxPoolGrad", "maxPoolGather", "relu", "reluGrad", "totalVariation",
}

func TestOps(t *testing.T) {
	for _, op := range Ops() {
		if op.Shape == nil || !(op.Tolerance > 0 && op.Tolerance < 1e-3) {
			t.Errorf("%s: no rule for shapes, or the tolerance %g", op.Name, op.Tolerance)
		}
		if kinked := slices.Contains(notSmooth, op.Name); (op.Kinks != "") != kinked {
			t.Errorf("%s: the table says of its kinks %q", op.Name, op.Kinks)
		}
		if op.Grad == nil && (op.Saved != nil || op.SavedOut) {
			t.Errorf("%s: no gradient, but reads of it", op.Name)
		}
		if op.View && op.InPlace != nil {
			t.Errorf("%s: a view computes nothing in place", op.Name)
		}
	}
	if !slices.IsSortedFunc(Ops(), func(a, b *Op) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the table is not sorted")
	}
}

// TestSaved compares what each operation says its gradient reads with what the nodes read that Grad
// adds to a graph: nothing else, and everything in at least one case.
func TestSaved(t *testing.T) {
	const result = -1
	read := map[string]map[int]bool{} // op -> operands that a gradient read, and result
	for _, c := range conformance.Cases() {
		if c.Op == "" {
			continue
		}
		outputs := c.Outputs()
		g := outputs[0].Graph()
		for _, n := range slices.Clone(g.Nodes()) {
			if n.Op.Name != c.Op || n.Op.Grad == nil || hasDuplicates(n.In) {
				continue
			}
			if read[c.Op] == nil {
				read[c.Op] = map[int]bool{}
			}
			for want := range len(n.In) + 1 {
				dy := g.Input("dy", n.Shape)
				before := len(g.Nodes())
				grads := n.Op.Grad(n, dy, func(i int) bool { return i == want || want == len(n.In) })
				added := g.Nodes()[before:]
				for _, o := range append(operandsOf(added), grads...) {
					if o == nil || o == dy || slices.Contains(added, o) {
						continue
					}
					i := slices.Index(n.In, o) // or result
					if i == result && o != n {
						t.Errorf("%s: the gradient reads %v, which is neither operand nor result", c.Name, o)
					}
					if i != result && !slices.Contains(n.Op.Saved, i) || i == result && !n.Op.SavedOut {
						t.Errorf("%s: the gradient reads %v, operand %d (-1 is the result), which is not declared", c.Name, o, i)
					}
					read[c.Op][i] = true
				}
			}
		}
	}
	for _, op := range Ops() {
		for _, i := range op.Saved {
			if !read[op.Name][i] {
				t.Errorf("%s: operand %d is declared, but in no case does the gradient read it", op.Name, i)
			}
		}
		if op.SavedOut && !read[op.Name][result] {
			t.Errorf("%s: the result is declared, but in no case does the gradient read it", op.Name)
		}
		if op.Grad != nil && !op.IsSource() && read[op.Name] == nil {
			t.Errorf("%s: no case", op.Name)
		}
	}
}

func hasDuplicates(nodes []*Node) bool {
	set := map[*Node]bool{}
	for _, n := range nodes {
		set[n] = true
	}
	return len(set) < len(nodes)
}

// operandsOf returns what the nodes read.
func operandsOf(nodes []*Node) []*Node {
	set := map[*Node]bool{}
	for _, n := range nodes {
		for _, in := range n.In {
			set[in] = true
		}
	}
	return slices.Collect(maps.Keys(set))
}

// TestPoolSizes counts windows one by one.
func TestPoolSizes(t *testing.T) {
	for n := 1; n <= 12; n++ {
		for k := 1; k <= 4; k++ {
			for s := 1; s <= 4; s++ {
				for before := range k {
					for after := range k {
						for _, ceil := range []bool{false, true} {
							p := Pool{KH: k, KW: 1, StrideH: s, StrideW: 1, Pad: Pad{Top: before, Bottom: after}, Ceil: ceil}
							testPoolSize(t, n, k, s, p)
						}
					}
				}
			}
		}
	}
	// GoogLeNet's and VGG's
	for _, c := range []struct {
		n, k, s, want int
		ceil          bool
	}{{112, 3, 2, 56, true}, {56, 3, 2, 28, true}, {28, 3, 2, 14, true}, {14, 3, 2, 7, true},
		{7, 7, 1, 1, false}, {225, 2, 2, 112, false}} {
		p := Pool{KH: c.k, KW: c.k, StrideH: c.s, StrideW: c.s, Ceil: c.ceil}
		y := MaxPool(NewGraph().Input("x", Shape{1, c.n, c.n, 1}), p)
		if y.Shape.H != c.want || y.Shape.W != c.want {
			t.Errorf("%d pixels, %+v: %v, want %d", c.n, p, y.Shape, c.want)
		}
	}
}

func testPoolSize(t *testing.T, n, k, s int, p Pool) {
	want := 0
	for start := -p.Pad.Top; ; start += s {
		whole := start+k <= n+p.Pad.Bottom // the window lies inside the padded picture
		if !whole && !p.Ceil {
			break
		}
		// rounding up adds one window, if pixels are left and it starts before they end
		covered := start - s + k // where the window before this one ended
		if !whole && (want == 0 || covered >= n+p.Pad.Bottom || start >= n) {
			break
		}
		want++
		if !whole {
			break
		}
	}
	got, msg := 0, ""
	func() {
		defer func() { msg = fmt.Sprint(recover()) }()
		got = MaxPool(NewGraph().Input("x", Shape{1, n, 1, 1}), p).Shape.H
	}()
	if got != want {
		t.Errorf("%d pixels, %+v: %d windows, want %d (%s)", n, p, got, want, msg)
	}
	for i := range got {
		lo, hi, padded := Window(i, n, k, s, p.Pad.Top, p.Pad.Bottom)
		if lo >= hi || padded < hi-lo || padded > k {
			t.Errorf("%d pixels, %+v: window %d covers %d..%d, padded %d", n, p, i, lo, hi, padded)
		}
	}
}
