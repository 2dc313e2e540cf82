package zoo

import (
	"slices"
	"strings"
	"sync"

	"oneiro/nn"
	"oneiro/weights"
)

// match is a network found in a file: where its layers are.
type match struct {
	*naming
	prefix string // of the names of its layers, in normal form, with the dot at its end
	layers []matched
	byName map[string]int // the place of a layer in layers
	// classes is the number of classes that the file's classifier has, or 0, and usual that of the network in
	// the files that circulate.
	classes, usual int
	score          int
	gaps           int // layers that are missing before one that is there
	// fits lists other networks that the file's layers belong to as well, because it ends before they differ.
	fits []string
	// colours is the convolution of colours before the first layer, if there is one.
	colours weights.Layer
}

// matched is a layer of package nn and the tensors of the file that it is made of.
type matched struct {
	name    string
	from    weights.Layer
	unit    *unit
	outputs int64
	head    bool
}

// layer returns the tensors of a layer.
func (m *match) layer(name string) (weights.Layer, bool) {
	i, ok := m.byName[name]
	if !ok {
		return weights.Layer{}, false
	}
	return m.layers[i].from, true
}

// parameter splits the name of a parameter, LAYER.weight or LAYER.bias, and returns the tensors of the layer.
func (m *match) parameter(name string) (from weights.Layer, bias, ok bool) {
	layer, ok := strings.CutSuffix(name, ".weight")
	if !ok {
		layer, bias = strings.CutSuffix(name, ".bias")
		ok = bias
	}
	if ok {
		from, ok = m.layer(layer)
	}
	return from, bias, ok
}

// used are the names of all tensors that the network is made of.
func (m *match) used() map[string]bool {
	all := map[string]bool{}
	for _, l := range m.layers {
		for _, name := range l.from.Tensors() {
			all[name] = true
		}
	}
	for _, name := range m.colours.Tensors() {
		all[name] = true
	}
	return all
}

// index is a file's layers by name.
type index struct {
	units []*unit
	byKey map[string]*unit
}

func indexOf(file []weights.Info) *index {
	x := &index{units: unitsOf(file), byKey: map[string]*unit{}}
	for _, u := range x.units {
		x.byKey[u.key] = u
	}
	return x
}

// mostPlaces is in how many places of a file a network is looked for.
const mostPlaces = 32

// prefixes returns what comes before the name of a layer in the file, wherever there is one of that size.
func (x *index) prefixes(key string, size layerSize) []string {
	var all []string
	for _, u := range x.units {
		before, ok := strings.CutSuffix(u.key, key)
		if !ok || before != "" && !strings.HasSuffix(before, ".") {
			continue
		}
		if _, fits := size.fit(u.weightOf()); fits && len(all) < mostPlaces {
			all = append(all, before)
		}
	}
	return all
}

// recognise finds the network of a file: of all namings under all prefixes the one with the most tensors,
// whose layers all have the sizes of the network's. The first layer has to be there: networks are cut after a
// layer, not before. If network is not empty, it is that one. It also returns the other places in the file
// where the same naming fits as well, such as an older copy; all are nil if nothing is known.
func recognise(network string, x *index) (best *match, copies []*match) {
	var all []*match
	for i := range namings() {
		n := &namings()[i]
		if network != "" && n.network != network || network == "" && n.stated {
			continue
		}
		for _, prefix := range x.prefixes(n.layers[0].unit, sizesOf(n.network)[n.layers[0].layer]) {
			if m := x.match(n, prefix); m != nil {
				all = append(all, m)
			}
		}
	}
	for _, m := range all {
		if best == nil || m.better(best) {
			best = m
		}
	}
	if best == nil {
		return nil, nil
	}
	for _, m := range all {
		switch {
		case m.network == best.network && m.prefix != best.prefix && m.score == best.score &&
			!slices.ContainsFunc(copies, func(c *match) bool { return c.prefix == m.prefix }) &&
			m.layers[0].from.Weight != best.layers[0].from.Weight:
			copies = append(copies, m)
		case m.network != best.network && m.prefix == best.prefix && m.score == best.score && m.gaps == best.gaps &&
			!slices.Contains(best.fits, m.network):
			best.fits = append(best.fits, m.network)
		}
	}
	return best, copies
}

