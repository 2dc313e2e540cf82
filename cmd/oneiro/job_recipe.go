package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"oneiro/internal/option"
	"oneiro/render"
)

// located says where the files of a recipe are.
type located struct {
	// Inputs has the path of each of the recipe's inputs, in that order; empty ones for built-in pictures.
	Inputs []string `json:"inputs,omitempty"`
	// Weights is the path of the file or folder of weights, empty for the built-in network.
	Weights string `json:"weights,omitempty"`
}

// request is what a command line asks of a pipeline.
type request struct {
	pipeline *pipeline
	args     []string      // the pictures
	flags    option.Values // by their names, without dashes
	// resumed is the checkpoint that the run goes on from, nil to start anew.
	resumed *render.Checkpoint
	// stopAfter is that of jobOptions.
	stopAfter int
	recolors  []recoloring // with paths alone
}

// newRequest returns the request that does again what a recipe describes, with the files in their places. Flags
// of which a recipe knows nothing, such as output, memory and threads, are the caller's to add; and it may
// change those that are there. The errors are a *render.RecipeError and a *usageError.
func newRequest(r *render.Recipe, files located) (*request, error) {
	if len(files.Inputs) != len(r.Inputs) {
		panic(fmt.Sprintf("oneiro: %d paths for a recipe with %d inputs", len(files.Inputs), len(r.Inputs)))
	}
	p, err := pipelineOf(r.Command)
	if err != nil {
		return nil, err
	}
	q := &request{pipeline: p}
	if q.flags, err = r.Values(); err != nil {
		return nil, err
	}
	if err := q.checkNames(); err != nil {
		return nil, err
	}
	var first, styles, recolor []string
	named := map[render.Role][]string{} // by options
	for i, in := range r.Inputs {
		path := files.Inputs[i]
		switch in.Role {
		case render.RoleInit, render.RolePalette:
			q.flags[flagOf[in.Role]] = path
		case render.RoleRecolor:
			recolor = append(recolor, path)
		case render.RoleMask, render.RoleRegions, render.RoleStyleRegions, render.RoleRegion, render.RoleGuide:
			named[in.Role] = append(named[in.Role], path)
		case render.RoleStyle:
			styles = append(styles, path)
		default:
			first = append(first, path)
		}
	}
	if err := q.putFiles(named); err != nil {
		return nil, err
	}
	q.args = slices.Concat(first, styles)
	for n := len(q.args); n > 0 && q.args[n-1] == ""; n-- { // those that are built in
		q.args = q.args[:n-1]
	}
	if q.recolors, err = recoloringsOf(r.Recolor, recolor); err != nil {
		return nil, err
	}
	q.network(&r.Network, files.Weights)
	q.engine(&r.Engine)
	if r.Depth != 0 {
		q.flags["depth"] = strconv.Itoa(r.Depth)
	}
	if p.reads {
		q.set("profile", r.Profile)
	}
	return q, nil
}

// checkNames returns a *render.RecipeError if the recipe has what is no option of the pipeline's own: anybody
// may have written it, and it is not to choose the output.
func (q *request) checkNames() error {
	table := q.pipeline.table()
	for _, name := range slices.Sorted(maps.Keys(q.flags)) {
		if table.Lookup(name) == nil {
			return &render.RecipeError{Problem: quote(name) + " is not an option of " + q.pipeline.name}
		}
	}
	return nil
}

// network adds the flags that choose the network.
func (q *request) network(n *render.RecipeNetwork, weights string) {
	q.flags["model"] = n.Name
	q.set("weights", weights)
	q.set("pooling", n.Pooling)
	q.set("padding", cmp.Or(n.Padding, "zero"))
	q.set("preset", n.Preset)
}

// engine adds the flags that choose what to compute with.
func (q *request) engine(e *render.RecipeEngine) {
	q.flags["kernels"] = e.Kernels
	if e.Tile != 0 {
		q.flags["tile"] = strconv.Itoa(e.Tile)
	}
	switch {
	case isGPU(e.Device):
		q.flags["device"] = e.Device
		if e.TF32 {
			q.flags["tf32"] = "true"
		}
	case len(e.Winograd) > 0:
		q.flags["winograd"] = string(e.Winograd)
	default:
		q.flags["winograd"] = builtinTiles
	}
}

// set adds a flag unless it has no value.
func (q *request) set(name, value string) {
	if value != "" {
		q.flags[name] = value
	}
}

// run does what is asked, as a command line would, in the place of a command.
func (q *request) run(instead *cobra.Command) error {
	cmd := q.pipeline.commandWith(&jobOptions{resumed: q.resumed, stopAfter: q.stopAfter, recolors: q.recolors})
	cmd.SetContext(instead.Context())
	cmd.SetIn(instead.InOrStdin())
	cmd.SetOut(instead.OutOrStdout())
	cmd.SetErr(instead.ErrOrStderr())
	for _, name := range slices.Sorted(maps.Keys(q.flags)) {
		if err := cmd.Flags().Set(name, q.flags[name]); err != nil {
			return flagError(cmd, err)
		}
	}
	return cmd.RunE(cmd, q.args)
}
