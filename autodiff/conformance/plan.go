package conformance

import (
	"maps"

	"oneiro/autodiff"
)

// RunPlan computes a plan's outputs in float64, step by step, from the values of its inputs. It knows
// what a step's fused operations mean, and nothing of memory. Words of bits are numbers in it.
func RunPlan(p *autodiff.Plan, inputs map[*autodiff.Node][]float64) [][]float64 {
	values := map[*autodiff.Node]array{}
	for _, n := range p.Inputs {
		values[n] = evalNode(n, nil, inputs)
	}
	for _, n := range p.Consts {
		values[n] = evalNode(n, nil, nil)
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		values[s.Out] = runStep(s, maps.Clone(values), values)
	}
	results := make([][]float64, len(p.Outputs))
	for i, n := range p.Outputs {
		results[i] = values[n].v
	}
	return results
}

// runStep returns what a step stores. Operands are in values, in which it puts those that it computes itself.
// What it notes goes to notes.
func runStep(s *autodiff.Step, values, notes map[*autodiff.Node]array) array {
	for i := range s.Pre {
		pre := &s.Pre[i]
		values[pre.Out] = runStep(pre, values, nil)
	}
	operands := func(nodes []*autodiff.Node) []array {
		in := make([]array, len(nodes))
		for i, n := range nodes {
			in[i] = values[n]
		}
		return in
	}
	in := operands(s.In)
	value, before := apply(s.Op, s.Attr, in, s.Shape), in[0]
	for _, p := range s.Post {
		switch p.Op.Name {
		case "signMask":
			notes[p.Note] = signMask(value, p.Note.Shape)
		case "argMax":
			notes[p.Note] = argMax(p.Attr.(autodiff.Pool), before, value, p.Note.Shape)
		default:
			before, value = value, apply(p.Op, p.Attr, append([]array{value}, operands(p.In)...), p.Shape)
		}
	}
	return value
}

// apply returns the result of an operation of the table, or of plans.
func apply(op *autodiff.Op, attr any, in []array, shape autodiff.Shape) array {
	out := array{shape, make([]float64, shape.Len())}
	switch op.Name {
	case "mask":
		mask(in[0], in[1], out)
	case "maxUnpool":
		maxUnpool(attr.(autodiff.Pool), in[0], in[1], out)
	default:
		oracle[op.Name](&autodiff.Node{Op: op, Attr: attr, Shape: shape}, in, out)
	}
	return out
}

// signMask returns words with a bit for each element of x, set if it is above 0.
func signMask(x array, shape autodiff.Shape) array {
	bits := array{shape, make([]float64, shape.Len())}
	x.each(func(n, y, x0, c int) {
		if x.at(n, y, x0, c) > 0 {
			bits.set(n, y, x0, 0, c)
		}
	})
	return bits
}

// argMax returns words with two bits for each element of y, the max pool of x.
func argMax(p autodiff.Pool, x, y array, shape autodiff.Shape) array {
	bits := array{shape, make([]float64, shape.Len())}
	words := autodiff.Words(y.C)
	maxima(p, x, y, func(n, oy, ox, iy, ix, c int) {
		if ix%2 != 0 {
			bits.set(n, oy, ox, 0, c)
		}
		if iy%2 != 0 {
			bits.set(n, oy, ox, words, c)
		}
	})
	return bits
}

// mask fills out with the elements of x whose bits are set.
func mask(x, signs, out array) {
	x.each(func(n, y, x0, c int) {
		if signs.bit(n, y, x0, 0, c) != 0 {
			out.add(n, y, x0, c, x.at(n, y, x0, c))
		}
	})
}

// maxUnpool adds each element of dy to the pixel of dx that was its window's maximum.
func maxUnpool(p autodiff.Pool, dy, argMax, dx array) {
	words := autodiff.Words(dy.C)
	dy.each(func(n, y, x, c int) {
		iy, ix := y*p.StrideH+argMax.bit(n, y, x, words, c), x*p.StrideW+argMax.bit(n, y, x, 0, c)
		dx.add(n, iy, ix, c, dy.at(n, y, x, c))
	})
}

// set sets the bit of channel c in the words from number first on, and bit returns it.
func (a array) set(n, y, x, first, c int) {
	i := a.index(n, y, x, first+c/32)
	a.v[i] = float64(uint32(a.v[i]) | 1<<(c%32))
}

func (a array) bit(n, y, x, first, c int) int {
	return int(uint32(a.at(n, y, x, first+c/32)) >> (c % 32) & 1)
}
