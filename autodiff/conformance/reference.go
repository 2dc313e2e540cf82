package conformance

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"oneiro/autodiff"
)

// instance is a case's graph with everything that is compared: its outputs, their sum weighted with
// random numbers, and the gradient of that sum.
type instance struct {
	leaves  []*leaf
	outputs []*autodiff.Node
	loss    *autodiff.Node // nil if there are no gradients
	grads   []*autodiff.Node
	gradOf  []int // the leaf that each of grads belongs to
}

func newInstance(c Case, frozen bool) *instance {
	b := newBuilder(seedOf(c.Name), frozen)
	in := &instance{outputs: c.build(b)}
	if !c.hasGradient() {
		in.leaves = b.leaves
		return in
	}
	// inputs follow the outputs in the graph, so that the loss comes after everything it depends on
	for _, y := range in.outputs {
		term := autodiff.Sum(autodiff.Mul(y, b.fixed(y.Shape, normalNumbers)))
		if in.loss == nil {
			in.loss = term
		} else {
			in.loss = autodiff.Add(in.loss, term)
		}
	}
	in.leaves = b.leaves
	var wrt []*autodiff.Node
	for i, l := range b.leaves {
		if l.moves && l.node.Tensor() == nil {
			wrt = append(wrt, l.node)
			in.gradOf = append(in.gradOf, i)
		}
	}
	in.grads = autodiff.Gradient(in.loss, wrt...)
	return in
}

// Outputs builds the case's graph, with parameters as inputs, and returns its outputs.
func (c Case) Outputs() []*autodiff.Node { return c.build(newBuilder(seedOf(c.Name), false)) }

func (c Case) hasGradient() bool {
	return !c.ForwardOnly && (c.Op == "" || lookup(c.Op).Grad != nil)
}

func lookup(name string) *autodiff.Op {
	ops := autodiff.Ops()
	i := slices.IndexFunc(ops, func(op *autodiff.Op) bool { return op.Name == name })
	if i < 0 {
		panic("conformance: no operation is called " + name)
	}
	return ops[i]
}

// reference is what the oracle says about a case. It does not depend on which leaves are constants.
type reference struct {
	outputs   [][]float64
	loss      float64
	lossScale float64           // the root of the sum of the squares of the terms of loss
	leaves    map[int]gradients // by leaf
}

// gradients are the derivatives of the loss by one leaf.
type gradients struct {
	all       []float64
	direction []float64 // random
	slope     float64   // along direction, by central differences
	scale     float64   // of slope: the root mean square over random directions, or |slope| if larger
	noise     float64   // of slope: what float64 cannot resolve
}

var references sync.Map // case name -> func() *reference

func referenceOf(c Case) *reference {
	once, _ := references.LoadOrStore(c.Name, sync.OnceValue(func() *reference { return newReference(c) }))
	return once.(func() *reference)()
}

func newReference(c Case) *reference {
	in := newInstance(c, false)
	values := map[*autodiff.Node][]float64{}
	for _, l := range in.leaves {
		values[l.node] = widen(l.data)
	}
	if in.loss == nil {
		return &reference{outputs: Eval(in.outputs, values)}
	}
	all := Eval(slices.Concat(in.outputs, []*autodiff.Node{in.loss}, in.grads), values)
	k := len(in.outputs)
	r := &reference{outputs: all[:k], loss: all[k][0], leaves: map[int]gradients{}}

	var terms, magnitude float64
	largest := 1
	cotangents := in.leaves[len(in.leaves)-k:]
	for i, y := range r.outputs {
		for j, v := range y {
			p := v * float64(cotangents[i].data[j])
			terms += p * p
			magnitude += math.Abs(p)
		}
	}
	for _, l := range in.leaves {
		largest = max(largest, len(l.data))
	}
	r.lossScale = math.Sqrt(terms)

	rng := rand.New(rand.NewPCG(seedOf(c.Name), 1))
	for i, leaf := range in.gradOf {
		node := in.leaves[leaf].node
		g := gradients{all: all[k+1+i], direction: make([]float64, node.Shape.Len())}
		for j := range g.direction {
			g.direction[j] = rng.NormFloat64()
			p := g.direction[j] * g.all[j]
			g.scale += p * p
		}
		step := 0x1p-14 // the inputs of single operations keep this far away from kinks
		if c.Op == "" {
			step = 0x1p-22 // those inside networks cannot
		}
		at := values[node]
		lossAt := func(h float64) float64 {
			moved := slices.Clone(at)
			for j := range moved {
				moved[j] += h * g.direction[j]
			}
			values[node] = moved
			return Eval([]*autodiff.Node{in.loss}, values)[0][0]
		}
		if !c.Kinked {
			g.slope = (lossAt(step) - lossAt(-step)) / (2 * step)
			values[node] = at
		}
		g.scale = max(math.Sqrt(g.scale), math.Abs(g.slope))
		g.noise = 0x1p-51 * math.Sqrt(float64(largest)) * magnitude / step
		r.leaves[leaf] = g
	}
	return r
}
