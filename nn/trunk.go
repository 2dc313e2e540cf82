package nn

import (
	"slices"
	"strings"
)

// Trunk returns the layers to choose from for style and dreams: the rectified ones, or joined branches,
// through which everything that the network sees passes, up to its classifier. Reductions, which have fewer
// channels than the layer before, are left out.
func (n *Network) Trunk() []string {
	last := map[string]int{} // which layer reads a layer last
	for i, l := range n.Layers {
		for _, in := range l.Inputs {
			last[in] = i
		}
	}
	var names []string
	var widths []int
	reach := 0
	for i, l := range n.Layers {
		if l.Name == n.Head {
			break
		}
		if reach <= i && (l.Kind == ReLU || l.Kind == Concat) {
			names, widths = append(names, l.Name), append(widths, n.Channels(l.Name))
		}
		reach = max(reach, last[l.Name])
	}
	at := -1
	return slices.DeleteFunc(names, func(string) bool {
		at++
		return at > 0 && at < len(widths)-1 && widths[at] < widths[at-1] && widths[at] < widths[at+1]
	})
}

// like returns the layers that a name that no layer has may stand for: what a module called so ends in, or
// the layer that another kind of GoogLeNet calls so (mixed4c is inception_4c/output).
func (n *Network) like(name string) []string {
	trunk := n.Trunk()
	return slices.DeleteFunc(trunk, func(l string) bool {
		return !strings.HasPrefix(l, name+"/") && (module(l) == "" || module(l) != module(name))
	})
}

// module returns which module of a GoogLeNet a layer is the output of, such as 4c, or nothing.
func module(layer string) string {
	rest, _ := strings.CutSuffix(strings.ToLower(layer), "/output")
	for _, prefix := range []string{"inception", "mixed"} {
		if after, ok := strings.CutPrefix(rest, prefix); ok {
			after = strings.TrimLeft(after, "_-")
			if len(after) == 2 && '3' <= after[0] && after[0] <= '5' && 'a' <= after[1] && after[1] <= 'e' {
				return after
			}
		}
	}
	return ""
}
