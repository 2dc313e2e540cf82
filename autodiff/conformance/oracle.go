package conformance

import (
	"fmt"

	"oneiro/autodiff"
)

// Eval computes outputs in float64. inputs holds the value of every input that they depend on; a
// value given for any other node is used instead of computing it. Constants come from their tensors.
func Eval(outputs []*autodiff.Node, inputs map[*autodiff.Node][]float64) [][]float64 {
	if len(outputs) == 0 {
		return nil
	}
	needed := map[*autodiff.Node]bool{}
	for _, n := range outputs {
		needed[n] = true
	}
	nodes := outputs[0].Graph().Nodes()
	for i := len(nodes) - 1; i >= 0; i-- {
		if n := nodes[i]; needed[n] && inputs[n] == nil {
			for _, in := range n.In {
				needed[in] = true
			}
		}
	}
	values := map[*autodiff.Node]array{}
	for _, n := range nodes {
		if needed[n] {
			values[n] = evalNode(n, values, inputs)
		}
	}
	results := make([][]float64, len(outputs))
	for i, n := range outputs {
		results[i] = values[n].v
	}
	return results
}

func evalNode(n *autodiff.Node, values map[*autodiff.Node]array, inputs map[*autodiff.Node][]float64) array {
	out := array{Shape: n.Shape, v: inputs[n]}
	if out.v != nil {
		if len(out.v) != n.Shape.Len() {
			panic(fmt.Sprintf("conformance: %d numbers for %v", len(out.v), n))
		}
		return out
	}
	if t := n.Tensor(); t != nil {
		out.v = widen(t.Data)
		return out
	}
	row := oracle[n.Op.Name]
	if row == nil {
		panic(fmt.Sprintf("conformance: no value for %v", n))
	}
	in := make([]array, len(n.In))
	for i, o := range n.In {
		in[i] = values[o]
	}
	out.v = make([]float64, n.Shape.Len())
	row(n, in, out)
	return out
}

// oracle has one entry for each row of autodiff's table but the sources. It fills out, which comes
// with zeros and the node's shape; the operands must not be changed.
var oracle = map[string]func(n *autodiff.Node, in []array, out array){}

// array is a value: numbers in the order batch, height, width, channel.
type array struct {
	autodiff.Shape
	v []float64
}

func (a array) index(n, y, x, c int) int { return ((n*a.H+y)*a.W+x)*a.C + c }

func (a array) at(n, y, x, c int) float64 { return a.v[a.index(n, y, x, c)] }

func (a array) add(n, y, x, c int, v float64) { a.v[a.index(n, y, x, c)] += v }

// each visits all positions.
func (a array) each(f func(n, y, x, c int)) {
	for n := range a.N {
		for y := range a.H {
			for x := range a.W {
				for c := range a.C {
					f(n, y, x, c)
				}
			}
		}
	}
}

func widen(data []float32) []float64 {
	out := make([]float64, len(data))
	for i, v := range data {
		out[i] = float64(v)
	}
	return out
}
