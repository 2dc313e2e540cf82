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
	reach := 0
	for i, l := range n.Layers {
		if l.Name == n.Head {
			break
		}
		if reach <= i && (l.Kind == ReLU || l.Kind == Concat) {
			names = append(names, l.Name)
		}
		reach = max(reach, last[l.Name])
	}
	layers, _ := n.trace(roomy, roomy, 3) // n is valid
	widths := map[string]int{}
	for _, l := range layers {
		widths[l.Name] = l.out.Shape.C
	}
	var trunk []string
	for i, name := range names {
		w := widths[name]
		if i > 0 && i < len(names)-1 && w < widths[names[i-1]] && w < widths[names[i+1]] {
			continue // a reduction
		}
		trunk = append(trunk, name)
	}
	return trunk
}

// like returns the layers that an unknown name may stand for: the output of a module of that name, or the layer
// that another version of GoogLeNet calls so (mixed4c is inception_4c/output).
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