// better says whether m explains a file better than o.
func (m *match) better(o *match) bool {
	switch {
	case m.score != o.score:
		return m.score > o.score
	case m.gaps != o.gaps:
		return m.gaps < o.gaps
	case m.prefix == o.prefix && m.usualClasses() != o.usualClasses():
		return m.usualClasses()
	case averaged(m.prefix) != averaged(o.prefix):
		return averaged(m.prefix)
	}
	return m.prefix == o.prefix && len(m.naming.layers) < len(o.naming.layers)
}

// usualClasses says whether the classifier has as many classes as the network's has in the files that
// circulate.
func (m *match) usualClasses() bool {
	return m.classes != 0 && m.classes == m.usual
}

// averages are parts of the prefixes of moving averages of the weights.
var averages = []string{"ema", "averaged", "shadow", "swa"}

// averaged says whether a prefix is that of a moving average of the weights.
func averaged(prefix string) bool { return hasPart(prefix, averages) }

// hasPart says whether a part of a key is one of some words.
func hasPart(key string, words []string) bool {
	return slices.ContainsFunc(strings.Split(key, "."), func(part string) bool { return slices.Contains(words, part) })
}

// match looks for a naming under a prefix. It is nil if a layer has another size than the network's.
func (x *index) match(n *naming, prefix string) *match {
	sizes := sizesOf(n.network)
	m := &match{naming: n, prefix: prefix, byName: map[string]int{}}
	missing := 0
	for i, l := range n.layers {
		size := sizes[l.layer]
		found, ok := x.layer(l, prefix, size)
		switch {
		case !ok && size.head:
			continue
		case !ok && x.byKey[prefix+l.unit].weightOf().Name != "": // of another size
			return nil
		case !ok && i == 0:
			return nil
		case !ok:
			missing++
			continue
		}
		if !size.head {
			m.gaps += missing
			missing = 0
		}
		m.add(found, size)
	}
	if n.colours != "" {
		if u := x.byKey[prefix+n.colours]; u.weightOf().Len() == 9 {
			m.colours = u.layer()
		} else if u.weightOf().Name != "" {
			return nil
		}
	}
	if m.interrupted(x) || m.backbone() < fewestInOrder && (nameless(n) || m.rest(x)) {
		return nil
	}
	return m
}

// nameless says whether the names of layers are little more than numbers, which many networks share.
func nameless(n *naming) bool {
	first := n.layers[0].unit
	_, _, _, counts := counting(first)
	return counts || strings.Trim(first, "0123456789") == "" || n.layers[0].apart != nil ||
		strings.HasPrefix(first, byPlace)
}

// add takes a layer in.
func (m *match) add(l matched, size layerSize) {
	m.byName[l.name] = len(m.layers)
	m.layers = append(m.layers, l)
	m.score += 2
	if size.last {
		m.classes, m.usual = int(l.outputs), int(size.outputs)
	}
}

// layer looks for a layer of that size.
func (x *index) layer(l namedLayer, prefix string, size layerSize) (matched, bool) {
	u := x.byKey[prefix+l.unit]
	w := u.weightOf()
	outputs, ok := size.fit(w)
	if !ok {
		return matched{}, false
	}
	m := matched{name: l.layer, unit: u, from: u.layer(), outputs: outputs, head: size.head}
	switch len(l.apart) {
	case 1:
		m.from.Bias = x.byKey[prefix+l.apart[0]].alone()
	case 3:
		m.from.Norm = weights.Norm{Shift: x.byKey[prefix+l.apart[0]].alone(), Mean: x.byKey[prefix+l.apart[1]].alone(),
			Variance: x.byKey[prefix+l.apart[2]].alone()}
	}
	if b := u.outputs(); b != 0 && b != outputs {
		return matched{}, false
	}
	if l.background && outputs == int64(size.outputs)+1 {
		m.from.Background = true
		m.outputs--
	}
	return m, true
}

// alone is the name of the tensor that is alone in a unit.
func (u *unit) alone() string {
	if u == nil {
		return ""
	}
	return u.parts[single].Name
}

