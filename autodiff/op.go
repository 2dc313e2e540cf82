package autodiff

import (
	"fmt"
	"slices"
	"strings"
)

// Op is one row of the table of operations. A device has a lowering for each row.
type Op struct {
	// Name is the key of the table.
	Name string

	// Shape returns the shape of the result, or an error if the operands do not fit.
	Shape func(attr any, in []Shape) (Shape, error)

	// Grad returns, for each operand i with want(i), the node of dL/d(operand i), given dy = dL/dn.
	// An entry may be nil where the gradient is zero. A nil Grad means that the operation cannot
	// be differentiated, which only the gradients of some gradients are.
	Grad func(n, dy *Node, want func(i int) bool) []*Node

	// Saved lists the operands that are saved for the backward pass: those that Grad's nodes read
	// beside dy. SavedOut says that they read the result. What is not stated here may be freed
	// before.
	Saved    []int
	SavedOut bool

	// InPlace lists the operands whose memory the result may take over, if nobody else needs it.
	InPlace []int

	// View is set if the result is the first operand's memory under another shape.
	View bool

	// FLOPs returns the floating-point operations of one evaluation (a multiply-add counts as
	// two); nil means one per element of the result.
	FLOPs func(n *Node) float64

	// Local returns which positions of its operands a position of the result reads, down and across, and
	// whether it reads a few: then a window of the result can be computed from windows of the operands, by
	// the same operation. nil stands for an operation that needs its operands whole. Whole lists operands
	// that are not positions of a picture: filters, matrices.
	Local func(n *Node) (down, across Taps, ok bool)
	Whole []int

	// Like is the operand of which only the height and width are read, which the result has, too; 0 for none.
	Like int

	// Partial is set if the result is a sum over the positions of its operands. It returns what those
	// that count contribute to n. in are the operands, or windows of them, and counted(x) says which
	// positions of a value as high and wide as x count: 1 for those, 0 for others, with one channel. A nil
	// result stands for 0.
	Partial func(n *Node, in []*Node, counted func(x *Node) *Node) *Node

	// Tolerance bounds the relative error of the float32 gradient along a random direction
	// against the float64 oracle. Kinks says where the operation is not differentiable and what
	// Grad gives there.
	Tolerance float64
	Kinks     string
}

var table = map[string]*Op{}

// register adds a row to the table; files of operations call it from init.
func register(ops ...Op) {
	for _, op := range ops {
		if table[op.Name] != nil {
			panic("autodiff: two operations are called " + op.Name)
		}
		if op.Tolerance == 0 {
			op.Tolerance = 1e-5
		}
		table[op.Name] = &op
	}
}

func lookup(name string) *Op {
	op := table[name]
	if op == nil {
		panic("autodiff: no operation is called " + name)
	}
	return op
}

// Ops returns the table, sorted by name.
func Ops() []*Op {
	ops := make([]*Op, 0, len(table))
	for _, op := range table {
		ops = append(ops, op)
	}
	slices.SortFunc(ops, func(a, b *Op) int { return strings.Compare(a.Name, b.Name) })
	return ops
}

func init() {
	none := func(any, []Shape) (Shape, error) { panic("autodiff: sources have no operands") }
	zero := func(*Node) float64 { return 0 }
	register(
		Op{Name: "input", Shape: none, FLOPs: zero},
		Op{Name: "const", Shape: none, FLOPs: zero},
	)
}

// IsSource reports whether the operation has no operands: an input or a constant.
func (op *Op) IsSource() bool { return op.Name == "input" || op.Name == "const" }

// Shape rules shared by several operations.

func sameAsFirst(_ any, in []Shape) (Shape, error) { return in[0], nil }

func allSame(_ any, in []Shape) (Shape, error) {
	for _, s := range in[1:] {
		if s != in[0] {
			return Shape{}, fmt.Errorf("shapes differ: %v and %v", in[0], s)
		}
	}
	return in[0], nil
}

// perInput counts k operations for each element of the first operand.
func perInput(k float64) func(*Node) float64 {
	return func(n *Node) float64 { return k * float64(n.In[0].Shape.Len()) }
}

func perOutput(k float64) func(*Node) float64 {
	return func(n *Node) float64 { return k * float64(n.Shape.Len()) }
}

func noFLOPs(*Node) float64 { return 0 }

// linearOp fills in the gradient of an operation that is linear in its only operand and whose
// gradient therefore is another operation of dy alone.
func linearOp(op Op, grad func(n, dy *Node) *Node) Op {
	op.Grad = func(n, dy *Node, _ func(int) bool) []*Node { return []*Node{grad(n, dy)} }
	return op
}
