package conformance

import (
	"slices"
	"strings"

	"oneiro/autodiff"
)

// Case is a small graph to run on a device.
type Case struct {
	// Name is unique; the case's random numbers are seeded with it.
	Name string
	// Op is the row of the table that the case is about, or "" for a whole network.
	Op string
	// build makes the graph and returns its outputs. It must do the same every time.
	build func(b *builder) []*autodiff.Node
	// ForwardOnly is set if there is no gradient to compare.
	ForwardOnly bool
	// Kinked is set if the case lies on a kink: its gradient is what the operation's Kinks say,
	// and differences say something else.
	Kinked bool
	// Loose multiplies the tolerances of a network by how much its depth amplifies rounding; 0
	// stands for 1.
	Loose float64
}

// convolves reports whether a convolution or one of its gradients is in the graph, or will be in its
// gradient.
func (c Case) convolves() bool {
	return slices.ContainsFunc(c.Outputs()[0].Graph().Nodes(), func(n *autodiff.Node) bool {
		return strings.HasPrefix(n.Op.Name, "conv2d")
	})
}

// Cases returns all cases: every row of the table in its corners, and some whole networks.
func Cases() []Case {
	var all []Case
	for _, list := range [][]Case{
		elementwiseCases(), convCases(), matmulCases(), gramCases(), histogramCases(), poolCases(), reduceCases(),
		channelCases(), spatialCases(), upsampleCases(), subsampleCases(), networkCases(),
	} {
		all = append(all, list...)
	}
	return all
}

// one is a case of one output.
func one(op, name string, build func(b *builder) *autodiff.Node) Case {
	return Case{Name: op + "/" + name, Op: op, build: func(b *builder) []*autodiff.Node {
		return []*autodiff.Node{build(b)}
	}}
}

func kinked(c Case) Case {
	c.Kinked = true
	return c
}

// gradOf is a case about a gradient operation: what op.Grad returns for operand i of the node that
// build makes, with dy being one more input.
func gradOf(op, name string, i int, build func(b *builder) *autodiff.Node) Case {
	return one(op, name, func(b *builder) *autodiff.Node {
		n := build(b)
		return n.Op.Grad(n, b.input(n.Shape), func(k int) bool { return k == i })[i]
	})
}

func shape(n, h, w, c int) autodiff.Shape { return autodiff.Shape{N: n, H: h, W: w, C: c} }

func around(top, left, bottom, right int) autodiff.Pad {
	return autodiff.Pad{Top: top, Left: left, Bottom: bottom, Right: right}
}