// interrupted says whether the file has more layers between those of a network that is a chain, or after them
// where the network itself would go on: then it is another one.
func (m *match) interrupted(x *index) bool {
	if !isChain(m.network) {
		return false
	}
	used, parents := map[*unit]bool{}, map[string]bool{}
	var first, last string
	for _, l := range m.layers {
		used[l.unit] = true
		if !l.head {
			if first == "" {
				first = l.unit.key
			}
			last = l.unit.key
			parents[parent(l.unit.key)] = true
		}
	}
	whole := m.backbone() == m.backboneOf()
	for _, u := range x.units {
		if w := u.weightOf(); w.Name == "" || used[u] || w.Name == m.colours.Weight {
			continue
		}
		if parents[parent(u.key)] && natural(u.key, first) > 0 && (natural(u.key, last) < 0 || !whole) {
			return true
		}
	}
	return false
}

// rest says whether the file has other layers: a few names and sizes alone say little.
func (m *match) rest(x *index) bool {
	return slices.ContainsFunc(x.units, func(u *unit) bool {
		return u.weightOf().Name != "" && !m.has(u) && u.weightOf().Name != m.colours.Weight
	})
}

// backbone is how many layers the file has before the classifier, and backboneOf how many the network has.
func (m *match) backbone() int {
	n := 0
	for _, l := range m.layers {
		if !l.head {
			n++
		}
	}
	return n
}

func (m *match) backboneOf() int {
	n := 0
	for _, size := range sizesOf(m.network) {
		if !size.head {
			n++
		}
	}
	return n
}

// parent is a key without its last part.
func parent(key string) string { return key[:max(strings.LastIndexByte(key, '.'), 0)] }

// isChain says whether each layer of a network reads the one before it.
func isChain(network string) bool { return strings.HasPrefix(network, "vgg") || network == builtinName }

// natural compares keys with numbers in them as people count: conv2 comes before conv10.
func natural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da > 0 && db > 0 {
			na, nb := numberAt(a[:da]), numberAt(b[:db])
			if na != nb {
				return na - nb
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// digits says how many digits a text begins with.
func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// layerSize is the size of a layer's weight in package nn.
type layerSize struct {
	shape   []int // kernel height, kernel width, inputs, outputs; or inputs, outputs
	outputs int
	head    bool // it belongs to the classifier
	last    bool // it has the classes
	place   int  // among the network's layers with parameters
}

var sizesOf = func() func(string) map[string]layerSize {
	var known sync.Map
	return func(network string) map[string]layerSize {
		if sizes, ok := known.Load(network); ok {
			return sizes.(map[string]layerSize)
		}
		all := map[string]layerSize{}
		net, err := nn.Get(network)
		if err != nil {
			return nil
		}
		specs, err := net.Tensors()
		if err != nil {
			return nil
		}
		head := false
		for _, s := range specs {
			head = head || s.Layer == net.Head
			if len(s.Shape) > 1 {
				all[s.Layer] = layerSize{s.Shape, s.Shape[len(s.Shape)-1], head, s.Layer == net.Classifier(), len(all)}
			}
		}
		known.Store(network, all)
		return all
	}
}()

// fit says whether a tensor can be the weight of a layer, in whatever layout, and how many outputs it has: a
// classifier may have any number of classes.
func (s layerSize) fit(t weights.Info) (outputs int64, ok bool) {
	if t.Name == "" || len(t.Shape) < 2 {
		return 0, false
	}
	have := essential(t.Shape)
	want := essential(s.shape)
	if slices.Equal(have, want) {
		return int64(s.outputs), true
	}
	inputs := int64(1)
	for _, n := range s.shape[:len(s.shape)-1] {
		inputs *= int64(n)
	}
	outputs = int64(s.outputs)
	if s.last && t.Len()%inputs == 0 {
		outputs = t.Len() / inputs
	}
	if t.Len() != inputs*outputs || outputs == 0 {
		return 0, false
	}
	// a matrix, or the same kernel with other outputs
	switch {
	case len(have) <= 2 && slices.Contains(t.Shape, int(outputs)):
		return outputs, s.head
	case slices.Equal(have, essential(append(slices.Clone(s.shape[:len(s.shape)-1]), int(outputs)))):
		return outputs, true
	}
	return 0, false
}

// essential are the sizes of a tensor but for those of 1, the smallest first.
func essential(shape []int) []int {
	all := slices.DeleteFunc(slices.Clone(shape), func(n int) bool { return n == 1 })
	slices.Sort(all)
	return all
}
