package render

import (
	"oneiro/loss"
	"oneiro/nn"
)

// Extra is an objective of a caller's own, to be joined to another by Join.
type Extra struct {
	// Reads lists the layers that the terms read. There may be none.
	Reads []string
	// Build returns the terms of a stage.
	Build func(s Stage) loss.Objective
}

// Layers returns Reads.
func (e Extra) Layers(*nn.Network) []string { return e.Reads }

// Like takes every stage for different.
func (e Extra) Like(_ *nn.Network, i int) int { return i }

// Terms returns the terms of a stage.
func (e Extra) Terms(s Stage) Terms { return Terms{Objective: e.Build(s)} }

// Join returns the objective with the terms of all the objectives:
//
//	spec := render.Style(o)
//	spec.Objective = render.Join(spec.Objective, render.Extra{...})
func Join(objectives ...Objective) Objective { return joined(objectives) }

type joined []Objective

func (j joined) Layers(net *nn.Network) []string {
	var all []string
	seen := map[string]bool{}
	for _, o := range j {
		for _, layer := range o.Layers(net) {
			if !seen[layer] {
				seen[layer] = true
				all = append(all, layer)
			}
		}
	}
	return all
}

// Like returns the latest of the first stages that the objectives name: from there on all are alike.
func (j joined) Like(net *nn.Network, i int) int {
	like := 0
	for _, o := range j {
		like = max(like, o.Like(net, i))
	}
	return like
}

func (j joined) Terms(s Stage) Terms {
	var all Terms
	for _, o := range j {
		t := o.Terms(s)
		all.Objective = append(all.Objective, t.Objective...)
		all.targets = append(all.targets, t.targets...)
	}
	return all
}
