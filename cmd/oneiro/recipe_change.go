package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"oneiro/internal/option"
	quoting "oneiro/internal/quote"
	"oneiro/render"
	"oneiro/simd"
)

// changed is the request of a recipe with some options changed, on this computer.
type changed struct {
	*request
	recipe *render.Recipe
	// notes say what is not as it was when the picture was made, because this computer does not have it.
	notes []string
}

// replaced lists, for each command, options that cannot be combined: if one of the first list is given, those
// of the second, which a recipe may have, go away.
var replaced = map[string][]struct{ given, instead []string }{
	"dream": {
		{[]string{"class"}, []string{"layers", "channels", "objective", "regions", "region-names"}},
		{[]string{"channels"}, []string{"class", "objective", "regions", "region-names"}},
		{[]string{"layers"}, []string{"class"}},
		{[]string{"objective"}, []string{"class", "channels"}},
	},
	"vis": {{
		[]string{"layer", "channel", "channels", "class", "classes", "targets", "filters"},
		[]string{"targets", "filters"},
	}},
}

// newChanged returns the request of a recipe with given options in place of its own. find returns the path of a
// file that it names. The errors are those of newRequest.
func newChanged(r *render.Recipe, given option.Values, find func(wantedFile) string) (*changed, error) {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { _, is := given[name]; return is })
	}
	ownNetwork := !has("weights") && !(given["model"] == builtin && r.Network.Name != builtin)
	var files located
	for _, in := range r.Inputs {
		path := ""
		if in.Name != "" && !has(flagOf[in.Role]) {
			path = find(wantedFile{string(in.Role), in.Name, in.SHA256, in.Bytes})
		}
		files.Inputs = append(files.Inputs, path)
	}
	if n := r.Network; n.File != "" && ownNetwork {
		files.Weights = find(wantedFile{"weights", n.File, n.SHA256, n.Bytes})
	}
	q, err := newRequest(r, files)
	if err != nil {
		return nil, err
	}
	c := &changed{request: q, recipe: r}
	for _, pair := range replaced[r.Command] {
		if has(pair.given...) {
			c.forget(pair.instead...)
		}
	}
	if !ownNetwork { // another file knows best what it is
		c.forget("model", "preset")
	}
	c.fit(given)
	maps.Copy(c.flags, given)
	return c, nil
}

// forget takes flags away.
func (c *changed) forget(names ...string) {
	for _, name := range names {
		delete(c.flags, name)
	}
}

// fit replaces what this computer does not have: kernels and devices, unless others are given.
func (c *changed) fit(given option.Values) {
	e := c.recipe.Engine
	if _, err := simd.Lookup(e.Kernels); err != nil {
		c.forget("kernels")
		if given["kernels"] == "" {
			c.note("it was made with the kernels %s, which do not work here: the best that do are used",
				quote(e.Kernels))
		}
	}
	device, chosen := given["device"]
	if !chosen {
		device = e.Device
	}
	if !chosen && isGPU(device) && !slices.Contains(deviceNames(), withNumber(device)) {
		c.note("it was made on %s, which is not here: the processor is used", quote(cmp.Or(e.GPU, device)))
		device = "cpu"
	}
	switch {
	case isGPU(device):
		c.forget("winograd")
	case isGPU(e.Device):
		c.forget("device", "tf32")
		c.flags["winograd"] = builtinTiles
	}
}

// withNumber returns the name of a device with its number.
func withNumber(device string) string {
	if strings.Contains(device, ":") {
		return device
	}
	return device + ":0"
}

func (c *changed) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// say tells what is repeated, with what, and what is not as it was.
func (c *changed) say(w io.Writer, picture string) {
	fmt.Fprintf(w, "repeating %s, made by oneiro %s with %s\n", shown(picture), c.recipe.Command,
		shown(engineText(c.recipe.Engine)))
	for _, text := range c.notes {
		fmt.Fprintln(w, "note: "+text)
	}
}

// commandLine returns the request as one types it, with the options in the order of their tables.
func (q *request) commandLine() string {
	words := []string{"oneiro", q.pipeline.name}
	for _, p := range q.args {
		if strings.HasPrefix(p, "-") { // which would be taken for a flag
			p = "./" + p
		}
		words = append(words, quoting.Word(p))
	}
	for _, set := range q.pipeline.sets(new(jobOptions)) {
		for i := range set.Table {
			o := &set.Table[i]
			switch value, is := q.flags[o.Name]; {
			case !is:
			case o.Of(set.defaults).IsBool() && value == "true":
				words = append(words, "--"+o.Name)
			default:
				words = append(words, "--"+o.Name, quoting.Word(value))
			}
		}
	}
	return strings.Join(words, " ")
}
