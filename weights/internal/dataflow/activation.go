package dataflow

import (
	"strings"

	"oneiro/weights/internal/container"
)

// others are activations other than ReLU, as formats name them, in small letters and without marks.
var others = map[string]bool{
	"leakyrelu": true, "prelu": true, "elu": true, "selu": true, "celu": true, "gelu": true, "mish": true,
	"sigmoid": true, "hardsigmoid": true, "hardswish": true, "swish": true, "silu": true, "tanh": true,
	"softplus": true, "softsign": true, "thresholdedrelu": true, "relu6": true,
}

// Describe stores in a container what the graph says: Layers, Before and Activations.
func (g *Graph) Describe(c *container.Container) {
	c.Layers, c.Before = g.Layers()
	c.Activations = g.Activations()
}

// Activations says which operation comes after layers, by their weights, where that is an activation and no
// ReLU.
func (g *Graph) Activations() map[string]string {
	users := g.users()
	all := map[string]string{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Kind != Conv && n.Kind != Dense || len(n.Inputs) < 2 || len(n.Outputs) == 0 {
			continue
		}
		weight := g.Constants[n.Inputs[1]].Tensor
		if weight == "" {
			continue
		}
		var l container.Layer
		stage := atBias
		v := n.Outputs[0]
		for range maxSteps {
			for _, u := range users[v] {
				if op := g.Nodes[u].Op; others[strings.ToLower(strings.ReplaceAll(op, "_", ""))] {
					all[weight] = op
				}
			}
			if len(users[v]) != 1 {
				break
			}
			next := &g.Nodes[users[v][0]]
			if len(next.Outputs) == 0 || !g.fold(&l, &stage, next, v, n.Kind == Dense, g.Outputs(weight)) {
				break
			}
			v = next.Outputs[0]
		}
	}
	return all
}
