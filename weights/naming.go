package weights

import (
	"slices"
	"sync"
)

// origin says of which tensors of a file the parameters of a layer are made. Where mean is not empty, a
// batch normalisation stands behind the layer and is folded into it.
type origin struct {
	weight, bias string // bias is empty if the layer has none
	norm         norm
	// background says that of a classifier's outputs the first may stand for none of the classes: TF-slim counts 1001
	// where others have 1000.
	background bool
}

// norm names the tensors of a batch normalisation y = scale·(x - mean)/√(variance + epsilon) + shift
// (Ioffe and Szegedy, arXiv:1502.03167). scale is empty where it is always 1.
type norm struct {
	scale, shift, mean, variance string
	epsilon                      float64
}

func (o origin) tensors() []string {
	all := []string{o.weight, o.bias, o.norm.scale, o.norm.shift, o.norm.mean, o.norm.variance}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// naming is a way to call the parameters of a network.
type naming struct {
	by      string // who calls them so, for people
	network string // as package nn calls it
	// preset is what such a file expects of a picture unless its numbers say otherwise; empty stands for
	// what the network expects by itself.
	preset string
	layers []namedLayer
	// stated marks names that several networks share, so that a file has to say which it is of.
	stated bool
}

// namedLayer is a layer, as package nn calls it, and where its parameters come from.
type namedLayer struct {
	layer string
	from  origin
	// numbers is how many the weight has, in a layer that has to be there, where that tells networks with the same
	// names apart; else 0.
	numbers int64
}

// namings are all that is known, the usual ones first. They are made when the first file is opened.
var namings = sync.OnceValue(func() []naming {
	return withOwn(slices.Concat(vggNamings(), googLeNetNamings(), inceptionV3Namings(), squeezeNetNamings(), orderedNamings()))
})

// withOwn adds the names that tensors have in files that oneiro writes, which are those of package nn's layers, where
// nobody else calls them so.
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

// own says whether tensors are called as package nn calls the layers.
func (n naming) own() bool {
	return !slices.ContainsFunc(n.layers, func(l namedLayer) bool { return l.from != pairOf(l.layer, torchRoles) })
}

// recognise returns the naming that most tensors of a file follow, of several that with the fewest layers, or
// nil. It has to call the first layer right: networks are cut behind, not before. If network is not empty, it is
// one of that network's.
func recognise(network string, find func(tensor string) *entry) *naming {
	has := func(tensor string) bool { return find(tensor) != nil }
	var best *naming
	most := 0
	all := namings()
	for i := range all {
		n := &all[i]
		if network != "" && n.network != network || network == "" && n.stated {
			continue
		}
		if !complete(n.layers[0].from, has) || slices.ContainsFunc(n.layers, func(l namedLayer) bool { return l.excluded(find) }) {
			continue
		}
		found := 0
		for _, l := range n.layers {
			if complete(l.from, has) {
				found += len(l.from.tensors())
			}
		}
		if found > most || found == most && best != nil && len(n.layers) < len(best.layers) {
			best, most = n, found
		}
	}
	return best
}

// excluded says whether a layer shows that the tensors are of another network.
func (l namedLayer) excluded(find func(tensor string) *entry) bool {
	if l.numbers == 0 {
		return false
	}
	e := find(l.from.weight)
	return e == nil || e.count() != l.numbers
}

func complete(o origin, has func(tensor string) bool) bool {
	return !slices.ContainsFunc(o.tensors(), func(name string) bool { return !has(name) })
}

// add names one more layer.
func (n *naming) add(layer string, from origin) {
	n.layers = append(n.layers, namedLayer{layer: layer, from: from})
}

// layer returns where the parameters of a layer come from.
func (n *naming) layer(name string) (origin, bool) {
	for _, l := range n.layers {
		if l.layer == name {
			return l.from, true
		}
	}
	return origin{}, false
}
