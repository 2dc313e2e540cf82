package zoo

import (
	"slices"
	"strings"
	"sync"

	"oneiro/weights"
)

// naming is a convention for the names of a network's tensors.
type naming struct {
	by      string // who uses it, for people
	network string // name in package nn
	// preset says how such files expect pictures, unless their numbers say otherwise. It is empty for the
	// network's own way.
	preset string
	layers []namedLayer
	// stated marks names that several networks share: the file has to say which one it is of.
	stated bool
}

// namedLayer is a layer of package nn, and the tensors that its parameters are made of.
type namedLayer struct {
	layer string
	from  weights.Layer
	// numbers is the size of the weight where it distinguishes networks with the same names; else 0. A layer
	// with a size has to be there.
	numbers int64
}

// tensors are those of a file, by name.
type tensors map[string]weights.Info

func (t tensors) has(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, ok := t[name]; return !ok })
}

// namings are all that are known, the usual ones first. They are made when the first file is opened.
var namings = sync.OnceValue(func() []naming {
	return withOwn(slices.Concat(vggNamings(), googLeNetNamings(), inceptionV3Namings(), squeezeNetNamings(),
		orderedNamings()))
})

// withOwn adds the names that tensors have in files that oneiro writes: those of package nn's layers, where
// nobody else uses them.
func withOwn(all []naming) []naming {
	for _, n := range all {
		if slices.ContainsFunc(all, func(m naming) bool { return m.network == n.network && m.own() }) {
			continue
		}
		own := naming{by: "oneiro", network: n.network, stated: true}
		for _, l := range n.layers {
			own.add(l.layer, pairOf(l.layer, torchRoles))
		}
		all = append(all, own)
	}
	return all
}

// own says whether tensors are named after package nn's layers.
func (n naming) own() bool {
	return !slices.ContainsFunc(n.layers, func(l namedLayer) bool {
		return l.from != pairOf(l.layer,
			torchRoles)
	})
}

// recognise returns the naming that most tensors of a file follow, of several that with the fewest layers, or
// nil. The first layer has to be there: networks are cut after a layer, not before. If network is not empty,
// it is one of that network's.
func recognise(network string, file tensors) *naming {
	var best *naming
	most := 0
	all := namings()
	for i := range all {
		n := &all[i]
		if network != "" && n.network != network || network == "" && n.stated {
			continue
		}
		excluded := func(l namedLayer) bool { return l.numbers != 0 && file[l.from.Weight].Len() != l.numbers }
		if !file.has(n.layers[0].from.Tensors()) || slices.ContainsFunc(n.layers, excluded) {
			continue
		}
		found := 0
		for _, l := range n.layers {
			if names := l.from.Tensors(); file.has(names) {
				found += len(names)
			}
		}
		if found > most || found == most && best != nil && len(n.layers) < len(best.layers) {
			best, most = n, found
		}
	}
	return best
}

// add names one more layer.
func (n *naming) add(layer string, from weights.Layer) {
	n.layers = append(n.layers, namedLayer{layer: layer, from: from})
}

// layer returns the tensors of a layer.
func (n *naming) layer(name string) (weights.Layer, bool) {
	for _, l := range n.layers {
		if l.layer == name {
			return l.from, true
		}
	}
	return weights.Layer{}, false
}

// parameter splits the name of a parameter, LAYER.weight or LAYER.bias, and returns the tensors of the layer.
func (n *naming) parameter(name string) (from weights.Layer, bias, ok bool) {
	layer, ok := strings.CutSuffix(name, ".weight")
	if !ok {
		layer, bias = strings.CutSuffix(name, ".bias")
		ok = bias
	}
	if ok {
		from, ok = n.layer(layer)
	}
	return from, bias, ok
}
