package zoo

import (
	"slices"
	"strings"
	"sync"
)

// naming is a convention for the names of a network's layers, in the normal form of names (names.go), and
// without what comes before all of them in a file.
type naming struct {
	by      string // who uses it, for people
	network string // name in package nn
	// preset says how such files expect pictures, unless their numbers say otherwise. It is empty for the
	// network's own way.
	preset string
	layers []namedLayer
	// spellings are those who use the same names of layers, by how they end the names of weights.
	spellings []spelling
	// stated marks names that several networks share: the file has to say which one it is of.
	stated bool
	// colours is a convolution of 1x1 before the first layer that turns RGB in 0..1 into what that expects. It
	// is empty if there is none.
	colours string
	epsilon float64 // what batch normalisation adds to the variance, where it is not the framework's usual one
}

// spelling says who uses this ending for the names of weights, and how their files expect pictures.
type spelling struct{ ending, by, preset string }

// namedLayer is a layer of package nn, and where a file has it.
type namedLayer struct {
	layer string
	unit  string // in normal form
	norm  string // the batch normalisation that comes after it; empty where its name follows a usual pattern
	// apart are names of tensors that come in place of the roles of a unit, where a file numbers all its
	// tensors: of the bias, or of shift, mean and variance of a normalisation.
	apart      []string
	background bool // as in weights.Layer
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
			own.add(l.layer, l.layer)
		}
		all = append(all, own)
	}
	return all
}

// own says whether layers are named as in package nn.
func (n naming) own() bool {
	return !slices.ContainsFunc(n.layers, func(l namedLayer) bool { return l.unit != normal(l.layer) })
}

// add names one more layer, as files spell it.
func (n *naming) add(layer, name string) {
	n.layers = append(n.layers, namedLayer{layer: layer, unit: normal(name)})
}

// spelled returns who uses this name for a weight, and how their files expect pictures.
func (n *naming) spelled(weight string) (by, preset string) {
	for _, s := range n.spellings {
		if strings.HasSuffix(weight, s.ending) {
			return s.by, s.preset
		}
	}
	return n.by, n.preset
}
