package zoo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oneiro/weights"
)

// normWords are what batch normalisations are called, in the normal form of names, and their layers are where
// these have the first word.
var normWords = []string{"batchnorm", "bn", "norm", "batch.norm", "batch.normalization", "batchnorm2d",
	"batch.normalisation"}

// normNames lists where the batch normalisation of a layer may be by its name, the usual places first.
func normNames(key string) []string {
	var all []string
	last := key[strings.LastIndexByte(key, '.')+1:]
	if n := digits(last); n > 0 && n == len(last) { // modules of a Sequential
		all = append(all, key[:len(key)-n]+strconv.Itoa(numberAt(last)+1))
	}
	for _, w := range normWords {
		all = append(all, key+"."+w, w+"."+key)
		for _, conv := range []string{"conv2d", "conv"} {
			if at := strings.LastIndex(key, conv); at >= 0 {
				all = append(all, key[:at]+w+key[at+len(conv):])
				break
			}
		}
	}
	return all
}

// fold gives each layer of a network the batch normalisation that comes after it, and returns the
// normalisations that belong to no layer but lie among them.
func (m *match) fold(x *index, graph map[string]weights.Layer) (left []*unit) {
	var without []*matched
	for i := range m.layers {
		l := &m.layers[i]
		if g, ok := graph[l.from.Weight]; ok {
			p := l.from
			l.from = g
			l.from.Background, l.from.Parametrisation = p.Background, p.Parametrisation
			continue
		}
		if l.from.Norm != (weights.Norm{}) {
			l.from.Norm.Epsilon = cmp.Or(l.from.Norm.Epsilon, m.epsilon)
			continue
		}
		u := m.normOf(x, l)
		if u == nil {
			if !l.head {
				without = append(without, l)
			}
			continue
		}
		l.from.Norm = u.norm(m.epsilonOf(u))
	}
	used := m.used()
	for _, u := range x.units {
		if u.isNorm() && strings.HasPrefix(u.key, m.prefix) &&
			!slices.ContainsFunc(u.names(), func(n string) bool { return used[n] }) {
			left = append(left, u)
		}
	}
	if left = between(left); graph != nil || len(left) != len(without) {
		return left
	}
	slices.SortStableFunc(left, func(a, b *unit) int { return natural(a.key, b.key) })
	for i, u := range left {
		if !u.foldable() || u.outputs() != without[i].outputs || !sameName(left[0].key, u.key) {
			return left
		}
	}
	for i, u := range left {
		without[i].from.Norm = u.norm(m.epsilonOf(u))
	}
	return nil
}

// sameName says whether two keys differ only in their numbers.
func sameName(a, b string) bool {
	bare := func(s string) string { return strings.Trim(strings.Map(dropDigits, s), ".") }
	return bare(a) == bare(b)
}

func dropDigits(c rune) rune {
	if c >= '0' && c <= '9' {
		return -1
	}
	return c
}

// elsewhere are parts of names of layers that do not lie between a network's own: classifiers beside it and
// after it, and other networks.
var elsewhere = slices.Concat(auxiliary, []string{
	"classifier", "head", "top", "decoder", "decode", "discriminator", "extras", "l2norm", "lin0", "lins",
	"scaling",
})

// between leaves out normalisations of such layers.
func between(units []*unit) []*unit {
	return slices.DeleteFunc(units, func(u *unit) bool {
		return hasPart(u.key, elsewhere) || slices.ContainsFunc(strings.Split(u.key, "."), func(part string) bool {
			return strings.HasPrefix(part, "fc") || strings.HasPrefix(part, "dense")
		})
	})
}

// has says whether a unit is a layer of the network.
func (m *match) has(u *unit) bool {
	return slices.ContainsFunc(m.layers, func(l matched) bool { return l.unit == u })
}

// normOf returns the batch normalisation after a layer, or nil.
func (m *match) normOf(x *index, l *matched) *unit {
	if l.unit.foldable() {
		return l.unit
	}
	names := normNames(l.unit.key)
	if n := m.named(l.name).norm; n != "" {
		names = []string{m.prefix + n}
	}
	for _, name := range names {
		if u := x.byKey[name]; u != nil && u.foldable() && u.outputs() == l.outputs && u.weightOf().Name == "" {
			return u
		}
	}
	return nil
}

// named returns how the naming calls a layer.
func (m *match) named(layer string) namedLayer {
	for _, l := range m.naming.layers {
		if l.layer == layer {
			return l
		}
	}
	return namedLayer{}
}

// epsilonOf is what a normalisation adds to the variance: what the network's authors chose, or what the
// framework takes by default, which names the moving averages.
func (m *match) epsilonOf(u *unit) float64 {
	name := strings.ToLower(u.parts[variance].Name)
	switch {
	case m.epsilon != 0:
		return m.epsilon
	case strings.Contains(name, "moving_"), len(u.numbers) > 0: // TensorFlow, Keras
		return 1e-3
	case strings.HasSuffix(name, "avg_var"): // Chainer
		return 2e-5
	}
	return 1e-5 // PyTorch, MXNet
}

// names are those of all tensors of a unit.
func (u *unit) names() []string {
	var all []string
	for _, t := range u.parts {
		all = append(all, t.Name)
	}
	slices.Sort(all)
	return all
}

// UnfoldedError reports tensors that change what a network computes, in a way that is not known.
type UnfoldedError struct {
	File, Network string
	Tensors       []string
	What          string // what they are
}

func (e *UnfoldedError) Error() string {
	names := quoted(e.Tensors)
	return fmt.Sprintf("%s: this is %s with %s that cannot be taken into its layers: %s", e.File, article(e.Network),
		e.What, names)
}

// Hint says what to do.
func (e *UnfoldedError) Hint() string {
	return "export the network to ONNX, which says how its layers follow one another, or save it without them"
}
